"""Copying a patient's complete record for an inspection: asked for, made by a worker, emptied.

The row is the queue. A worker takes a lease on it, commits each part that is done, which prolongs
the lease, and keeps the files only if the lease is still its own: whatever dies, nothing is lost
and nothing is kept twice.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from apps.accounts.models import User
from apps.audit import services as audit
from apps.core import clock
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict
from apps.oversight import record_copies
from apps.oversight.models import RecordCopy
from apps.oversight.selectors import OFFICE
from apps.oversight.whole_record import WholeRecord, whole_record

logger = structlog.get_logger(__name__)

ASKED: Final = "record_copy_requested"
ATTEMPTS: Final = 3
AT_ONCE: Final = 3
"""So many copies are made for one person at the same time."""
ROWS_A_PART: Final = 100
READING, FINISHING = 1, 1  # Parts before and after the rows.
CUT_OFF: Final = "WorkerLost"


class NotMade(RuntimeError):
    """A defect of ours kept a copy from being made; it says which, and the kind of failure."""


class LeaseLost(Exception):
    """Somebody else makes the copy now, for we were slower than our lease."""


@command(by=OFFICE)
def ask_for_record(run: Run, *, patient_id: UUID, reason: str) -> RecordCopy:
    """Ask for the complete record of a patient, for a legal reason; its key names no patient.

    Raises NotFound; InvalidRequest without a reason; Conflict while several are being made for the
    same person, for each holds a worker.
    """
    run.read_clock()
    patient = record_copies.visible_patient(run.actor, patient_id)
    reason = required_reason(reason)
    if record_copies.being_made_for(run.actor).count() >= AT_ONCE:
        raise Conflict(
            f"{AT_ONCE} copies that you asked for are still being made. Ask for this one when one "
            "of them is there."
        )
    event = audit.record(run, ASKED, patient_id=patient.pk, subject=patient, reason=reason)
    return RecordCopy.objects.create(
        patient=patient,
        reason=reason,
        events_upto=event.pk,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )


@dataclass(slots=True)
class Making:
    """A copy that is ours to make until its lease runs out; whoever waits sees each part done."""

    copy: RecordCopy
    token: UUID
    rows: int = 0
    parts: int = 0

    def begin(self, rows: int) -> None:
        """The record is read: so many rows are to be laid out."""
        self.parts = READING + rows // ROWS_A_PART + FINISHING
        self._hold(parts=self.parts, parts_done=READING)

    def row_done(self) -> None:
        """One row more is laid out. Raises LeaseLost."""
        self.rows += 1
        if self.rows % ROWS_A_PART == 0:
            done = READING + self.rows // ROWS_A_PART
            self._hold(parts_done=min(done, self.parts - FINISHING))

    def ours(self) -> QuerySet[RecordCopy]:
        """The row, while it is ours."""
        return RecordCopy.objects.filter(pk=self.copy.pk, lease_token=self.token, made_at=None)

    def _hold(self, **fields: int) -> None:
        if self.ours().update(lease_until=_lease(), **fields) != 1:
            raise LeaseLost


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be laid out: the record as of `read_at`, why, and what to call for each row."""

    record: WholeRecord
    read_at: datetime
    why: dict[str, Any]
    row_done: Callable[[], None] = field(repr=False)


LayOut = Callable[[Order], Mapping[str, bytes]]


def make_next(lay_out: LayOut) -> int:
    """Make the copy that waits longest; how many were made. Never inside a transaction.

    `lay_out` makes both files of a record, by their kinds. Raises NotMade for a defect of ours.
    """
    making = _take()
    if making is None:
        return 0
    try:
        return _made(making, lay_out)
    except LeaseLost:
        logger.warning("record_copy_lease_lost", copy=str(making.copy.pk))
        return 0
    except Exception as error:  # noqa: BLE001 - raised again as NotMade
        kind = type(error).__name__
        _put_back(making, kind)
        # Its words may hold a person's data: the place in the code is enough.
        raise NotMade(f"{making.copy.pk}: {kind}").with_traceback(error.__traceback__) from None


def empty_old() -> int:
    """Remove the files of copies whose day is over; of how many. Rows and trail stay."""
    return record_copies.whose_day_is_over().update(pdf=None, json=None, emptied_at=clock.now())


def _take() -> Making | None:
    """Take the lease on what waits longest; what was tried too often is given up."""
    with transaction.atomic(durable=True):
        waiting = record_copies.waiting().order_by("recorded_at")
        copy = waiting.select_for_update(skip_locked=True, no_key=True).first()
        if copy is None:
            return None
        row = RecordCopy.objects.filter(pk=copy.pk)
        if copy.attempts >= ATTEMPTS:
            # Whoever fails says so: who only took it was killed in the middle.
            row.update(failed_at=clock.now(), last_error=copy.last_error or CUT_OFF)
            logger.error("record_copy_given_up", copy=str(copy.pk), kind=CUT_OFF)
            return None
        token = uuid4()
        row.update(
            lease_until=_lease(),
            lease_token=token,
            attempts=F("attempts") + 1,
            parts=0,
            parts_done=0,
        )
    copy.attempts += 1
    return Making(copy, token)


def _made(making: Making, lay_out: LayOut) -> int:
    order = _read(making)
    making.begin(order.record.count)
    files = lay_out(order)
    kept = making.ours().update(
        read_at=order.read_at,
        made_at=clock.now(),
        parts_done=making.parts,
        lease_until=None,
        lease_token=None,
        last_error="",
        pdf=files["pdf"],
        json=files["json"],
        pdf_sha256=hashlib.sha256(files["pdf"]).hexdigest(),
        json_sha256=hashlib.sha256(files["json"]).hexdigest(),
    )
    if kept != 1:
        raise LeaseLost
    return 1


def _read(making: Making) -> Order:
    """The record as of one moment: what is written meanwhile is in none of its tables."""
    copy = making.copy
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        read_at = clock.now()
        record = whole_record(copy.patient, upto=copy.events_upto)
        asked = copy.operation
        who = User.objects.get(pk=str(asked.actor_id))
    why = {
        "asked_by": str(who),
        "asked_as": asked.role,
        "asked_at": copy.recorded_at,
        "reason": copy.reason,
    }
    return Order(record, read_at, why, making.row_done)


def _put_back(making: Making, kind: str) -> None:
    """Leave a copy that failed to the next sweep or, after ATTEMPTS, give it up."""
    given_up = making.copy.attempts >= ATTEMPTS
    making.ours().update(
        lease_until=None,
        lease_token=None,
        last_error=kind,
        failed_at=clock.now() if given_up else None,
    )
    logger.warning("record_copy_not_made", copy=str(making.copy.pk), kind=kind)


def _lease() -> Any:
    """The instant until which nobody else makes a copy, by the database's clock."""
    return Now() + timedelta(seconds=settings.NOTICE_LEASE_SECONDS)
