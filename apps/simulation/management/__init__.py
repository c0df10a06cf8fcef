"""Django management of the simulation."""
