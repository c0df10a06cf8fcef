"""How much nonsense is tried, by which seed, and what is written down of the answers.

A run with the same seed tries the same again. Nothing stops at the first defect: all are collected.
"""

import json
import os
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.internal.conjecture import providers
from hypothesis.strategies import SearchStrategy

API_CASES = int(os.environ.get("REMS_FUZZ_CASES", "2000"))
FORM_CASES = int(os.environ.get("REMS_FUZZ_FORMS", "240"))
SEED = int(os.environ.get("REMS_FUZZ_SEED", "1"))
# A folder in which each test leaves its figures, for `python -m bench fuzz`.
T = TypeVar("T")
FIGURES = os.environ.get("REMS_FUZZ_FIGURES", "")


@dataclass
class Figures:
    """What was answered where, and each defect once, with a request that shows it."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    defects: dict[str, str] = field(default_factory=dict)
    without_form: set[str] = field(default_factory=set)

    def note(self, place: str, status: int) -> None:
        """One more answer."""
        self.answers[place, status] += 1

    def found(self, place: str, defect: str, shown_by: str) -> None:
        """A defect; a second one of the same kind at the same place adds nothing."""
        self.defects.setdefault(f"{place}: {defect}", shown_by)

    def cases(self, place: str = "") -> int:
        """How many were answered, at one place or everywhere."""
        return sum(count for (at, _), count in self.answers.items() if place in {"", at})

    def reached(self, statuses: range) -> set[str]:
        """The places that gave such an answer at least once."""
        return {place for place, status in self.answers if status in statuses}

    def leave(self, name: str) -> None:
        """Write the figures into the folder of the run, if it has one."""
        if FIGURES:
            rows = [[place, status, count] for (place, status), count in self.answers.items()]
            content = {"answers": rows, "defects": self.defects}
            (Path(FIGURES) / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def told(self) -> str:
        """Every defect with what shows it."""
        return "\n\n".join(f"{defect}\n  {shown}" for defect, shown in self.defects.items())


def try_out(
    strategy: SearchStrategy[T], count: int, act: Callable[[T], None], *, place: str
) -> None:
    """Draw so many cases, fewer where there are not as many, and leave nothing of each behind."""

    @seed(zlib.crc32(f"{SEED} {place}".encode()))
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn=strategy)
    def every(drawn: T) -> None:
        without_trace(act, drawn)

    # Else it also draws texts and numbers of whatever modules are loaded, which differ by process.
    with patch.object(providers, "_get_local_constants", lambda: providers.GLOBAL_CONSTANTS):
        every()


def without_trace(act: Callable[[T], None], case: T) -> None:
    """Act, and take back whatever it wrote."""
    before = transaction.savepoint()
    try:
        act(case)
    finally:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(before)


def what_a_commit_would_say() -> None:
    """Check now what the database checks only at the end of a transaction; here none ends."""
    connection.check_constraints()
