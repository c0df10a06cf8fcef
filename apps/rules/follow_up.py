"""The follow-up of a pregnancy case: which steps a program owes, and by which days (L-PRG-2).

The steps and their numbers are policy data; this module only counts days. It knows no case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

REPORTED: Final = "reported"
CONCEIVED: Final = "conceived"
BIRTH: Final = "birth"
RELATIVE_TO: Final = frozenset({REPORTED, CONCEIVED, BIRTH})


@dataclass(frozen=True, slots=True)
class FollowUpStep:
    """One step that every case owes: so many days after the report, conception or birth."""

    kind: str
    title: str
    relative_to: str
    days: int
    source: str
    unverified: bool


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A program's follow-up of pregnancies; all numbers are days."""

    report_days: int
    """A report later than this after the pregnancy became known is a deviation."""
    gestation_days: int
    """From conception to the expected birth."""
    assumed_conception_days: int
    """How long before the report conception is assumed while no better estimate is known."""
    steps: tuple[FollowUpStep, ...]

    def due_on(
        self,
        *,
        reported_on: date,
        conceived_on: date | None = None,
        birth_on: date | None = None,
    ) -> Mapping[str, date]:
        """The day by which each kind of step is owed.

        Of conception and birth (expected, or as it was) one gives the other; with neither,
        conception is assumed some days before the report, so that no step is ever without a day.
        """
        conceived = conceived_on
        if conceived is None:
            conceived = (
                reported_on - timedelta(days=self.assumed_conception_days)
                if birth_on is None
                else birth_on - timedelta(days=self.gestation_days)
            )
        from_days = {
            REPORTED: reported_on,
            CONCEIVED: conceived,
            BIRTH: birth_on or conceived + timedelta(days=self.gestation_days),
        }
        return {
            step.kind: from_days[step.relative_to] + timedelta(days=step.days)
            for step in self.steps
        }

    def is_late(self, *, known_on: date, reported_on: date) -> bool:
        """Whether a pregnancy known on one day and reported on another was reported late."""
        return (reported_on - known_on).days > self.report_days
