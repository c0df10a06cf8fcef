"""What a migration may not do to a table that people are using: each rule finds one kind.

A change that must break a rule says why in its migration, under the finding's own name:
`safe_because = {"RemoveField patients.patient.fax": "nothing reads it since 0.3"}`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.operations import (
    AddConstraintNotValid,
    AddIndexConcurrently,
    RemoveIndexConcurrently,
    ValidateConstraint,
)
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now

CONCURRENT = (AddIndexConcurrently, RemoveIndexConcurrently)
# Evaluated once for the whole statement, so that no row has to be written anew.
STABLE = (Now, models.Value)
TWO_STEPS = (
    operations.RemoveField,
    operations.RenameField,
    operations.RenameModel,
    operations.DeleteModel,
    operations.AlterModelTable,
)
TOGETHER = (operations.AlterUniqueTogether, operations.AlterIndexTogether)
BY_HAND = (operations.RunSQL, operations.RunPython)


def findings(migration: Migration, before: ProjectState) -> Iterator[str]:
    """What would lock or break a table in use; `before` is the state that the migration meets."""
    state = before.clone()
    app, fresh = migration.app_label, set[str]()
    explained = getattr(migration, "safe_because", {})
    for operation in flat(migration.operations):
        if isinstance(operation, operations.CreateModel):
            fresh.add(operation.name_lower)
        elif model_of(operation) not in fresh:
            for name, what in _findings(operation, app, state, migration):
                if not explained.get(name, "").strip():
                    yield f"{app}.{migration.name}: {name}: {what}"
        operation.state_forwards(app, state)


def flat(found: Sequence[Operation]) -> Iterator[Operation]:
    """Also what hides in an operation that holds others."""
    for operation in found:
        yield operation
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from flat(operation.database_operations)


def model_of(operation: Operation) -> str:
    """The model that an operation changes, if it is one's."""
    name = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    return str(name).lower()


def _findings(
    operation: Operation, app: str, state: ProjectState, migration: Migration
) -> Iterator[tuple[str, str]]:
    for rule in RULES:
        for target, what in rule(operation, app, state):
            yield f"{type(operation).__name__} {app}.{target}", what
    if isinstance(operation, CONCURRENT) and migration.atomic:
        yield f"{type(operation).__name__} {app}", "a concurrent step needs `atomic = False`"


# --- The rules ------------------------------------------------------------------------------------


def added_field(operation: Operation, app: str, state: ProjectState) -> Iterator[tuple[str, str]]:
    """A new column is nullable or has one constant; neither is indexed in the same step."""
    del app, state
    if isinstance(operation, operations.AddField) and not operation.field.many_to_many:
        target = f"{model_of(operation)}.{operation.name}"
        for what in (*_of_default(operation.field), *_of_index(operation.field)):
            yield target, what


def _of_default(field: Any) -> Iterator[str]:
    has_default = field.has_default() or field.db_default is not models.NOT_PROVIDED
    if getattr(field, "generated", False):
        yield "a stored generated column writes every row anew, under an exclusive lock"
    elif not (field.null or has_default):
        yield "a column without a default cannot be added to rows that there are"
    if field.has_default() and callable(field.default) and field.default not in (list, dict, str):
        yield "the default is computed once: all rows would get the same; backfill instead"
    if hasattr(field.db_default, "resolve_expression") and not isinstance(field.db_default, STABLE):
        yield "a volatile database default writes every row anew, under an exclusive lock"


def _of_index(field: Any) -> Iterator[str]:
    if field.unique:
        yield "its unique index is built while nobody can write; build it concurrently"
    elif field.db_index:
        yield "its index is built while nobody can write: db_index=False, then concurrently"


def altered_field(operation: Operation, app: str, state: ProjectState) -> Iterator[tuple[str, str]]:
    """A column keeps its type (or grows), and gets NOT NULL or an index in steps only."""
    if not isinstance(operation, operations.AlterField):
        return
    new: Any = operation.field
    old: Any = state.models[app, model_of(operation)].fields[operation.name]
    target = f"{model_of(operation)}.{operation.name}"
    if not is_same_type_or_longer(old, new):
        yield target, "another type writes every row anew, or cuts what they hold"
    if old.null and not new.null:
        yield target, "NOT NULL reads the whole table under a lock: add a NOT VALID check before"
    if new.unique and not old.unique:
        yield target, "its unique index is built while nobody can write; build it concurrently"
    elif new.db_index and not old.db_index:
        yield target, "its index is built while nobody can write; build it concurrently"


def is_same_type_or_longer(old: Any, new: Any) -> bool:
    """Whether PostgreSQL changes the column's description alone."""
    if isinstance(old, models.ForeignKey) or isinstance(new, models.ForeignKey):
        return type(old) is type(new) and old.deconstruct()[3]["to"] == new.deconstruct()[3]["to"]
    was, becomes = old.db_type(connection), new.db_type(connection)
    if was == becomes:
        return True
    if old.get_internal_type() != "CharField" or was is None:
        return False
    if becomes == "text":
        return True
    return new.get_internal_type() == "CharField" and (new.max_length or 0) > (old.max_length or 0)


def added_index(operation: Operation, app: str, state: ProjectState) -> Iterator[tuple[str, str]]:
    """An index is built concurrently."""
    del app, state
    if isinstance(operation, operations.AddIndex) and not isinstance(operation, CONCURRENT):
        yield (
            f"{model_of(operation)}.{operation.index.name}",
            "nobody can write while it is built: AddIndexConcurrently",
        )


def added_constraint(
    operation: Operation, app: str, state: ProjectState
) -> Iterator[tuple[str, str]]:
    """A check is added NOT VALID and validated later; what has an index builds it concurrently."""
    del app, state
    if not isinstance(operation, operations.AddConstraint):
        return
    constraint = operation.constraint
    target = f"{model_of(operation)}.{constraint.name}"
    if isinstance(constraint, models.UniqueConstraint | ExclusionConstraint):
        yield (
            target,
            "its index is built while nobody can write: concurrently, by hand, with a note",
        )
    elif not isinstance(operation, AddConstraintNotValid):
        yield (
            target,
            "all rows are read under a lock: AddConstraintNotValid, then ValidateConstraint",
        )


def together(operation: Operation, app: str, state: ProjectState) -> Iterator[tuple[str, str]]:
    """The old ways of saying so build an index, too."""
    del app, state
    if isinstance(operation, TOGETHER):
        yield (
            model_of(operation),
            "its index is built while nobody can write; build it concurrently",
        )


def taken_away(operation: Operation, app: str, state: ProjectState) -> Iterator[tuple[str, str]]:
    """What the release before still uses goes in two steps: first nobody reads it, then it goes."""
    del app, state
    if isinstance(operation, TWO_STEPS):
        name = getattr(operation, "old_name", None)
        own = name if name is not None else getattr(operation, "name", "")
        target = f"{model_of(operation)}.{own}" if hasattr(operation, "model_name") else own
        yield target, "the release before still uses it: say since when nothing does"


def by_hand(operation: Operation, app: str, state: ProjectState) -> Iterator[tuple[str, str]]:
    """What only a person can judge, a person has judged."""
    del app, state
    if isinstance(operation, BY_HAND):
        about = "sql"
        if isinstance(operation, operations.RunPython):
            about = getattr(operation.code, "__name__", "code")
        yield about, "say why it neither locks a table for long nor writes all rows in one go"


RULES: tuple[Callable[[Operation, str, ProjectState], Iterator[tuple[str, str]]], ...] = (
    added_field,
    altered_field,
    added_index,
    added_constraint,
    together,
    taken_away,
    by_hand,
)


def validates_what_it_added(migration: Migration) -> bool:
    """Whether a NOT VALID constraint is validated by the migration that adds it: both under one
    lock, so that nothing is gained."""
    added = {
        operation.constraint.name
        for operation in flat(migration.operations)
        if isinstance(operation, AddConstraintNotValid)
    }
    return any(
        isinstance(operation, ValidateConstraint) and operation.name in added
        for operation in flat(migration.operations)
    )
