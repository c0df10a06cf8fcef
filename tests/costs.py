"""What a page may cost at most, and how it is counted; `python -m bench pages` prints it."""

import gzip
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

STATEMENTS = 12
FIRST_VISIT, NEXT_VISIT = 150_000, 30_000  # bytes, compressed
KEYS, COUNTER_LOADS, REQUEST_LOADS = 25, 3, 2
LIST_FACTOR = 3
OK = 200
# The folder in which each test leaves its figures, for `python -m bench pages`.
FIGURES = os.environ.get("REMS_PAGES", "")


def fetched(browser: Client, url: str) -> tuple[Any, "Spent"]:
    """An answer, and what it asked for."""
    with counted() as spent:
        answer = browser.get(url)
    return answer, spent


@dataclass
class Spent:
    """What an answer asked of the database, without the marks of transactions."""

    statements: list[str] = field(default_factory=list)


@contextmanager
def counted() -> Iterator[Spent]:
    """Count the statements that are sent meanwhile."""
    spent = Spent()
    with CaptureQueriesContext(connection) as asked:
        yield spent
    spent.statements = [
        each["sql"]
        for each in asked.captured_queries
        if each["sql"].startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "\n", " "))
    ]


def compressed(content: bytes) -> int:
    """How many bytes travel, as any proxy compresses them."""
    return len(gzip.compress(content, 6))


def too_dear(name: str, who: str, answer: Any, spent: Spent) -> Iterator[str]:
    """What of a page costs more than it may; its figures are left. A file is no page."""
    if answer.status_code != OK or not answer["Content-Type"].startswith("text/html"):
        return
    count, weight = len(spent.statements), compressed(answer.content)
    leave("statements", [name, who, count, weight])
    if count > STATEMENTS:
        yield f"{name}: {who} makes it ask {count} times, not {STATEMENTS} at most"
    if weight > NEXT_VISIT:
        yield f"{name}: {who} gets {weight} bytes, not {NEXT_VISIT} at most"


def leave(kind: str, row: list[Any]) -> None:
    """Add a row to the figures of the run, if it keeps any."""
    if FIGURES:
        with (Path(FIGURES) / f"{kind}.jsonl").open("a", encoding="utf-8") as rows:
            rows.write(json.dumps(row) + "\n")
