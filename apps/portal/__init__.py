"""Door: the pages for people, one module a role. It never queries models nor decides anything."""
