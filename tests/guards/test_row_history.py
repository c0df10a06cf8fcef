"""Every change of a row that may change leaves what it was, by whomever and however it is made."""

import pytest

from apps.audit.triggers import RowHistory
from tests.guards.world import Row, World, key_of, our_models, trigger_names, update

A = "prescriptions_authorization"
LATE = "2100-01-01Z"

TOUCHED: dict[str, Row] = {
    "accounts_apiclient": {"ended_at": LATE},
    "accounts_clientkeys": {"set_at": LATE},
    "accounts_earliersecret": {"ends_at": LATE},
    "accounts_membership": {"ended_at": LATE},
    "accounts_organization": {"name": "Renamed"},
    "accounts_signin": {"browser": "Renamed"},
    "accounts_user": {"given_name": "Renamed"},
    "evidence_exceptionrequest": {"decided_at": LATE},
    "evidence_intake": {
        "state": "refused",
        "checked_at": LATE,
        "checked_by_id": "00000000-0000-4000-8000-000000000001",
        "check_operation_id": "00000000-0000-4000-8000-000000000002",
        "refusal_reason": "x",
    },
    "evidence_deviation": {"state": "under_review"},
    "oversight_recordcopy": {"last_error": "ValueError"},
    "notices_notice": {"address": "other@people.example"},
    "patients_categorychange": {"decision_reason": "x"},
    "patients_patient": {"phone": "212-555-0999"},
    "patients_patientcode": {"wrong_attempts": 3},
    "patients_patientvisit": {"ended_at": LATE, "ended_how": "left", "session_key": None},
    "prescriptions_authorization": {"state": "expired", "ended_at": LATE, "ended_reason": "x"},
    "prescriptions_confirmation": {"state": "expired", "ended_at": LATE, "ended_reason": "x"},
    "prescriptions_dispense": {"corrected_lot_number": "LOT-8", "corrected_ndc": "59572-0410-28"},
    "prescriptions_shipment": {"carrier": "Another carrier", "tracking_number": "T-9"},
    "providers_pharmacy": {"phone": "212-555-0999"},
    "providers_practice": {"members_cover_each_other": True},
    "providers_prescriber": {"phone": "212-555-0999"},
    "reminders_reminderpreference": {"language": "es"},
}
WHERE: dict[str, Row] = {
    "patients_patientcode": {"used_at": None, "ended_at": None},
    "patients_patientvisit": {"ended_at": None},
    "prescriptions_authorization": {"state": "issued"},
    "prescriptions_confirmation": {"state": "valid"},
}


@pytest.mark.parametrize("table", sorted(TOUCHED))
def test_every_change_of_a_row_leaves_what_it_was(world: World, table: str) -> None:
    row = world.row(table, **WHERE.get(table, {}))
    with world.application() as database:
        database.execute("CREATE TEMPORARY TABLE audit_rowchange (LIKE public.audit_rowchange)")
        update(database, table, row[key_of(table)], TOUCHED[table])
        (change,) = database.execute(
            "SELECT before, after, database_role, operation_id FROM public.audit_rowchange "
            "WHERE table_name = %s AND row_id = %s AND changed_at >= now()",
            [table, str(row[key_of(table)])],
        ).fetchall()
    before, after, role, operation = change
    kept = set(TOUCHED[table]) & set(before)
    assert {key for key in before if before[key] != after[key]} == kept
    assert operation is None
    assert role in world.application_url


def test_a_change_by_a_command_names_its_operation(world: World) -> None:
    moved = [c for c in world.rows["audit_rowchange"] if c["table_name"] == A]
    operations = {operation["id"] for operation in world.rows["core_operation"]}
    assert moved
    assert {change["operation_id"] for change in moved} <= operations


def test_a_password_is_never_copied_into_the_history(world: World) -> None:
    person = world.row("accounts_user")
    with world.application() as database:
        update(
            database, "accounts_user", person["id"], {"password": "secret", "family_name": "New"}
        )
        (copies,) = database.execute(
            "SELECT count(*) FROM audit_rowchange WHERE before ? 'password' OR after ? 'password' "
            "OR after::text LIKE '%%secret%%'"
        ).fetchone() or (None,)
    assert copies == 0


def test_the_history_of_every_mutable_table_is_kept() -> None:
    """But for what is derived anew at any time, the clock of the demo, and marks of sweeps."""
    without = {
        model._meta.db_table
        for model in our_models()
        if not {"immutable", "row_history"} & set(trigger_names(model))
    }
    assert without == {"core_democlock", "core_sweeprun", "reminders_plan"}
    kept = {
        model._meta.db_table
        for model in our_models()
        if any(isinstance(trigger, RowHistory) for trigger in getattr(model._meta, "triggers", []))
    }
    assert kept == set(TOUCHED)
