"""Each trigger that looks at other rows refuses what would pull them apart, by raw SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.guards.world import Row, World, insert, update

Act = Callable[[World, psycopg.Connection], None]
A, C, D = "prescriptions_authorization", "prescriptions_confirmation", "prescriptions_dispense"
DECISION = "eligibility_decision"
CODE, VISIT = "patients_patientcode", "patients_patientvisit"
OPEN: Row = {"used_at": None, "ended_at": None, "purpose": "enter"}


@dataclass(frozen=True)
class Breach:
    """An act that the trigger `name` of `table` refuses."""

    table: str
    name: str
    act: Act


def copied(table: str, name: str, **changes: Any) -> Breach:
    """A copy of a valid row with these changes."""
    return Breach(
        table, name, lambda world, database: insert(database, table, world.copy(table, changes))
    )


def of_another_patient(table: str, name: str, **changes: Any) -> Breach:
    """A copy of a valid row that is about another patient than what it hangs on."""

    def act(world: World, database: psycopg.Connection) -> None:
        row = world.copy(table, changes)
        others = [other["id"] for other in world.rows["patients_patient"]]
        others.remove(row["patient_id"])
        insert(database, table, row | {"patient_id": others[0]})

    return Breach(table, name, act)


def changed(table: str, name: str, where: Row, **changes: Any) -> Breach:
    """An update of the first row with these values."""
    return Breach(
        table,
        name,
        lambda world, database: update(database, table, world.row(table, **where)["id"], changes),
    )


def forgiven_attempt(world: World, database: psycopg.Connection) -> None:
    row = next(row for row in world.rows[CODE] if row["wrong_attempts"])
    update(database, CODE, row["id"], {"wrong_attempts": 0})


def after_its_use(**changes: Any) -> Act:
    """A code that was used is changed."""

    def act(world: World, database: psycopg.Connection) -> None:
        row = next(row for row in world.rows[CODE] if row["used_at"])
        update(database, CODE, row["id"], changes)

    return act


def used_after(table: str, **changes: Any) -> Act:
    """An open code is used although the record changed since."""

    def act(world: World, database: psycopg.Connection) -> None:
        row = world.row(CODE, **OPEN)
        later = world.row(table, patient_id=row["patient_id"])
        insert(database, table, later | {"id": str(uuid4())} | changes)
        update(database, CODE, row["id"], {"used_at": row["issued_at"]})

    return act


def visit_by(where: Row) -> Act:
    """A visit that begins with a code that opens none."""

    def act(world: World, database: psycopg.Connection) -> None:
        insert(database, VISIT, world.copy(VISIT, {"code_id": world.row(CODE, **where)["id"]}))

    return act


def merged_without_a_merge(world: World, database: psycopg.Connection) -> None:
    one, other = [row for row in world.rows["patients_patient"] if row["merged_into_id"] is None][
        :2
    ]
    update(database, "patients_patient", one["id"], {"merged_into_id": other["id"]})


def merged_again(world: World, database: psycopg.Connection) -> None:
    table = "patients_patientmerge"
    merged = world.row(table)["merged_id"]
    insert(database, table, world.copy(table, {"kept_id": merged}))


def authorized_after_merging(world: World, database: psycopg.Connection) -> None:
    merged = world.row("patients_patientmerge")["merged_id"]
    insert(database, A, world.copy(A, {"patient_id": merged}))


def unmerged(world: World, database: psycopg.Connection) -> None:
    merged = world.row("patients_patientmerge")["merged_id"]
    update(database, "patients_patient", merged, {"merged_into_id": None})


def change_by_anothers_agreement(world: World, database: psycopg.Connection) -> None:
    table = "patients_categorychange"
    row = world.copy(table, {"state": "pending", "assignment_id": None, "decided_at": None})
    row |= {"decision_reason": "", "decision_operation_id": None}
    stranger = next(
        agreement
        for agreement in world.rows["patients_agreement"]
        if agreement["patient_id"] != row["patient_id"]
        and agreement["risk_category"] == row["risk_category"]
    )
    insert(database, table, row | {"agreement_id": stranger["id"]})


def approved_by(role: str) -> Act:
    """The change that waits for an approval, approved in that role with a category it is not of."""

    def act(world: World, database: psycopg.Connection) -> None:
        waiting = world.row("patients_categorychange", state="pending")
        decision = {
            "state": "approved",
            "decided_at": LATE,
            "decision_reason": "So be it",
            "decision_operation_id": world.row("core_operation", role=role)["id"],
            "assignment_id": world.row("patients_categoryassignment", risk_category="adult_frp")[
                "id"
            ],
        }
        update(database, "patients_categorychange", waiting["id"], decision)

    return act


def case_of_a_strangers_test(world: World, database: psycopg.Connection) -> None:
    row = world.copy("evidence_pregnancycase", {})
    stranger = next(
        test
        for test in world.rows["evidence_pregnancytest"]
        if test["patient_id"] != row["patient_id"]
    )
    insert(database, "evidence_pregnancycase", row | {"test_id": stranger["id"]})


def positive_withdrawn_under(role: str) -> Act:
    """A positive test is withdrawn under an operation of before, of whomever (L-PT-7)."""

    def act(world: World, database: psycopg.Connection) -> None:
        test = world.row("evidence_pregnancytest", result="positive", withdrawn_at=None)
        withdrawal = {
            "withdrawn_at": LATE,
            "withdrawal_reason": "A mistake",
            "withdrawal_operation_id": world.row("core_operation", role=role)["id"],
        }
        update(database, "evidence_pregnancytest", test["id"], withdrawal)

    return act


def closure(world: World, role: str) -> Row:
    return {
        "closed_at": LATE,
        "outcome": "not_pregnant",
        "closing_reason": "So be it",
        "closing_operation_id": world.row("core_operation", role=role)["id"],
    }


def case_closed_under(role: str) -> Act:
    """A case is closed under an operation of before, of whomever (L-PRG-3)."""

    def act(world: World, database: psycopg.Connection) -> None:
        case = world.row("evidence_pregnancycase", closed_at=None)
        update(database, "evidence_pregnancycase", case["id"], closure(world, role))

    return act


def case_closed_from_the_start(world: World, database: psycopg.Connection) -> None:
    row = world.copy("evidence_pregnancycase", closure(world, "administrator"))
    insert(database, "evidence_pregnancycase", row)


def told_by_anothers_survey(table: str) -> Breach:
    """An entry that names the survey of another patient as where it comes from."""

    def act(world: World, database: psycopg.Connection) -> None:
        row = world.copy(table, {})
        stranger = next(
            survey
            for survey in world.rows["evidence_patientsurvey"]
            if survey["patient_id"] != row["patient_id"]
        )
        insert(database, table, row | {"survey_id": stranger["id"]})

    return Breach(table, "survey_is_the_patients", act)


def survey_of_another_patient(world: World, database: psycopg.Connection) -> None:
    free = world.copy("evidence_patientsurvey", {})
    insert(database, "evidence_patientsurvey", free)
    other = next(a for a in world.rows[A] if a["patient_id"] != free["patient_id"])
    use = {"survey_id": free["id"], "authorization_id": other["id"]}
    insert(database, "evidence_surveyuse", world.copy("evidence_surveyuse", use))


def survey_that_serves(world: World, database: psycopg.Connection) -> None:
    use = world.row("evidence_surveyuse")
    served = world.row(A, id=use["authorization_id"])
    ended = {"state": "issued", "patient_id": served["patient_id"], "program": served["program"]}
    database.execute("DROP INDEX authorization_one_open")
    second = world.copy(A, ended)
    insert(database, A, second)
    insert(
        database,
        "evidence_surveyuse",
        use | {"id": str(uuid4()), "authorization_id": second["id"]},
    )


def certification_on_anothers_form(world: World, database: psycopg.Connection) -> None:
    pharmacy = world.copy("providers_pharmacy", {"state": "pending"})
    organization = world.copy("accounts_organization", {})
    insert(database, "accounts_organization", organization)
    insert(database, "providers_pharmacy", pharmacy | {"organization_id": organization["id"]})
    certification = world.copy("providers_pharmacycertification", {"pharmacy_id": pharmacy["id"]})
    insert(database, "providers_pharmacycertification", certification)


def certified_without_a_form(table: str) -> Act:
    def act(world: World, database: psycopg.Connection) -> None:
        party = world.copy(table, {"state": "pending"})
        if table == "providers_pharmacy":
            organization = world.copy("accounts_organization", {})
            insert(database, "accounts_organization", organization)
            party["organization_id"] = organization["id"]
        insert(database, table, party)
        update(database, table, party["id"], {"state": "certified"})

    return act


def decision_on_anothers(reference: str) -> Act:
    """A confirmation or dispense of another authorization than the decision's."""

    def act(world: World, database: psycopg.Connection) -> None:
        row = world.row(DECISION, act="dispense" if reference == "dispense_id" else "confirm")
        other = next(
            decision
            for decision in world.rows[DECISION]
            if decision["authorization_id"] not in {None, row["authorization_id"]}
        )
        keep = {"id": str(uuid4()), reference: row[reference]}
        about = {k: other[k] for k in ("authorization_id", "patient_id")}
        insert(database, DECISION, {**row, "confirmation_id": None, **about, **keep})

    return act


def decision_under_a_replaced_edition(world: World, database: psycopg.Connection) -> None:
    edition = world.row("eligibility_policyedition")
    update(database, "eligibility_policyedition", edition["id"], {"replaced_at": "2100-01-01Z"})
    insert(database, DECISION, world.copy(DECISION, {}))


def about(table: str, name: str, others: str, **changes: Any) -> Breach:
    """A copy of a valid row about the dispense that the first row of another table is about."""

    def act(world: World, database: psycopg.Connection) -> None:
        other = world.row(others)
        insert(database, table, world.copy(table, {"dispense_id": other["dispense_id"], **changes}))

    return Breach(table, name, act)


def under_a_reversed_confirmation() -> Breach:
    """A late dispense under a confirmation that the pharmacy itself gave back."""

    def act(world: World, database: psycopg.Connection) -> None:
        row = world.copy(D, {"reported_late": True})
        ended = {"state": "reversed", "ended_at": LATE, "ended_reason": "Out of stock"}
        update(database, C, row["confirmation_id"], ended)
        insert(database, D, row)

    return Breach(D, "rests_on_valid_confirmation", act)


LATE, NEVER = "2100-01-01Z", "2001-01-01Z"
ACROSS = [
    copied("audit_seal", "seal_follows_the_last", previous_digest="0" * 64),
    changed("evidence_intake", "terms_are_fixed", {}, told_by_name="Another"),
    Breach(A, "patient_is_not_merged", authorized_after_merging),
    Breach("patients_patientmerge", "neither_is_merged", merged_again),
    Breach("patients_patient", "merged_by_a_merge", merged_without_a_merge),
    Breach("patients_patient", "merged_by_a_merge", unmerged),
    changed("patients_categorychange", "terms_are_fixed", {}, reason="Another"),
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
