"""Which rows may ever be disposed of, and the trigger that lets nothing else go.

Regulated history is not among them: docs/adr/0015. `{row}` stands for the row in each condition.
"""

from dataclasses import dataclass

import pgtrigger

from apps.core.triggers import Guard

OF_A_PERSON = """
    EXISTS (
        SELECT FROM audit_legalhold h
        JOIN accounts_membership m ON m.organization_id = h.organization_id
        WHERE h.lifted_at IS NULL AND m.user_id = {row}.user_id
    )
"""
OF_A_CLIENT = """
    EXISTS (
        SELECT FROM audit_legalhold h
        JOIN accounts_apiclient c ON c.organization_id = h.organization_id
        WHERE h.lifted_at IS NULL AND c.id = {row}.client_id
    )
"""
# Whoever was merged into the patient under hold, or the other way round, is the same patient.
OF_A_PATIENT_OR_RECIPIENT = """
    EXISTS (
        SELECT FROM audit_legalhold h
        WHERE h.lifted_at IS NULL AND (
            EXISTS (
                WITH RECURSIVE same(id) AS (
                    SELECT h.patient_id
                    UNION
                    SELECT unnest(ARRAY[p.id, p.merged_into_id])
                    FROM patients_patient p JOIN same s ON s.id IN (p.id, p.merged_into_id)
                )
                SELECT FROM same WHERE id IN ({row}.patient_id, {row}.recipient_id)
            )
            OR h.organization_id IN (
                SELECT ph.organization_id FROM providers_pharmacy ph
                WHERE ph.id IN ({row}.pharmacy_id, {row}.recipient_id)
                UNION ALL
                SELECT pr.practice_id FROM providers_prescriber pr WHERE pr.id = {row}.recipient_id
                UNION ALL
                SELECT m.organization_id FROM accounts_membership m
                WHERE m.user_id = {row}.recipient_id
            )
        )
    )
"""
BY_A_DISPOSAL = """
    EXISTS (
        SELECT FROM core_operation o
        WHERE o.id = nullif(current_setting('remsportal.operation', true), '')::uuid
            AND o.name = 'dispose' AND o.transaction_id = pg_current_xact_id()::text::bigint
    )
"""


@dataclass(frozen=True, slots=True)
class Disposable:
    """When a row is over and since when (SQL), what puts it under legal hold, how long it stays.

    `days` is the least; the settings may only say more.
    """

    over: str
    since: str
    held: str
    days: int


class DisposedInTime(Guard):
    """Rows are deleted only when they are over, old enough, under no legal hold, and on record.

    The application's role may delete none at all (`apps.core.grants`).
    """

    when = pgtrigger.Before
    operation = pgtrigger.Delete

    def __init__(self, rows: Disposable) -> None:
        over, since, held = (part.format(row="OLD") for part in (rows.over, rows.since, rows.held))
        super().__init__(
            name="disposed_in_time",
            func=f"""
                IF NOT {BY_A_DISPOSAL} THEN
                    RAISE EXCEPTION
                        'disposal: rows of % are never deleted but by a recorded disposal',
                        TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                IF NOT coalesce(
                    {over} AND {since} < clock_timestamp() - interval '{rows.days} days', false
                ) THEN
                    RAISE EXCEPTION 'disposal: this row of % is not old enough', TG_TABLE_NAME
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                IF {held} THEN
                    RAISE EXCEPTION 'disposal: this row of % is under a legal hold', TG_TABLE_NAME
                        USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN OLD;
            """,
        )
