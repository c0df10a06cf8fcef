"""What is known about a patient, as an actor may see it. Reads only."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.core.call import Actor
from apps.core.errors import NotFound
from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    HealthStatus,
    Intervention,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
    TherapyEvent,
)
from apps.evidence.models.base import Evidence
from apps.patients import selectors as patients
from apps.patients.models import Patient

Entry = TypeVar("Entry", bound=Evidence)

STRANDING = ("suspended", "decertified")


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """The entries about one patient, newest first, withdrawn ones included."""

    tests: list[PregnancyTest]
    contraception: list[ContraceptionAttestation]
    obligations: list[ObligationsAttestation]
    counseling: list[Counseling]
    health: list[HealthStatus]
    surveys: list[PatientSurvey]
    bleeding_reports: list[BleedingReport]
    cases: list[PregnancyCase]
    interventions: list[Intervention]


def visible_to(actor: Actor, kind: type[Entry]) -> QuerySet[Entry]:
    """The entries of one kind about the patients that the actor may see.

    Of a patient who moved to another prescriber, the old one sees the own entries (L-ENR-5).
    """
    return kind._default_manager.filter(
        Q(patient__in=patients.visible_to(actor)) | patients.entered_before_moving(actor)
    )


def record_of(actor: Actor, patient_id: UUID, program: str) -> PatientRecord:
    """The record of a patient whom the actor may see: one statement a kind. Raises NotFound."""
    patient = patients.visible_to(actor).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound("There is no such patient among those that you may see.")
    return PatientRecord(
        tests=list(patient.pregnancytest_set.order_by("-collected_at", "-recorded_at")),
        contraception=list(
            patient.contraceptionattestation_set.order_by("-attested_at", "-recorded_at")
        ),
        obligations=list(
            patient.obligationsattestation_set.order_by("-attested_at", "-recorded_at")
        ),
        counseling=list(
            patient.counseling_set.filter(program=program).order_by("-given_at", "-recorded_at")
        ),
        health=list(patient.healthstatus_set.order_by("-recorded_at")),
        surveys=list(
            patient.patientsurvey_set.filter(program=program).order_by(
                "-completed_at", "-recorded_at"
            )
        ),
        bleeding_reports=list(patient.bleedingreport_set.order_by("-reported_at", "-recorded_at")),
        cases=list(patient.pregnancycase_set.order_by("-reported_at", "-recorded_at")),
        interventions=list(patient.intervention_set.order_by("-opened_at", "-recorded_at")),
    )


def stranded_patients() -> QuerySet[Patient]:
    """The patients whose prescriber lost the certification: somebody must take them over (L-ENR-5).

    Those who died need nobody any more.
    """
    died = TherapyEvent.objects.filter(kind=TherapyEvent.Kind.DIED, withdrawn_at__isnull=True)
    return (
        Patient.objects.filter(prescriber__state__in=STRANDING, merged_into=None)
        .exclude(pk__in=died.values("patient_id"))
        .select_related("prescriber__practice__organization")
    )
