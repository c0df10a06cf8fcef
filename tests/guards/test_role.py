"""What the database refuses the application's role, before any trigger is asked."""

import psycopg
import pytest
from django.apps import apps
from psycopg import sql

from apps.core.triggers import Immutable
from tests.guards.world import World, our_models, trigger_names

REGULATED = [model._meta.db_table for model in our_models() if trigger_names(model)]


def read_only_columns() -> list[tuple[str, str]]:
    """(table, column) that an immutable row never changes."""
    return [
        (model._meta.db_table, str(field.column))
        for model in our_models()
        for trigger in getattr(model._meta, "triggers", [])
        if isinstance(trigger, Immutable)
        for field in model._meta.fields
        if field.column not in trigger.changing
    ]


def refused(world: World, statement: str, *names: str) -> None:
    with world.application() as database, pytest.raises(psycopg.errors.InsufficientPrivilege):
        database.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.mark.parametrize("table", REGULATED)
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER USER",
        "ALTER TABLE {} ADD COLUMN note text",
        "DROP TABLE {} CASCADE",
    ],
)
def test_the_role_cannot_take_history_away(world: World, table: str, statement: str) -> None:
    refused(world, statement, table)


@pytest.mark.parametrize(("table", "column"), read_only_columns())
def test_the_role_cannot_change_what_happened(world: World, table: str, column: str) -> None:
    refused(world, "UPDATE {} SET {} = DEFAULT", table, column)


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "CREATE TABLE public.shadow (id int)",
        "CREATE FUNCTION public.shadow() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA shadow",
        "DELETE FROM django_migrations",
    ],
)
def test_the_role_cannot_change_the_house(world: World, statement: str) -> None:
    refused(world, statement)


def test_the_role_owns_nothing_and_is_nobody_special(world: World) -> None:
    with world.application() as database:
        (owned,) = database.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
            "WHERE r.rolname = current_user"
        ).fetchone() or (None,)
        (functions,) = database.execute(
            "SELECT count(*) FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner "
            "WHERE r.rolname = current_user"
        ).fetchone() or (None,)
        (special,) = database.execute(
            "SELECT rolsuper OR rolcreaterole OR rolbypassrls OR rolreplication "
            "FROM pg_roles WHERE rolname = current_user"
        ).fetchone() or (None,)
        (memberships,) = database.execute(
            "SELECT count(*) FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
            "WHERE r.rolname = current_user"
        ).fetchone() or (None,)
    assert (owned, functions, special, memberships) == (0, 0, False, 0)


def test_the_role_may_do_all_that_the_product_does(world: World) -> None:
    with world.application() as database:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            rights = database.execute(
                "SELECT has_table_privilege(%s, 'SELECT'), has_table_privilege(%s, 'INSERT')",
                [table, table],
            ).fetchone()
            assert rights == (True, True), table
