"""Moving a patient's care to another prescriber: taken over, or handed over as a list (L-ENR-5).

Taking over voids what is open, for it completes an agreement. Nothing here tells a stranger
whether somebody is a patient of the program.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Max

from apps.audit import selectors as trail
from apps.audit import services as audit
from apps.core import clock
from apps.core.call import PROGRAM, Call, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound, TooManyRequests
from apps.notices import services as notices
from apps.patients import selectors as patients
from apps.patients.ending_access import end_access
from apps.patients.models import Agreement, Patient, PatientTransfer
from apps.patients.services import (
    Signatures,
    add_agreement,
    certified_prescriber,
    check_signatures,
    lock,
    lock_patients,
    share_prescriber,
)
from apps.patients.transfers import Sought, last_moved_at, matching
from apps.prescriptions import services as prescriptions
from apps.providers import selectors as providers
from apps.providers.models import Prescriber
from apps.rules.policy import policy_in_force

MISS = "patient_take_over_missed"
REFUSED = "patient_take_over_refused"
MISSES_ALLOWED = 5
MISSES_WITHIN_MINUTES = 60
PRESCRIBER = frozenset({Role.PRESCRIBER})
NO_MATCH = (
    "Nobody in the program fits all of this. Compare name, date of birth, postal code and phone "
    "number with the patient; if they agree, call the program's staff."
)


def take_over_patient(
    call: Call,
    *,
    program: str,
    sought: Sought,
    risk_category: str,
    signatures: Signatures,
    reason: str,
) -> PatientTransfer:
    """The new prescriber takes a patient over, with a new agreement that both signed (L-ENR-5).

    Raises NotFound alike for whoever does not fit, TooManyRequests after repeated misses,
    InvalidRequest for a missing signature, Conflict for another category than the patient's, for
    who is the prescriber already, and for an agreement that is older than what the patient signed,
    or where they moved, since.
    """
    # Who may not do this at all learns nothing and leaves no miss.
    if call.actor.role not in PRESCRIBER:
        raise NotAllowed("Only the new prescriber takes a patient over.")
    _refuse_uncertified(call)
    _refuse_after_misses(call)
    try:
        return move_patient_here(
            call,
            program=program,
            sought=sought,
            risk_category=risk_category,
            signatures=signatures,
            reason=reason,
        )
    except NotFound:
        audit.record_view(call, MISS)
        raise
    except (Conflict, InvalidRequest):
        # The answer tells that this person is in the program: that was a look at their record.
        if found := [each.pk for each in matching(sought)]:
            audit.record_view(call, REFUSED, patient_ids=found)
        raise


@command(by=PRESCRIBER)
def move_patient_here(
    run: Run,
    *,
    program: str,
    sought: Sought,
    risk_category: str,
    signatures: Signatures,
    reason: str,
) -> PatientTransfer:
    """The command behind `take_over_patient`: of two at once, one finds the patient gone."""
    cause = required_reason(reason)
    patient = lock(run, Patient.objects.filter(pk=_the_one(sought)))
    prescriber = certified_prescriber(run)
    _check_agreement(run, patient, program, risk_category, signatures)
    before = patient.prescriber
    if before.pk == prescriber.pk:
        raise Conflict("This patient is yours already: sign a new agreement on the patient's page.")
    prescriptions.write_overdue(run, patient)
    prescriptions.void_open_authorizations(run, patient, cause="patient_moved")
    agreement = add_agreement(
        run,
        patient,
        prescriber=prescriber,
        program=program,
        risk_category=risk_category,
        signatures=signatures,
    )
    transfer = _move(
        run,
        patient,
        to=prescriber,
        kind=PatientTransfer.Kind.TAKEN_OVER,
        agreement=agreement,
        reason=cause,
    )
    notices.tell(
        run,
        "patient_moved",
        about=str(transfer.pk),
        recipients=[providers.prescriber_recipient(before)],
        patient_id=patient.pk,
    )
    return transfer


@command(by=PROGRAM)
def hand_over_patients(
    run: Run,
    *,
    from_prescriber_id: UUID,
    to_prescriber_id: UUID,
    reason: str,
    patient_ids: Collection[UUID] | None = None,
) -> Prescriber:
    """The staff give patients of one who retires, died or was decertified to another (L-ENR-5).

    All of them, or those named. The new prescriber sees them at once and signs a new agreement with
    each before anything is authorized. Raises InvalidRequest without a reason, Conflict for a
    prescriber who is not certified, or patients who are not the old one's (any more).
    """
    cause = required_reason(reason)
    if from_prescriber_id == to_prescriber_id:
        raise InvalidRequest(
            "Nobody moves.", {"to_prescriber_id": "Choose another prescriber than the present one."}
        )
    theirs = Patient.objects.filter(prescriber_id=from_prescriber_id, merged_into=None)
    wanted = sorted(theirs.values_list("pk", flat=True)) if patient_ids is None else patient_ids
    if not wanted:
        raise Conflict("There is no patient to hand over.")
    moving = lock_patients(run, list(wanted))
    to = share_prescriber(to_prescriber_id)
    if to.state != "certified":
        raise Conflict("The new prescriber must be certified before patients are handed over.")
    if any(patient.prescriber_id != from_prescriber_id for patient in moving):
        raise Conflict("Some of these patients have moved meanwhile: look at the list again.")
    for patient in moving:
        _move(run, patient, to=to, kind=PatientTransfer.Kind.HANDED_OVER, reason=cause)
    notices.tell(
        run,
        "patients_handed_over",
        about=str(run.operation_id),
        recipients=[providers.prescriber_recipient(to)],
    )
    return to


def _refuse_uncertified(call: Call) -> None:
    """Raises Conflict, whoever is sought: the command would say so of patients only."""
    prescriber = Prescriber.objects.get(pk=call.actor.own_prescriber)
    if prescriber.state != "certified":
        raise Conflict(
            f"Your certification is {prescriber.get_state_display().lower()}: the program must "
            "certify you before you take patients over."
        )


def _refuse_after_misses(call: Call) -> None:
    """Raises TooManyRequests when this practice named so many strangers that it is no accident."""
    since = clock.now() - timedelta(minutes=MISSES_WITHIN_MINUTES)
    if trail.times_within(call.actor.own_organization, MISS, since=since) >= MISSES_ALLOWED:
        raise TooManyRequests(
            f"Too many searches found nobody. Wait {MISSES_WITHIN_MINUTES} minutes, or call the "
            "program's staff: they see these searches and can help.",
            retry_after=MISSES_WITHIN_MINUTES * 60,
        )


def _the_one(sought: Sought) -> UUID:
    found = matching(sought)
    if not found:
        raise NotFound(NO_MATCH)
    if len(found) > 1:
        raise Conflict("Two records fit this person: call the program's staff, who settle it.")
    return found[0].pk


def _check_agreement(
    run: Run, patient: Patient, program: str, risk_category: str, signatures: Signatures
) -> None:
    """The new agreement is for the present category, signed by both, and the patient's last word.

    So of two prescribers who take over one patient at once, the second holds an agreement that is
    older than the first one's move.
    """
    policy = policy_in_force(program, run.now)
    category = patients.current_category(patient)
    if risk_category != category.risk_category:
        raise Conflict(
            "This agreement is for another risk category than the patient's, which is: "
            f"{category.get_risk_category_display()}. Take the patient over with that agreement; "
            "then change the category, if it is wrong."
        )
    check_signatures(run, policy, risk_category, signatures, born_on=patient.born_on)
    missing = {
        name: "Both sign the new agreement before the patient moves."
        for name in ("patient_signed_at", "prescriber_signed_at")
        if getattr(signatures, name) is None
    }
    if missing:
        raise InvalidRequest("The agreement is not signed by both.", missing)
    latest = _latest_word(patient)
    if signatures.patient_signed_at is not None and signatures.patient_signed_at <= latest:
        raise Conflict(
            "The patient has signed with another prescriber, or has moved, since this agreement "
            "was signed. Ask the patient, and sign again."
        )


def _latest_word(patient: Patient) -> datetime:
    """When the patient last signed an agreement, moved, or was registered."""
    signed = Agreement.objects.filter(patient=patient).aggregate(at=Max("patient_signed_at"))["at"]
    later = [at for at in (signed, last_moved_at(patient.pk)) if at is not None]
    return max(patient.registered_at, *later)


def _move(
    run: Run,
    patient: Patient,
    *,
    to: Prescriber,
    kind: PatientTransfer.Kind,
    reason: str,
    agreement: Agreement | None = None,
) -> PatientTransfer:
    transfer = PatientTransfer.objects.create(
        patient=patient,
        from_prescriber_id=patient.prescriber_id,
        to_prescriber=to,
        kind=kind,
        agreement=agreement,
        reason=reason,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    end_access(run, patient)
    patient.prescriber = to
    patient.save(update_fields=["prescriber"])
    audit.record(
        run,
        f"patient_{kind.value}",
        subject=transfer,
        patient_id=patient.pk,
        reason=reason,
        data={"from": str(transfer.from_prescriber_id), "to": str(to.pk)},
    )
    return transfer
