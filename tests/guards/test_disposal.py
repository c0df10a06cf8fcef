"""What may be disposed of goes when it is old, over, free of holds, and on record; never else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from apps.audit.disposal import DisposedInTime
from tests.guards.world import Row, World, disable_triggers, insert, our_models, update

Aged = Callable[[datetime], Row]
HOUR = timedelta(hours=1)
NOTICE, PATIENT = "notices_notice", "patients_patient"
# For each table: the least period in days, and what makes a row over since an instant.
OLD: dict[str, tuple[int, Aged]] = {
    "accounts_signin": (
        90,
        lambda at: {"ended_at": at, "ended_how": "left_alone", "session_key": None},
    ),
    "accounts_usedassertion": (7, lambda at: {"used_at": at}),
    "accounts_wrongcode": (7, lambda at: {"entered_at": at}),
    NOTICE: (
        365,
        lambda at: {
            "state": "cancelled", "sent_at": None, "ended_at": at, "ended_reason": "changed"
        },
    ),
}  # fmt: skip


def enable_triggers(database: psycopg.Connection, table: str) -> None:
    database.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))


def overdue(world: World, database: psycopg.Connection, table: str, by: timedelta) -> Row:
    """A row that is past the least period by so much."""
    row = next(row for row in world.rows[table] if row.get("patient_id") or table != NOTICE)
    days, aged = OLD[table]
    disable_triggers(database, table)
    update(database, table, row["id"], aged(datetime.now(UTC) - timedelta(days=days) - by))
    enable_triggers(database, table)
    return row


def dispose(database: psycopg.Connection, table: str, row: Row) -> None:
    """Delete it as the command does: under an operation of that name, of this transaction."""
    operation = str(uuid4())
    database.execute(
        "INSERT INTO core_operation (id, name, actor_kind, role, channel, started_at) "
        "VALUES (%s, 'dispose', 'system', 'system', 'system', now())",
        [operation],
    )
    database.execute("SELECT set_config('remsportal.operation', %s, true)", [operation])
    statement = sql.SQL("DELETE FROM {} WHERE id = %s").format(sql.Identifier(table))
    assert database.execute(statement, [row["id"]]).rowcount == 1


def hold(world: World, database: psycopg.Connection, **whom: Any) -> str:
    """Place a hold; on one thing only."""
    row = world.copy("audit_legalhold", {"patient_id": None, "organization_id": None, **whom})
    insert(database, "audit_legalhold", row)
    return str(row["id"])


def organization_of(world: World, table: str, row: Row) -> str:
    """Whose person or system left the row."""
    if table == "accounts_usedassertion":
        return str(world.row("accounts_apiclient", id=row["client_id"])["organization_id"])
    return str(world.row("accounts_membership", user_id=row["user_id"])["organization_id"])


def test_every_table_that_may_be_disposed_of_is_tested() -> None:
    declared = {
        model._meta.db_table
        for model in our_models()
        for trigger in getattr(model._meta, "triggers", [])
        if isinstance(trigger, DisposedInTime)
    }
    assert declared == set(OLD)


@pytest.mark.parametrize("table", sorted(OLD))
def test_what_is_over_and_old_enough_goes_in_a_disposal(world: World, table: str) -> None:
    with world.owner() as database:
        dispose(database, table, overdue(world, database, table, HOUR))


@pytest.mark.parametrize("table", sorted(OLD))
def test_what_is_an_hour_too_young_stays(world: World, table: str) -> None:
    with world.owner() as database:
        row = overdue(world, database, table, -HOUR)
        with pytest.raises(psycopg.Error, match="not old enough"):
            dispose(database, table, row)


@pytest.mark.parametrize("table", sorted(OLD))
def test_old_rows_stay_without_a_disposal_on_record(world: World, table: str) -> None:
    with world.owner() as database:
        row = overdue(world, database, table, HOUR)
        with pytest.raises(psycopg.Error, match="never deleted but by a recorded disposal"):
            database.execute(f"DELETE FROM {table} WHERE id = '{row['id']}'")  # noqa: S608


@pytest.mark.parametrize("table", sorted(OLD.keys() - {NOTICE}))
def test_nothing_of_an_organization_under_legal_hold_is_disposed_of(
    world: World, table: str
) -> None:
    with world.owner() as database:
        row = overdue(world, database, table, HOUR)
        hold(world, database, organization_id=organization_of(world, table, row))
        with pytest.raises(psycopg.Error, match="under a legal hold"):
            dispose(database, table, row)


def notice_of_a_patient(world: World, database: psycopg.Connection, patient: str) -> Row:
    row = overdue(world, database, NOTICE, HOUR)
    disable_triggers(database, NOTICE)
    update(database, NOTICE, row["id"], {"patient_id": patient})
    enable_triggers(database, NOTICE)
    return row


def test_nothing_of_a_patient_under_legal_hold_is_disposed_of(world: World) -> None:
    patient = world.row(PATIENT)["id"]
    with world.owner() as database:
        row = notice_of_a_patient(world, database, patient)
        hold(world, database, patient_id=patient)
        with pytest.raises(psycopg.Error, match="under a legal hold"):
            dispose(database, NOTICE, row)


@pytest.mark.parametrize("direction", [("kept_id", "merged_id"), ("merged_id", "kept_id")])
def test_a_legal_hold_is_on_both_records_of_a_merged_patient(
    world: World, direction: tuple[str, str]
) -> None:
    merge = world.row("patients_patientmerge")
    told, held = (merge[column] for column in direction)
    with world.owner() as database:
        row = notice_of_a_patient(world, database, told)
        hold(world, database, patient_id=held)
        with pytest.raises(psycopg.Error, match="under a legal hold"):
            dispose(database, NOTICE, row)


def test_a_pharmacys_notices_stay_under_its_legal_hold(world: World) -> None:
    pharmacy = world.row("providers_pharmacy")
    with world.owner() as database:
        row = overdue(world, database, NOTICE, HOUR)
        disable_triggers(database, NOTICE)
        update(database, NOTICE, row["id"], {"recipient_id": pharmacy["id"]})
        enable_triggers(database, NOTICE)
        hold(world, database, organization_id=pharmacy["organization_id"])
        with pytest.raises(psycopg.Error, match="under a legal hold"):
            dispose(database, NOTICE, row)


def test_a_hold_that_was_lifted_and_one_on_somebody_else_hold_nothing(world: World) -> None:
    one, other = (world.rows[PATIENT][at]["id"] for at in (0, -1))
    with world.owner() as database:
        row = notice_of_a_patient(world, database, one)
        hold(world, database, patient_id=other)
        lifted = hold(world, database, patient_id=one)
        update(
            database,
            "audit_legalhold",
            lifted,
            {
                "lifted_at": "2100-01-01Z",
                "lift_authority": "Court",
                "lift_reason": "Settled",
                "lift_operation_id": world.rows["core_operation"][-1]["id"],
            },
        )
        dispose(database, NOTICE, row)


@pytest.mark.parametrize("kept", [{"state": "sent", "purpose": "reminder"}, {"state": "scheduled"}])
def test_a_reminder_that_was_sent_and_a_notice_that_waits_stay(world: World, kept: Row) -> None:
    """Without the first, its step would be sent again."""
    with world.owner() as database:
        row = overdue(world, database, NOTICE, HOUR)
        disable_triggers(database, NOTICE)
        at = "2001-01-01Z" if kept["state"] == "sent" else None
        update(
            database, NOTICE, row["id"],
            {"sent_at": at, "ended_at": None, "ended_reason": "", **kept},
        )  # fmt: skip
        enable_triggers(database, NOTICE)
        with pytest.raises(psycopg.Error, match="not old enough"):
            dispose(database, NOTICE, row)
