"""Each trigger refuses what it is there for, also when the owner of the tables asks by raw SQL."""

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db.models import Model
from psycopg import sql

from apps.core.triggers import Immutable
from tests.guards.world import (
    Row,
    World,
    drop_constraints,
    key_of,
    our_models,
    trigger_names,
    update,
)

A = "prescriptions_authorization"


def tables_with(trigger: str) -> list[str]:
    return [model._meta.db_table for model in our_models() if trigger in trigger_names(model)]


def immutable(model: type[Model]) -> Immutable:
    (trigger,) = [t for t in model._meta.triggers if isinstance(t, Immutable)]  # type: ignore[attr-defined]
    return trigger


def by_table(table: str) -> type[Model]:
    return next(model for model in our_models() if model._meta.db_table == table)


# --- History is neither removed nor rewritten ---------------------------------------------------


def fixed_columns() -> list[tuple[str, str]]:
    """The columns of immutable rows that nothing may change: (table, column)."""
    return [
        (table, str(field.column))
        for table in tables_with("immutable")
        for field in by_table(table)._meta.fields
        if field.column not in immutable(by_table(table)).changing
    ]


def closing_columns() -> list[tuple[str, str]]:
    """The columns of immutable rows that are set once: (table, column)."""
    return [
        (table, column)
        for table in tables_with("immutable")
        for column in immutable(by_table(table)).closing
    ]


@pytest.mark.parametrize("table", [*tables_with("immutable"), *tables_with("no_delete")])
def test_no_row_is_ever_deleted(world: World, table: str) -> None:
    with world.owner() as database, pytest.raises(psycopg.Error, match="never deleted"):
        database.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


@pytest.mark.parametrize("table", tables_with("no_truncate"))
def test_no_table_is_ever_truncated(world: World, table: str) -> None:
    with world.owner() as database, pytest.raises(psycopg.Error, match="never truncated"):
        database.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))


@pytest.mark.parametrize(("table", "column"), fixed_columns())
def test_what_happened_is_never_changed(world: World, table: str, column: str) -> None:
    row = world.row(table)
    other = another(world, table, column)
    with world.owner() as database, pytest.raises(psycopg.Error, match="never changed"):
        update(database, table, row[key_of(table)], {column: other})


def test_what_may_be_set_right_is_kept_in_the_rows_history() -> None:
    corrected = {
        table for table in tables_with("immutable") if immutable(by_table(table)).correcting
    }
    assert corrected == {"prescriptions_dispense", "prescriptions_shipment"}
    assert corrected <= set(tables_with("row_history"))


@pytest.mark.parametrize(("table", "column"), closing_columns())
def test_what_closed_a_row_is_set_once(world: World, table: str, column: str) -> None:
    with world.owner() as database:
        row = closed(world, database, table)
        with pytest.raises(psycopg.Error, match="set once"):
            update(database, table, row[key_of(table)], {column: None})


def closed(world: World, database: psycopg.Connection, table: str) -> Row:
    """A row of which every closing column is set; written before the trigger looks."""
    row = world.row(table)
    values = {
        column: row[column] or another(world, table, column)
        for column in immutable(by_table(table)).closing
    }
    name = sql.Identifier(table)
    database.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(name))
    drop_constraints(database, table, "c")
    update(database, table, row[key_of(table)], values)
    database.execute("SET CONSTRAINTS ALL IMMEDIATE")
    database.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(name))
    return row


def another(world: World, table: str, column: str) -> Any:
    """A value of the column's type that the first row does not have."""
    now = world.row(table).get(column)
    field = next(f for f in by_table(table)._meta.fields if f.column == column)
    kind = field.get_internal_type()
    if field.is_relation:
        kind = field.related_model._meta.pk.get_internal_type()  # type: ignore[union-attr]
        if table.startswith(("evidence", "prescriptions", "patients", "audit")) and column.endswith(
            "operation_id"
        ):
            return world.rows["core_operation"][-1]["id"]
    values: dict[str, Any] = {
        "BooleanField": now is not True,
        "DateField": "1999-01-01",
        "DateTimeField": "2101-01-01 00:00Z",
        "JSONField": '{"other": "document"}',
        "UUIDField": uuid4(),
        "ArrayField": [uuid4()] if column in {"patient_ids", "resembled"} else ["other"],
        "DecimalField": 7,
        "PositiveSmallIntegerField": 9,
        "PositiveIntegerField": 9,
        "BigAutoField": 987_654_321,
        "BigIntegerField": 987_654_321,
        "GenericIPAddressField": "203.0.113.9",
    }
    return values.get(kind, "z")


# --- Nobody steps around ------------------------------------------------------------------------


def test_nobody_can_step_around_a_trigger(world: World) -> None:
    """pgtrigger's own way to ignore triggers is a setting that any role may set: not ours."""
    with world.owner() as database:
        names = [
            name
            for (name,) in database.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
            ).fetchall()
        ]
        database.execute(
            "SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(names) + "}"]
        )
        with pytest.raises(psycopg.Error, match="never deleted"):
            database.execute("DELETE FROM evidence_pregnancytest")


def test_no_temporary_table_stands_before_one_that_a_trigger_reads(world: World) -> None:
    issued = world.issued["id"]
    with world.application() as database:
        database.execute(
            "CREATE TEMPORARY TABLE prescriptions_confirmation AS "
            "SELECT %s::uuid AS authorization_id, 'valid' AS state",
            [issued],
        )
        with pytest.raises(psycopg.Error, match="state_fits_confirmations"):
            update(database, A, issued, {"state": "confirmed"})
