"""Commands that record what is known, and what follows from it in the same transaction."""

from apps.evidence.services.agreements import renew_agreement, sign_agreement
from apps.evidence.services.attestations import (
    record_contraception,
    record_counseling,
    record_health_status,
    record_obligations,
    report_breastfeeding,
    withdraw_contraception,
)
from apps.evidence.services.cases import (
    Details,
    close_pregnancy_case,
    complete_case_step,
    record_case_details,
    report_pregnancy,
    waive_case_step,
)
from apps.evidence.services.exceptions import (
    grant_exception,
    refuse_exception,
    request_exception,
    withdraw_exception_request,
)
from apps.evidence.services.pregnancy import (
    record_pregnancy_test,
    report_bleeding,
    withdraw_bleeding_report,
    withdraw_pregnancy_test,
)
from apps.evidence.services.program import resolve_intervention
from apps.evidence.services.surveys import record_patient_survey
from apps.evidence.services.transfers import hand_over_patients, take_over_patient

__all__ = [
    "Details",
    "close_pregnancy_case",
    "complete_case_step",
    "grant_exception",
    "hand_over_patients",
    "record_case_details",
    "record_contraception",
    "record_counseling",
    "record_health_status",
    "record_obligations",
    "record_patient_survey",
    "record_pregnancy_test",
    "refuse_exception",
    "renew_agreement",
    "report_bleeding",
    "report_breastfeeding",
    "report_pregnancy",
    "request_exception",
    "resolve_intervention",
    "sign_agreement",
    "take_over_patient",
    "waive_case_step",
    "withdraw_bleeding_report",
    "withdraw_contraception",
    "withdraw_exception_request",
    "withdraw_pregnancy_test",
]
