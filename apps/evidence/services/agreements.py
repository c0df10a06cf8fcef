"""Completing and renewing agreements (L-ENR-3, L-ENR-4): each voids what was issued before."""

from datetime import datetime
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PRESCRIBING
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.evidence.services.checks import not_in_future
from apps.patients import selectors as patients
from apps.patients.models import Agreement
from apps.patients.services import (
    Signatures,
    add_agreement,
    certified_prescriber,
    check_signatures,
    lock_patient,
)
from apps.prescriptions import services as prescriptions
from apps.rules.policy import policy_in_force


@command(by=PRESCRIBING)
def sign_agreement(
    run: Run,
    *,
    patient_id: UUID,
    agreement_id: UUID,
    patient_signed_at: datetime | None = None,
    prescriber_signed_at: datetime | None = None,
) -> Agreement:
    """Add a signature that is still missing; each is set once.

    Completing an agreement voids an authorization that is open (L-AUT-8).
    """
    patient = lock_patient(run, patient_id)
    agreement = Agreement.objects.filter(pk=agreement_id, patient=patient).first()
    if agreement is None:
        raise Conflict("This agreement is not one of this patient's.")
    given = {"patient_signed_at": patient_signed_at, "prescriber_signed_at": prescriber_signed_at}
    not_in_future(run.now, given)
    if prescriber_signed_at is not None:
        _check_signs_for_prescriber(run, agreement)
    fields = [name for name, instant in given.items() if instant is not None]
    if not fields:
        raise InvalidRequest("No signature was given.", dict.fromkeys(given, "Say when."))
    for name in fields:
        if getattr(agreement, name) is not None:
            raise Conflict("This signature is on record already.")
        setattr(agreement, name, given[name])
    agreement.save(update_fields=fields)
    audit.record(run, "agreement_signed", subject=agreement, patient_id=patient.pk)
    if agreement.patient_signed_at and agreement.prescriber_signed_at:
        prescriptions.write_overdue(run, patient)
        prescriptions.void_open_authorizations(
            run, patient, cause="agreement_completed", program=agreement.program
        )
    return agreement


@command(by=PRESCRIBING)
def renew_agreement(
    run: Run, *, patient_id: UUID, program: str, signatures: Signatures
) -> Agreement:
    """Sign a new agreement for the patient's present category (L-ENR-4, L-PT-8)."""
    patient = lock_patient(run, patient_id)
    prescriber = certified_prescriber(run)
    policy = policy_in_force(program, run.now)
    category = patients.current_category(patient).risk_category
    check_signatures(run, policy, category, signatures, now=run.now)
    agreement = add_agreement(
        run,
        patient,
        prescriber=prescriber,
        program=program,
        risk_category=category,
        signatures=signatures,
    )
    if agreement.patient_signed_at and agreement.prescriber_signed_at:
        prescriptions.write_overdue(run, patient)
        prescriptions.void_open_authorizations(
            run, patient, cause="agreement_completed", program=program
        )
    return agreement


def _check_signs_for_prescriber(run: Run, agreement: Agreement) -> None:
    if run.actor.role.value != "prescriber" or run.actor.prescriber_id != agreement.prescriber_id:
        raise NotAllowed("Only the agreement's own prescriber signs for the prescriber.")
