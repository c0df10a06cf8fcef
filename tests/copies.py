"""Copies of a patient's history, and long ones: quick to make, for races and measurements."""

from collections.abc import Iterable
from copy import copy
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Model

from apps.core import numbers
from apps.eligibility.models import Decision
from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    Intervention,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyTest,
    SurveyUse,
)
from apps.patients.models import Agreement, CategoryAssignment, Patient
from apps.prescriptions.models import Authorization


@transaction.atomic
def twins(patient: Patient, number: int) -> list[Patient]:
    """Other patients with the same history, up to an issued authorization and its yes."""
    made = [copied(patient, given_name=f"Twin{serial}") for serial in range(number)]
    Patient.objects.bulk_create(made)
    for twin in made:
        twin.refresh_from_db()
    mine = {twin.pk: twin for twin in made}
    for model in (
        CategoryAssignment,
        Agreement,
        ObligationsAttestation,
        Counseling,
        PregnancyTest,
        ContraceptionAttestation,
    ):
        _copy_all(model, patient, mine)
    surveys = _copy_all(PatientSurvey, patient, mine)
    authorizations = _copy_all(Authorization, patient, mine)
    SurveyUse.objects.bulk_create(
        copied(
            use,
            survey_id=surveys[use.survey_id, twin],
            authorization_id=authorizations[use.authorization_id, twin],
        )
        for use in SurveyUse.objects.filter(authorization__patient=patient)
        for twin in mine
    )
    Decision.objects.bulk_create(
        copied(decision, patient_id=twin, authorization_id=of_twin)
        for (original, twin), of_twin in authorizations.items()
        for decision in Decision.objects.filter(authorization_id=original, act="authorize")
    )
    return made


def _copy_all(
    model: type[Model], patient: Patient, twins: Iterable[UUID]
) -> dict[tuple[UUID, UUID], UUID]:
    """Copy a patient's rows for each twin; where each row's copies went."""
    went, copies = {}, []
    for row in model._default_manager.filter(patient=patient):
        for twin in twins:
            fresh = {"patient_id": twin, **_fresh(row)}
            copies.append(copied(row, **fresh))
            went[row.pk, twin] = copies[-1].pk
    model._default_manager.bulk_create(copies)
    return went


def lengthen(patient: Patient, entries: int) -> None:
    """Give a patient so many older entries of each kind that decide nothing any more."""
    for model in (
        Agreement,
        ContraceptionAttestation,
        Counseling,
        ObligationsAttestation,
        PatientSurvey,
        PregnancyTest,
    ):
        first = model._default_manager.filter(patient=patient).order_by("recorded_at")[0]
        model._default_manager.bulk_create(older(first, serial) for serial in range(entries))
    row = patient.agreements.order_by("recorded_at")[0]
    ended = {"operation_id": row.operation_id, "patient_id": patient.pk}
    at = row.recorded_at - timedelta(days=40)
    Intervention.objects.bulk_create(
        Intervention(
            opened_at=at, recorded_at=at, resolved_at=at, cause="lapse", outcome="Counseled",
            conclusion="counseled", contacted="The patient",
            resolving_operation_id=row.operation_id, **ended,
        )
        for _ in range(entries)
    )  # fmt: skip
    BleedingReport.objects.bulk_create(
        BleedingReport(
            reported_at=at, recorded_at=at, kind="missed_period", withdrawn_at=at,
            withdrawal_reason="Mistake", withdrawal_operation_id=row.operation_id, **ended,
        )
        for _ in range(entries)
    )  # fmt: skip


def older(row: Any, serial: int) -> Any:
    """The same entry, long before."""
    back = timedelta(days=40, seconds=serial)
    instants = {
        name: getattr(row, name) - back
        for name in (
            "attested_at", "given_at", "completed_at", "collected_at", "resulted_at",
            "patient_signed_at", "prescriber_signed_at", "recorded_at",
        )
        if hasattr(row, name)
    }  # fmt: skip
    if getattr(row, "in_use_since", None) is not None:
        instants["in_use_since"] = row.in_use_since - timedelta(days=41)
    return copied(row, **instants)


def copied(row: Any, **changes: Any) -> Any:
    """A new row like another one, not saved yet."""
    twin = copy(row)
    twin._state = copy(row._state)
    twin._state.adding, twin._state.fields_cache = True, {}
    twin.pk = uuid4()
    for name, value in changes.items():
        setattr(twin, name, value)
    return twin


def _fresh(row: Model) -> dict[str, Any]:
    if isinstance(row, Authorization):
        return {"number": numbers.new_number(numbers.AUTHORIZATION)}
    return {}
