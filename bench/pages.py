"""What the pages ask of people, of networks and of the database, in a table.

Runs the tests that measure, each page in every state: keys and page loads of the main jobs,
axe-core and sideways scrolling at 320 and 1280 px, refusals of the content security policy, pages
without scripts, bytes, SQL statements, and the server's time for long lists. Exit status 1 when
one of them misses its limit. Uses the servers in DATABASE_URL and DATABASE_OWNER_URL, or its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.check import servers_of_run
from launcher.testing import find_chromium
from tests import costs

TESTS = [
    "tests/portal/test_scope.py",
    "tests/portal/test_long_lists.py",
    "tests/journeys/test_every_page.py",
    "tests/journeys/test_by_keyboard.py",
]
Row = list[Any]


def main(argv: list[str]) -> int:
    """Print the table; exit status 1 when a limit is missed, or a test fails for another reason."""
    parser = argparse.ArgumentParser(prog="python -m bench pages", description=__doc__)
    parser.add_argument("--rows", type=int, default=1000, help="patients on the long pages")
    parser.add_argument("--pages", action="store_true", help="a line for each page and state")
    chosen = parser.parse_args(argv)
    chromium = find_chromium()
    if chromium is None:
        print("No chromium is found: set REMS_CHROMIUM.", file=sys.stderr)
        return 1
    with servers_of_run(), tempfile.TemporaryDirectory() as folder:
        said = run(folder, chromium, chosen.rows)
        figures = {path.stem: _rows(path) for path in Path(folder).glob("*.jsonl")}
    missed = report(figures, each_page=chosen.pages)
    if said.returncode:
        print("\n" + said.stdout)
    return 1 if missed or said.returncode else 0


def run(folder: str, chromium: str, rows: int) -> "subprocess.CompletedProcess[str]":
    """The tests that measure, which leave their figures in the folder."""
    environment = os.environ | {
        "REMSPORTAL_ENV": "test",
        "REMS_CHROMIUM": chromium,
        "REMS_PAGES": folder,
        "REMS_PAGES_ROWS": str(rows),
    }
    command = [sys.executable, "-m", "pytest", "-q", "--tb=line", "--show-capture=no"]
    command += ["-p", "no:cacheprovider", *TESTS]
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)  # noqa: S603 - our own command


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def report(figures: dict[str, list[Row]], *, each_page: bool) -> int:
    """Print what was measured beside its limit; how many are missed or were not measured."""
    lines = [*_jobs(figures), *_pages(figures), *_database(figures)]
    for name, measured, limit in lines:
        verdict = "ok" if measured is not None and measured <= limit else "MISSED"
        print(f"{name:58}{'-' if measured is None else f'{measured:g}':>9}{limit:>9}  {verdict}")
    for name, who, count, _ in sorted(_dearest(figures), key=lambda row: -row[2]):
        if count > costs.STATEMENTS:
            print(f"  {count} statements: {name} ({who})")
    for row in figures.get("pages", []):
        if each_page or row[1] or row[2] or row[5]:
            print(f"  {row[0]:48} {row[1]} wrong, {row[2]} complaints, {row[3]} and {row[4]} bytes")
    return sum(1 for _, measured, limit in lines if measured is None or measured > limit)


def _jobs(figures: dict[str, list[Row]]) -> list[Row]:
    done = {name: (loads, keys) for name, loads, keys in figures.get("jobs", [])}
    dispense, request = done.get("dispense"), done.get("request")
    return [
        ["dispense: page loads", dispense and dispense[0], costs.COUNTER_LOADS],
        ["dispense: keys beside what is typed or ticked", dispense and dispense[1], costs.KEYS],
        ["request: page loads", request and request[0], costs.REQUEST_LOADS],
    ]


def _pages(figures: dict[str, list[Row]]) -> list[Row]:
    pages = figures.get("pages", [])
    shown = len({row[0] for row in pages})

    def most(at: int) -> Any:
        return max((row[at] for row in pages), default=None)

    return [
        [f"axe-core and scrolling, {shown} pages and states", _sum(pages, 1), 0],
        ["content security policy, errors of scripts", _sum(pages, 2), 0],
        ["pages that are less without scripts", _sum(pages, 5), 0],
        ["bytes at a first visit, compressed, at most", most(3), costs.FIRST_VISIT],
        ["bytes at the next visit, compressed, at most", most(4), costs.NEXT_VISIT],
    ]


def _sum(rows: list[Row], at: int) -> int | None:
    return sum(row[at] for row in rows) if rows else None


def _database(figures: dict[str, list[Row]]) -> list[Row]:
    dearest = [row[2] for row in _dearest(figures)]
    return [
        [f"SQL statements of a page, {len(dearest)} pages, at most", max(dearest, default=None),
         costs.STATEMENTS],
        *_long_pages(figures.get("lists", [])),
    ]  # fmt: skip


def _long_pages(found: list[Row]) -> Iterator[Row]:
    """Of each page that grows with the program: what it asks when it is long, and its time."""
    names = list(dict.fromkeys(row[0] for row in found)) or ["a long list"]
    for name in names:
        told = {count: (seconds, asked) for page, count, seconds, asked in found if page == name}
        few, many = min(told, default=0), max(told, default=0)
        asked = told[many][1] if told else None
        ratio = told[many][0] / told[few][0] if told else None
        yield [f"{name} of {many} patients: SQL statements", asked, costs.STATEMENTS]
        yield [f"{name} of {many} patients: server time to {few}'s", ratio, costs.LIST_FACTOR]


def _dearest(figures: dict[str, list[Row]]) -> list[Row]:
    """Of each page, the visit that asked most."""
    found: dict[str, Row] = {}
    for row in figures.get("statements", []):
        found[row[0]] = max(row, found.get(row[0], row), key=lambda each: each[2])
    return list(found.values())
