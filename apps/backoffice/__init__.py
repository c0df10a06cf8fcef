"""Door: Django's admin for the program's office. It reads any model and writes through services."""
