"""Each CHECK, unique and exclusion constraint refuses what breaks it: by name, by raw SQL.

As the owner, without triggers and other checks, so that the constraint itself is what refuses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models

from tests.guards.world import (
    Row,
    World,
    disable_triggers,
    drop_constraints,
    insert,
    our_models,
)

Changes = Callable[[Row], Row]


@dataclass(frozen=True)
class Breach:
    """A copy of a valid row with these changes breaks the constraint `name` of `table`."""

    name: str
    table: str
    changes: Changes
    rows: int = 1


def breach(name: str, table: str, changes: Changes | None = None, **fixed: Any) -> Breach:
    return Breach(name, table, lambda row: {**fixed, **(changes(row) if changes else {})})


def double(name: str, table: str, changes: Changes | None = None, **fixed: Any) -> Breach:
    """Two rows that only differ in their keys break it."""
    return Breach(name, table, lambda row: {**fixed, **(changes(row) if changes else {})}, rows=2)


def moved(row: Row, column: str, **by: int) -> str:
    """An instant of the row, moved."""
    return (datetime.fromisoformat(row[column]) + timedelta(**by)).isoformat()


def after_recorded(column: str) -> Changes:
    """An instant of what happened that lies after its record."""
    return lambda row: {column: moved(row, "recorded_at", seconds=1)}


WITHDRAWN_EARLY: Changes = lambda row: {  # noqa: E731 - a value of the table below
    "withdrawn_at": moved(row, "recorded_at", seconds=-1),
    "withdrawal_reason": "Mistake",
    "withdrawal_operation_id": row["operation_id"],
}


def but(whole: Changes, **changed: Any) -> Changes:
    """The same changes, save for these."""
    return lambda row: {**whole(row), **changed}


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


def ended_representative(row: Row) -> Row:
    """What ends a representative."""
    return {
        "ended_at": row["recorded_at"],
        "end_reason": "Custody has changed",
        "end_operation_id": row["operation_id"],
    }


def settled_address(row: Row) -> Row:
    """What settles an address that reached nobody."""
    return {
        "resolved_at": row["recorded_at"],
        "resolution": "Right after all",
        "resolving_operation_id": row["operation_id"],
    }


CHANGE, SPEAKS = "patients_categorychange", "patients_representative"
ADDRESS, SAID = "patients_undeliverableaddress", "evidence_therapyevent"
A, C, D = "prescriptions_authorization", "prescriptions_confirmation", "prescriptions_dispense"
DECISION, EDITION = "eligibility_decision", "eligibility_policyedition"
EXCEPTION = "evidence_exceptionrequest"

INTAKE, SCAN = "evidence_intake", "evidence_intakescan"
LATER_CORRECTABLE = {
    "obligationsattestation": "evidence_obligationsattestation",
    "counseling": "evidence_counseling",
    "healthstatus": "evidence_healthstatus",
    "patientsurvey": "evidence_patientsurvey",
    "agreement": "patients_agreement",
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
    breach("merge_is_of_two", "patients_patientmerge", lambda row: {"merged_id": row["kept_id"]}),
    breach("merge_has_reason", "patients_patientmerge", reason=""),
    breach("scan_type_is_allowed", SCAN, content_type="text/html"),
    breach("scan_size_is_true", SCAN, size=7),
    breach("scan_size_is_limited", SCAN, size=0),
    breach("scan_size_is_limited", SCAN, size=5 * 1024 * 1024 + 1),
    breach("scan_digest_is_sha256", SCAN, digest="z" * 64),
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
    breach("category_change_state_is_known", CHANGE, state="perhaps"),
    breach("category_change_basis_is_whole", CHANGE, risk_category="adult_fnrp", basis_kind=""),
    breach("category_change_basis_is_whole", CHANGE, basis_kind="hysterectomy"),
    breach("category_change_has_reason", CHANGE, reason=""),
    breach("category_change_has_reason", CHANGE, said_by=""),
    breach("category_change_instants_in_order", CHANGE, after_recorded("requested_at")),
    breach("category_change_decision_is_whole", CHANGE, state="pending"),
    breach("category_change_decision_is_whole", CHANGE, assignment_id=None),
    breach("category_change_decision_is_whole", CHANGE, decided_at=None),
    breach("category_change_decision_is_whole", CHANGE, decision_operation_id=None),
    breach("category_change_decision_is_whole", CHANGE, state="refused"),
    breach(
        "category_change_decision_is_whole",
        CHANGE,
        state="withdrawn",
        assignment_id=None,
        decision_reason="",
    ),
    breach("representative_kind_is_known", SPEAKS, kind="friend"),
    breach("representative_is_named", SPEAKS, lambda _row: {"name": ""}),
    breach("representative_is_named", SPEAKS, relationship=""),
    breach("representative_instants_in_order", SPEAKS, after_recorded("named_at")),
    *(
        breach(
            "representative_end_is_whole",
            SPEAKS,
            lambda row, lacks=lacks, value=value: ended_representative(row) | {lacks: value},
        )
        for lacks, value in (("ended_at", None), ("end_reason", ""), ("end_operation_id", None))
    ),
    breach("undeliverable_kind_is_known", ADDRESS, kind="fax"),
    breach("undeliverable_is_described", ADDRESS, address=""),
    breach("undeliverable_is_described", ADDRESS, finding=""),
    breach("undeliverable_instants_in_order", ADDRESS, after_recorded("found_at")),
    *(
        breach(
            "undeliverable_resolution_is_whole",
            ADDRESS,
            lambda row, lacks=lacks, value=value: settled_address(row) | {lacks: value},
        )
        for lacks, value in (
            ("resolved_at", None),
            ("resolution", ""),
            ("resolving_operation_id", None),
        )
    ),
    breach("therapy_event_kind_is_known", SAID, kind="paused"),
    breach("therapy_event_has_program", SAID, program=""),
    breach("therapy_event_has_program", SAID, kind="died"),
    breach("therapy_event_has_reason", SAID, reason=""),
    breach("therapy_event_has_reason", SAID, said_by=""),
    breach("therapyevent_withdrawal_is_whole", SAID, withdrawn_at="2100-01-01Z"),
    breach("therapyevent_withdrawn_after_recorded", SAID, WITHDRAWN_EARLY),
    breach("operation_actor_is_named", "core_operation", actor_kind="person", actor_id=None),
    breach("operation_key_is_whole", "core_operation", scope="client:route", key=None),
    breach("demo_clock_is_single", "core_democlock", id=2),
    breach("organization_kind_is_known", "accounts_organization", kind="clinic"),
    breach("user_email_is_lower_case", "accounts_user", email="Robin@people.example"),
    breach("membership_role_is_known", "accounts_membership", role="janitor"),
    breach("client_role_is_known", "accounts_apiclient", role="system"),
    breach("notice_state_is_known", "notices_notice", state="lost", ended_reason="x"),
    breach("notice_sent_has_instant", "notices_notice", state="scheduled", sent_at="2026-01-01Z"),
    breach("notice_end_is_whole", "notices_notice", state="cancelled", ended_reason=""),
    breach("notice_purpose_is_known", "notices_notice", purpose="party"),
    breach(
        "notice_reminder_has_owner",
        "notices_notice",
        purpose="reminder",
        patient_id=None,
        pharmacy_id=None,
    ),
    breach("notice_has_address", "notices_notice", address=""),
    breach("notice_channel_is_known", "notices_notice", channel="pigeon"),
    breach(
        "notice_read_was_sent",
        "notices_notice",
        read_at="2026-01-01Z",
        state="scheduled",
        sent_at=None,
    ),
    breach("plan_has_one_owner", "reminders_plan", patient_id=None),
    breach("preference_has_one_owner", "reminders_reminderpreference", patient_id=None),
    breach(
        "preference_quiet_hours_are_whole",
        "reminders_reminderpreference",
        quiet_from="21:00",
        quiet_until=None,
    ),
    breach("preference_channels_are_known", "reminders_reminderpreference", channels=["pigeon"]),
    breach("preference_has_language", "reminders_reminderpreference", language=""),
    breach("notice_recipient_kind_is_known", "notices_notice", recipient_kind="neighbor"),
    breach("prescriber_npi", "providers_prescriber", npi="123456789X"),
    breach("prescriber_state_is_known", "providers_prescriber", state="retired"),
    breach("pharmacy_npi", "providers_pharmacy", npi="12345"),
    breach("pharmacy_state_is_known", "providers_pharmacy", state="closed"),
    breach(
        "pharmacy_enrollment_purpose_is_known", "providers_pharmacyenrollment", purpose="a gift"
    ),
    breach("training_person_is_named", "providers_stafftraining", lambda _: {"name": ""}),
    breach(
        "training_acknowledged_before_recorded",
        "providers_stafftraining",
        after_recorded("acknowledged_at"),
    ),
    breach("succession_end_is_whole", "providers_succession", outcome=""),
    breach(
        "succession_instants_in_order",
        "providers_succession",
        lambda row: {
            "ended_at": moved(row, "recorded_at", seconds=-1),
            "outcome": "withdrawn",
        },
    ),
    breach(
        "transfer_is_to_another_prescriber",
        "patients_patienttransfer",
        lambda row: {"to_prescriber_id": row["from_prescriber_id"]},
    ),
    breach("transfer_taken_over_has_agreement", "patients_patienttransfer", agreement_id=None),
    breach("transfer_has_reason", "patients_patienttransfer", reason=""),
    breach(
        "delegation_instants_in_order",
        "providers_delegation",
        lambda row: {"ended_at": moved(row, "named_at", seconds=-1)},
    ),
    breach(
        "pharmacy_certification_has_length",
        "providers_pharmacycertification",
        lambda row: {"certified_until": row["certified_from"]},
    ),
    breach(
        "patient_recorded_after_registered",
        "patients_patient",
        lambda row: {"latest_recorded_at": moved(row, "registered_at", seconds=-1)},
    ),
    breach("patient_has_name", "patients_patient", family_name=""),
    breach("category_is_known", "patients_categoryassignment", risk_category="adult"),
    breach(
        "category_basis_has_date",
        "patients_categoryassignment",
        risk_category="adult_fnrp",
        basis_kind="hysterectomy",
        basis_on=None,
    ),
    breach(
        "category_basis_is_known",
        "patients_categoryassignment",
        risk_category="adult_fnrp",
        basis_kind="tubal_ligation",
        basis_on="2015-01-01",
    ),
    breach(
        "category_adult_fnrp_has_basis", "patients_categoryassignment", risk_category="adult_fnrp"
    ),
    breach("category_has_reason", "patients_categoryassignment", reason=""),
    breach("agreement_category_is_known", "patients_agreement", risk_category="adult"),
    breach(
        "agreement_signer_is_known", "patients_agreement", signer="nurse", signer_relationship="x"
    ),
    breach("agreement_relationship_is_named", "patients_agreement", signer="guardian"),
    breach("agreement_signer_is_named", "patients_agreement", signer_name=""),
    breach(
        "duplicate_is_another_patient",
        "patients_duplicatedecision",
        lambda row: {"resembles_id": row["patient_id"]},
    ),
    breach("duplicate_decision_has_reason", "patients_duplicatedecision", reason=""),
    breach("authorization_state_is_known", A, state="lost"),
    breach("authorization_number", A, number="IIIIOOOOLLLL"),
    breach("authorization_days_supply", A, days_supply=29),
    breach("authorization_quantity_is_positive", A, quantity=0),
    breach("authorization_strength_is_positive", A, strength_mg=0),
    breach(
        "authorization_expires_after_issue",
        A,
        lambda row: {"expires_at": moved(row, "issued_at", microseconds=-1)},
    ),
    breach("authorization_category_is_known", A, risk_category="adult"),
    breach("authorization_is_complete", A, directions=""),
    breach("authorization_end_is_whole", A, state="void", ended_at=None, ended_reason="positive"),
    breach("authorization_end_is_whole", A, state="void", ended_at="2100-01-01Z"),
    breach("authorization_end_is_whole", A, state="void", ended_at="2001-01-01Z", ended_reason="x"),
    breach("authorization_end_is_whole", A, state="issued", ended_at="2100-01-01Z"),
    breach(
        "confirmation_state_is_known", C, state="lost", ended_at="2100-01-01Z", ended_reason="x"
    ),
    breach("confirmation_handover_is_known", C, handover="drone"),
    breach("confirmation_number", C, number="short"),
    breach(
        "confirmation_expires_after_issue",
        C,
        lambda row: {"expires_at": moved(row, "issued_at", microseconds=-1)},
    ),
    breach(
        "confirmation_lasts_a_day",
        C,
        lambda row: {"expires_at": moved(row, "issued_at", hours=24, microseconds=1)},
    ),
    breach("confirmation_days_supply", C, days_supply=0),
    breach("confirmation_end_is_whole", C, state="reversed", ended_at="2100-01-01Z"),
    breach("confirmation_end_is_whole", C, state="expired", ended_at=None, ended_reason="x"),
    breach("confirmation_end_is_whole", C, state="dispensed", ended_at="2100-01-01Z"),
    breach("dispense_days_supply_is_positive", D, days_supply=0),
    breach("dispense_authorized_has_confirmation", D, confirmation_id=None),
    breach("dispense_authorized_is_complete", D, lot_number=""),
    breach("dispense_amount_is_positive", D, quantity=0),
    breach("dispense_category_is_known", D, risk_category="adult"),
    breach("dispense_handover_is_known", D, handover="drone"),
    breach("dispense_recorded_after_dispensed", D, after_recorded("dispensed_at")),
    breach("return_has_reason", "prescriptions_dispensereturn", reason=""),
    breach(
        "return_instants_in_order", "prescriptions_dispensereturn", after_recorded("returned_at")
    ),
    breach("supply_stop_has_reason", "prescriptions_supplystop", reason=""),
    breach("supply_stop_kind_is_known", "prescriptions_supplystop", kind="eaten"),
    breach("return_never_left_premises", "prescriptions_dispensereturn", never_left_premises=False),
    breach("dispense_names_its_pharmacy", D, unknown_pharmacy="Another"),
    breach("dispense_names_its_pharmacy", D, pharmacy_id=None, authorized=False),
    breach("dispense_names_its_pharmacy", D, pharmacy_id=None, unknown_pharmacy="Another"),
    *(
        breach("dispense_outside_the_rules_is_reported_late", D, reported_late=False, **late)
        for late in (
            {"authorized": False},
            {"only_day_is_known": True},
            {"stated_number": "K7QM"},
            {"outage_id": str(uuid4())},
            {"withdrawn_at": "2100-01-01Z"},
        )
    ),
    breach("dispense_authorized_has_its_time", D, only_day_is_known=True, reported_late=True),
    breach("dispense_withdrawal_is_whole", D, withdrawn_at="2100-01-01Z"),
    breach("dispense_withdrawn_after_recorded", D, WITHDRAWN_EARLY),
    breach("shipment_can_be_traced", "prescriptions_shipment", carrier=""),
    breach("shipment_can_be_traced", "prescriptions_shipment", tracking_number=""),
    breach("shipment_recorded_after_it_left", "prescriptions_shipment", after_recorded("left_at")),
    breach(
        "shipment_has_one_outcome",
        "prescriptions_shipment",
        lambda row: {"delivered_at": row["left_at"], "lost_at": row["left_at"]},
    ),
    breach("shipment_has_one_outcome", "prescriptions_shipment", lost_at=None),
    breach("shipment_has_one_outcome", "prescriptions_shipment", outcome_operation_id=None),
    breach("shipment_has_one_outcome", "prescriptions_shipment", lost_at="2001-01-01Z"),
    breach("outage_is_described", "prescriptions_outage", description=""),
    breach("outage_parts_are_known", "prescriptions_outage", parts=["coffee"]),
    breach("outage_parts_are_known", "prescriptions_outage", parts=[]),
    breach("outage_recorded_after_it_began", "prescriptions_outage", after_recorded("from_at")),
    breach("outage_end_is_whole", "prescriptions_outage", until_at="2100-01-01Z"),
    breach(
        "outage_end_is_whole",
        "prescriptions_outage",
        lambda row: {"ending_operation_id": row["operation_id"]},
    ),
    breach(
        "outage_end_is_whole",
        "prescriptions_outage",
        lambda row: {"until_at": row["from_at"], "ending_operation_id": row["operation_id"]},
    ),
    breach("outage_check_has_note", "prescriptions_outagecheck", note=""),
    breach(
        "outage_entry_checked_by_another",
        "prescriptions_outagecheck",
        lambda row: {"entered_by_id": row["checked_by_id"]},
    ),
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
    breach("assignment_kind", "oversight_assignment", kind="gossip"),
    breach("assignment_has_subject", "oversight_assignment", subject_id=""),
    breach("settlement_kind_has_no_other_end", "oversight_settlement", kind="intervention"),
    breach("settlement_has_subject", "oversight_settlement", subject_model=""),
    breach("settlement_has_note", "oversight_settlement", note=""),
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
    breach("facts_digest_is_sha256", "eligibility_factsdocument", digest="0" * 63 + "G"),
    breach(
        "decision_act_is_known", DECISION, act="guess", allowed=False, document={"allowed": False}
    ),
    breach(
        "decision_refused_issues_nothing",
        DECISION,
        act="authorize",
        allowed=False,
        document={"allowed": False},
    ),
    breach(
        "decision_refused_dispenses_nothing",
        DECISION,
        act="dispense",
        allowed=False,
        document={"allowed": False},
        dispense_id=str(uuid4()),
    ),
    breach("decision_names_its_authorization", DECISION, act="verify", authorization_id=None),
    breach("decision_allowed_names_its_result", DECISION, act="confirm", confirmation_id=None),
    breach(
        "decision_refused_confirms_nothing",
        DECISION,
        act="confirm",
        allowed=False,
        document={"allowed": False},
        confirmation_id=str(uuid4()),
    ),
    breach("decision_document_agrees", DECISION, document={"allowed": False}),
    breach("decision_document_agrees", DECISION, document={}),
    breach("edition_digest_is_sha256", EDITION, digest="0" * 63 + "G"),
    breach("edition_names_who_approved_it", EDITION, approved_by=""),
    breach("edition_is_recorded_before_it_decides", EDITION, came_into_force_at="2001-01-01Z"),
    breach("edition_is_replaced_after_recorded", EDITION, replaced_at="2001-01-01Z"),
]

OCCURRENCE = "The same occurrence"
UNIQUES = [
    double("category_change_one_waits", CHANGE, state="pending"),
    double(
        "representative_one_at_a_time",
        SPEAKS,
        ended_at=None,
        end_reason="",
        end_operation_id=None,
    ),
    double(
        "undeliverable_one_of_a_kind",
        ADDRESS,
        resolved_at=None,
        resolution="",
        resolving_operation_id=None,
    ),
    double("therapy_event_one_death", SAID, kind="died", program=""),
    double(
        "operation_key_used_once", "core_operation", scope="client:route", key="k", body_digest="d"
    ),
    double("membership_held_once", "accounts_membership", ended_at=None),
    double("notice_planned_once", "notices_notice", key="one", state="scheduled", sent_at=None),
    double("delegation_named_once", "providers_delegation", ended_at=None),
    double("training_acknowledged_once", "providers_stafftraining"),
    double("succession_one_open", "providers_succession", ended_at=None, outcome=""),
    double(
        "transfer_one_at_an_instant",
        "patients_patienttransfer",
        agreement_id=None,
        kind="handed_over",
    ),
    double("category_one_at_an_instant", "patients_categoryassignment"),
    double("duplicate_decided_once", "patients_duplicatedecision"),
    double("authorization_one_open", A, state="issued"),
    double("confirmation_one_winner", C, state="valid"),
    double("dispense_one_at_an_instant", D, confirmation_id=None, authorized=False),
    double("outage_entry_checked_once", "prescriptions_outagecheck"),
    double("exception_request_one_waiting", EXCEPTION, state="requested"),
    double("health_one_at_an_instant", "evidence_healthstatus"),
    double("case_step_open_once", "evidence_casestep", kind="birth", ended_at=None),
    double("deviation_recorded_once", "evidence_deviation", occurrence=OCCURRENCE),
    double("assignment_one_at_an_instant", "oversight_assignment", subject_id=OCCURRENCE),
    double("settlement_of_an_item_is_one", "oversight_settlement", subject_id=OCCURRENCE),
    double("edition_has_one_text", EDITION, version="another-2026-01"),
]
EXCLUSIONS = [
    double(
        "pharmacy_certifications_do_not_overlap",
        "providers_pharmacycertification",
        lambda _: {"enrollment_id": str(uuid4())},
    ),
]


def unique_columns() -> list[tuple[str, str]]:
    """The columns that fields alone declare as unique: (table, column)."""
    return [
        (model._meta.db_table, str(field.column))
        for model in our_models()
        for field in model._meta.fields
        if field.unique and not field.primary_key
    ]


def counted_columns() -> list[tuple[str, str]]:
    """The columns that are never negative by the type of their field: (table, column)."""
    counts = (models.PositiveSmallIntegerField, models.PositiveIntegerField)
    return [
        (model._meta.db_table, str(field.column))
        for model in our_models()
        for field in model._meta.fields
        if isinstance(field, counts)
    ]


def refused(world: World, case: Breach) -> psycopg.errors.IntegrityError:
    with world.owner() as database:
        disable_triggers(database, case.table)
        drop_constraints(database, case.table, "c", but=case.name)
        with pytest.raises(psycopg.errors.IntegrityError) as refusal:
            insert_all(database, case, [world.copy(case.table, {}) for _ in range(case.rows)])
        return refusal.value


def insert_all(database: psycopg.Connection, case: Breach, rows: list[Row]) -> None:
    for row in rows:
        insert(database, case.table, row | case.changes(row))


def id_of(case: Breach) -> str:
    return case.name


@pytest.mark.parametrize("case", CHECKS, ids=id_of)
def test_a_check_refuses_what_breaks_it(world: World, case: Breach) -> None:
    refusal = refused(world, case)
    assert isinstance(refusal, psycopg.errors.CheckViolation)
    assert refusal.diag.constraint_name == case.name


@pytest.mark.parametrize("case", UNIQUES, ids=id_of)
def test_what_is_unique_is_refused_the_second_time(world: World, case: Breach) -> None:
    refusal = refused(world, case)
    assert isinstance(refusal, psycopg.errors.UniqueViolation)
    assert refusal.diag.constraint_name == case.name


@pytest.mark.parametrize("case", EXCLUSIONS, ids=id_of)
def test_what_excludes_its_like_refuses_it(world: World, case: Breach) -> None:
    refusal = refused(world, case)
    assert isinstance(refusal, psycopg.errors.ExclusionViolation)
    assert refusal.diag.constraint_name == case.name


@pytest.mark.parametrize(("table", "column"), unique_columns())
def test_a_unique_column_takes_a_value_once(world: World, table: str, column: str) -> None:
    value = next((row[column] for row in world.rows[table] if row[column] is not None), None)
    assert value is not None
    with world.owner() as database:
        disable_triggers(database, table)
        drop_constraints(database, table, "c")
        with pytest.raises(psycopg.errors.UniqueViolation) as refusal:
            insert(database, table, world.copy(table, quiet(table) | {column: value}))
    assert column in str(refusal.value.diag.constraint_name)


def quiet(table: str) -> Row:
    """What keeps a copy out of the reach of the table's other unique constraints."""
    if table == A:
        return {"state": "expired", "ended_at": "2100-01-01Z", "ended_reason": "Its window ended."}
    if table.startswith("reminders_"):
        return {"patient_id": None}
    return {}


@pytest.mark.parametrize(("table", "column"), counted_columns())
def test_a_count_is_never_negative(world: World, table: str, column: str) -> None:
    own = f"{table}_{column}_check"
    with world.owner() as database:
        disable_triggers(database, table)
        drop_constraints(database, table, "c", but=own)
        with pytest.raises(psycopg.errors.CheckViolation) as refusal:
            insert(database, table, world.copy(table, {column: -1}))
    assert refusal.value.diag.constraint_name == own


# --- None is untested ---------------------------------------------------------------------------


def declared() -> set[str]:
    return {constraint.name for model in our_models() for constraint in model._meta.constraints}


def test_every_constraint_of_the_models_has_its_case_and_every_case_a_constraint() -> None:
    assert {case.name for case in [*CHECKS, *UNIQUES, *EXCLUSIONS]} == declared()


def test_the_kinds_of_the_cases_are_the_kinds_of_the_constraints() -> None:
    kinds = {
        constraint.name: type(constraint)
        for model in our_models()
        for constraint in model._meta.constraints
    }
    assert {kinds[case.name] for case in CHECKS} == {models.CheckConstraint}
    assert {kinds[case.name] for case in UNIQUES} == {models.UniqueConstraint}
    assert {kinds[case.name] for case in EXCLUSIONS} == {ExclusionConstraint}


def test_the_database_has_no_constraint_without_a_case(world: World) -> None:
    tables = [model._meta.db_table for model in our_models()]
    with world.owner() as database:
        checks = database.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid::regclass::text = ANY(%s) "
            "AND contype IN ('c', 'x')",
            [tables],
        ).fetchall()
        uniques = database.execute(
            "SELECT c.relname, i.indrelid::regclass::text, a.attname FROM pg_index i "
            "JOIN pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_attribute a ON a.attrelid = i.indexrelid AND a.attnum = 1 "
            "WHERE i.indisunique AND NOT i.indisprimary AND i.indrelid::regclass::text = ANY(%s)",
            [tables],
        ).fetchall()
    generated = {f"{table}_{column}_check" for table, column in counted_columns()}
    assert {name for (name,) in checks} <= declared() | generated
    columns = set(unique_columns())
    assert [
        name
        for name, table, column in uniques
        if name not in declared() and (table, column) not in columns
    ] == []
    assert declared() <= {name for (name,) in checks} | {name for name, *_ in uniques}
