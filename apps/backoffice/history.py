"""One record's history: what was done to it or seen of it, and what its row was before."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from apps.audit.models import Event, RowChange
from apps.backoffice.shown import actor_named, page_of, words_of
from apps.patients.models import Patient

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One update of a row: each column that changed, before and after."""

    changed_at: datetime
    operation_id: UUID | None
    database_role: str
    columns: list[tuple[str, Any, Any]]


@dataclass(frozen=True, slots=True)
class History:
    """The latest events and changes, newest first, and where all events are listed."""

    events: list[dict[str, Any]]
    changes: list[Change]
    all_events: str
    made_by: str


def history_of(record: Model) -> History:
    """The history of one record, in a fixed number of statements."""
    operation = getattr(record, "operation", None)
    return History(
        events=[_in_words(event) for event in _events(record)[:SHOWN]],
        changes=[_change(row) for row in _changes(record)[:SHOWN]],
        all_events=f"{reverse('admin:audit_event_changelist')}?{urlencode(_filter(record))}",
        made_by=page_of(operation) if operation else "",
    )


def _in_words(event: Any) -> dict[str, Any]:
    """An event as the trail's search tells it."""
    return {
        "id": event.pk,
        "at": event.occurred_at,
        "what": words_of(event.code),
        "who": event.actor_name or words_of(event.actor_kind),
        "role": words_of(event.role),
        "channel": words_of(event.channel),
        "reason": event.reason,
    }


def _events(record: Model) -> QuerySet[Event]:
    about = Q(subject_model=record._meta.label_lower, subject_id=str(record.pk))
    if isinstance(record, Patient):
        about |= Q(patient_id=record.pk)
    return Event.objects.filter(about).annotate(actor_name=actor_named("actor_id")).order_by("-pk")


def _filter(record: Model) -> dict[str, str]:
    if isinstance(record, Patient):
        return {"patient_id__exact": str(record.pk)}
    return {"subject_model__exact": record._meta.label_lower, "subject_id__exact": str(record.pk)}


def _changes(record: Model) -> QuerySet[RowChange]:
    return RowChange.objects.filter(
        table_name=record._meta.db_table, row_id=str(record.pk)
    ).order_by("-pk")


def _change(row: RowChange) -> Change:
    before = row.before or {}
    columns = [
        (name, before.get(name), value)
        for name, value in sorted(row.after.items())
        if before.get(name) != value
    ]
    return Change(row.changed_at, row.operation_id, row.database_role, columns)
