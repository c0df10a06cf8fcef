"""What falls due: the record that reminders, planner and timeline share.

Data only; schedule.py works out what a patient owes, duties.py what others do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from apps.rules.finding import ParameterValue

FIRST_TEST_WINDOW: Final = "first_test_window"
SECOND_TEST_WINDOW: Final = "second_test_window"
WEEKLY_TEST: Final = "weekly_test"
TWO_WEEKLY_TEST: Final = "two_weekly_test"
FOUR_WEEKLY_TEST: Final = "four_weekly_test"
END_OF_TREATMENT_TEST: Final = "end_of_treatment_test"
PATIENT_SURVEY_DUE: Final = "patient_survey_due"
CONTRACEPTION_ATTESTATION_DUE: Final = "contraception_attestation_due"
OBLIGATIONS_ATTESTATION_DUE: Final = "obligations_attestation_due"
AUTHORIZATION_EXPIRES: Final = "authorization_expires"
SUPPLY_ENDS: Final = "supply_ends"
AGREEMENT_LAPSES: Final = "agreement_lapses"
OBLIGATIONS_END: Final = "obligations_end"
COMES_OF_AGE: Final = "comes_of_age"
CASE_FOLLOW_UP: Final = "case_follow_up"
CERTIFICATION_RENEWAL: Final = "certification_renewal"

KINDS: Final = (
    FIRST_TEST_WINDOW,
    SECOND_TEST_WINDOW,
    WEEKLY_TEST,
    TWO_WEEKLY_TEST,
    FOUR_WEEKLY_TEST,
    END_OF_TREATMENT_TEST,
    PATIENT_SURVEY_DUE,
    CONTRACEPTION_ATTESTATION_DUE,
    OBLIGATIONS_ATTESTATION_DUE,
    AUTHORIZATION_EXPIRES,
    SUPPLY_ENDS,
    AGREEMENT_LAPSES,
    OBLIGATIONS_END,
    COMES_OF_AGE,
    CASE_FOLLOW_UP,
    CERTIFICATION_RENEWAL,
)
"""Every kind; the policy gives the reminder steps of each."""

SCHEDULED_TESTS: Final = frozenset({WEEKLY_TEST, TWO_WEEKLY_TEST, FOUR_WEEKLY_TEST})
"""The kinds whose due instant, once it has passed, is a missed test (L-PT-4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """One thing that falls due, or one window.

    `anchor` names the occurrence: the same occurrence keeps it however often it is worked out, so
    kind and anchor together identify a planned reminder. `who` is the one who must act.
    """

    kind: str
    rule: str
    anchor: str
    who: str
    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    params: Mapping[str, ParameterValue]
