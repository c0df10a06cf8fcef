"""Questions about the trail. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from apps.audit.models import MARKS, Event, LegalHold, RowChange, Seal
from apps.core import clock
from apps.core.models import Operation

AROUND = timedelta(minutes=1)

# Every code once, by one step of the index for each: however many events there are.
CODES = """
    WITH RECURSIVE known AS (
        (SELECT code FROM audit_event ORDER BY code LIMIT 1)
        UNION ALL
        SELECT (SELECT e.code FROM audit_event e WHERE e.code > k.code ORDER BY e.code LIMIT 1)
        FROM known k WHERE k.code IS NOT NULL
    )
    SELECT code FROM known WHERE code IS NOT NULL
"""


def times_within(organization_id: UUID, code: str, *, since: datetime) -> int:
    """How often something happened to an organization's people since an instant."""
    return Event.objects.filter(
        organization_id=organization_id, code=code, occurred_at__gt=since
    ).count()


@dataclass(frozen=True, slots=True)
class Sought:
    """What an auditor looks for: everything that is given must fit. None means any."""

    patient_ids: Collection[UUID] | None = None
    actor_ids: Collection[UUID] | None = None
    organization_ids: Collection[UUID] | None = None
    code: str = ""
    channel: str = ""
    operation_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def events(sought: Sought) -> QuerySet[Event]:
    """The events that fit; a list that showed a patient is one of that patient's events."""
    exactly = {
        "actor_id__in": sought.actor_ids,
        "organization_id__in": sought.organization_ids,
        "code": sought.code or None,
        "channel": sought.channel or None,
        "operation_id": sought.operation_id,
        "occurred_at__gte": sought.since,
        "occurred_at__lt": sought.until,
    }
    found = Event.objects.filter(
        **{lookup: value for lookup, value in exactly.items() if value is not None}
    )
    if sought.patient_ids is not None:
        ids = list(sought.patient_ids)
        found = found.filter(Q(patient_id__in=ids) | Q(patient_ids__overlap=ids))
    if sought.operation_id is not None:
        found = found.filter(**_when(sought.operation_id))
    return found


def _when(operation_id: UUID) -> dict[str, datetime]:
    """Events bear their command's instant, which has an index; operations have none there."""
    performed = (
        Operation.objects.filter(pk=operation_id).values_list("performed_at", flat=True).first()
    )
    if performed is None:
        return {}
    return {"occurred_at__gte": performed - AROUND, "occurred_at__lte": performed + AROUND}


def patients_in(found: QuerySet[Event]) -> set[UUID]:
    """Every patient whom these events name, also on lists."""
    named: set[UUID] = set()
    for one, several in found.values_list("patient_id", "patient_ids").distinct().iterator():
        named.update(several or [])
        if one is not None:
            named.add(one)
    return named


def codes() -> list[str]:
    """Every code that the trail holds, in order."""
    with connection.cursor() as cursor:
        cursor.execute(CODES)
        return [code for (code,) in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Sealing:
    """How far the trail is sealed: the age of the last seal (None: there is none), and how long the
    longest of all rows has waited for the next. Real time."""

    age: timedelta | None
    waits: timedelta


def sealing() -> Sealing:
    """For watching: nothing new makes no seal, so an old one is late only if something waits.

    What a transaction was still writing when the last seal was made waits since then.
    """
    now = clock.real_now()
    newest = Seal.objects.order_by("-number").defer(*MARKS).first()
    events = Event.objects.filter(pk__gt=newest.events_upto if newest else 0)
    changes = RowChange.objects.filter(pk__gt=newest.changes_upto if newest else 0)
    operations = Operation.objects.filter(serial__gt=newest.operations_upto if newest else 0)
    since = [
        events.order_by("pk").values_list("occurred_at", flat=True).first(),
        changes.order_by("pk").values_list("changed_at", flat=True).first(),
        operations.order_by("serial").values_list("started_at", flat=True).first(),
    ]
    if since[0] is not None:
        since[0] -= clock.offset()
    waited = max((now - each for each in since if each is not None), default=timedelta(0))
    age = now - newest.sealed_at if newest else None
    return Sealing(
        age=age,
        waits=max(timedelta(0), waited if age is None else min(waited, age)),
    )


def changes_of(table: str, key: str) -> QuerySet[RowChange]:
    """The history of one row, in order."""
    return RowChange.objects.filter(table_name=table, row_id=key).order_by("pk")


def legal_holds(*, lifted_too: bool = False) -> QuerySet[LegalHold]:
    """The legal holds that are open, the oldest first."""
    found = LegalHold.objects.order_by("recorded_at")
    return found if lifted_too else found.filter(lifted_at__isnull=True)
