"""What every row must have, and that whatever it names exists: by raw SQL, as the owner."""

from uuid import uuid4

import psycopg
import pytest
from django.db.models import Model
from psycopg import sql

from apps.core.models import Operation, Recorded
from tests.guards.world import (
    Row,
    World,
    disable_triggers,
    drop_constraints,
    insert,
    our_models,
)


def by_table(model: type[Model]) -> str:
    return str(model._meta.db_table)


def required_columns(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.fields if not field.null]


def references(model: type[Model]) -> list[str]:
    return [str(field.column) for field in model._meta.fields if field.is_relation]


def attempt(
    world: World, database: psycopg.Connection, table: str, changes: Row
) -> psycopg.Error | None:
    """What the database says to a copy of a row with these changes; undone."""
    database.execute("SAVEPOINT before")
    try:
        insert(database, table, world.copy(table, changes))
        database.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.Error as error:
        return error
    finally:
        database.execute("ROLLBACK TO SAVEPOINT before")
    return None


def drop_partial_uniques(database: psycopg.Connection, table: str) -> None:
    """Drop the unique indexes that stand behind no constraint: those with a condition."""
    found = database.execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = %s::regclass AND i.indisunique "
        "AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)",
        [table],
    )
    for (name,) in found.fetchall():
        database.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))


@pytest.mark.parametrize("model", our_models(), ids=by_table)
def test_what_a_row_must_have_is_never_missing(world: World, model: type[Model]) -> None:
    table = by_table(model)
    with world.owner() as database:
        disable_triggers(database, table)
        answers = {
            column: type(attempt(world, database, table, {column: None}))
            for column in required_columns(model)
        }
    assert set(answers.values()) == {psycopg.errors.NotNullViolation}, answers


@pytest.mark.parametrize(
    "model", [model for model in our_models() if references(model)], ids=by_table
)
def test_what_a_row_names_exists(world: World, model: type[Model]) -> None:
    table = by_table(model)
    with world.owner() as database:
        disable_triggers(database, table)
        drop_constraints(database, table, "cux")
        drop_partial_uniques(database, table)
        for column in references(model):
            nobody = 987_654 if column == "application_id" else str(uuid4())
            answer = attempt(world, database, table, {column: nobody})
            assert isinstance(answer, psycopg.errors.ForeignKeyViolation), (column, answer)


def test_every_regulated_row_names_its_operation(world: World) -> None:
    operations = {operation["id"] for operation in world.rows["core_operation"]}
    for model in our_models():
        if issubclass(model, Recorded):
            field = model._meta.get_field("operation")
            assert field.related_model is Operation
            assert not field.null
            rows = world.rows[by_table(model)]
            assert rows, model
            assert {row["operation_id"] for row in rows} <= operations


def test_every_operation_that_was_carried_out_names_its_result(world: World) -> None:
    for operation in world.rows["core_operation"]:
        assert operation["performed_at"] is not None
        assert operation["result_model"]
        assert operation["result_id"]
