"""A registry from elsewhere: people and their history from CSV files, each person whole or not.

It writes the same rows as the program's own commands, under the same constraints and triggers.
"""
