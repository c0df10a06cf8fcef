"""Patients of the demo who may look at their own pages: a fresh one-time code at each start."""

from django.conf import settings
from django.urls import reverse

from apps.core import one_time
from apps.core.call import SYSTEM, Actor, ActorKind, Call, Channel, Role
from apps.evidence import services as evidence
from apps.evidence.unsigned import unsigned
from apps.patients.models import Patient
from apps.simulation.cast import PROGRAM

# Each stands in the table of patients (docs/demo.md).
VISITORS = (("Elena", "Marquez"), ("Lakshmi", "Iyer"))
TO_SIGN = "sign the agreement"
SIGNED = "answer the questions for the next supply, report something"


def entrances() -> list[tuple[str, ...]]:
    """A link, the code, the date of birth of each, and what they can do there now.

    The codes of the start before are void.
    """
    found: list[tuple[str, ...]] = []
    for given_name, family_name in VISITORS:
        for patient in Patient.objects.filter(given_name=given_name, family_name=family_name):
            reference, code = _new_code(patient)
            link = f"{settings.PORTAL_URL}{reverse('own_enter_by_link', args=[reference])}"
            found.append((str(patient), link, code, str(patient.born_on), what_to_try(patient)))
    return found


def what_to_try(patient: Patient) -> str:
    """What there is to do on the patient's pages now."""
    return TO_SIGN if unsigned(SYSTEM, patient, PROGRAM).own else SIGNED


def _new_code(patient: Patient) -> tuple[str, str]:
    prescriber = patient.prescriber
    actor = Actor(
        kind=ActorKind.PERSON,
        id=prescriber.user_id,
        role=Role.PRESCRIBER,
        organization_id=prescriber.practice_id,
        prescriber_id=prescriber.pk,
    )
    issued = evidence.issue_patient_code(
        Call(actor=actor, channel=Channel.PORTAL),
        patient_id=patient.pk,
        purpose="enter",
        way="shown",
        identified="in_person",
    )
    return one_time.told(issued.pk)
