"""Asks the rules and acts on the answer: authorize, verify, confirm, dispense, return."""
