"""Questions about patients who move to another prescriber: who is meant, who moved (L-ENR-5).

Reads only.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from apps.core.call import PRESCRIBING, Actor
from apps.patients.models import Patient, PatientTransfer
from apps.patients.selectors import SEES_ALL, visible_to

PHONE_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Sought:
    """A patient as another prescriber names them: name, date of birth, and one identifier more."""

    given_name: str
    family_name: str
    born_on: date
    postal_code: str = ""
    phone: str = ""


def matching(sought: Sought) -> list[Patient]:
    """The registered patients whom all of this fits; whoever asks must be throttled.

    Each person once. Without a third identifier nobody fits.
    """
    named = Patient.objects.filter(
        given_name__iexact=sought.given_name.strip(),
        family_name__iexact=sought.family_name.strip(),
        born_on=sought.born_on,
        merged_into=None,
    )
    return [patient for patient in named.order_by("pk") if _third_fits(patient, sought)]


def _third_fits(patient: Patient, sought: Sought) -> bool:
    """Every identifier that is given must fit, and at least one must be given."""
    postal_code, phone = sought.postal_code.strip(), _digits(sought.phone)
    if not postal_code and not phone:
        return False
    if postal_code and postal_code.casefold() != patient.postal_code.casefold():
        return False
    return not phone or phone == _digits(patient.phone)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-PHONE_DIGITS:]


def last_moved_at(patient_id: UUID) -> datetime | None:
    """When the patient last moved to another prescriber."""
    moved: datetime | None = PatientTransfer.objects.filter(patient_id=patient_id).aggregate(
        at=Max("recorded_at")
    )["at"]
    return moved


def transfers_visible_to(actor: Actor) -> QuerySet[PatientTransfer]:
    """The program's people see all moves; a prescriber's side those from and to the prescriber."""
    transfers = PatientTransfer.objects.select_related(
        "patient", "from_prescriber", "to_prescriber"
    )
    if actor.role in SEES_ALL:
        return transfers
    if actor.role in PRESCRIBING and actor.prescriber_id is not None:
        return transfers.filter(from_prescriber_id=actor.prescriber_id) | transfers.filter(
            to_prescriber_id=actor.prescriber_id
        )
    return transfers.none()


def moved_away_from(actor: Actor) -> list[PatientTransfer]:
    """The latest move of each patient who left this prescriber and is not theirs to see now."""
    own = PatientTransfer.objects.filter(from_prescriber_id=actor.own_prescriber)
    latest = own.order_by("patient_id", "-recorded_at").distinct("patient_id")
    return list(
        PatientTransfer.objects.filter(pk__in=latest.values("pk"))
        .exclude(patient__in=visible_to(actor))
        .select_related("patient")
        .order_by("-recorded_at")
    )
