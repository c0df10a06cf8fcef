"""Patients of the demo who may look at their own pages: a fresh one-time code at each start."""

from django.conf import settings
from django.urls import reverse

from apps.core import one_time
from apps.core.call import Actor, ActorKind, Call, Channel, Role
from apps.evidence import services as evidence
from apps.patients.models import Patient

# Who, and what they can do there; each stands in the table of patients (docs/demo.md).
VISITORS = {
    ("Elena", "Marquez"): "sign the agreement",
    ("Lakshmi", "Iyer"): "answer the questions for the next supply, report something",
}


def entrances() -> list[tuple[str, ...]]:
    """A link, the code and the date of birth of each; the codes of the start before are void."""
    found: list[tuple[str, ...]] = []
    for (given_name, family_name), what in VISITORS.items():
        for patient in Patient.objects.filter(given_name=given_name, family_name=family_name):
            reference, code = _new_code(patient)
            link = f"{settings.PORTAL_URL}{reverse('own_enter_by_link', args=[reference])}"
            found.append((str(patient), link, code, str(patient.born_on), what))
    return found


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
