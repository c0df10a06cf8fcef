"""Triggers that keep history as it happened: the database is the last guard, also of raw SQL.

Each raises with a message that names the table and what was refused.
"""

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation, OperationCategory
from django.db.migrations.state import ProjectState
from django.db.models import Model
from pgtrigger import compiler

from apps.rules.lifecycle import Lifecycle


class GuardSql(compiler.UpsertTriggerSql):
    """The installation of a trigger that nobody can step around.

    Without pgtrigger's `pgtrigger.ignore`, a setting that any role may set; and with a fixed
    search path, so that no temporary table can stand before the one that the function means.
    """

    def get_template(self) -> str:
        """The statements; migrations hold them, so that a change asks for a new migration."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}()
            RETURNS TRIGGER AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE PROCEDURE {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """


class Guard(pgtrigger.Trigger):
    """Base of all our triggers: installed by `GuardSql`."""

    def compile(self, model: Model) -> compiler.Trigger:
        """The trigger as migrations hold it."""
        usual = super().compile(model)
        return compiler.Trigger(name=usual.name, sql=GuardSql(**usual.sql.kwargs))


class Immutable(Guard):
    """Rows are never deleted, and updated only in `closing`: columns that are set once.

    Closing columns end something ("withdrawn", "resolved"): from null to a value, never again.
    What may be set right however often is in `correcting`: beside a `RowHistory`, which keeps it.
    What is disposed of in time has another trigger that says when: `disposable`.
    """

    when = pgtrigger.Before

    def __init__(
        self,
        *,
        closing: Sequence[str] = (),
        correcting: Sequence[str] = (),
        disposable: bool = False,
        **kwargs: Any,
    ) -> None:
        self.closing, self.correcting = tuple(closing), tuple(correcting)
        columns = ", ".join(f"'{column}'" for column in self.closing)
        changing = ", ".join(f"'{column}'" for column in self.changing)
        func = f"""
            IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'immutable: rows of % are never deleted', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF to_jsonb(OLD) - ARRAY[{changing}]::text[]
                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[{changing}]::text[] THEN
                RAISE EXCEPTION 'immutable: rows of % are never changed', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF EXISTS (
                SELECT FROM jsonb_each(to_jsonb(OLD)) AS was
                WHERE was.key = ANY(ARRAY[{columns}]::text[])
                AND was.value NOT IN ('null'::jsonb, '""'::jsonb)
                AND was.value IS DISTINCT FROM to_jsonb(NEW) -> was.key
            ) THEN
                RAISE EXCEPTION 'immutable: what closed a row of % is set once', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """  # noqa: S608 - composed of the models' own column names
        refused = pgtrigger.Update if disposable else pgtrigger.Update | pgtrigger.Delete
        super().__init__(name="immutable", operation=refused, func=func, **kwargs)

    @property
    def changing(self) -> tuple[str, ...]:
        """Every column that may be updated."""
        return (*self.closing, *self.correcting)


class NoTruncate(Guard):
    """TRUNCATE is refused: row triggers would not see it."""

    when = pgtrigger.Before
    operation = pgtrigger.Truncate
    level = pgtrigger.Statement

    def __init__(self) -> None:
        super().__init__(
            name="no_truncate",
            func="""
                RAISE EXCEPTION 'history: % is never truncated', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            """,
        )


class NoDelete(Guard):
    """Rows that change are still never deleted."""

    when = pgtrigger.Before
    operation = pgtrigger.Delete

    def __init__(self) -> None:
        super().__init__(
            name="no_delete",
            func="""
                RAISE EXCEPTION 'history: rows of % are never deleted', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            """,
        )


# Conditions of `Traced`. The first costs one look-up a row; the other two are for the few tables
# that every eligibility check writes, which themselves tell who asked.
A_COMMAND = "core_is_told('{table}'::regclass)"
AN_OPERATION_IS_NAMED = (
    "coalesce(current_setting('remsportal.operation', true), '') <> '' "
    "AND NOT has_table_privilege('{table}', 'TRUNCATE')"
)
NOT_THE_OWNER = "NOT has_table_privilege('{table}', 'TRUNCATE')"


class Traced(Guard):
    """What comes into a table past the commands leaves a copy in the trail, whoever does it.

    Nothing is copied `unless` fails: by default, unless the running transaction holds the
    operation that it names, and its role could not switch triggers off. Rows whose every change
    is kept (`RowHistory`) are traced when they come: `updates=False`. `secret` as there.
    """

    when = pgtrigger.After

    def __init__(
        self,
        *,
        unless: str = A_COMMAND,
        updates: bool = True,
        secret: Sequence[str] = (),
        key: str = "id",
    ) -> None:
        hidden = ", ".join(f"'{column}'" for column in secret)
        self.unless = unless
        super().__init__(
            name="traced",
            operation=pgtrigger.Insert | pgtrigger.Update if updates else pgtrigger.Insert,
            func=f"""
                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,
                    database_role, action, before, after)
                VALUES (clock_timestamp(),
                    nullif(current_setting('remsportal.operation', true), '')::uuid,
                    TG_TABLE_NAME, NEW.{key}::text, current_user, lower(TG_OP),
                    CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) - ARRAY[{hidden}]::text[] END,
                    to_jsonb(NEW) - ARRAY[{hidden}]::text[]);
                RETURN NULL;
            """,  # noqa: S608 - composed of the models' own column names
        )

    def get_condition(self, model: Any) -> pgtrigger.Condition:
        """When a copy is left: the condition names the model's own table."""
        return pgtrigger.Condition(f"NOT ({self.unless.format(table=model._meta.db_table)})")


class StateMoves(Guard, pgtrigger.FSM):
    """A state moves only along its lifecycle table."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        super().__init__(
            name="state_moves",
            field="state",
            transitions=sorted(lifecycle.moves()),
        )


class StateStarts(Guard):
    """A row begins in an initial state of its lifecycle."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert

    def __init__(self, lifecycle: Lifecycle) -> None:
        states = ", ".join(f"'{state}'" for state in sorted(lifecycle.initial))
        super().__init__(
            name="state_starts",
            func=f"""
                IF NEW.state NOT IN ({states}) THEN
                    RAISE EXCEPTION 'state: rows of % do not begin as %', TG_TABLE_NAME, NEW.state
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            """,
        )


class TermsAreFixed(Guard, pgtrigger.ReadOnly):
    """Of a row that moves through states, only the columns in `but` ever change."""

    def __init__(self, *, but: Sequence[str]) -> None:
        super().__init__(name="terms_are_fixed", exclude=list(but))


class Requires(Guard):
    """A row is inserted (or, with `on_update`, changed) only where the SQL condition `holds`.

    For what a CHECK cannot say because it looks at other rows. `only_if` limits the rows.
    """

    when = pgtrigger.Before

    def __init__(
        self,
        *,
        name: str,
        holds: str,
        on_update: bool = False,
        only_if: pgtrigger.Condition | None = None,
    ) -> None:
        super().__init__(
            name=name,
            operation=pgtrigger.Update if on_update else pgtrigger.Insert,
            condition=only_if,
            func=f"""
                IF NOT coalesce({holds}, false) THEN
                    RAISE EXCEPTION '{name}: refused for a row of %', TG_TABLE_NAME
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            """,
        )


class IsAnswered(Guard):
    """A new row is still there at the end of its transaction only where the SQL `holds` of it.

    For what is written after it: the answer of the rules that allowed it. `made` is the row as it
    is by then. With `on_update`, of a changed row as well.
    """

    when = pgtrigger.After
    timing = pgtrigger.Deferred

    def __init__(self, *, name: str, holds: str, on_update: bool = False) -> None:
        changes = pgtrigger.Insert | pgtrigger.Update if on_update else pgtrigger.Insert
        super().__init__(name=name, operation=changes)
        self.holds = holds

    def get_func(self, model: Any) -> str:
        """The body of the trigger's function: it reads the model's own table."""
        return f"""
            IF NOT coalesce((SELECT {self.holds} FROM {model._meta.db_table} made
                    WHERE made.id = NEW.id), false) THEN
                RAISE EXCEPTION '{self.name}: refused for a row of %', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NULL;
        """  # noqa: S608 - composed of the models' own names


class Agrees(Requires):
    """The row that the foreign key `reference` names has the same values in `columns`.

    So that nothing of one patient can hang on a row of another.
    """

    def __init__(self, *, name: str, reference: str, table: str, columns: Sequence[str]) -> None:
        same = " AND ".join(f"r.{column} = NEW.{column}" for column in columns)
        super().__init__(
            name=name,
            holds=f"EXISTS (SELECT FROM {table} r WHERE r.id = NEW.{reference} AND {same})",
            only_if=pgtrigger.Condition(f"NEW.{reference} IS NOT NULL"),
        )


class MovesForward(Guard):
    """An instant that only ever grows."""

    when = pgtrigger.Before
    operation = pgtrigger.Update

    def __init__(self, column: str) -> None:
        super().__init__(
            name=f"{column}_moves_forward",
            condition=pgtrigger.Condition(f"NEW.{column} < OLD.{column}"),
            func=f"""
                RAISE EXCEPTION '{column} of % never goes back', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            """,
        )


class AddTriggers(Operation):
    """Installs several triggers of a model in one step of a migration.

    It does what pgtrigger's AddTrigger does for each; but after each of those Django renders the
    related models anew, which was half of the time that the first migrations took.
    """

    category = OperationCategory.ADDITION

    def __init__(self, model_name: str, triggers: Sequence[compiler.Trigger]) -> None:
        self.model_name = model_name
        self.triggers = triggers

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Names them in the model's options, so that the next makemigrations knows them."""
        options = state.models[app_label, self.model_name].options
        options["triggers"] = [*options.get("triggers", []), *self.triggers]

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Installs each; without parameters, since the statements hold percent signs."""
        del app_label, from_state, to_state
        for trigger in self.triggers:
            schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Removes each."""
        del app_label, from_state, to_state
        for trigger in self.triggers:
            schema_editor.execute(trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        """What the migration says that it does."""
        return f"Create {len(self.triggers)} triggers on model {self.model_name}"
