"""Sending what is due exactly once: claim, hand over, mark as sent. It never decides what is due.

The claim commits before the message leaves, and the mark after: a crash in between lets the lease
run out, and the message is handed over again under the same Message-ID. Nothing else repeats.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from apps.core import clock
from apps.notices import selectors
from apps.notices.channels import CHANNELS, NotHandedOver
from apps.notices.messages import message_of
from apps.notices.models import Notice

logger = structlog.get_logger(__name__)

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
# With waits that double from one minute to six hours: after more than two days.
ATTEMPTS = 18
ADDRESS_REFUSED = "address_refused"


class NotSent(RuntimeError):
    """A defect of ours kept a notice from being sent; it says which, and the kind of failure."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A notice that is ours to send until its lease runs out."""

    notice: Notice
    token: UUID


def due(*, limit: int) -> list[UUID]:
    """What has happened and is to be told now, oldest first."""
    events = selectors.due(Notice.Purpose.EVENT, clock.now())
    return list(events.order_by("due_at").values_list("pk", flat=True)[:limit])


def send(notice_id: UUID) -> bool:
    """Send one notice of an event, unless somebody else does; whether it left. Raises NotSent."""
    with transaction.atomic(durable=True):
        claimed = claim(notice_id, Notice.Purpose.EVENT)
    return claimed is not None and hand_over(claimed)


def claim(notice_id: UUID, purpose: Notice.Purpose) -> Claim | None:
    """Take the lease on a notice that is due; None when it is not, or somebody else is sending it.

    Inside a transaction, which must commit before the message is handed over.
    """
    ready = selectors.due(purpose, clock.now())
    notice = ready.select_for_update(skip_locked=True).filter(pk=notice_id).first()
    if notice is None:
        return None
    token = uuid4()
    Notice.objects.filter(pk=notice.pk).update(
        lease_until=Now() + timedelta(seconds=settings.NOTICE_LEASE_SECONDS),
        lease_token=token,
        attempts=F("attempts") + 1,
    )
    notice.attempts += 1
    return Claim(notice, token)


def hand_over(claimed: Claim) -> bool:
    """Hand a claimed notice to its channel and mark it as sent; whether it left.

    A failure puts it off or, after ATTEMPTS or for good, leaves it to a person. Raises NotSent for
    a failure that is no fault of the channel: a defect of ours must be seen.
    """
    notice = claimed.notice
    try:
        CHANNELS[notice.channel].hand_over(message_of(notice))
    except NotHandedOver as failure:
        _failed(claimed, failure.kind, is_permanent=failure.is_permanent)
        return False
    except Exception as error:  # noqa: BLE001 - raised again as NotSent
        kind = type(error).__name__
        _failed(claimed, kind, is_permanent=False)
        # Its words may hold an address: the place in the code is enough.
        raise NotSent(f"{notice.pk}: {kind}").with_traceback(error.__traceback__) from None
    _move(claimed, "send", sent_at=clock.now(), last_error="")
    return True


def _failed(claimed: Claim, kind: str, *, is_permanent: bool) -> None:
    notice = claimed.notice
    logger.warning("notice_not_handed_over", notice=str(notice.pk), kind=kind)
    if is_permanent or notice.attempts >= ATTEMPTS:
        _move(
            claimed,
            "give_up",
            ended_at=clock.now(),
            ended_reason=ADDRESS_REFUSED if is_permanent else "not_handed_over",
            last_error=kind,
        )
        return
    _ours(claimed).update(
        lease_until=Now() + wait_after(notice.attempts), lease_token=None, last_error=kind
    )


def wait_after(attempts: int) -> timedelta:
    """How long a notice waits after so many failed attempts, in real time."""
    doubled: timedelta = FIRST_WAIT * 2 ** min(attempts - 1, 16)
    return min(doubled, LONGEST_WAIT)


def _move(claimed: Claim, event: str, **fields: object) -> None:
    """Move our notice along its table; one that is no longer ours stays as it is."""
    changed = _ours(claimed).update(
        state=selectors.after(event), lease_until=None, lease_token=None, **fields
    )
    if changed != 1:
        logger.error("notice_lease_lost", notice=str(claimed.notice.pk), move=event)


def _ours(claimed: Claim) -> QuerySet[Notice]:
    return Notice.objects.filter(pk=claimed.notice.pk, state="scheduled", lease_token=claimed.token)
