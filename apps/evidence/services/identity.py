"""Setting a patient's name or date of birth right, and what may not go on resting on the wrong one.

By the date of birth the pharmacy finds the patient, and the rules tell a child from an adult.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Min, Model

from apps.audit import services as audit
from apps.core.call import PROGRAM
from apps.core.checks import one_line, required_reason, what_changes
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest
from apps.core.overtaken import refuse_overtaken
from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyTest,
)
from apps.evidence.services.checks import refuse_own_patient, refuse_themselves
from apps.notices import services as notices
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.ending_access import end_access
from apps.patients.enrolling import wait_for_other_enrollments
from apps.patients.models import Agreement, IdentityCorrection, Patient
from apps.patients.services import (
    Identity,
    check_identity,
    lock_patient,
)
from apps.prescriptions import services as prescriptions
from apps.prescriptions.models import Dispense
from apps.providers import selectors as providers
from apps.rules.calendar import Calendar, date_of
from apps.rules.policy import policy_in_force, programs

WHO: Final = ("given_name", "family_name", "born_on")
DATED: Final[tuple[tuple[type[Model], str], ...]] = (
    (Agreement, "patient_signed_at"),
    (Agreement, "prescriber_signed_at"),
    (PregnancyTest, "collected_at"),
    (ContraceptionAttestation, "attested_at"),
    (ObligationsAttestation, "attested_at"),
    (Counseling, "given_at"),
    (PatientSurvey, "completed_at"),
    (BleedingReport, "reported_at"),
    (Dispense, "dispensed_at"),
)
"""What happened to a patient, each in its column: nothing of it before the birth."""


@command(by=PROGRAM)
def correct_identity(
    run: Run,
    *,
    patient_id: UUID,
    given_name: str,
    family_name: str,
    born_on: date,
    source_document: str,
    reason: str,
    seen: str = "",
) -> IdentityCorrection:
    """Set a wrong name or date of birth right, with a reason and what shows it (L-SRC-3).

    All access that was given before ends. With another date of birth what is open is void, also a
    confirmation; a category that does not fit the age then blocks until it is changed (L-CAT-1).
    What was signed keeps its name. `seen` is the mark of what the sender saw. Raises InvalidRequest
    for what cannot be right or changes nothing, Overtaken where the record says another by now,
    NotAllowed for who is the patient, speaks or prescribes for them, NotFound, Merged.
    """
    cause = required_reason(reason)
    shown = required_reason(
        source_document, field="source_document", hint="Say what shows it, and where it was seen."
    )
    one_line(source_document=source_document)
    patient = lock_patient(run, patient_id)
    refuse_own_patient(run, patient)
    refuse_themselves(run, patient)
    refuse_overtaken(seen, {name: getattr(patient, name) for name in WHO})
    right = Identity(
        given_name.strip(), family_name.strip(), born_on,
        patient.postal_code, patient.phone, patient.email, patient.time_zone,
    )  # fmt: skip
    _check(run, patient, right)
    correction = IdentityCorrection.objects.create(
        patient=patient,
        **{f"{name}_before": getattr(patient, name) for name in WHO},
        **{name: getattr(right, name) for name in WHO},
        source_document=shown,
        reason=cause,
        resembled=_resembled(patient, right),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    _take_effect(run, patient, correction)
    return correction


def _take_effect(run: Run, patient: Patient, correction: IdentityCorrection) -> None:
    end_access(run, patient)
    for name in WHO:
        setattr(patient, name, getattr(correction, name))
    patient.save(update_fields=WHO)
    if correction.is_of_birth:
        prescriptions.write_overdue(run, patient)
        prescriptions.void_open_authorizations(run, patient, cause="identity_corrected")
    audit.record(
        run,
        "patient_identity_corrected",
        subject=correction,
        patient_id=patient.pk,
        patient_ids=correction.resembled,
        reason=correction.reason,
        data={
            "changed": [
                name for name in WHO
                if getattr(correction, name) != getattr(correction, f"{name}_before")
            ],
        },
    )  # fmt: skip
    notices.tell(
        run,
        "identity_corrected",
        about=str(correction.pk),
        recipients=[providers.prescriber_recipient(patient.prescriber)],
        patient_id=patient.pk,
    )


def _check(run: Run, patient: Patient, right: Identity) -> None:
    """Raises InvalidRequest for what is no name, no date of birth of this record, or no change."""
    policy = policy_in_force(patients.program_of(patient) or programs()[0], run.now)
    check_identity(policy, right, now=run.now)
    before = {name: getattr(patient, name) for name in WHO}
    what_changes(before, {name: getattr(right, name) for name in WHO})
    if right.born_on > patient.born_on:
        _check_birth_is_first(patient, right.born_on, policy.calendar)


def _check_birth_is_first(patient: Patient, born_on: date, calendar: Calendar) -> None:
    """Raises InvalidRequest where something stands of before the birth: no rule could read it."""
    bases = [patients.current_category(patient).basis_on]
    change = standing.pending_change(patient.pk)
    bases.append(change.basis_on if change else None)
    if any(on is not None and on < born_on for on in bases):
        raise InvalidRequest(
            "The basis of the category is older than that.",
            {"born_on": "Have the prescriber change the category, with the right basis, first."},
        )
    known = [patient.registered_at, *_instants(patient)]
    earliest = date_of(calendar.day(min(known)))
    if earliest < born_on:
        raise InvalidRequest(
            "The record is older than that.",
            {"born_on": f"An entry of {earliest} is on record: withdraw it first, if it is wrong."},
        )


def _instants(patient: Patient) -> Iterator[datetime]:
    for model, column in DATED:
        standing_rows: Any = model._default_manager.filter(
            patients.about(patient.pk), withdrawn_at__isnull=True
        )
        first = standing_rows.aggregate(first=Min(column))["first"]
        if first is not None:
            yield first


def _resembled(patient: Patient, right: Identity) -> list[UUID]:
    """Whom the patient resembles as corrected; nobody is enrolled meanwhile (L-PAT-1)."""
    wait_for_other_enrollments()
    alike = patients.resembling(
        patient, given_name=right.given_name, family_name=right.family_name, born_on=right.born_on
    )
    return [found.patient.pk for found in alike]
