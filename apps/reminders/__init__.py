"""Obligations (from the rules) turned into notices, escalated, cancelled. It never decides."""
