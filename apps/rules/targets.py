"""The program's own work: who owns each kind of queue item, by when, and how grave a deviation is.

Data only; the policy file says it in [targets] and [deviations]. Nothing here finds or counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

TARGET_KINDS: Final = (
    "intervention",
    "pregnancy_case",
    "case_follow_up",
    "deviation_minor",
    "deviation_major",
    "deviation_critical",
    "category_change",
    "intake_check",
    "exception_request",
    "duplicate",
    "undeliverable_address",
    "undeliverable_notice",
    "prescriber_certification",
    "pharmacy_certification",
    "certification_lapse",
    "stranded_patient",
    "evaluation_hold",
    "outage_reconciliation",
)
"""Every kind of item that waits for somebody; a policy file names exactly these."""

OFFICE_KINDS: Final = ("failed_sign_ins", "unsigned_agreement")
"""What waits for the office whatever the program, so that no policy file names it."""

DEVIATION_KINDS: Final = (
    "missed_test",
    "late_pregnancy_report",
    "dispense_without_confirmation",
    "dispense_outside_window",
    "dispense_not_eligible",
    "dispense_too_early",
    "dispense_over_days_supply",
    "dispense_unlike_authorization",
    "dispense_record_incomplete",
    "shipped_late",
)
"""Every kind of deviation that is recorded by itself: a policy file names at least these."""

SEVERITIES: Final = ("minor", "major", "critical")

_HOURS_A_DAY, _SHOWN_IN_DAYS = 24, 3


@dataclass(frozen=True, slots=True)
class Target:
    """Who owns a kind of item, and by when it should be done.

    `relative_to` "opened": `hours` after it was opened. "due": the item has an instant of its own
    (a follow-up's due date, the end of a certification) and waits from `hours` before it.
    """

    kind: str
    owner: str
    relative_to: str
    hours: int
    source: str
    choice: bool

    @property
    def span(self) -> timedelta:
        """From the instant at which an item starts to wait to its target."""
        return timedelta(hours=self.hours)

    @property
    def span_in_words(self) -> str:
        """The span for people: whole days from three days on, else hours."""
        days, rest = divmod(self.hours, _HOURS_A_DAY)
        if days >= _SHOWN_IN_DAYS and not rest:
            return f"{days} days"
        return "1 hour" if self.hours == 1 else f"{self.hours} hours"

    def target_at(self, opened_at: datetime) -> datetime:
        """The instant by which an item that waits since `opened_at` should be done."""
        return opened_at + self.span

    def opened_at(self, due_at: datetime) -> datetime:
        """The instant from which an item waits that is due at `due_at`."""
        return due_at - self.span


@dataclass(frozen=True, slots=True)
class DeviationKind:
    """One way in which a rule is broken in the world (program-rules §13): its rule, how grave."""

    kind: str
    title: str
    rule: str
    severity: str
    source: str
    choice: bool
