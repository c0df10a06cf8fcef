"""Disposing of what need not be kept, and the legal holds that keep it all the same.

A disposal is a command, batch by batch, and only the owner of the tables can carry it out.
"""

from uuid import UUID

from django.db import connection

from apps.accounts.models import Organization
from apps.audit import services as audit
from apps.audit.models import Event, LegalHold
from apps.core.call import Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.oversight.retention import Kind, delete_batch
from apps.patients.models import Patient

BY_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
BATCH = 1_000
# A hold that is being placed and a disposal wait for each other.
HOLDS_AND_DISPOSALS = 4_711_005
LONGEST_AUTHORITY = 200


@command(by=BY_ADMINISTRATOR)
def place_legal_hold(
    run: Run,
    *,
    authority: str,
    reason: str,
    patient_id: UUID | None = None,
    organization_id: UUID | None = None,
) -> LegalHold:
    """Keep everything of a patient, or of an organization and its people, until it is lifted.

    `authority` is who ordered it. Raises InvalidRequest or NotFound.
    """
    if (patient_id is None) == (organization_id is None):
        raise InvalidRequest("A legal hold is on one patient or on one organization.")
    _wait_for_disposals()
    run.read_clock()
    if patient_id is not None and not Patient.objects.filter(pk=patient_id).exists():
        raise NotFound("There is no such patient.")
    if organization_id is not None and not Organization.objects.filter(pk=organization_id).exists():
        raise NotFound("There is no such organization.")
    hold = LegalHold.objects.create(
        patient_id=patient_id,
        organization_id=organization_id,
        authority=_authority(authority),
        reason=required_reason(reason),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "legal_hold_placed", subject=hold, patient_id=patient_id, reason=hold.reason)
    return hold


@command(by=BY_ADMINISTRATOR)
def lift_legal_hold(run: Run, *, hold_id: UUID, authority: str, reason: str) -> LegalHold:
    """End a legal hold. Raises InvalidRequest, NotFound, or Conflict for one that was lifted."""
    hold = LegalHold.objects.select_for_update(of=("self",), no_key=True).filter(pk=hold_id).first()
    if hold is None:
        raise NotFound("There is no such legal hold.")
    if hold.lifted_at is not None:
        raise Conflict("This legal hold was lifted already.")
    hold.lifted_at = run.read_clock(later_than=hold.recorded_at)
    hold.lift_authority, hold.lift_reason = _authority(authority), required_reason(reason)
    hold.lift_operation_id = run.operation_id
    hold.save(update_fields=["lifted_at", "lift_authority", "lift_reason", "lift_operation"])
    audit.record(
        run,
        "legal_hold_lifted",
        subject=hold,
        patient_id=hold.patient_id,
        reason=hold.lift_reason,
    )
    return hold


@command(by=BY_ADMINISTRATOR)
def dispose(run: Run, *, kind: Kind, reason: str) -> Event:
    """Delete a batch of what is past its period and under no legal hold; what went is an event.

    The event's `data` has the count, since when the rows were over, and a digest of their keys.
    Raises InvalidRequest for a setting below the least period.
    """
    _wait_for_disposals()
    run.read_clock()
    gone = delete_batch(kind, BATCH)
    return audit.record(
        run,
        "records_disposed",
        reason=required_reason(reason),
        data={
            "kind": kind.name,
            "count": gone.count,
            "period_days": kind.period.days,
            "oldest": gone.oldest.isoformat() if gone.oldest else None,
            "newest": gone.newest.isoformat() if gone.newest else None,
            "keys": gone.keys,
        },
    )


def _wait_for_disposals() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [HOLDS_AND_DISPOSALS])


def _authority(text: str) -> str:
    said = required_reason(
        text, field="authority", hint="Say who ordered it: court and docket, counsel, agency."
    )
    if len(said) > LONGEST_AUTHORITY:
        raise InvalidRequest(
            "The authority is too long.", {"authority": f"At most {LONGEST_AUTHORITY} characters."}
        )
    return said
