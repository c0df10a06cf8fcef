"""Asking for a patient's complete record: why stands in the trail, and opens it for a day.

No copy is kept anywhere: it is made anew whenever who asked fetches it, and each time is an event.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from apps.audit import services as audit
from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Actor, Call
from apps.core.errors import NotAllowed, NotFound
from apps.oversight.selectors import OFFICE
from apps.patients import selectors as patients
from apps.patients.models import Patient

ASKED: Final = "record_copy_requested"
FETCHED: Final = "record_copied"
OPEN_FOR: Final = timedelta(days=1)


def ask_for_record(call: Call, *, patient_id: UUID, reason: str) -> UUID:
    """Ask for the complete record of a patient, for a legal reason; the key that opens it.

    The key names no patient. Raises NotAllowed, NotFound.
    """
    if call.actor.role not in OFFICE:
        raise NotAllowed("Only the program's office copies whole records.")
    found = visible_patient(call.actor, patient_id)
    event = audit.record_view(call, ASKED, patient_id=found.pk, subject=found, reason=reason)
    return event.operation_id


def asked_for(actor: Actor, key: UUID) -> Event:
    """What was asked under a key. Raises NotFound for anybody else, and after a day."""
    found = Event.objects.filter(
        code=ASKED,
        occurred_at__gt=clock.now() - OPEN_FOR,
        operation_id=key,
        actor_id=actor.id,
        role=actor.role.value,
    ).first()
    if found is None:
        raise NotFound("There is no copy of yours under this address, or its day is over.")
    return found


def open_until(asked: Event) -> datetime:
    """Until when a copy can be fetched."""
    return asked.occurred_at + OPEN_FOR


def visible_patient(actor: Actor, patient_id: UUID) -> Patient:
    """The patient, if the actor may see them. Raises NotFound."""
    found = patients.visible_to(actor).filter(pk=patient_id).first()
    if found is None:
        raise NotFound("There is no such patient.")
    return found


def events_about(patient_id: UUID) -> int:
    """How much the trail holds of a patient: how long a copy takes."""
    return Event.objects.filter(patient_id=patient_id).count()
