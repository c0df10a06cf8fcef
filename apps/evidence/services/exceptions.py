"""Exceptions by two persons: one asks, another one decides under their own sign-in (L-DSP-10).

For supply, patient survey and re-enrollment rules only: the policy says which.
"""

from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.signed import sign_for_organization
from apps.audit import services as audit
from apps.audit.models import Meaning
from apps.core.call import PROGRAM, Actor, ActorKind
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence.models import ExceptionRequest, RuleException
from apps.evidence.services.checks import one_of, refuse_own_patient
from apps.evidence.signed import exception_grant
from apps.notices import services as notices
from apps.patients.models import Patient
from apps.patients.services import lock, lock_kept, lock_patient
from apps.providers import selectors as providers
from apps.rules.lifecycle import EXCEPTION_REQUEST
from apps.rules.policy import policy_in_force, programs

# An end further ahead is a slip in the year.
LONGEST = timedelta(days=366)


@command(by=PROGRAM)
def request_exception(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    rule: str,
    expires_at: datetime,
    reason: str,
    asked_by: str = "",
) -> ExceptionRequest:
    """Ask that a patient be excepted from an overridable rule until an instant.

    Nothing changes until another person of the staff grants it; then it takes the place of any
    earlier one from the same rule. `asked_by` names the prescriber or pharmacy on whose wish.
    Raises InvalidRequest, NotAllowed for a system, Conflict when one for the same rule waits
    already.
    """
    person = _person(run)
    one_of(program, programs(), field="program")
    patient = lock_patient(run, patient_id)
    _check(run, program=program, rule=rule, expires_at=expires_at)
    waiting = ExceptionRequest.objects.filter(
        patient=patient, program=program, rule=rule, state=ExceptionRequest.State.REQUESTED
    )
    if waiting.exists():
        raise Conflict("A request for this patient and rule waits for a decision already.")
    request = ExceptionRequest.objects.create(
        patient=patient,
        program=program,
        rule=rule,
        reason=required_reason(reason),
        asked_by=asked_by.strip(),
        expires_at=expires_at,
        requested_by_id=person,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run, "exception_requested", subject=request, patient_id=patient.pk, reason=request.reason
    )
    notices.tell(
        run,
        "exception_requested",
        about=str(request.pk),
        recipients=providers.administrator_recipients(),
        patient_id=patient.pk,
    )
    return request


@command(by=PROGRAM)
def grant_exception(run: Run, *, request_id: UUID, reason: str) -> RuleException:
    """Grant a request that another person made; the exception holds from now on.

    Raises NotFound, NotAllowed for a system, for who requested it or who prescribes for the
    patient, Conflict when it is decided already or its end has passed.
    """
    request = _decide(run, request_id, "grant", reason)
    if request.expires_at <= run.now:
        raise Conflict("Its end has passed. Request it anew.")
    _check(run, program=request.program, rule=request.rule, expires_at=request.expires_at)
    exception = RuleException.objects.create(
        patient_id=request.patient_id,
        request=request,
        program=request.program,
        rule=request.rule,
        granted_at=run.now,
        expires_at=request.expires_at,
        requested_by_id=request.requested_by_id,
        granted_by_id=_person(run),
        reason=request.reason,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    sign_for_organization(
        run,
        meaning=Meaning.EXCEPTION,
        subject=exception,
        content=exception_grant(exception),
        patient_id=exception.patient_id,
    )
    audit.record(
        run, "exception_granted", subject=exception, patient_id=request.patient_id,
        reason=request.decision_reason,
    )  # fmt: skip
    _tell(run, request)
    return exception


@command(by=PROGRAM)
def refuse_exception(run: Run, *, request_id: UUID, reason: str) -> ExceptionRequest:
    """Refuse a request that another person made. Raises as `grant_exception` does."""
    request = _decide(run, request_id, "refuse", reason)
    audit.record(
        run, "exception_refused", subject=request, patient_id=request.patient_id,
        reason=request.decision_reason,
    )  # fmt: skip
    _tell(run, request)
    return request


@command(by=PROGRAM)
def withdraw_exception_request(run: Run, *, request_id: UUID, reason: str) -> ExceptionRequest:
    """Take the own request back. Raises NotFound, NotAllowed for anybody else's, or Conflict."""
    request = _decide(run, request_id, "withdraw", reason)
    audit.record(
        run, "exception_request_withdrawn", subject=request, patient_id=request.patient_id,
        reason=request.decision_reason,
    )  # fmt: skip
    return request


def _decide(run: Run, request_id: UUID, event: str, reason: str) -> ExceptionRequest:
    """Move a request along its table, under the patient's lock, by the person who may."""
    person, cause = _person(run), required_reason(reason)
    found = ExceptionRequest.objects.filter(pk=request_id).first()
    if found is None:
        raise NotFound("There is no such request.")
    bar = why_not_withdraw if event == "withdraw" else why_not_decide
    if refused := bar(run.actor, found):
        raise NotAllowed(refused)
    if event == "grant":
        refuse_own_patient(run, lock(run, Patient.objects.filter(pk=found.patient_id)))
    else:
        lock_kept(run, found.patient_id)
    found.refresh_from_db()
    target = EXCEPTION_REQUEST.target(event=event, state=found.state, role=run.actor.role.value)
    if target is None:
        raise Conflict(f"This request is {found.get_state_display().lower()} already.")
    changed = ExceptionRequest.objects.filter(pk=found.pk, state=found.state).update(
        state=target, decided_by_id=person, decided_at=run.now, decision_reason=cause
    )
    if changed != 1:
        raise Conflict("This request has just been decided by somebody else.")
    found.refresh_from_db()
    return found


def why_not_decide(actor: Actor, request: ExceptionRequest) -> str:
    """Why this person neither grants nor refuses it: it is their own; "" if they may."""
    if actor.id == request.requested_by_id:
        return "Another person of the program's staff must decide on your request."
    return ""


def why_not_withdraw(actor: Actor, request: ExceptionRequest) -> str:
    """Why this person does not take it back: it is not theirs; "" if they may."""
    if actor.id != request.requested_by_id:
        return "Only who requested it withdraws it; you can refuse it instead."
    return ""


def _person(run: Run) -> UUID:
    """The person who acts. Raises NotAllowed for a system: it has no judgment of its own."""
    if run.actor.kind is not ActorKind.PERSON or run.actor.id is None:
        raise NotAllowed("Two persons decide on an exception, each signed in by themselves.")
    return run.actor.id


def _check(run: Run, *, program: str, rule: str, expires_at: datetime) -> None:
    """Raises InvalidRequest for a rule that nobody may except from, or an end that cannot be."""
    overridable = policy_in_force(program, run.now).overridable
    if rule not in overridable:
        allowed = ", ".join(sorted(overridable)) or "none of this program"
        raise InvalidRequest("No exception from this rule.", {"rule": f"Only: {allowed}."})
    if expires_at <= run.now:
        raise InvalidRequest("The end is over.", {"expires_at": "Choose an end in the future."})
    if expires_at > run.now + LONGEST:
        raise InvalidRequest(
            "The end is too late.",
            {"expires_at": "This lies more than a year ahead: check the year."},
        )


def _tell(run: Run, request: ExceptionRequest) -> None:
    """The prescriber learns that it is decided."""
    notices.tell(
        run,
        "exception_decided",
        about=str(request.pk),
        recipients=[providers.prescriber_recipient(request.patient.prescriber)],
        patient_id=request.patient_id,
    )
