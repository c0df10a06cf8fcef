"""Copies of complete records that somebody asked for: whose they are, and how far. Reads only.

A copy is there for who asked, for a day; the services make it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Func, IntegerField, Q, QuerySet
from django.db.models.functions import Now

from apps.core import clock
from apps.core.call import Actor
from apps.core.errors import NotFound
from apps.oversight.models import FILES_OF_A_COPY, RecordCopy
from apps.patients import selectors as patients
from apps.patients.models import Patient

FETCHED: Final = "record_copied"
OPEN_FOR: Final = timedelta(days=1)
LATE: Final = timedelta(minutes=1)
WAITS, MAKING, READY, FAILED = "waits", "making", "ready", "failed"


@dataclass(frozen=True, slots=True)
class File:
    """One of the two files of a copy that is made."""

    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a copy is.

    `is_late`: no worker took it up for a minute. `is_interrupted`: one did, and ended or failed.
    """

    state: str
    parts_done: int
    parts: int
    is_late: bool
    is_interrupted: bool
    attempts: int
    files: list[File]


def asked_for(actor: Actor, key: UUID) -> RecordCopy:
    """The copy under a key, without its files. Raises NotFound for others, and after a day."""
    own = RecordCopy.objects.filter(
        pk=key,
        recorded_at__gt=clock.now() - OPEN_FOR,
        operation__actor_id=actor.id,
        operation__role=actor.role.value,
    )
    found = own.select_related("patient", "operation").defer(*FILES_OF_A_COPY).first()
    if found is None:
        raise NotFound("There is no copy of yours under this address, or its day is over.")
    return found


def being_made_for(actor: Actor) -> QuerySet[RecordCopy]:
    """The copies that somebody asked for, and that are neither there nor given up."""
    return RecordCopy.objects.filter(
        operation__actor_id=actor.id,
        recorded_at__gt=clock.now() - OPEN_FOR,
        made_at=None,
        failed_at=None,
    )


def open_until(copy: RecordCopy) -> datetime:
    """Until when a copy can be fetched."""
    return copy.recorded_at + OPEN_FOR


def progress_of(copy: RecordCopy) -> Progress:
    """How far a copy is."""
    is_held = copy.lease_until is not None and copy.lease_until > clock.real_now()
    if copy.made_at is not None:
        state = READY
    elif copy.failed_at is not None:
        state = FAILED
    else:
        state = MAKING if is_held else WAITS
    return Progress(
        state=state,
        parts_done=copy.parts_done,
        parts=copy.parts,
        is_late=state == WAITS and clock.now() - copy.recorded_at > LATE,
        is_interrupted=state == WAITS and copy.attempts > 0,
        attempts=copy.attempts,
        files=_files(copy) if state == READY else [],
    )


def content_of(copy: RecordCopy, kind: str) -> bytes | None:
    """One file of a copy; None while it is not made."""
    found = RecordCopy.objects.filter(pk=copy.pk).values_list(kind, flat=True).get()
    return None if found is None else bytes(found)


def waiting() -> QuerySet[RecordCopy]:
    """What is to be made, and nobody makes now."""
    return RecordCopy.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=Now()),
        made_at=None,
        failed_at=None,
        recorded_at__gt=clock.now() - OPEN_FOR,
    )


def whose_day_is_over() -> QuerySet[RecordCopy]:
    """What still has its files, and nobody can fetch any more."""
    old = RecordCopy.objects.filter(recorded_at__lte=clock.now() - OPEN_FOR)
    return old.filter(made_at__isnull=False, emptied_at=None)


def visible_patient(actor: Actor, patient_id: UUID) -> Patient:
    """The patient, if the actor may see them. Raises NotFound."""
    found = patients.visible_to(actor).filter(pk=patient_id).first()
    if found is None:
        raise NotFound("There is no such patient.")
    return found


def _files(copy: RecordCopy) -> list[File]:
    sizes = {
        kind: Func(F(kind), function="octet_length", output_field=IntegerField())
        for kind in FILES_OF_A_COPY
    }
    found = RecordCopy.objects.filter(pk=copy.pk).values_list(*sizes.values())
    return [
        File(kind, size or 0, getattr(copy, f"{kind}_sha256"))
        for kind, size in zip(sizes, found.get(), strict=True)
    ]
