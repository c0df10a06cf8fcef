"""Questions about the outbox: what is due, and who may see what became of it. Reads only."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from apps.core.call import Actor, Role
from apps.notices.models import Notice
from apps.rules.lifecycle import NOTICE

SEES_ALL = frozenset({Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR, Role.SYSTEM})


def notices_visible_to(actor: Actor) -> QuerySet[Notice]:
    """The program's people see every notice and its fate; others find theirs in their mail."""
    return Notice.objects.all() if actor.role in SEES_ALL else Notice.objects.none()


def due(purpose: Notice.Purpose, now: datetime) -> QuerySet[Notice]:
    """What is to be sent at `now` (the program's time) and nobody has a lease on."""
    is_free = Q(lease_until__isnull=True) | Q(lease_until__lte=Now())
    return Notice.objects.filter(is_free, purpose=purpose, state="scheduled", due_at__lte=now)


def after(event: str) -> str:
    """The state into which the system's `event` brings a scheduled notice."""
    target = NOTICE.target(event=event, state="scheduled", role=Role.SYSTEM.value)
    if target is None:
        raise ValueError(f"Scheduled notices know no event {event!r}.")
    return target


def was_recalled(dispense_id: UUID, patient_ids: Collection[UUID]) -> bool:
    """Whether its pharmacy was told that a parcel must not be handed over (L-DSP-9).

    `patient_ids`: the records under which the patient may have been at that time.
    """
    return Notice.objects.filter(
        template="shipment_to_recall",
        patient_id__in=patient_ids,
        params__dispense=str(dispense_id),
    ).exists()
