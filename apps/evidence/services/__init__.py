"""Commands that record what is known, and what follows from it in the same transaction."""

from apps.evidence.services.agreements import (
    renew_agreement,
    sign_agreement,
    sign_own_agreement,
)
from apps.evidence.services.attestations import (
    record_contraception,
    record_counseling,
    record_health_status,
    record_obligations,
    report_breastfeeding,
    report_lapse,
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
from apps.evidence.services.categories import (
    change_category,
    decide_category_change,
    withdraw_category_change,
)
from apps.evidence.services.enrolling import enroll_from_form
from apps.evidence.services.exceptions import (
    grant_exception,
    refuse_exception,
    request_exception,
    why_not_decide,
    why_not_withdraw,
    withdraw_exception_request,
)
from apps.evidence.services.identity import correct_identity
from apps.evidence.services.intakes import accept_intake, enter_intake, refuse_intake, why_not_check
from apps.evidence.services.letting_in import end_patient_access, issue_patient_code
from apps.evidence.services.merging import merge_patients
from apps.evidence.services.moving import move_entry
from apps.evidence.services.pregnancy import (
    record_pregnancy_test,
    report_bleeding,
    withdraw_bleeding_report,
    withdraw_pregnancy_test,
)
from apps.evidence.services.program import resolve_intervention, why_not_resolve
from apps.evidence.services.surveys import count_risky_answer, record_patient_survey
from apps.evidence.services.therapy import (
    discontinue_therapy,
    interrupt_therapy,
    record_death,
    resume_therapy,
    withdraw_from_program,
    withdraw_therapy_event,
)
from apps.evidence.services.transfers import hand_over_patients, take_over_patient
from apps.evidence.services.withdrawing import withdraw_entry

__all__ = [
    "Details",
    "accept_intake",
    "change_category",
    "close_pregnancy_case",
    "complete_case_step",
    "correct_identity",
    "count_risky_answer",
    "decide_category_change",
    "discontinue_therapy",
    "end_patient_access",
    "enroll_from_form",
    "enter_intake",
    "grant_exception",
    "hand_over_patients",
    "interrupt_therapy",
    "issue_patient_code",
    "merge_patients",
    "move_entry",
    "record_case_details",
    "record_contraception",
    "record_counseling",
    "record_death",
    "record_health_status",
    "record_obligations",
    "record_patient_survey",
    "record_pregnancy_test",
    "refuse_exception",
    "refuse_intake",
    "renew_agreement",
    "report_bleeding",
    "report_breastfeeding",
    "report_lapse",
    "report_pregnancy",
    "request_exception",
    "resolve_intervention",
    "resume_therapy",
    "sign_agreement",
    "sign_own_agreement",
    "take_over_patient",
    "waive_case_step",
    "why_not_check",
    "why_not_decide",
    "why_not_resolve",
    "why_not_withdraw",
    "withdraw_bleeding_report",
    "withdraw_category_change",
    "withdraw_contraception",
    "withdraw_entry",
    "withdraw_exception_request",
    "withdraw_from_program",
    "withdraw_pregnancy_test",
    "withdraw_therapy_event",
]
