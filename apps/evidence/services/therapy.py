"""Interrupting, resuming and ending a therapy; death and withdrawal from the program (rules §10).

Each records what somebody said; where the therapy stands is worked out, never stored.
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.evidence.models import TherapyEvent
from apps.evidence.selectors import visible_to
from apps.evidence.services.pregnancy import withdraw
from apps.evidence.therapies import said_of, standing_ends_of
from apps.patients.ending_access import end_access
from apps.patients.models import Patient
from apps.patients.selectors import kept
from apps.patients.services import lock_patient
from apps.prescriptions import selectors as ledger
from apps.prescriptions import services as prescriptions
from apps.rules.calendar import date_of
from apps.rules.policy import policy_in_force, programs

Kind = TherapyEvent.Kind
OVER = {
    Kind.DISCONTINUED: "Therapy is discontinued already.",
    Kind.WITHDREW: "The patient has withdrawn from the program already.",
    Kind.DIED: "The patient's death is on record.",
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody said of a therapy, as it was given to a command."""

    kind: TherapyEvent.Kind
    program: str
    happened_on: date
    reason: str
    said_by: str


@command(by=PRESCRIBING)
def interrupt_therapy(
    run: Run, *, patient_id: UUID, program: str, happened_on: date, reason: str, said_by: str
) -> TherapyEvent:
    """The prescriber interrupts a therapy; tests and obligations go on (L-END-1, L-PT-4).

    Raises Conflict where nothing was dispensed, or it is interrupted or over already.
    """
    patient = lock_patient(run, patient_id)
    _refuse_when_over(patient, program)
    if not ledger.supplies_of(patient.pk, program).exists():
        raise Conflict("Nothing has been dispensed yet: there is no therapy to interrupt.")
    if _is_said_interrupted(patient, program):
        raise Conflict("The therapy is interrupted already.")
    return _record(run, patient, _Said(Kind.INTERRUPTED, program, happened_on, reason, said_by))


@command(by=PRESCRIBING)
def resume_therapy(
    run: Run, *, patient_id: UUID, program: str, happened_on: date, reason: str, said_by: str
) -> TherapyEvent:
    """The prescriber goes on with an interrupted therapy (L-END-1).

    The rules still decide about the next supply: after too long a gap, it is a re-initiation.
    """
    patient = lock_patient(run, patient_id)
    _refuse_when_over(patient, program)
    if not _is_said_interrupted(patient, program):
        raise Conflict("Nobody interrupted this therapy: request the next authorization.")
    return _record(run, patient, _Said(Kind.RESUMED, program, happened_on, reason, said_by))


@command(by=PRESCRIBING)
def discontinue_therapy(
    run: Run, *, patient_id: UUID, program: str, happened_on: date, reason: str, said_by: str
) -> TherapyEvent:
    """The prescriber ends the therapy: what is open is void (L-END-2), obligations run 28 days."""
    patient = lock_patient(run, patient_id)
    _refuse_when_over(patient, program)
    return _end(run, patient, _Said(Kind.DISCONTINUED, program, happened_on, reason, said_by))


@command(by=PRESCRIBING | PROGRAM)
def withdraw_from_program(
    run: Run, *, patient_id: UUID, program: str, happened_on: date, reason: str, said_by: str
) -> TherapyEvent:
    """The patient leaves the program: what is open is void, reminders end (L-END-3).

    Obligations outlive it, and are still reminded of. A discontinued patient can leave, too.
    """
    patient = lock_patient(run, patient_id)
    _refuse_when_over(patient, program, but=Kind.DISCONTINUED)
    return _end(run, patient, _Said(Kind.WITHDREW, program, happened_on, reason, said_by))


@command(by=PRESCRIBING | PROGRAM)
def record_death(
    run: Run, *, patient_id: UUID, happened_on: date, reason: str, said_by: str
) -> TherapyEvent:
    """The patient has died: in every program what is open is void, reminders end (L-END-3).

    `reason` is the cause as far as it is known.
    """
    patient = lock_patient(run, patient_id)
    if said_of([patient.pk]).filter(kind=Kind.DIED).exists():
        raise Conflict(OVER[Kind.DIED])
    prescriptions.write_overdue(run, patient)
    event = _record(run, patient, _Said(Kind.DIED, "", happened_on, reason, said_by))
    prescriptions.void_open_authorizations(run, patient, cause="patient_died")
    return event


@command(by=PRESCRIBING | PROGRAM)
def withdraw_therapy_event(run: Run, *, event_id: UUID, reason: str) -> TherapyEvent:
    """Withdraw what was said of a therapy by mistake (L-SRC-3). What it voided stays void."""
    found = visible_to(run.actor, TherapyEvent).filter(pk=event_id).first()
    if found is None:
        raise NotFound("There is no such entry.")
    lock_patient(run, kept(found.patient_id))
    event = TherapyEvent.objects.get(pk=event_id)
    withdraw(run, event, reason)
    return event


def _refuse_when_over(patient: Patient, program: str, *, but: Kind | None = None) -> None:
    if program not in programs():
        raise InvalidRequest("Unknown program.", {"program": "There is no such program."})
    ends = [each for each in standing_ends_of(patient.pk, program) if each.kind != but]
    if ends:
        raise Conflict(OVER[Kind(ends[-1].kind)])


def _is_said_interrupted(patient: Patient, program: str) -> bool:
    """Whether the latest of what was said interrupts, and nothing was dispensed after it."""
    said = said_of([patient.pk]).filter(program=program, kind__in=[Kind.INTERRUPTED, Kind.RESUMED])
    latest = said.order_by("happened_on", "recorded_at").last()
    if latest is None or latest.kind != Kind.INTERRUPTED:
        return False
    later = ledger.supplies_of(patient.pk, program).filter(dispensed_at__gt=latest.recorded_at)
    return not later.exists()


def _end(run: Run, patient: Patient, said: _Said) -> TherapyEvent:
    program, happened_on = said.program, said.happened_on
    policy = policy_in_force(program, run.now)
    last = ledger.supplies_of(patient.pk, program).order_by("dispensed_at").last()
    if last is not None and happened_on.toordinal() < policy.calendar.day(last.dispensed_at):
        raise InvalidRequest(
            "A supply was dispensed after that day.",
            {"happened_on": "Enter the last day of therapy: not before the last dispense."},
        )
    prescriptions.write_overdue(run, patient)
    event = _record(run, patient, said)
    prescriptions.void_open_authorizations(
        run, patient, cause=f"therapy_{said.kind.value}", program=program
    )
    return event


def _record(run: Run, patient: Patient, said: _Said) -> TherapyEvent:
    policy = policy_in_force(said.program or programs()[0], run.now)
    if said.happened_on > date_of(policy.calendar.day(run.now)):
        raise InvalidRequest(
            "What has not happened yet cannot be recorded.",
            {"happened_on": "This lies in the future. Enter it on the day."},
        )
    if said.happened_on < patient.born_on:
        raise InvalidRequest("Before the birth.", {"happened_on": "This lies before the birth."})
    event = TherapyEvent.objects.create(
        patient=patient,
        program=said.program,
        kind=said.kind,
        happened_on=said.happened_on,
        reason=required_reason(said.reason),
        said_by=required_reason(said.said_by, field="said_by"),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    if said.kind in {Kind.WITHDREW, Kind.DIED}:
        end_access(run, patient)
    audit.record(
        run,
        f"therapy_{said.kind.value}",
        subject=event,
        patient_id=patient.pk,
        reason=event.reason,
    )
    return event
