"""Each CHECK, unique and exclusion constraint refuses what breaks it: by name, by raw SQL.

As the owner, without triggers and other checks, so that the constraint itself is what refuses.
What breaks them is in `breaches`: each module there lists its CHECKS, UNIQUES and EXCLUSIONS.
"""

from importlib import import_module
from pathlib import Path

import psycopg
import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import models

from tests.guards.breaches.breach import Breach
from tests.guards.world import (
    Row,
    World,
    disable_triggers,
    drop_constraints,
    insert,
    our_models,
)

BREACHES = Path(__file__).parent / "breaches"


def every(kind: str) -> list[Breach]:
    """All breaches of a kind, of every part of the program."""
    parts = [
        import_module(f"tests.guards.breaches.{path.stem}")
        for path in sorted(BREACHES.glob("*.py"))
    ]
    return [case for part in parts for case in getattr(part, kind, [])]


CHECKS, UNIQUES, EXCLUSIONS = every("CHECKS"), every("UNIQUES"), every("EXCLUSIONS")


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
    if table == "prescriptions_authorization":
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
