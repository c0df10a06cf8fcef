"""Whom an answer shows, and whom the trail says it showed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.audit.models import Event
from apps.core import numbers
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation

Signs = dict[UUID, set[str]]


@dataclass
class Look:
    """Requests that are watched: what came back, and whom the trail names afterwards."""

    answers: list[Any] = field(default_factory=list)
    told: set[UUID] = field(default_factory=set)

    def untold(self, signs: Signs) -> set[str]:
        """The patients who were shown while no event names them: what gave each away."""
        content = "".join(body(answer) for answer in self.answers)
        return {
            next(sign for sign in found if sign in content)
            for patient, found in signs.items()
            if patient not in self.told and any(sign in content for sign in found)
        }


@contextmanager
def watched() -> Iterator[Look]:
    """Watch the trail while something is looked at."""
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    look = Look()
    yield look
    since = Event.objects.filter(pk__gt=newest)
    for one, several in since.values_list("patient_id", "patient_ids"):
        look.told.update(several or [])
        if one is not None:
            look.told.add(one)


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
