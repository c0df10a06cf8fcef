"""Registered patients who resemble each other, undecided (L-PAT-1). Reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from apps.core.call import PRESCRIBING, Actor
from apps.patients.selectors import SEES_ALL

# Alike as at enrollment: in at least two of name (also swapped, or the family name), date of birth,
# contact. A pair is found by the same date of birth or the same whole name, each by its index; that
# of the names has them in capitals. Who is alike in all three is hardly another person: what the
# care team said when it enrolled them does not settle that for the staff.
UNDECIDED = """
    SELECT least(p.id, q.id), greatest(p.id, q.id),
        greatest(p.registered_at, q.registered_at) AS since,
        array_remove(ARRAY[n.name, b.born, t.contact], NULL) AS alike
    FROM patients_patient p
    JOIN patients_patient q ON q.id > p.id AND q.merged_into_id IS NULL AND (
        q.born_on = p.born_on
        OR upper(q.family_name) = upper(p.family_name)
            AND upper(q.given_name) = upper(p.given_name)
        OR upper(q.family_name) = upper(p.given_name)
            AND upper(q.given_name) = upper(p.family_name))
    CROSS JOIN LATERAL (SELECT CASE
        WHEN upper(q.family_name) = upper(p.family_name)
            AND upper(q.given_name) = upper(p.given_name)
            OR upper(q.family_name) = upper(p.given_name)
            AND upper(q.given_name) = upper(p.family_name) THEN 'name'
        WHEN upper(q.family_name) = upper(p.family_name) THEN 'family name' END AS name) n
    CROSS JOIN LATERAL (SELECT CASE
        WHEN q.born_on = p.born_on THEN 'date of birth' END AS born) b
    CROSS JOIN LATERAL (SELECT CASE
        WHEN left(q.postal_code, 5) = left(p.postal_code, 5)
            OR q.email <> '' AND lower(q.email) = lower(p.email)
            OR q.phone ~ '[0-9]' AND right(regexp_replace(q.phone, '[^0-9]', '', 'g'), 10)
                = right(regexp_replace(p.phone, '[^0-9]', '', 'g'), 10)
        THEN 'contact' END AS contact) t
    WHERE p.merged_into_id IS NULL
        AND (%(of)s::uuid IS NULL OR %(of)s IN (p.id, q.id))
        AND num_nonnulls(n.name, b.born, t.contact) >= 2
        AND NOT EXISTS (SELECT FROM patients_duplicatedecision d
            JOIN core_operation o ON o.id = d.operation_id
            WHERE (d.patient_id, d.resembles_id) IN ((p.id, q.id), (q.id, p.id))
                AND NOT (o.role = ANY(%(care_team)s)
                    AND n.name = 'name' AND num_nonnulls(b.born, t.contact) = 2))
    ORDER BY since, 1, 2
    LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class UndecidedResemblance:
    """Two registered patients who may be one person; `since` both are registered."""

    patient_id: UUID
    resembles_id: UUID
    since: datetime
    alike_in: tuple[str, ...]


def undecided_resemblances(
    actor: Actor, *, of: UUID | None = None, limit: int = 200
) -> list[UndecidedResemblance]:
    """The pairs that wait for a decision, oldest first: for the program's people only.

    With `of`, only those of this patient.
    """
    if actor.role not in SEES_ALL:
        return []
    with connection.cursor() as cursor:
        care_team = [role.value for role in PRESCRIBING]
        cursor.execute(UNDECIDED, {"of": of, "limit": limit, "care_team": care_team})
        return [
            UndecidedResemblance(one, other, since, tuple(alike))
            for one, other, since, alike in cursor.fetchall()
        ]
