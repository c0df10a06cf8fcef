"""Commands that record what is known, and what follows from it in the same transaction."""

from apps.evidence.services.agreements import renew_agreement, sign_agreement
from apps.evidence.services.attestations import (
    record_contraception,
    record_counseling,
    record_health_status,
    record_obligations,
    withdraw_contraception,
)
from apps.evidence.services.pregnancy import (
    close_pregnancy_case,
    record_pregnancy_test,
    report_bleeding,
    report_pregnancy,
    withdraw_bleeding_report,
    withdraw_pregnancy_test,
)
from apps.evidence.services.program import grant_exception, resolve_intervention
from apps.evidence.services.surveys import record_patient_survey

__all__ = [
    "close_pregnancy_case",
    "grant_exception",
    "record_contraception",
    "record_counseling",
    "record_health_status",
    "record_obligations",
    "record_patient_survey",
    "record_pregnancy_test",
    "renew_agreement",
    "report_bleeding",
    "report_pregnancy",
    "resolve_intervention",
    "sign_agreement",
    "withdraw_bleeding_report",
    "withdraw_contraception",
    "withdraw_pregnancy_test",
]
