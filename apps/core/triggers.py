"""Triggers that keep history as it happened: the database is the last guard, also of raw SQL.

Each raises with a message that names the table and what was refused.
"""

from collections.abc import Sequence
from typing import Any

import pgtrigger

from apps.rules.lifecycle import Lifecycle


class Immutable(pgtrigger.Trigger):
    """Rows are never deleted, and updated only in `closing`: columns that are set once.

    Closing columns end something ("withdrawn", "resolved"): from null to a value, never again.
    """

    when = pgtrigger.Before
    operation = pgtrigger.Update | pgtrigger.Delete

    def __init__(self, *, closing: Sequence[str] = (), **kwargs: Any) -> None:
        self.closing = tuple(closing)
        columns = ", ".join(f"'{column}'" for column in self.closing)
        func = f"""
            IF TG_OP = 'DELETE' THEN
                RAISE EXCEPTION 'immutable: rows of % are never deleted', TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            IF to_jsonb(OLD) - ARRAY[{columns}]::text[]
                IS DISTINCT FROM to_jsonb(NEW) - ARRAY[{columns}]::text[] THEN
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
        super().__init__(name="immutable", func=func, **kwargs)


class NoTruncate(pgtrigger.Trigger):
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


class NoDelete(pgtrigger.Trigger):
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


class StateMoves(pgtrigger.FSM):
    """A state moves only along its lifecycle table."""

    def __init__(self, lifecycle: Lifecycle) -> None:
        super().__init__(
            name="state_moves",
            field="state",
            transitions=sorted(lifecycle.moves()),
        )


class StateStarts(pgtrigger.Trigger):
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
