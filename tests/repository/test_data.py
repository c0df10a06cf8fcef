"""Only synthetic people: addresses and telephone numbers that belong to nobody."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    path
    for folder in ("apps", "tests", "launcher", "bench", "templates", "docs")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".md", ".toml", ".txt", ".json", ".jsonl", ".yaml"}
]
ADDRESS = re.compile(r"[\w.+-]+@((?:[\w-]+\.)+[a-zA-Z]{2,})")
RESERVED = ("example", "example.com", "example.org", "example.net", "test", "invalid", "localhost")
TELEPHONE = re.compile(r"\b\d{3}[-. ]\d{3}[-. ]\d{4}\b")
FICTIONAL = re.compile(r"\b\d{3}[-. ]555[-. ]\d{4}\b")


def found(pattern: re.Pattern[str]) -> dict[str, list[str]]:
    """What a pattern finds, by file."""
    hits = {
        str(path.relative_to(ROOT)): [match.group() for match in pattern.finditer(path.read_text())]
        for path in TEXTS
    }
    return {path: matches for path, matches in hits.items() if matches}


def test_every_address_is_of_a_domain_that_is_reserved() -> None:
    real = {
        (path, address)
        for path, addresses in found(ADDRESS).items()
        for address in addresses
        if not address.lower().endswith(RESERVED)
    }
    assert real == set()


def test_every_telephone_number_is_fictional() -> None:
    real = {
        (path, number)
        for path, numbers in found(TELEPHONE).items()
        for number in numbers
        if not FICTIONAL.fullmatch(number)
    }
    assert real == set()
