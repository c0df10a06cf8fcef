"""Prescribers and pharmacies: registration, certification, practices and sites."""
