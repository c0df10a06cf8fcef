"""Outages: declared, ended, and every entry made afterwards checked by a second person.

Nothing expires unnoticed and nothing is extended by itself: `apps.eligibility.reconciliation` lists
what ran out, with what to do.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.selectors import people_behind
from apps.audit import services as audit
from apps.core.call import PROGRAM, ActorKind, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import reconciliation
from apps.evidence.services.checks import not_in_future
from apps.notices import services as notices
from apps.prescriptions.models import Outage, OutageCheck
from apps.providers import selectors as providers

# The operator of the servers, too: in an outage nobody may be able to sign in.
DECLARING = frozenset({Role.ADMINISTRATOR, Role.SYSTEM})
# A slip in the year would have every paper of that time compared anew, and nobody could undo it.
LONGEST_AGO = timedelta(days=366)


@command(by=DECLARING)
def declare_outage(
    run: Run, *, from_at: datetime, parts: Collection[str], description: str
) -> Outage:
    """Declare that some part of the program has failed since an instant; administrators are told.

    Raises InvalidRequest for a beginning in the future or more than a year ago, an unknown part or
    no description.
    """
    now = run.read_clock()
    not_in_future(now, {"from_at": from_at})
    if from_at < now - LONGEST_AGO:
        raise InvalidRequest(
            "This is too long ago.", {"from_at": "This lies more than a year back: check the year."}
        )
    unknown = sorted(set(parts) - set(Outage.Part.values))
    if unknown or not parts:
        raise InvalidRequest(
            "What has failed is not clear.",
            {"parts": f"Choose from: {', '.join(Outage.Part.values)}."},
        )
    outage = Outage.objects.create(
        from_at=from_at,
        parts=sorted(set(parts)),
        description=required_reason(description, field="description"),
        recorded_at=now,
        operation_id=run.operation_id,
    )
    audit.record(run, "outage_declared", subject=outage, reason=outage.description)
    notices.tell(
        run,
        "outage_declared",
        about=str(outage.pk),
        recipients=providers.administrator_recipients(),
    )
    return outage


@command(by=DECLARING)
def end_outage(run: Run, *, outage_id: UUID, until_at: datetime) -> Outage:
    """End an outage, once; administrators are told to reconcile. Raises NotFound, InvalidRequest
    for an end in the future or not after its beginning, Conflict when it has ended already.
    """
    outage = (
        Outage.objects.select_for_update(of=("self",), no_key=True).filter(pk=outage_id).first()
    )
    if outage is None:
        raise NotFound("There is no such outage.")
    now = run.read_clock()
    if outage.until_at is not None:
        raise Conflict(f"This outage ended at {outage.until_at:%Y-%m-%d %H:%M} UTC already.")
    not_in_future(now, {"until_at": until_at})
    if until_at <= outage.from_at:
        raise InvalidRequest(
            "An outage ends after it began.",
            {"until_at": f"Enter a time after {outage.from_at:%Y-%m-%d %H:%M} UTC."},
        )
    outage.until_at = until_at
    outage.ending_operation_id = run.operation_id
    outage.save(update_fields=["until_at", "ending_operation"])
    audit.record(run, "outage_ended", subject=outage)
    notices.tell(
        run, "outage_ended", about=str(outage.pk), recipients=providers.administrator_recipients()
    )
    return outage


@command(by=PROGRAM)
def check_outage_entry(
    run: Run, *, outage_id: UUID, subject_model: str, subject_id: UUID, note: str
) -> OutageCheck:
    """Say that an entry of an outage agrees with the paper it came from, as a second person.

    Raises NotFound for what is no entry of the outage, NotAllowed for a system, for who entered it
    or holds the credentials of the system that did, Conflict when it is checked already.
    """
    if run.actor.kind is not ActorKind.PERSON or run.actor.id is None:
        raise NotAllowed("A person compares an entry with its paper.")
    outage = (
        Outage.objects.select_for_update(of=("self",), no_key=True).filter(pk=outage_id).first()
    )
    if outage is None:
        raise NotFound("There is no such outage.")
    now = run.read_clock()
    entry = next(
        (
            each
            for each in reconciliation.entries(outage, now)
            if (each.model, each.id) == (subject_model, subject_id)
        ),
        None,
    )
    if entry is None:
        raise NotFound("There is no such entry of this outage.")
    if entry.checked_by_id is not None:
        raise Conflict("This entry is checked already.")
    holders = people_behind(ActorKind.CLIENT, entry.system_id)
    if run.actor.id in {entry.entered_by_id, *holders}:
        raise NotAllowed("Another person than who entered it must check it.")
    check = OutageCheck.objects.create(
        outage=outage,
        subject_model=subject_model,
        subject_id=subject_id,
        entered_by_id=entry.entered_by_id,
        checked_by_id=run.actor.id,
        note=required_reason(note, field="note"),
        recorded_at=now,
        operation_id=run.operation_id,
    )
    audit.record(
        run, "outage_entry_checked", subject=check, patient_id=entry.patient_id, reason=check.note
    )
    return check
