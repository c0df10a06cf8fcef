"""Sending reminders that still stand: the plan is current at the very moment of the claim.

So what was met and recorded before produces no reminder, however late the planner comes.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce

from apps.core import clock
from apps.notices import selectors as outbox
from apps.notices import sending
from apps.notices import services as notices
from apps.notices.models import Notice
from apps.reminders import planning, selectors
from apps.reminders.ladder import awake_for
from apps.rules.policy import policy_in_force


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder whose time has come, and whose plan it is of."""

    notice_id: UUID
    owner_id: UUID


def due(*, limit: int) -> list[Due]:
    """The reminders whose time has come, oldest first."""
    found = outbox.due(Notice.Purpose.REMINDER, clock.now()).order_by("due_at")
    ids = found.values_list("pk", Coalesce("patient_id", "pharmacy_id"))[:limit]
    return [Due(notice_id, owner_id) for notice_id, owner_id in ids]


def send(reminder: Due) -> bool:
    """Send one reminder if it still stands and nobody else sends it; whether it left.

    The plan stays locked until the claim commits. Raises NotPlanned and NotSent.
    """
    with transaction.atomic(durable=True):
        planning.bring_up_to_date(reminder.owner_id)
        claimed = None
        if not _put_off_at_night(reminder):
            claimed = sending.claim(reminder.notice_id, Notice.Purpose.REMINDER)
    return claimed is not None and sending.hand_over(claimed)


def _put_off_at_night(reminder: Due) -> bool:
    """Let a late reminder wait for the morning when it is quiet where its recipient lives."""
    notice = Notice.objects.get(pk=reminder.notice_id)
    now = clock.now()
    policy = policy_in_force(notice.params["program"], now)
    wakes_at = awake_for(selectors.contact_of(notice), now, policy)
    if wakes_at <= now:
        return False
    notices.put_off(notice, until=wakes_at)
    return True
