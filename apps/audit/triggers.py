"""The trigger that keeps the history of rows that may change."""

from collections.abc import Sequence

import pgtrigger

from apps.core.triggers import Guard


class RowHistory(Guard):
    """Every update of a row leaves what it was and what it became, with the operation's id.

    A change of only the `ignoring` columns (leases, marks of time) leaves nothing; `secret`
    columns (password hashes) are never copied. `key` is the column of the primary key.
    """

    when = pgtrigger.After
    operation = pgtrigger.Update

    def __init__(
        self, *, ignoring: Sequence[str] = (), secret: Sequence[str] = (), key: str = "id"
    ) -> None:
        hidden = ", ".join(f"'{column}'" for column in secret)
        super().__init__(
            name="row_history",
            condition=pgtrigger.AnyChange(exclude=list(ignoring)),
            func=f"""
                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,
                    database_role, before, after)
                VALUES (clock_timestamp(),
                    nullif(current_setting('remsportal.operation', true), '')::uuid,
                    TG_TABLE_NAME, OLD.{key}::text, current_user,
                    to_jsonb(OLD) - ARRAY[{hidden}]::text[],
                    to_jsonb(NEW) - ARRAY[{hidden}]::text[]);
                RETURN NULL;
            """,  # noqa: S608 - composed of the models' own column names
        )
