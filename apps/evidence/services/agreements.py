"""Completing and renewing agreements (L-ENR-3, L-ENR-4): each voids what was issued before."""

from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, SCANNED, Role
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.evidence.services.categories import go_on_with
from apps.evidence.services.checks import not_before_birth, not_in_future
from apps.evidence.therapies import standing_ends_of
from apps.evidence.unsigned import has_newer_text, is_named, overtaken, speaker_of
from apps.patients import selectors as patients
from apps.patients.models import Agreement, CategoryChange, Patient
from apps.patients.services import (
    Signatures,
    add_agreement,
    certified_prescriber,
    check_signatures,
    lock_patient,
)
from apps.patients.signed import sign_sides
from apps.patients.standing import CAME_TO_NOTHING
from apps.patients.visits import use_code
from apps.prescriptions import services as prescriptions
from apps.rules.documents import document
from apps.rules.policy import policy_in_force
from apps.rules.therapy import DIED


@command(by=PRESCRIBING)
def sign_agreement(
    run: Run,
    *,
    patient_id: UUID,
    agreement_id: UUID,
    patient_signed_at: datetime | None = None,
    prescriber_signed_at: datetime | None = None,
    patient_signed_on: date | None = None,
    prescriber_signed_on: date | None = None,
    scan: bytes | None = None,
) -> Agreement:
    """Add a signature that is still missing; each is set once, the prescriber's while certified.

    `scan` is that of the paper on which the patient's side signed.

    Completing an agreement voids an authorization that is open (L-AUT-8).
    """
    patient = lock_patient(run, patient_id)
    agreement = Agreement.objects.filter(patients.about(patient.pk), pk=agreement_id).first()
    if agreement is None:
        raise Conflict("This agreement is not one of this patient's.")
    if agreement.withdrawn_at is not None:
        raise Conflict("This agreement was withdrawn: sign a new one.")
    change = _change_of(agreement)
    _refuse_overtaken(agreement)
    policy = policy_in_force(agreement.program, run.now)
    signed = Signatures(
        signer=agreement.signer,
        signer_name=agreement.signer_name,
        patient_signed_at=patient_signed_at,
        prescriber_signed_at=prescriber_signed_at,
        patient_signed_on=patient_signed_on,
        prescriber_signed_on=prescriber_signed_on,
    ).in_time(policy, run.now)
    given = {name: getattr(signed, name) for name in ("patient_signed_at", "prescriber_signed_at")}
    not_in_future(run.now, given)
    not_before_birth(patient, policy.calendar, given)
    if signed.prescriber_signed_at is not None:
        _check_signs_for_prescriber(run, agreement)
        certified_prescriber(run)
    fields = [name for name, instant in given.items() if instant is not None]
    if not fields and agreement.patient_signed_at and agreement.prescriber_signed_at:
        raise Conflict("Both signatures of this agreement are on record already.")
    if not fields:
        raise InvalidRequest("No signature was given.", dict.fromkeys(given, "Say when."))
    for name in fields:
        if getattr(agreement, name) is not None:
            raise Conflict(_("This signature is on record already."))
        setattr(agreement, name, given[name])
        date_only = name.replace("signed_at", "date_only")
        setattr(agreement, date_only, getattr(signed, date_only))
    agreement.save(update_fields=[*fields, *(f.replace("signed_at", "date_only") for f in fields)])
    sign_sides(run, agreement, [name.removesuffix("_signed_at") for name in fields], scan=scan)
    _go_on(run, patient, agreement, change)
    return agreement


@command(by=frozenset({Role.PATIENT}))
def sign_own_agreement(run: Run, *, agreement_id: UUID, language: str | None = None) -> Agreement:
    """The patient, guardian or representative signs the agreement that names them, here and now.

    With the name, typed, and a fresh one-time code (docs/signatures.md); as they read it in
    `language`, which the signature keeps. Raises Conflict for one
    that is not theirs to sign, or whose text is another by now; InvalidRequest without a code.
    """
    patient = lock_patient(run, run.actor.own_patient)
    agreement = Agreement.objects.filter(patients.about(patient.pk), pk=agreement_id).first()
    if agreement is None or agreement.withdrawn_at is not None:
        raise Conflict(_("There is no such agreement to sign."))
    change = _change_of(agreement)
    if agreement.patient_signed_at is not None:
        raise Conflict(_("This signature is on record already."))
    _refuse_overtaken(agreement)
    if not is_named(run.actor, speaker_of(run.actor, patient), agreement):
        raise Conflict(_("%(name)s signs this agreement.") % {"name": agreement.signer_name})
    if has_newer_text(agreement):
        raise Conflict(_("The text has changed since: ask your prescriber for a new agreement."))
    text = document(agreement.program, "agreement", agreement.risk_category, language=language)
    use_code(run)
    agreement.patient_signed_at, agreement.patient_date_only = run.now, False
    agreement.save(update_fields=["patient_signed_at", "patient_date_only"])
    sign_sides(run, agreement, ["patient"], language=text.language)
    _go_on(run, patient, agreement, change)
    return agreement


def _refuse_overtaken(agreement: Agreement) -> None:
    """Raises Conflict where completing this agreement would only take the present one's place."""
    since = overtaken(agreement)
    if since:
        raise Conflict(
            _("%(why)s A new agreement is to be signed instead, if one is needed.") % {"why": since}
        )


def _go_on(run: Run, patient: Patient, agreement: Agreement, change: CategoryChange | None) -> None:
    """What follows from a signature that was just added."""
    audit.record(run, "agreement_signed", subject=agreement, patient_id=patient.pk)
    if change is not None:
        # One for another category is no agreement yet: the change takes effect, or goes on waiting.
        prescriptions.write_overdue(run, patient)
        change.agreement = agreement
        go_on_with(run, patient, change)
    else:
        _void_if_complete(run, patient, agreement)


@command(by=PRESCRIBING)
def renew_agreement(
    run: Run, *, patient_id: UUID, program: str, signatures: Signatures, category_read: str = ""
) -> Agreement:
    """Sign a new agreement for the patient's present category (L-ENR-4, L-PT-8).

    After the end of therapy it re-enrolls the patient (L-END-1); after a death nothing does.
    `category_read` is the category whose text the signer had before them, where the door knows it.
    """
    patient = lock_patient(run, patient_id)
    if any(end.kind == DIED for end in standing_ends_of(patient.pk, program)):
        raise Conflict("The patient's death is on record: nobody can be enrolled.")
    prescriber = certified_prescriber(run)
    policy = policy_in_force(program, run.now)
    category = patients.current_category(patient).risk_category
    if category_read not in {"", category}:
        raise Conflict("The patient's category has changed: read and sign the agreement for it.")
    signatures = signatures.in_time(policy, run.now)
    check_signatures(run, policy, category, signatures, born_on=patient.born_on)
    agreement = add_agreement(
        run,
        patient,
        prescriber=prescriber,
        program=program,
        risk_category=category,
        signatures=signatures,
    )
    _void_if_complete(run, patient, agreement)
    return agreement


def _void_if_complete(run: Run, patient: Patient, agreement: Agreement) -> None:
    if agreement.patient_signed_at and agreement.prescriber_signed_at:
        prescriptions.write_overdue(run, patient)
        prescriptions.void_open_authorizations(
            run, patient, cause="agreement_completed", program=agreement.program
        )


def _change_of(agreement: Agreement) -> CategoryChange | None:
    """The change of category that the agreement is for, if it is for one (L-CAT-3)."""
    change = CategoryChange.objects.filter(agreement=agreement).first()
    if change is not None and change.state in CAME_TO_NOTHING:
        raise Conflict(_("The change of category that this agreement was for did not come about."))
    return change


def _check_signs_for_prescriber(run: Run, agreement: Agreement) -> None:
    by_hand = run.actor.role is Role.PRESCRIBER or run.call.channel in SCANNED
    if not by_hand or run.actor.prescriber_id != agreement.prescriber_id:
        raise NotAllowed("Only the agreement's own prescriber signs for the prescriber.")
