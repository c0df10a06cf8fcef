"""What is stored about one patient, read straight from the tables: states, and all rows as such.

Statements of the test's own, so that no query of the product hides a row from it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

OF_PATIENTS: Final = (
    "audit_event", "eligibility_decision", "evidence_bleedingreport",
    "evidence_contraceptionattestation", "evidence_counseling", "evidence_deviation",
    "evidence_exceptionrequest", "evidence_healthstatus", "evidence_intake",
    "evidence_intervention", "evidence_obligationsattestation", "evidence_patientsurvey",
    "evidence_pregnancycase", "evidence_pregnancytest", "evidence_prescribersurvey",
    "evidence_ruleexception", "evidence_therapyevent", "patients_agreement",
    "patients_categoryassignment", "patients_categorychange", "patients_patienttransfer",
    "prescriptions_authorization", "prescriptions_dispense",
)  # fmt: skip
OF_THEIRS: Final = {
    "evidence_casestep": ("case_id", "evidence_pregnancycase"),
    "evidence_surveyuse": ("authorization_id", "prescriptions_authorization"),
    "prescriptions_confirmation": ("authorization_id", "prescriptions_authorization"),
    "prescriptions_dispensereturn": ("dispense_id", "prescriptions_dispense"),
    "prescriptions_shipment": ("dispense_id", "prescriptions_dispense"),
    "prescriptions_supplystop": ("dispense_id", "prescriptions_dispense"),
}
MOVES: Final = {
    "evidence_casestep": {"due_on"},
    "evidence_deviation": {"state"},
    "evidence_exceptionrequest": {"state"},
    "evidence_intake": {"state"},
    "patients_categorychange": {"state"},
    # What had ended is opened once more by a dispense that comes to be known late.
    "prescriptions_authorization": {"state", "ended_at", "ended_reason"},
    "prescriptions_confirmation": {"state", "ended_at", "ended_reason"},
}
"""The only columns whose value may become another one, and what it was stays in the history of
the row; any other is only ever filled in."""

Rows = dict[tuple[str, str], dict[str, Any]]


def _statement() -> str:
    """Each row as a document; what is long as its digest."""
    row = """SELECT '{table}', t.id::text, to_jsonb(t) - 'document' ||
        jsonb_build_object('document_digest', md5(to_jsonb(t) ->> 'document'))
        FROM {table} t WHERE {mine}"""
    parts = [row.format(table=each, mine="t.patient_id = ANY(%(ids)s)") for each in OF_PATIENTS]
    parts += [
        row.format(
            table=table,
            mine=f"t.{key} IN (SELECT id FROM {parent} WHERE patient_id = ANY(%(ids)s))",  # noqa: S608 - of constants only
        )
        for table, (key, parent) in OF_THEIRS.items()
    ]
    return " UNION ALL ".join(parts)


ALL_ROWS: Final = _statement()
STATES: Final = """
    SELECT a.number, a.state, a.expires_at, EXISTS (
        SELECT FROM prescriptions_confirmation c
        WHERE c.authorization_id = a.id AND c.state = 'valid' AND c.expires_at >= %(now)s)
    FROM prescriptions_authorization a WHERE a.patient_id = ANY(%(ids)s)
"""
COUNTS: Final = """
    SELECT
        ARRAY(SELECT d.id FROM prescriptions_dispense d WHERE d.patient_id = ANY(%(ids)s)),
        (SELECT count(*) FROM evidence_intervention i
            WHERE i.patient_id = ANY(%(ids)s) AND i.resolved_at IS NULL),
        (SELECT count(*) FROM evidence_pregnancycase c
            WHERE c.patient_id = ANY(%(ids)s) AND c.closed_at IS NULL)
"""
HISTORIES: Final = (
    "SELECT table_name, row_id, before FROM audit_rowchange WHERE row_id = ANY(%(keys)s) "
    "AND action = 'update'"
)


@dataclass(frozen=True)
class Counts:
    """The dispenses on record, and how much waits for somebody."""

    dispenses: set[UUID]
    interventions: int
    cases: int


def rows(patients: Sequence[UUID]) -> Rows:
    """Every row about these records of one person, without what is empty."""
    with connection.cursor() as cursor:
        cursor.execute(ALL_ROWS, {"ids": list(patients)})
        return {
            (table, key): {
                name: value
                for name, value in (json.loads(row) if isinstance(row, str) else row).items()
                if value not in (None, "")
            }
            for table, key, row in cursor.fetchall()
        }


def lost(before: Rows, after: Rows) -> list[str]:
    """What was recorded and is gone or says something else."""
    gone, moved = [], []
    for (table, key), row in before.items():
        now, moves = after.get((table, key)), MOVES.get(table, set())
        if now is None:
            gone.append(f"a row of {table}")
            continue
        changed = {name for name, value in row.items() if now.get(name) != value}
        gone += [f"{table}.{name}" for name in sorted(changed - moves)]
        moved += [(table, key, name, row[name]) for name in sorted(changed & moves)]
    return gone + _forgotten(moved)


def _forgotten(moved: list[tuple[str, str, str, Any]]) -> list[str]:
    """Former values that the histories of their rows do not hold."""
    with connection.cursor() as cursor:
        cursor.execute(HISTORIES, {"keys": [key for _, key, _, _ in moved]})
        histories: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for table, key, former in cursor.fetchall():
            document = json.loads(former) if isinstance(former, str) else former
            histories.setdefault((table, key), []).append(document)
    return [
        f"{table}.{name}, also from its history"
        for table, key, name, value in moved
        if not any(each.get(name) == value for each in histories.get((table, key), []))
    ]


def states(patients: Sequence[UUID], now: datetime) -> dict[str, str]:
    """The state of each authorization, by its number, as it holds now (L-AUT-7)."""
    with connection.cursor() as cursor:
        cursor.execute(STATES, {"ids": list(patients), "now": now})
        found = {}
        for number, state, expires_at, is_held in cursor.fetchall():
            is_open = state in {"issued", "confirmed"}
            if is_open and expires_at < now:
                found[number] = "expired"
            else:
                found[number] = "issued" if state == "confirmed" and not is_held else state
        return found


def counts(patients: Sequence[UUID]) -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"ids": list(patients)})
        dispenses, interventions, cases = cursor.fetchone()
        return Counts(set(dispenses), interventions, cases)
