"""Phone, fax, paper: the staff enter what a caller or form says, another checks it (L-SRC-1).

What harms eligibility takes effect as it is entered; what would make someone eligible waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from apps.accounts.selectors import people_behind
from apps.audit import services as audit
from apps.core.call import PROGRAM, Actor, ActorKind, Call, Channel, Role
from apps.core.checks import one_line, required_reason
from apps.core.command import Run, carry_out_within, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.core.models import Operation
from apps.core.scans import columns_of
from apps.evidence.models import Intake, IntakeScan
from apps.evidence.services import contents
from apps.evidence.services.checks import one_of
from apps.evidence.services.contents import KINDS, Said
from apps.evidence.services.reading import Reader
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.models import Patient
from apps.patients.services import lock_kept, lock_patient
from apps.providers.selectors import covered_by
from apps.rules.documents import document
from apps.rules.lifecycle import INTAKE

NOT_ONE = "There is no such intake."


@dataclass(frozen=True, slots=True)
class Source:
    """Who said it, on whose behalf, and how the staff made sure of that."""

    channel: str
    told_by: str
    told_by_name: str
    prescriber_id: UUID | None = None
    verification: str = ""
    verification_note: str = ""


@command(by=PROGRAM)
def enter_intake(
    run: Run,
    *,
    patient_id: UUID,
    kind: str,
    content: Mapping[str, Any],
    source: Source,
    scan: bytes | None = None,
) -> Intake:
    """Enter what a caller or a form says, with the times at which it happened (L-SRC-1).

    A positive test, a lapse, a risky survey, a report: in effect at once. Anything else waits for a
    second person. Raises InvalidRequest for what cannot be right, as the command itself would.
    """
    if run.actor.id is None:
        raise NotAllowed("Somebody of the staff enters it.")
    one_of(kind, Intake.Kind.values, field="kind")
    patient = lock_patient(run, patient_id)
    _check_source(patient, source, kind, scan)
    _check_prescriber(patient, source.prescriber_id)
    said = _read(kind, content)
    if kind == Intake.Kind.PREGNANCY_TEST and said["result"] == "negative":
        _require_prescriber(source)
    intake = Intake(
        patient=patient,
        channel=source.channel,
        kind=kind,
        content=dict(content),
        risk_category=patients.current_category(patient).risk_category,
        told_by=source.told_by,
        told_by_name=source.told_by_name.strip(),
        prescriber_id=source.prescriber_id,
        verification=source.verification,
        verification_note=source.verification_note.strip(),
        entered_by_id=run.actor.id,
        state=Intake.State.WAITING,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    enterer = _enterer(run.actor, source.prescriber_id)
    if KINDS[kind].harms(run, patient, said):
        made = _take_effect(run, intake, enterer, said)
        intake.state = Intake.State.EFFECTIVE
        intake.entry_model, intake.entry_id = made._meta.label_lower, made.pk
    else:
        _rehearse(run, intake, enterer, said)
    intake.scan = _keep_scan(run, scan) if scan is not None else None
    intake.save(force_insert=True)
    audit.record(
        run,
        "intake_entered",
        subject=intake,
        patient_id=patient.pk,
        data={"kind": kind, "channel": source.channel, "state": intake.state, **_asked(intake)},
    )
    return intake


@command(by=PROGRAM)
def accept_intake(run: Run, *, intake_id: UUID) -> Intake:
    """Let an intake take effect, as another person than who entered it (L-SRC-1).

    The record bears the real times, the channel and who entered it; the intake who accepted it.
    Raises Conflict where what was entered does not hold any more: refuse it then.
    """
    found = _found(intake_id)
    lock_patient(run, found.patient_id)
    intake = _for_check(run, found, "accept")
    if KINDS[intake.kind].of_category:
        category = patients.current_category(intake.patient).risk_category
        if category != intake.risk_category:
            raise Conflict("The risk category has changed since: refuse this, and ask anew.")
    operation = intake.operation
    enterer = Actor(
        kind=ActorKind(operation.actor_kind),
        id=intake.entered_by_id,
        role=Role(operation.role),
        organization_id=operation.organization_id,
        prescriber_id=intake.prescriber_id,
    )
    try:
        _check_prescriber(intake.patient, intake.prescriber_id)
        made = _take_effect(run, intake, enterer, _read(intake.kind, intake.content))
    except InvalidRequest as error:
        wrong = " ".join([error.message, *error.fields.values()])
        raise Conflict(f"This does not hold any more: {wrong} Refuse it.") from error
    _check(
        run,
        intake,
        state=Intake.State.ACCEPTED,
        entry_model=made._meta.label_lower,
        entry_id=made.pk,
    )
    audit.record(run, "intake_accepted", subject=intake, patient_id=intake.patient_id)
    return intake


@command(by=PROGRAM)
def refuse_intake(run: Run, *, intake_id: UUID, reason: str) -> Intake:
    """Refuse an intake with a reason, as another person than who entered it: nothing follows."""
    found = _found(intake_id)
    lock_kept(run, found.patient_id)
    intake = _for_check(run, found, "refuse")
    cause = required_reason(reason)
    _check(run, intake, state=Intake.State.REFUSED, refusal_reason=cause)
    audit.record(run, "intake_refused", subject=intake, patient_id=intake.patient_id, reason=cause)
    return intake


def _asked(intake: Intake) -> dict[str, str]:
    """Which version of the survey the answers of an intake are to."""
    if intake.kind != Intake.Kind.PATIENT_SURVEY:
        return {}
    return {"text_version": document(intake.content["program"], intake.kind).version}


def _found(intake_id: UUID) -> Intake:
    found = Intake.objects.filter(pk=intake_id).first()
    if found is None:
        raise NotFound(NOT_ONE)
    return found


def _for_check(run: Run, found: Intake, event: str) -> Intake:
    """The intake under the patient's lock, if this person may check it now."""
    intake = Intake.objects.select_related("patient", "operation").get(pk=found.pk)
    target = INTAKE.target(event=event, state=intake.state, role=run.actor.role.value)
    if target is None:
        raise Conflict(f"This was checked already: {intake.get_state_display().lower()}.")
    if bar := why_not_check(run.actor, intake):
        raise NotAllowed(bar)
    return intake


def why_not_check(actor: Actor, intake: Intake) -> str:
    """Why this person does not check what came in: it may be their own entry; "" if they may."""
    if actor.kind is not ActorKind.PERSON or actor.id == intake.entered_by_id:
        return "Another person than who entered it checks it, in the administration."
    if _could_have_entered(actor, intake.operation):
        return "A system entered it whose credentials you gave out: another person must check it."
    return ""


def _could_have_entered(actor: Actor, operation: Operation) -> bool:
    """Whether the actor was ever shown what opens the API to the system that entered it."""
    return actor.id in people_behind(operation.actor_kind, operation.actor_id)


def _check(run: Run, intake: Intake, **result: Any) -> None:
    changed = Intake.objects.filter(pk=intake.pk, state=Intake.State.WAITING).update(
        checked_at=run.now,
        checked_by_id=run.actor.id,
        check_operation_id=run.operation_id,
        **result,
    )
    if changed != 1:
        raise Conflict("This has just been checked by somebody else.")
    intake.refresh_from_db()


def _check_source(patient: Patient, source: Source, kind: str, scan: bytes | None) -> None:
    """Raises InvalidRequest for a caller who was not verified, or a form without its scan."""
    wrong = _unknown(source)
    if source.channel == Intake.Channel.PHONE:
        if unverified := why_unverified(patient, source.told_by, source.verification):
            wrong["verification"] = unverified
        if KINDS[kind].on_paper_only:
            wrong["channel"] = "A signature comes by fax or on paper."
    elif scan is None:
        wrong["scan"] = "Attach the scan of what came in."
    if wrong:
        raise InvalidRequest("It does not say where this comes from.", wrong)
    if source.told_by == Intake.ToldBy.PRESCRIBER or KINDS[kind].by_prescriber:
        _require_prescriber(source)


def why_unverified(patient: Patient, told_by: str, verification: str) -> str:
    """Why a caller was not verified as it is said; "" if they may have been.

    A prescriber's number is always on record.
    """
    if not verification:
        return "Say how you verified the caller."
    if verification == Intake.Verification.SIGNATURE:
        return "Nobody signs by phone: say how you verified the caller."
    is_theirs = told_by == Intake.ToldBy.PATIENT
    if verification == Intake.Verification.CALLED_BACK and is_theirs:
        speaks = standing.representative_of(patient)
        if not (patient.phone or (speaks is not None and speaks.phone)):
            return "There is no number on record to call back on."
    return ""


def _unknown(source: Source) -> dict[str, str]:
    one_line(told_by_name=source.told_by_name)
    wrong = {}
    if source.channel not in Intake.Channel.values:
        wrong["channel"] = "Choose phone, fax or paper."
    if source.told_by not in Intake.ToldBy.values:
        wrong["told_by"] = "Say whether the prescriber's or the patient's side said it."
    if not source.told_by_name.strip():
        wrong["told_by_name"] = "Enter the name of who said or signed it."
    if source.verification not in {"", *Intake.Verification.values}:
        wrong["verification"] = "Choose one of the list."
    return wrong


def _require_prescriber(source: Source) -> None:
    if source.prescriber_id is None:
        raise InvalidRequest(
            "A prescriber must stand for this.",
            {"prescriber_id": "Name the prescriber who said, signed or verified it."},
        )


def _check_prescriber(patient: Patient, prescriber_id: UUID | None) -> None:
    """Raises InvalidRequest for a prescriber who does not care for this patient."""
    if prescriber_id is None:
        return
    if not Patient.objects.filter(covered_by(prescriber_id), pk=patient.pk).exists():
        raise InvalidRequest(
            "Another prescriber cares for this patient.",
            {"prescriber_id": "Name the patient's prescriber, or one who covers for them."},
        )


def _keep_scan(run: Run, scan: bytes) -> IntakeScan:
    return IntakeScan.objects.create(
        **columns_of(scan), recorded_at=run.now, operation_id=run.operation_id
    )


def _enterer(actor: Actor, prescriber_id: UUID | None) -> Actor:
    return Actor(
        kind=actor.kind,
        id=actor.id,
        role=actor.role,
        organization_id=actor.organization_id,
        prescriber_id=prescriber_id,
    )


def _read(kind: str, content: Mapping[str, Any]) -> Said:
    reader = Reader(content)
    said = KINDS[kind].read(reader)
    reader.finish()
    return said


def _take_effect(run: Run, intake: Intake, enterer: Actor, said: Said) -> Model:
    """What was said becomes a record of who entered it, through the channel by which it came."""
    call = Call(actor=enterer, channel=Channel(intake.channel))
    try:
        return carry_out_within(
            run,
            call,
            f"intake_{intake.kind}",
            lambda inner: contents.record(
                inner, intake.kind, patient_id=intake.patient_id, said=said
            ),
        )
    except InvalidRequest as error:
        fields = {f"content.{name}": message for name, message in error.fields.items()}
        raise InvalidRequest(error.message, fields) from error


def _rehearse(run: Run, intake: Intake, enterer: Actor, said: Said) -> None:
    """Try what will wait, and take it back: what could never be accepted is not entered.

    Raises what the command itself would.
    """
    with transaction.atomic():
        _take_effect(run, intake, enterer, said)
        transaction.set_rollback(True)
