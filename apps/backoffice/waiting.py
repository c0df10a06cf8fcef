"""What waits for the office: its queues, and checks of eligibility that found no match."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.models import Organization
from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Actor
from apps.eligibility.services.verifying import MISS
from apps.evidence.services.transfers import MISS as TAKE_OVER_MISS
from apps.oversight import selectors
from apps.rules.policy import programs

DAYS_OF_MISSES = 30
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many items of a kind wait, how many beyond their target, whose they are, the list."""

    label: str
    count: int
    overdue: int
    owner: str
    url: str


@dataclass(frozen=True, slots=True)
class Misses:
    """One organization's checks without a match on one day of the program."""

    on: date
    organization_id: UUID | None
    organization: str
    count: int
    latest_at: datetime
    url: str


def waiting(actor: Actor) -> list[Waiting]:
    """Everything that somebody of the office should look at, counted now."""
    now = clock.now()
    yesterday = now - timedelta(days=1)
    return [
        *(
            Waiting(
                queue.title,
                queue.count,
                queue.overdue,
                queue.owner,
                reverse("admin:queue", args=[queue.kind]),
            )
            for queue in selectors.queues(actor, program=programs()[0], now=now)
        ),
        Waiting(
            "Checks without a match since yesterday",
            Event.objects.filter(code=MISS, occurred_at__gte=yesterday).count(),
            0,
            "staff",
            reverse("admin:misses"),
        ),
        Waiting(
            "Searches for a patient to take over that found nobody, since yesterday",
            Event.objects.filter(code=TAKE_OVER_MISS, occurred_at__gte=yesterday).count(),
            0,
            "staff",
            f"{reverse('admin:audit_event_changelist')}?code__exact={TAKE_OVER_MISS}",
        ),
    ]


def repeated_misses() -> list[Misses]:
    """Checks without a match in the last month: newest day first, most misses first."""
    since = clock.now() - timedelta(days=DAYS_OF_MISSES)
    found = (
        Event.objects.filter(code=MISS, occurred_at__gte=since)
        .annotate(on=TruncDate("occurred_at"))
        .values("on", "organization_id")
        .annotate(count=Count("pk"), latest_at=Max("occurred_at"))
        .order_by("-on", "-count")[:MOST_ROWS]
    )
    rows = list(found)
    names = Organization.objects.in_bulk([row["organization_id"] for row in rows])
    return [_misses(dict(row), names) for row in rows]


def _misses(row: dict[str, Any], names: dict[UUID, Organization]) -> Misses:
    organization = names.get(row["organization_id"])
    events = {"code__exact": MISS, "organization_id__exact": row["organization_id"]}
    return Misses(
        on=row["on"],
        organization_id=row["organization_id"],
        organization=organization.name if organization else "No organization",
        count=row["count"],
        latest_at=row["latest_at"],
        url=f"{reverse('admin:audit_event_changelist')}?{urlencode(events)}",
    )
