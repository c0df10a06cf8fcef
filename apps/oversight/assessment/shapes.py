"""What an assessment report is made of: sections of counted rows over a period. Data only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from apps.rules.policy import Policy

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the program's calendar, first and last included.

    `from_at` and `until_at` are the same as instants, half-open.
    """

    policy: Policy
    from_on: date
    last_on: date

    @property
    def program(self) -> str:
        """The program that is assessed."""
        return self.policy.program

    @property
    def from_at(self) -> datetime:
        """The first instant."""
        return self.policy.calendar.start_of_day(self.from_on.toordinal())

    @property
    def until_at(self) -> datetime:
        """The first instant after the last day."""
        return self.policy.calendar.start_of_day(self.last_on.toordinal() + 1)

    def within(self, rows: QuerySet[Any], instant: str) -> QuerySet[Any]:
        """The rows whose instant lies in the period."""
        return rows.filter(**{f"{instant}__gte": self.from_at, f"{instant}__lt": self.until_at})


@dataclass(frozen=True, slots=True)
class Section:
    """One table of the report. `columns` name every cell; those of `figures` are numbers."""

    code: str
    title: str
    columns: tuple[str, ...]
    figures: int
    rows: tuple[tuple[Cell, ...], ...]

    def labels(self, row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """What a row counts."""
        return row[: len(row) - self.figures]


@dataclass(frozen=True, slots=True)
class Report:
    """What happened in a program over a period, as it was known at `made_at`."""

    program: str
    title: str
    policy_version: str
    time_zone: str
    from_on: date
    last_on: date
    made_at: datetime
    sections: tuple[Section, ...]


def section(
    code: str, title: str, columns: str, rows: Iterable[tuple[Cell, ...]], *, figures: int = 1
) -> Section:
    """A section; `columns` are separated by bars, the figures last."""
    return Section(code, title, tuple(columns.split(" | ")), figures, tuple(rows))
