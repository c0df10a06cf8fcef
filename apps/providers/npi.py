"""The National Provider Identifier's check digit: Luhn over the number with 80840 before it."""

PREFIX = "80840"
LENGTH = 10
HIGHEST_DIGIT = 9


def is_valid(npi: str) -> bool:
    """Whether `npi` is ten digits whose last one is the check digit (L-ENR-1)."""
    if len(npi) != LENGTH or not (npi.isascii() and npi.isdigit()):
        return False
    total = 0
    for position, digit in enumerate(reversed(PREFIX + npi)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - HIGHEST_DIGIT if value > HIGHEST_DIGIT else value
    return total % 10 == 0
