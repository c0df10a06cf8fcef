"""Plan, cancel and tell: rows in the outbox. Sending is `apps.notices.sending`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now

from apps.core.command import Run
from apps.notices import selectors
from apps.notices.models import Notice


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told, and at which address."""

    kind: Notice.RecipientKind
    id: UUID | None
    address: str


def tell(
    run: Run,
    template: str,
    *,
    about: str,
    recipients: Iterable[Recipient],
    patient_id: UUID | None = None,
    params: dict[str, Any] | None = None,
    language: str = "en",
) -> int:
    """Plan a notice that is due now, once for each recipient; returns how many were planned.

    It is said in `language` if there is such a text. `about` names the occurrence, so that telling
    twice is telling once.
    """
    return plan(
        Notice(
            key=f"{template}:{about}:{recipient.address}",
            template=template,
            patient_id=patient_id,
            recipient_kind=recipient.kind,
            recipient_id=recipient.id,
            address=recipient.address,
            params=params or {},
            language=language,
            due_at=run.now,
            created_at=run.now,
        )
        for recipient in recipients
        if recipient.address
    )


def plan(notices: Iterable[Notice]) -> int:
    """Add notices to the outbox; one whose key is planned or sent already is left as it is."""
    return len(Notice.objects.bulk_create(list(notices), ignore_conflicts=True))


def cancel(notices: QuerySet[Notice], *, reason: str, at: datetime) -> int:
    """Cancel those that are still scheduled; returns how many. Their fate stays visible.

    One that somebody is handing over at this moment is left alone: it may have gone out.
    """
    return (
        notices.filter(state="scheduled")
        .exclude(lease_token__isnull=False, lease_until__gt=Now())
        .update(state=selectors.after("cancel"), ended_reason=reason, ended_at=at)
    )


def put_off(notice: Notice, *, until: datetime) -> None:
    """Let a scheduled notice wait: its recipient's quiet hours have begun."""
    Notice.objects.filter(pk=notice.pk, state="scheduled").update(due_at=until)
