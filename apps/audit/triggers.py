"""The trigger that keeps the history of rows that may change."""

from collections.abc import Sequence

import pgtrigger


class RowHistory(pgtrigger.Trigger):
    """Every update of a row leaves what it was and what it became, with the operation's id.

    A change of only the `ignoring` columns (leases, marks of time) leaves nothing.
    """

    when = pgtrigger.After
    operation = pgtrigger.Update

    def __init__(self, *, ignoring: Sequence[str] = ()) -> None:
        super().__init__(
            name="row_history",
            condition=pgtrigger.AnyChange(exclude=list(ignoring)),
            func="""
                INSERT INTO audit_rowchange (changed_at, operation_id, table_name, row_id,
                    database_role, before, after)
                VALUES (clock_timestamp(),
                    nullif(current_setting('remsportal.operation', true), '')::uuid,
                    TG_TABLE_NAME, OLD.id::text, current_user, to_jsonb(OLD), to_jsonb(NEW));
                RETURN NULL;
            """,
        )
