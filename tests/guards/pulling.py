"""Acts that would pull apart what hangs together: rows that another row contradicts."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import psycopg

from tests.guards.world import Row, World, insert, update

Act = Callable[[World, psycopg.Connection], None]
A, C, D = "prescriptions_authorization", "prescriptions_confirmation", "prescriptions_dispense"
DECISION = "eligibility_decision"
CODE, VISIT = "patients_patientcode", "patients_patientvisit"
HOLDING = {"issued", "confirmed"}
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


def signed_on_paper_that_is_not_here(world: World, database: psycopg.Connection) -> None:
    """At a practice, which attaches a scan."""
    scanned = world.row("patients_agreementscan")["agreement_id"]
    others = [row["id"] for row in world.rows["patients_agreement"] if row["id"] != scanned]
    here = {"subject_id": others[0], "method": "paper", "channel": "portal", "user_id": None}
    meant = {"subject_model": "patients.agreement", "meaning": "agreement_as_patient"}
    signature = {"code_id": None, "serial": None, **here, **meant}
    insert(database, "audit_signature", world.copy("audit_signature", signature))
    update(database, "patients_agreement", others[0], {"id": others[0]})
    database.execute("SET CONSTRAINTS ALL IMMEDIATE")


def scan_of_no_signature(world: World, database: psycopg.Connection) -> None:
    """The patient's side has not signed."""
    unsigned = {"patient_signed_at": None, "patient_date_only": None}
    agreement = world.copy("patients_agreement", unsigned)
    insert(database, "patients_agreement", agreement)
    scan = world.copy("patients_agreementscan", {"agreement_id": agreement["id"]})
    insert(database, "patients_agreementscan", scan)
    database.execute("SET CONSTRAINTS ALL IMMEDIATE")


def signed_words_that_nobody_keeps(world: World, database: psycopg.Connection) -> None:
    """Of a version whose words are not in the ledger."""
    own = world.row("audit_signature", meaning="staff_training")
    content = own["content"].replace("staff-training-2026-01", "staff-training-2027-01")
    digest = hashlib.sha256(content.encode()).hexdigest()
    signed = {"content": content, "content_digest": digest, "serial": None}
    insert(database, "audit_signature", world.copy("audit_signature", signed))


def authorized_after_merging(world: World, database: psycopg.Connection) -> None:
    merged = world.row("patients_patientmerge")["merged_id"]
    insert(database, A, world.copy(A, {"patient_id": merged}))


def unmerged(world: World, database: psycopg.Connection) -> None:
    merged = world.row("patients_patientmerge")["merged_id"]
    update(database, "patients_patient", merged, {"merged_into_id": None})


def opened_again(world: World, database: psycopg.Connection) -> None:
    client = world.row("accounts_apiclient")["id"]
    for ended_at in (LATE, None):
        update(database, "accounts_apiclient", client, {"ended_at": ended_at})


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


def without_a_yes(table: str, name: str) -> Breach:
    """A row that the rules never allowed; it is refused when its transaction ends."""

    def act(world: World, database: psycopg.Connection) -> None:
        row = world.copy(table, {})
        if table == A:
            busy = {one["patient_id"] for one in world.rows[A] if one["state"] in HOLDING}
            row["patient_id"] = next(
                one["id"]
                for one in world.rows["patients_patient"]
                if one["id"] not in busy and not one["merged_into_id"]
            )
        insert(database, table, row)
        database.execute("SET CONSTRAINTS ALL IMMEDIATE")

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
