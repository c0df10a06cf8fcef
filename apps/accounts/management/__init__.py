"""Management commands on people."""
