"""Which instant evidence takes that bears only a date: the day's least favorable one (L-SRC-2).

Pure arithmetic in the program's zone; nothing here judges whether the evidence is enough.
"""

import enum
from datetime import date, datetime, timedelta
from typing import Final

from apps.rules.calendar import Calendar

DISPENSES_APART: Final = timedelta(minutes=1)


class Dated(enum.StrEnum):
    """What a date may be known of. The comments say why its first or last instant harms more."""

    # It ages from its collection, must follow what it answers (a report, a closure, 48 hours after
    # an indeterminate test): the earlier it was, the less it clears.
    NEGATIVE_TEST = "negative_test"
    # Its collection decides nothing; the page says "a test: its first instant".
    POSITIVE_TEST = "positive_test"
    # It blocks until 48 hours after its collection: the later it was, the longer.
    INDETERMINATE_TEST = "indeterminate_test"
    # A positive result is lifted only by a closure at or after it.
    TEST_RESULT = "test_result"
    # Among attestations of one day, the latest one holds: what helps comes first.
    ADEQUATE_ATTESTATION = "adequate_attestation"
    # … and what harms comes last.
    INADEQUATE_ATTESTATION = "inadequate_attestation"
    # It must follow a report and the authorization before it.
    COUNSELING = "counseling"
    PATIENT_SURVEY = "patient_survey"
    # A test and counseling must follow it.
    BLEEDING_REPORT = "bleeding_report"
    # It holds from its report on.
    PREGNANCY_REPORT = "pregnancy_report"
    # An agreement must follow a bleeding report, and is outlived by every later one.
    SIGNATURE = "signature"
    # A restart of the same day comes after it, and makes the next one an initiation.
    DISPENSE = "dispense"


LATEST_HARMS: Final = frozenset(
    {
        Dated.INDETERMINATE_TEST,
        Dated.TEST_RESULT,
        Dated.INADEQUATE_ATTESTATION,
        Dated.BLEEDING_REPORT,
    }
)


def least_favorable(kind: Dated, on: date, *, calendar: Calendar, now: datetime) -> datetime:
    """The least favorable instant of a day for evidence of this kind, in UTC.

    What happened has happened by `now`: the last instant of a day that is not over is `now`. A day
    that has not begun gives an instant after `now`, which no command takes.
    """
    first = calendar.start_of_day(on.toordinal())
    if kind not in LATEST_HARMS:
        return first
    last = calendar.end_of_day(on.toordinal())
    return min(last, now) if first <= now else last


def dispense_instants(on: date, count: int, *, calendar: Calendar) -> list[datetime]:
    """The instants of several dispenses of which only the day is known, in the order given.

    A minute apart from the day's first instant on (L-SRC-2), so that no two are at one instant.
    """
    first = calendar.start_of_day(on.toordinal())
    return [first + at * DISPENSES_APART for at in range(count)]
