"""Giving queue items to people, and settling by hand what nothing else ends.

It changes nothing about the item itself.
"""

from typing import Any
from uuid import UUID

from apps.accounts.models import User
from apps.audit import services as audit
from apps.core.call import PROGRAM, ActorKind
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.oversight import selectors
from apps.oversight.models import SETTLED_BY_HAND, Assignment, Settlement


@command(by=PROGRAM)
def assign(
    run: Run, *, program: str, kind: str, subject_id: UUID, assignee_id: UUID, note: str = ""
) -> Assignment:
    """Give a waiting item to somebody of the program's staff, whoever had it before.

    Raises NotFound for what does not exist, Conflict for what no longer waits, InvalidRequest for
    somebody who may not work on it.
    """
    subject = _locked(run, program, kind, subject_id)
    owner = selectors.target_of(kind, program=program, now=run.now).owner
    assignee = selectors.people_who_work(owner).filter(pk=assignee_id).first()
    if assignee is None:
        raise InvalidRequest(
            "Nobody can be found to work on this.",
            {"assignee_id": "Choose one of the program's people who may do this."},
        )
    return _assigned(run, kind, subject, assignee, note)


@command(by=PROGRAM)
def take(run: Run, *, program: str, kind: str, subject_id: UUID) -> Assignment:
    """Take a waiting item oneself. Raises NotFound; Conflict when somebody else has it already."""
    if run.actor.kind is not ActorKind.PERSON:
        raise NotAllowed("Only a person takes an item.")
    subject = _locked(run, program, kind, subject_id)
    held = selectors.assignments(kind, [subject_id]).get(subject_id)
    if held is not None and held.assignee is not None and held.assignee_id != run.actor.id:
        raise Conflict(f"{held.assignee} works on this already.")
    owner = selectors.target_of(kind, program=program, now=run.now).owner
    taker = next((who for who in selectors.people_who_work(owner) if who.pk == run.actor.id), None)
    if taker is None:
        raise NotAllowed("Only an administrator takes this.")
    return _assigned(run, kind, subject, taker, "")


@command(by=PROGRAM)
def give_back(run: Run, *, program: str, kind: str, subject_id: UUID, note: str) -> Assignment:
    """Give a waiting item back to the queue, with a note for whoever goes on.

    Raises NotFound, InvalidRequest without a note, Conflict when nobody has it.
    """
    subject = _locked(run, program, kind, subject_id)
    held = selectors.assignments(kind, [subject_id]).get(subject_id)
    if held is None or held.assignee_id is None:
        raise Conflict("Nobody has this: it waits for everybody.")
    told = required_reason(note, field="note", hint="Say how far it is.")
    return _assigned(run, kind, subject, None, told)


@command(by=PROGRAM)
def settle(run: Run, *, program: str, kind: str, subject_id: UUID, note: str) -> Settlement:
    """Take an item off the list that nothing else ends, saying how it was dealt with.

    Raises NotFound; InvalidRequest without a note; Conflict for an item that has an end of its own,
    or that no longer waits.
    """
    if kind not in SETTLED_BY_HAND:
        raise Conflict("This ends with its record, and cannot be settled here.")
    subject = _locked(run, program, kind, subject_id)
    told = required_reason(note, field="note", hint="Say how it was dealt with.")
    settlement = Settlement.objects.create(
        kind=kind,
        subject_model=subject._meta.label_lower,
        subject_id=selectors.source_of(kind).settled_as(subject),
        note=told,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run,
        "item_settled",
        subject=subject,
        patient_id=getattr(subject, "patient_id", None),
        reason=settlement.note,
        data={"kind": kind},
    )
    return settlement


def _locked(run: Run, program: str, kind: str, subject_id: UUID) -> Any:
    """The record as it waits, locked, so that two who take it come one after the other.

    The clock is read.
    """
    source = selectors.source_of(kind)
    rows = source.model._default_manager.filter(pk=subject_id)
    if rows.select_for_update(of=("self",), no_key=True).first() is None:
        raise NotFound("There is no such item.")
    latest = (
        Assignment.objects.filter(kind=kind, subject_id=str(subject_id))
        .order_by("-recorded_at")
        .values_list("recorded_at", flat=True)
        .first()
    )
    now = run.read_clock(later_than=latest)
    rows = selectors.waiting(run.actor, kind, program=program, now=now)
    waiting = rows.filter(pk=subject_id).first()
    if waiting is None:
        raise Conflict("This waits no longer.")
    return waiting


def _assigned(run: Run, kind: str, subject: Any, assignee: User | None, note: str) -> Assignment:
    assignment = Assignment.objects.create(
        kind=kind,
        subject_model=subject._meta.label_lower,
        subject_id=str(subject.pk),
        assignee=assignee,
        note=note.strip(),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(
        run,
        "item_assigned" if assignee else "item_given_back",
        subject=subject,
        patient_id=getattr(subject, "patient_id", None),
        reason=assignment.note,
        data={"kind": kind, "assignee_id": str(assignee.pk) if assignee else None},
    )
    return assignment
