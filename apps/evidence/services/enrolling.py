"""Registering a patient from an agreement form that came by fax or on paper (L-SRC-1, L-ENR-3).

Nothing is signed here: the form's signatures come as an intake, with the scan, and count when a
second person has accepted it.
"""

from dataclasses import replace
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PROGRAM, SCANNED, ActorKind, Call, Channel
from apps.core.command import Run, body_of, carry_out_within, command
from apps.core.errors import NotAllowed
from apps.evidence.services.checks import one_of, refuse_own_patient, refuse_themselves
from apps.notices import services as notices
from apps.patients.enrolling import wait_for_other_enrollments
from apps.patients.models import Patient
from apps.patients.services import (
    CategoryBasis,
    Identity,
    NotDuplicate,
    Signatures,
    enroll_patient,
    share_prescriber,
)
from apps.providers import selectors as providers


@command(by=PROGRAM)
def enroll_from_form(
    run: Run,
    *,
    program: str,
    channel: str,
    prescriber_id: UUID,
    identity: Identity,
    risk_category: str,
    basis: CategoryBasis | None,
    signer: str,
    signer_name: str,
    signer_relationship: str = "",
    not_duplicates: tuple[NotDuplicate, ...] = (),
) -> Patient:
    """Register a patient for the certified prescriber whose form came by fax or on paper.

    With an agreement that nobody has signed yet, so that nothing is eligible by it. The record
    bears who entered it, for whom and through which channel; the prescriber is told. Raises what
    `enroll_patient` raises, NotFound for no prescriber, and NotAllowed for who is the patient or
    prescribes for them.
    """
    if run.actor.kind is not ActorKind.PERSON:
        raise NotAllowed("Somebody of the staff enters it.")
    came_by = Channel(one_of(channel, [each.value for each in SCANNED], field="channel"))
    wait_for_other_enrollments()
    prescriber = share_prescriber(prescriber_id)
    run.read_clock()
    patient = carry_out_within(
        run,
        Call(actor=replace(run.actor, prescriber_id=prescriber.pk), channel=came_by),
        "enroll_patient",
        lambda inner: body_of(enroll_patient)(
            inner,
            program=program,
            identity=identity,
            risk_category=risk_category,
            basis=basis,
            signatures=Signatures(signer, signer_name, signer_relationship),
            not_duplicates=not_duplicates,
        ),
    )
    # Of the patient as registered: who is concerned has registered nobody then.
    refuse_own_patient(run, patient)
    refuse_themselves(run, patient)
    audit.record(
        run,
        "patient_enrolled_from_form",
        subject=patient,
        patient_id=patient.pk,
        data={"channel": came_by.value, "prescriber": str(prescriber.pk)},
    )
    notices.tell(
        run,
        "patient_enrolled_from_form",
        about=str(patient.pk),
        recipients=[providers.prescriber_recipient(prescriber)],
        patient_id=patient.pk,
    )
    return patient
