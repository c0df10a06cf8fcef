"""What breaks the constraints of tests, attestations, surveys, cases and exceptions."""

from uuid import uuid4

from tests.guards.breaches.breach import (
    WITHDRAWN_EARLY,
    after_recorded,
    breach,
    but,
    double,
    moved,
    of_scans,
)
from tests.guards.world import Row

SAID = "evidence_therapyevent"
EXCEPTION = "evidence_exceptionrequest"
INTAKE = "evidence_intake"
SCAN = "evidence_intakescan"
LATER_CORRECTABLE = {
    "obligationsattestation": "evidence_obligationsattestation",
    "counseling": "evidence_counseling",
    "healthstatus": "evidence_healthstatus",
    "patientsurvey": "evidence_patientsurvey",
    "agreement": "patients_agreement",
}
OCCURRENCE = "The same occurrence"


def resolution(row: Row) -> Row:
    """What resolves an intervention."""
    return {
        "resolved_at": row["recorded_at"],
        "conclusion": "counseled",
        "contacted": "The patient",
        "outcome": "Called",
        "resolving_operation_id": row["operation_id"],
    }


def step_end(row: Row) -> Row:
    """What ends a step of a case's follow-up."""
    return {
        "ended_at": row["recorded_at"],
        "ended_as": "done",
        "note": "Seen",
        "ending_operation_id": row["operation_id"],
    }


CHECKS = [
    *(
        breach(f"{name}_withdrawal_is_whole", table, withdrawn_at="2100-01-01Z")
        for name, table in LATER_CORRECTABLE.items()
    ),
    *(
        breach(f"{name}_withdrawn_after_recorded", table, WITHDRAWN_EARLY)
        for name, table in LATER_CORRECTABLE.items()
    ),
    *of_scans("scan", SCAN),
    breach("intake_channel_is_known", INTAKE, channel="portal"),
    breach("intake_kind_is_known", INTAKE, kind="dispense"),
    breach("intake_says_who_told", INTAKE, told_by="neighbor"),
    breach("intake_says_who_told", INTAKE, told_by_name=""),
    breach("intake_names_the_prescriber", INTAKE, told_by="prescriber", prescriber_id=None),
    breach("intake_verification_is_known", INTAKE, verification="felt_right"),
    breach("intake_caller_is_verified", INTAKE, channel="phone", verification=""),
    breach("intake_has_scan", INTAKE, channel="fax", scan_id=None),
    breach(
        "intake_checked_by_another", INTAKE, lambda row: {"checked_by_id": row["entered_by_id"]}
    ),
    breach("intake_check_is_whole", INTAKE, state="waiting", checked_at="2100-01-01Z"),
    breach("intake_check_is_whole", INTAKE, state="accepted"),
    breach(
        "intake_check_is_whole",
        INTAKE,
        lambda row: {
            "checked_at": moved(row, "recorded_at", seconds=1),
            "check_operation_id": row["operation_id"],
        },
        state="refused",
        checked_by_id=str(uuid4()),
    ),
    breach("intake_entry_is_named", INTAKE, state="effective", entry_id=None),
    breach("intake_entry_is_named", INTAKE, state="waiting", entry_id=str(uuid4())),
    breach("therapy_event_kind_is_known", SAID, kind="paused"),
    breach("therapy_event_has_program", SAID, program=""),
    breach("therapy_event_has_program", SAID, kind="died"),
    breach("therapy_event_has_reason", SAID, reason=""),
    breach("therapy_event_has_reason", SAID, said_by=""),
    breach("therapyevent_withdrawal_is_whole", SAID, withdrawn_at="2100-01-01Z"),
    breach("therapyevent_withdrawn_after_recorded", SAID, WITHDRAWN_EARLY),
    breach("exception_request_state_is_known", EXCEPTION, state="lost"),
    breach("exception_request_rule_may_be_overridden", EXCEPTION, rule="L-PT-5"),
    breach("exception_request_has_end", EXCEPTION, lambda row: {"expires_at": row["recorded_at"]}),
    breach("exception_request_has_reason", EXCEPTION, reason=""),
    breach("exception_request_decision_is_whole", EXCEPTION, state="requested"),
    breach("exception_request_decision_is_whole", EXCEPTION, decision_reason=""),
    breach("exception_request_decision_is_whole", EXCEPTION, decided_by_id=None),
    breach("exception_request_decision_is_whole", EXCEPTION, decided_at="2001-01-01Z"),
    breach("exception_request_decision_is_whole", EXCEPTION, decided_at=None),
    breach(
        "exception_request_decided_by_another",
        EXCEPTION,
        lambda row: {"decided_by_id": row["requested_by_id"]},
        state="granted",
    ),
    breach(
        "exception_request_decided_by_another",
        EXCEPTION,
        lambda row: {"decided_by_id": row["requested_by_id"]},
        state="refused",
    ),
    *(
        breach(
            f"{name}_withdrawal_is_whole",
            f"evidence_{name}",
            withdrawal_reason="Mistake",
            withdrawn_at=None,
            withdrawal_operation_id=None,
        )
        for name in ("contraceptionattestation", "pregnancytest", "bleedingreport")
    ),
    *(
        breach(f"{name}_withdrawn_after_recorded", f"evidence_{name}", WITHDRAWN_EARLY)
        for name in ("contraceptionattestation", "pregnancytest", "bleedingreport")
    ),
    breach(
        "contraception_instants_in_order",
        "evidence_contraceptionattestation",
        after_recorded("attested_at"),
    ),
    breach(
        "obligations_instants_in_order",
        "evidence_obligationsattestation",
        after_recorded("attested_at"),
    ),
    breach("counseling_instants_in_order", "evidence_counseling", after_recorded("given_at")),
    breach("health_cycle_is_known", "evidence_healthstatus", cycle="odd"),
    breach("test_result_is_known", "evidence_pregnancytest", result="maybe"),
    breach("test_specimen_is_known", "evidence_pregnancytest", specimen="hair"),
    breach("test_sensitivity_is_positive", "evidence_pregnancytest", sensitivity_miu_ml=0),
    breach(
        "test_instants_in_order",
        "evidence_pregnancytest",
        lambda row: {"resulted_at": moved(row, "collected_at", seconds=-1)},
    ),
    breach("bleeding_kind_is_known", "evidence_bleedingreport", kind="bruise"),
    breach("bleeding_instants_in_order", "evidence_bleedingreport", after_recorded("reported_at")),
    breach("case_subject_is_known", "evidence_pregnancycase", subject="sister"),
    breach(
        "case_outcome_is_known",
        "evidence_pregnancycase",
        lambda row: {
            "outcome": "fine",
            "closed_at": row["recorded_at"],
            "closing_reason": "Seen",
            "closing_operation_id": row["operation_id"],
        },
    ),
    breach("case_closure_is_whole", "evidence_pregnancycase", outcome="unknown"),
    breach(
        "case_closure_is_whole",
        "evidence_pregnancycase",
        lambda row: {"closing_operation_id": row["operation_id"]},
        outcome="unknown",
        closing_reason="Seen",
        closed_at=None,
    ),
    breach("case_instants_in_order", "evidence_pregnancycase", after_recorded("reported_at")),
    breach("intervention_resolution_is_whole", "evidence_intervention", outcome="Called"),
    breach(
        "intervention_resolution_is_whole",
        "evidence_intervention",
        lambda row: {"resolving_operation_id": row["operation_id"]},
        conclusion="counseled",
        contacted="The patient",
        outcome="Called",
        resolved_at=None,
    ),
    *(
        breach(
            "intervention_resolution_is_whole",
            "evidence_intervention",
            but(resolution, **{left_out: ""}),
        )
        for left_out in ("conclusion", "contacted", "outcome")
    ),
    breach(
        "intervention_conclusion_is_known",
        "evidence_intervention",
        lambda row: {**resolution(row), "conclusion": "fine"},
    ),
    breach(
        "case_exposure_in_order",
        "evidence_casedetail",
        exposed_from="2026-05-02",
        exposed_until="2026-05-01",
    ),
    breach(
        "case_birth_after_conception",
        "evidence_casedetail",
        conceived_on="2026-05-01",
        birth_expected_on="2026-05-01",
    ),
    breach("case_pregnancy_outcome_is_known", "evidence_casedetail", pregnancy_outcome="fine"),
    breach("case_root_cause_is_known", "evidence_casedetail", root_cause="fate"),
    breach(
        "case_step_end_is_known",
        "evidence_casestep",
        lambda row: {**step_end(row), "ended_as": "forgotten"},
    ),
    *(
        breach(
            "case_step_end_is_whole",
            "evidence_casestep",
            but(step_end, **left_out),
        )
        for left_out in (
            {"ended_as": ""},
            {"note": ""},
            {"ending_operation_id": None},
            {"ended_at": None},
            {"ended_at": "2001-01-01Z"},
        )
    ),
    breach("intervention_instants_in_order", "evidence_intervention", after_recorded("opened_at")),
    breach(
        "exception_by_two_persons",
        "evidence_ruleexception",
        lambda row: {"requested_by_id": row["granted_by_id"]},
    ),
    breach(
        "exception_has_end",
        "evidence_ruleexception",
        lambda row: {"expires_at": row["granted_at"]},
    ),
    breach("exception_has_reason", "evidence_ruleexception", reason=""),
    breach("exception_rule_may_be_overridden", "evidence_ruleexception", rule="L-PT-5"),
    breach("deviation_state_is_known", "evidence_deviation", state="forgotten"),
    breach("deviation_severity_is_known", "evidence_deviation", severity="cosmetic"),
    breach("deviation_end_has_action", "evidence_deviation", state="corrected"),
    breach(
        "patient_survey_instants_in_order", "evidence_patientsurvey", after_recorded("completed_at")
    ),
    breach(
        "prescriber_survey_category_is_known", "evidence_prescribersurvey", risk_category="adult"
    ),
    breach(
        "prescriber_survey_instants_in_order",
        "evidence_prescribersurvey",
        after_recorded("completed_at"),
    ),
]
UNIQUES = [
    double("therapy_event_one_death", SAID, kind="died", program=""),
    double("exception_request_one_waiting", EXCEPTION, state="requested"),
    double("health_one_at_an_instant", "evidence_healthstatus"),
    double("case_step_open_once", "evidence_casestep", kind="birth", ended_at=None),
    double("deviation_recorded_once", "evidence_deviation", occurrence=OCCURRENCE),
]
