"""What comes into a table past the commands leaves a copy in the trail, whoever does it."""

from collections import defaultdict
from typing import Any

import psycopg
import pytest
from psycopg import sql

from apps.core.triggers import A_COMMAND, Traced
from tests.guards.world import Row, World, insert, key_of, our_models, update

# Every check or sign-in writes these: who is not the owner of the tables is believed, for the rows
# themselves say who asked.
BY_EVERY_CHECK = {
    "accounts_earlierpassword",
    "accounts_signin",
    "accounts_usedassertion",
    "accounts_wrongcode",
    "core_operation",
    "audit_event",
    "audit_seal",
    "patients_patientvisit",
    "eligibility_decision",
    "eligibility_factsdocument",
}
# The copies themselves, what is derived anew at any time, the clock of the demo, marks of sweeps.
NOT_TRACED = {"audit_rowchange", "core_democlock", "core_sweeprun", "reminders_plan"}
SECRETS = defaultdict(
    set,
    {
        "accounts_earlierpassword": {"encoded"},
        "accounts_earliersecret": {"encoded"},
        "accounts_signin": {"session_key"},
        "accounts_user": {"password"},
        "audit_seal": {"events_marks", "changes_marks", "operations_marks", "signatures_marks"},
        "evidence_intakescan": {"content"},
        "patients_agreementscan": {"content"},
        "oversight_recordcopy": {"pdf", "json"},
        "patients_patientcode": {"reference_digest", "code_digest"},
        "patients_patientvisit": {"session_key", "browser_digest"},
    },
)
TEST = "evidence_pregnancytest"
PATIENT = "patients_patient"


def traced() -> dict[str, Traced]:
    """The trigger of each table that has it."""
    return {
        model._meta.db_table: trigger
        for model in our_models()
        for trigger in getattr(model._meta, "triggers", [])
        if isinstance(trigger, Traced)
    }


def test_every_table_is_traced() -> None:
    assert {model._meta.db_table for model in our_models()} - traced().keys() == NOT_TRACED
    strict = {table for table, trigger in traced().items() if trigger.unless == A_COMMAND}
    assert traced().keys() - strict == BY_EVERY_CHECK


def put_in(database: psycopg.Connection, table: str, row: Row) -> None:
    """Insert a row with nothing in the way but the trigger in question; the owner can."""
    name = sql.Identifier(table)
    database.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    model: Any = next(model for model in our_models() if model._meta.db_table == table)
    trigger = sql.Identifier(traced()[table].get_pgid(model))
    database.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER {}").format(name, trigger))
    found = database.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass "
        "AND contype NOT IN ('n', 't')",
        [table],
    )
    for (constraint,) in found.fetchall():
        drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {} CASCADE")
        database.execute(drop.format(name, sql.Identifier(constraint)))
    left = database.execute(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = %s::regclass "
        "AND indisunique",
        [table],
    )
    for (index,) in left.fetchall():
        database.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(index)))
    insert(database, table, row)


def copies(database: psycopg.Connection, table: str, key: Any) -> list[tuple[Any, ...]]:
    """The traces of one row that this transaction left."""
    return database.execute(
        "SELECT action, database_role, before, after FROM audit_rowchange "
        "WHERE table_name = %s AND row_id = %s AND changed_at >= now()",
        [table, str(key)],
    ).fetchall()


@pytest.mark.parametrize("table", sorted(traced()))
def test_what_the_owner_puts_in_leaves_a_copy_even_under_an_operations_name(
    world: World, table: str
) -> None:
    row = world.copy(table, {})
    key = key_of(table)
    if isinstance(row[key], int):
        row[key] = 987_654_321
    with world.owner() as database:
        database.execute(
            "SELECT set_config('remsportal.operation', %s, true)",
            [world.rows["core_operation"][0]["id"]],
        )
        put_in(database, table, row)
        ((action, role, before, after),) = copies(database, table, row[key])
    assert (action, before) == ("insert", None)
    assert role in world.owner_url
    hidden = set(row) - set(after)
    assert hidden == {column for column in row if column in SECRETS[table]}
    assert str(after[key]) == str(row[key])


def test_a_row_that_the_application_puts_in_by_itself_leaves_a_copy(world: World) -> None:
    row = world.copy(TEST, {})
    with world.application() as database:
        insert(database, TEST, row)
        assert [each[0] for each in copies(database, TEST, row["id"])] == ["insert"]


def test_the_name_of_another_transactions_operation_hides_nothing(world: World) -> None:
    row = world.copy(TEST, {})
    with world.application() as database:
        database.execute(
            "SELECT set_config('remsportal.operation', %s, true)", [row["operation_id"]]
        )
        insert(database, TEST, row)
        assert [each[0] for each in copies(database, TEST, row["id"])] == ["insert"]


def test_what_a_command_puts_in_needs_no_copy(world: World) -> None:
    with world.application() as database:
        operation = begun(world, database)
        row = world.copy(TEST, {"operation_id": operation["id"]})
        insert(database, TEST, row)
        assert copies(database, TEST, row["id"]) == []


def begun(world: World, database: psycopg.Connection) -> Row:
    """An operation that this transaction made and named, as a command does."""
    operation = world.copy("core_operation", {"key": None, "scope": None, "body_digest": None})
    del operation["transaction_id"]
    columns = sql.SQL(", ").join(map(sql.Identifier, operation))
    database.execute(
        sql.SQL("INSERT INTO core_operation ({}) VALUES ({})").format(
            columns, sql.SQL(", ").join(sql.Placeholder() * len(operation))
        ),
        list(operation.values()),
    )
    database.execute("SELECT set_config('remsportal.operation', %s, true)", [operation["id"]])
    return operation


def test_closing_an_immutable_row_past_the_commands_leaves_what_it_was(world: World) -> None:
    row = world.row(TEST, withdrawn_at=None)
    closing = {
        "withdrawn_at": "2100-01-01Z",
        "withdrawal_reason": "None",
        "withdrawal_operation_id": row["operation_id"],
    }
    with world.application() as database:
        update(database, TEST, row["id"], closing)
        ((action, _, before, after),) = copies(database, TEST, row["id"])
    assert action == "update"
    assert before["withdrawn_at"] is None
    assert after["withdrawal_reason"] == "None"


def test_a_row_whose_history_is_kept_is_copied_once_a_change(world: World) -> None:
    row = world.row(PATIENT)
    with world.application() as database:
        update(database, PATIENT, row["id"], {"phone": "212-555-0777"})
        assert len(copies(database, PATIENT, row["id"])) == 1
