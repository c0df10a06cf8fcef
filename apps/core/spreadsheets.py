"""Lines of CSV for spreadsheets, one after the other: however long, and nothing runs in them.

A cell that a spreadsheet would take for a formula comes with an apostrophe before it. The first
character says that the letters are UTF-8: without it, some programs show "GrÃ¼n" for "Grün".
"""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import Any, Final

FORMULAS_BEGIN: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


BEGINNING: Final = "\ufeff"


class Echo:
    """What csv writes goes straight on to the answer."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


def lines(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """A heading and rows, each a line of CSV."""
    writer = csv.writer(Echo())
    yield BEGINNING + str(writer.writerow([cell(head) for head in heads]))
    for row in rows:
        yield str(writer.writerow([cell(value) for value in row]))


def instant(at: datetime, zone: tzinfo) -> str:
    """A time that a spreadsheet sorts and counts with, by the clock of `zone`: name it beside."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def cell(value: Any) -> str:
    """One value as a cell: what is no text comes as JSON, what looks like a formula as text."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULAS_BEGIN) else text
