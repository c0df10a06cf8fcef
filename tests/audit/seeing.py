"""Whom an answer shows, and whom the trail says it showed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.audit.models import Event
from apps.core import numbers
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation

Signs = dict[UUID, set[str]]


class Trail:
    """The trail, read on from where it was read last: what one request left in it."""

    def __init__(self) -> None:
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
        self._read: int = newest or 0

    def news(self) -> list[Event]:
        """The events since the last look."""
        since = list(Event.objects.filter(pk__gt=self._read).order_by("pk"))
        if since:
            self._read = since[-1].pk
        return since


def named_in(events: Iterable[Event]) -> set[UUID]:
    """The patients whom events name; records that were merged are one patient's."""
    named = {patient for event in events for patient in event.patient_ids or []}
    named |= {event.patient_id for event in events if event.patient_id is not None}
    one = Patient.objects.filter(Q(pk__in=named) | Q(merged_into__in=named))
    return named | {each for pair in one.values_list("pk", "merged_into") for each in pair if each}


def untold(answer: Any, events: list[Event], signs: Signs) -> set[str]:
    """The patients whom an answer shows while no event names them: what gave each away."""
    content, told = body(answer), named_in(events)
    return {
        next(sign for sign in found if sign in content)
        for patient, found in signs.items()
        if patient not in told and any(sign in content for sign in found)
    }


def body(answer: Any) -> str:
    """The text of an answer, streamed or not."""
    parts: Iterable[bytes] = answer.streaming_content if answer.streaming else [answer.content]
    return b"".join(parts).decode(errors="replace")


def signs_of_patients() -> Signs:
    """What gives each patient away: id, name, address, phone, numbers."""
    signs = {
        patient.pk: {
            str(patient.pk),
            f"{patient.given_name} {patient.family_name}",
            f"{patient.family_name}, {patient.given_name}",
        }
        for patient in Patient.objects.all()
    }
    for authorization in Authorization.objects.all():
        signs[authorization.patient_id] |= written(authorization.number)
    for confirmation in Confirmation.objects.select_related("authorization"):
        signs[confirmation.authorization.patient_id] |= written(confirmation.number)
    return signs


def written(number: str) -> set[str]:
    """A number as systems and as people write it."""
    return {number, numbers.grouped(number)}
