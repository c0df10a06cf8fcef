"""Each trigger that looks at other rows refuses what would pull them apart, by raw SQL."""

from uuid import uuid4

import psycopg
import pytest

from tests.guards.pulling import (
    CODE,
    DECISION,
    LATE,
    NEVER,
    OPEN,
    VISIT,
    A,
    Breach,
    C,
    D,
    about,
    after_its_use,
    approved_by,
    authorized_after_merging,
    case_closed_from_the_start,
    case_closed_under,
    case_of_a_strangers_test,
    certification_on_anothers_form,
    certified_without_a_form,
    change_by_anothers_agreement,
    changed,
    copied,
    decision_on_anothers,
    decision_under_a_replaced_edition,
    forgiven_attempt,
    merged_again,
    merged_without_a_merge,
    of_another_patient,
    opened_again,
    positive_withdrawn_under,
    scan_of_no_signature,
    signed_on_paper_that_is_not_here,
    signed_words_that_nobody_keeps,
    survey_of_another_patient,
    survey_that_serves,
    told_by_anothers_survey,
    under_a_reversed_confirmation,
    unmerged,
    used_after,
    visit_by,
    without_a_yes,
)
from tests.guards.world import World, insert

ACROSS = [
    copied("audit_seal", "seal_follows_the_last", previous_digest="0" * 64),
    changed("accounts_apiclient", "terms_are_fixed", {}, role="administrator"),
    Breach("accounts_apiclient", "client_ends_once", opened_again),
    changed("evidence_intake", "terms_are_fixed", {}, told_by_name="Another"),
    Breach(A, "patient_is_not_merged", authorized_after_merging),
    without_a_yes(A, "allowed_while_open"),
    without_a_yes(C, "allowed_while_valid"),
    without_a_yes(D, "allowed_where_authorized"),
    Breach("patients_patientmerge", "neither_is_merged", merged_again),
    Breach("patients_patient", "merged_by_a_merge", merged_without_a_merge),
    Breach("patients_patient", "merged_by_a_merge", unmerged),
    changed("patients_patient", "identity_by_a_correction", {}, born_on="1950-01-02"),
    copied("patients_identitycorrection", "corrects_what_stands", given_name_before="Nobody"),
    changed("patients_categorychange", "terms_are_fixed", {}, reason="Another"),
    Breach("patients_agreement", "paper_has_scan", signed_on_paper_that_is_not_here),
    Breach("patients_agreementscan", "paper_is_signed", scan_of_no_signature),
    Breach("audit_signature", "signed_words_are_kept", signed_words_that_nobody_keeps),
    changed("oversight_recordcopy", "terms_are_fixed", {}, reason="Another"),
    changed("oversight_recordcopy", "terms_are_fixed", {}, events_upto=1),
    Breach("patients_categorychange", "agreement_is_for_the_change", change_by_anothers_agreement),
    Breach("patients_categorychange", "approved_by_another", approved_by("prescriber")),
    Breach("patients_categorychange", "takes_effect_whole", approved_by("administrator")),
    of_another_patient("patients_patienttransfer", "agreement_is_the_patients"),
    # The patient is with the prescriber who took them over: not to be moved from the old one again.
    copied(
        "patients_patienttransfer",
        "transfer_is_from_the_present_prescriber",
        kind="handed_over",
        agreement_id=None,
    ),
    Breach(
        "providers_pharmacycertification", "enrollment_is_its_own", certification_on_anothers_form
    ),
    Breach(
        "providers_prescriber",
        "certified_needs_enrollment",
        certified_without_a_form("providers_prescriber"),
    ),
    Breach(
        "providers_pharmacy",
        "certified_needs_enrollment",
        certified_without_a_form("providers_pharmacy"),
    ),
    changed(
        "patients_patient", "latest_recorded_at_moves_forward", {}, latest_recorded_at="2020-01-01Z"
    ),
    changed(A, "state_fits_confirmations", {"state": "issued"}, state="confirmed"),
    changed(A, "state_fits_confirmations", {"state": "confirmed"}, state="dispensed"),
    changed(A, "state_fits_confirmations", {"state": "confirmed"}, state="issued"),
    changed(
        A,
        "state_fits_confirmations",
        {"state": "confirmed"},
        state="void",
        ended_at=LATE,
        ended_reason="x",
    ),
    changed(
        A,
        "state_fits_confirmations",
        {"state": "confirmed"},
        state="expired",
        ended_at=LATE,
        ended_reason="x",
    ),
    *(
        changed(A, "terms_are_fixed", {"state": "issued"}, **{column: value})
        for column, value in {
            "expires_at": LATE,
            "issued_at": NEVER,
            "number": "0" * 12,
            "days_supply": 27,
            "quantity": 99,
            "strength_mg": 5,
            "risk_category": "adult_male",
            "product": "other",
            "directions": "other",
            "indication": "other",
            "program": "other",
            "patient_id": uuid4(),
            "prescriber_id": uuid4(),
            "recorded_at": NEVER,
            "operation_id": uuid4(),
            "id": uuid4(),
        }.items()
    ),
    copied(C, "authorization_admits_it", expires_at="2099-01-01Z"),
    copied(C, "authorization_admits_it", issued_at=NEVER),
    copied(C, "authorization_admits_it", days_supply=29),
    copied(C, "authorization_admits_it", authorization_id=str(uuid4())),
    changed(C, "dispensed_needs_dispense", {"state": "valid"}, state="dispensed"),
    *(
        changed(C, "terms_are_fixed", {"state": "valid"}, **{column: value})
        for column, value in {
            "expires_at": LATE,
            "issued_at": NEVER,
            "number": "0" * 12,
            "days_supply": 27,
            "handover": "ship",
            "authorization_id": uuid4(),
            "pharmacy_id": uuid4(),
            "recorded_at": NEVER,
            "operation_id": uuid4(),
            "id": uuid4(),
        }.items()
    ),
    of_another_patient(D, "authorization_is_the_patients"),
    of_another_patient(D, "authorization_is_the_patients", authorized=False),
    copied(D, "rests_on_valid_confirmation", days_supply=29),
    copied(D, "rests_on_valid_confirmation", quantity=1000),
    copied(D, "rests_on_valid_confirmation", product="other"),
    copied(D, "rests_on_valid_confirmation", strength_mg=5),
    copied(D, "rests_on_valid_confirmation", risk_category="adult_male"),
    copied(D, "rests_on_valid_confirmation", pharmacy_id=str(uuid4())),
    copied(D, "rests_on_valid_confirmation", dispensed_at="2099-01-01Z", recorded_at="2099-01-01Z"),
    copied(D, "rests_on_valid_confirmation", dispensed_at=NEVER),
    *(
        changed(CODE, "terms_are_fixed", OPEN, **{column: value})
        for column, value in {"expires_at": LATE, "purpose": "sign", "way": "email"}.items()
    ),
    Breach(CODE, "wrong_attempts_moves_forward", forgiven_attempt),
    Breach(CODE, "patient_code_is_over_once", after_its_use(used_at=None)),
    Breach(CODE, "patient_code_is_over_once", after_its_use(wrong_attempts=4)),
    changed(CODE, "patient_code_is_over_once", {"ended_how": "replaced"}, ended_how="ended"),
    *(
        Breach(CODE, "patient_code_is_used_while_it_holds", used_after(table, **changes))
        for table, changes in (
            ("patients_categoryassignment", {"recorded_at": LATE}),
            ("patients_agreement", {"recorded_at": LATE}),
        )
    ),
    Breach(VISIT, "patient_visit_begins_with_a_code", visit_by(OPEN)),
    Breach(VISIT, "patient_visit_begins_with_a_code", visit_by({"purpose": "sign"})),
    changed(VISIT, "terms_are_fixed", {"ended_at": None}, browser="Another"),
    changed(VISIT, "patient_visit_is_over_once", {"ended_how": "replaced"}, ended_how="left"),
    copied(D, "rests_on_valid_confirmation", confirmation_id=None),
    copied(D, "rests_on_valid_confirmation", reported_late=True, dispensed_at=NEVER),
    under_a_reversed_confirmation(),
    copied("prescriptions_dispensereturn", "returned_after_dispensed", returned_at=NEVER),
    about(
        "prescriptions_dispensereturn",
        "returned_is_whole",
        "prescriptions_shipment",
        returned_at=LATE,
    ),
    copied(
        "prescriptions_supplystop", "stopped_between_dispense_and_record", stopped_on="2001-01-01"
    ),
    copied(
        "prescriptions_supplystop", "stopped_between_dispense_and_record", stopped_on="2100-01-01"
    ),
    about("prescriptions_supplystop", "stopped_was_not_returned", "prescriptions_dispensereturn"),
    about("prescriptions_shipment", "shipped_was_not_returned", "prescriptions_dispensereturn"),
    copied(
        "prescriptions_outagecheck",
        "checker_is_who_did_it",
        subject_id=str(uuid4()),
        checked_by_id=str(uuid4()),
    ),
    *(
        copied("evidence_ruleexception", "request_was_granted", **changes)
        for changes in (
            {"rule": "L-ENR-4"},
            {"program": "other"},
            {"expires_at": LATE},
            {"requested_by_id": str(uuid4())},
            {"granted_by_id": str(uuid4())},
            {"request_id": str(uuid4())},
        )
    ),
    *(
        changed("evidence_exceptionrequest", "terms_are_fixed", {}, **{column: value})
        for column, value in {
            "rule": "L-ENR-4",
            "reason": "other",
            "expires_at": LATE,
            "requested_by_id": uuid4(),
        }.items()
    ),
    Breach("evidence_pregnancycase", "test_is_the_patients", case_of_a_strangers_test),
    *(
        breach
        for role in ("prescriber", "administrator")
        for breach in (
            Breach(
                "evidence_pregnancytest",
                "positive_is_adjudicated",
                positive_withdrawn_under(role),
            ),
            Breach("evidence_pregnancycase", "closed_by_administrator", case_closed_under(role)),
        )
    ),
    Breach("evidence_pregnancycase", "begins_open_unless_imported", case_closed_from_the_start),
    *(
        told_by_anothers_survey(f"evidence_{name}")
        for name in (
            "bleedingreport",
            "contraceptionattestation",
            "intervention",
            "pregnancycase",
        )
    ),
    changed("evidence_deviation", "terms_are_fixed", {}, rule="L-PT-9", state="under_review"),
    Breach("evidence_surveyuse", "survey_is_the_patients", survey_of_another_patient),
    Breach("evidence_surveyuse", "survey_is_free", survey_that_serves),
    Breach(
        DECISION,
        "authorization_is_the_patients",
        of_another_patient(DECISION, "authorization_is_the_patients").act,
    ),
    Breach(DECISION, "confirmation_is_of_it", decision_on_anothers("confirmation_id")),
    Breach(DECISION, "dispense_is_of_it", decision_on_anothers("dispense_id")),
    copied(DECISION, "edition_is_recorded", policy_digest="0" * 64),
    copied(DECISION, "edition_is_recorded", policy_version="lenalidomide-1999-01"),
    Breach(DECISION, "edition_is_recorded", decision_under_a_replaced_edition),
]


@pytest.mark.parametrize("case", ACROSS, ids=lambda case: f"{case.table}.{case.name}")
def test_what_hangs_together_cannot_be_pulled_apart(world: World, case: Breach) -> None:
    with world.owner() as database, pytest.raises(psycopg.Error) as refusal:
        case.act(world, database)
    said = str(refusal.value)
    assert case.name in said or in_its_own_words(case.name) in said


def in_its_own_words(name: str) -> str:
    """What the two triggers say that do not name themselves."""
    return {
        "terms_are_fixed": "pgtrigger: Cannot update rows",
        "latest_recorded_at_moves_forward": "never goes back",
        "wrong_attempts_moves_forward": "never goes back",
    }.get(name, name)


def test_a_dispense_outside_the_rules_is_stored_all_the_same(world: World) -> None:
    with world.owner() as database:
        late = {
            "authorization_id": None,
            "confirmation_id": None,
            "authorized": False,
            "reported_late": True,
        }
        insert(database, D, world.copy(D, {**late, "days_supply": 60}))
