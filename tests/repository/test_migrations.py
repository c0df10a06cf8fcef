"""No migration since the first release locks a table that people are using for long."""

from typing import Any

import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    ValidateConstraint,
)
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import F, Q
from django.db.models.functions import Abs, Now, Random

from tests.repository.migration_locks import findings, validates_what_it_added

# What release 0.1.0 consists of: tables that were made before anybody was in them.
FIRST_RELEASE = {"0001_initial", "0002_api_clients"}


def later_migrations() -> list[tuple[Migration, ProjectState]]:
    loader = MigrationLoader(None)
    return [
        (migration, loader.project_state([key], at_end=False))
        for key, migration in sorted(loader.disk_migrations.items())
        if migration.__module__.startswith("apps.") and migration.name not in FIRST_RELEASE
    ]


def test_no_migration_locks_a_table_for_long() -> None:
    later = later_migrations()
    assert later
    assert [each for migration, before in later for each in findings(migration, before)] == []


def test_a_constraint_is_validated_in_another_migration_than_it_is_added_in() -> None:
    assert [m.name for m, _ in later_migrations() if validates_what_it_added(m)] == []


# --- That the linter finds each kind --------------------------------------------------------------


def of(*steps: Operation, **attributes: Any) -> tuple[Migration, ProjectState]:
    """A migration of an app with one model in use."""
    state = ProjectState()
    state.add_model(
        ModelState(
            "app",
            "Patient",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("name", models.CharField(max_length=40)),
                ("note", models.TextField(null=True)),
                ("height", models.IntegerField(null=True)),
            ],
        )
    )
    kind = type("Migration", (Migration,), {"operations": list(steps), **attributes})
    return kind("0009_more", "app"), state


def field(made: models.Field[Any, Any], name: str = "new") -> Operation:
    return operations.AddField("Patient", name, made)


def change(name: str, made: models.Field[Any, Any]) -> Operation:
    return operations.AlterField("Patient", name, made)


INDEX = models.Index(fields=["name"], name="by_name")
TALL = models.CheckConstraint(condition=Q(height__gt=0), name="is_tall")
ONCE = models.UniqueConstraint(fields=["name"], name="once")
APART = ExclusionConstraint(name="apart", expressions=[(F("height"), "=")])


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (field(models.IntegerField()), "AddField app.patient.new: a column without a default"),
        (field(models.UUIDField(default=Random)), "the default is computed once"),
        (field(models.FloatField(db_default=Random())), "a volatile database default"),
        (field(models.IntegerField(null=True, db_index=True)), "its index is built"),
        (field(models.IntegerField(null=True, unique=True)), "its unique index is built"),
        (field(models.ForeignKey("Patient", models.PROTECT, null=True)), "its index is built"),
        (
            field(
                models.GeneratedField(
                    expression=Abs("height"), output_field=models.IntegerField(), db_persist=True
                )
            ),
            "a stored generated column",
        ),
        (change("height", models.BigIntegerField(null=True)), "another type"),
        (change("name", models.CharField(max_length=20)), "another type"),
        (change("note", models.TextField()), "NOT NULL reads the whole table"),
        (change("name", models.CharField(max_length=40, db_index=True)), "its index is built"),
        (change("name", models.CharField(max_length=40, unique=True)), "its unique index"),
        (operations.AddIndex("Patient", INDEX), "AddIndex app.patient.by_name: nobody can write"),
        (operations.AddConstraint("Patient", TALL), "AddConstraint app.patient.is_tall: all rows"),
        (operations.AddConstraint("Patient", ONCE), "its index is built while nobody can write"),
        (operations.AddConstraint("Patient", APART), "its index is built while nobody can write"),
        (operations.AlterUniqueTogether("Patient", {("name", "note")}), "its index is built"),
        (operations.RemoveField("Patient", "note"), "RemoveField app.patient.note: the release"),
        (operations.RenameField("Patient", "note", "notes"), "RenameField app.patient.note: the"),
        (operations.RenameModel("Patient", "Person"), "RenameModel app.Patient: the release"),
        (operations.DeleteModel("Patient"), "DeleteModel app.Patient: the release before"),
        (operations.AlterModelTable("Patient", "people"), "AlterModelTable app.Patient: the"),
        (operations.RunSQL("UPDATE app_patient SET note = ''"), "RunSQL app.sql: say why"),
        (operations.RunPython(print), "RunPython app.print: say why"),
        (AddIndexConcurrently("Patient", INDEX), "a concurrent step needs `atomic = False`"),
        (
            operations.SeparateDatabaseAndState([operations.AddIndex("Patient", INDEX)], []),
            "AddIndex app.patient.by_name",
        ),
    ],
)
def test_each_kind_is_found(step: Operation, told: str) -> None:
    (found,) = findings(*of(step))
    assert found.startswith("app.0009_more: ")
    assert told in found


@pytest.mark.parametrize(
    "steps",
    [
        [field(models.IntegerField(null=True))],
        [field(models.IntegerField(default=0))],
        [field(models.DateTimeField(db_default=Now()))],
        [field(models.CharField(max_length=9, db_default=""))],
        [field(models.JSONField(default=dict))],
        [field(models.ForeignKey("Patient", models.PROTECT, null=True, db_index=False))],
        [change("name", models.CharField(max_length=80))],
        [change("name", models.TextField())],
        [change("note", models.TextField(null=True, help_text="What else."))],
        [AddConstraintNotValid("Patient", TALL)],
        [ValidateConstraint("Patient", "is_tall")],
        [operations.RemoveConstraint("Patient", "is_tall")],
        [
            operations.CreateModel("Visit", [("id", models.BigAutoField(primary_key=True))]),
            operations.AddField("Visit", "at", models.DateTimeField(db_index=True)),
            operations.AddIndex("Visit", models.Index(fields=["at"], name="by_at")),
        ],
    ],
)
def test_what_is_safe_passes(steps: list[Operation]) -> None:
    migration, state = of(*steps)
    if isinstance(steps[0], ValidateConstraint | operations.RemoveConstraint):
        AddConstraintNotValid("Patient", TALL).state_forwards("app", state)
    assert list(findings(migration, state)) == []


def test_a_concurrent_index_outside_a_transaction_passes() -> None:
    assert list(findings(*of(AddIndexConcurrently("Patient", INDEX), atomic=False))) == []


def test_one_who_says_why_may() -> None:
    step = operations.RemoveField("Patient", "note")
    name = "RemoveField app.patient.note"
    assert list(findings(*of(step, safe_because={name: "Nothing reads it since 0.3."}))) == []
    assert len(list(findings(*of(step, safe_because={name: " "})))) == 1
    assert len(list(findings(*of(step, safe_because={"RemoveField app.patient.x": "Yes."})))) == 1


def test_both_steps_of_a_constraint_in_one_migration_are_found() -> None:
    both = AddConstraintNotValid("Patient", TALL), ValidateConstraint("Patient", "is_tall")
    assert validates_what_it_added(of(*both)[0])
    assert not validates_what_it_added(of(both[0])[0])
