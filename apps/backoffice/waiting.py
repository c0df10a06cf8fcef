"""What waits for the office: counts that lead to lists, and checks that found no match."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Model, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.models import Organization
from apps.audit.models import Event
from apps.core import clock
from apps.eligibility.services.verifying import MISS
from apps.evidence.models import Deviation, Intervention, PregnancyCase
from apps.notices.models import Notice
from apps.providers.models import Pharmacy, Prescriber, Standing

DAYS_OF_MISSES = 30
MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many records of a kind wait, and the list of them."""

    label: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class Misses:
    """One organization's checks without a match on one day (UTC)."""

    on: date
    organization_id: UUID | None
    organization: str
    count: int
    latest_at: datetime
    url: str


def waiting() -> list[Waiting]:
    """Everything that somebody of the office should look at, counted now."""
    yesterday = clock.now() - timedelta(days=1)
    return [
        _count("Prescribers to certify", Prescriber, state=Standing.PENDING),
        _count("Pharmacies to certify", Pharmacy, state=Standing.PENDING),
        _count("Open interventions", Intervention, resolved_at__isnull=True),
        _count("Open pregnancy cases", PregnancyCase, closed_at__isnull=True),
        _count("Open deviations", Deviation, state=Deviation.State.OPEN),
        _count("Undeliverable notices", Notice, state=Notice.State.UNDELIVERABLE),
        Waiting(
            "Checks without a match since yesterday",
            Event.objects.filter(code=MISS, occurred_at__gte=yesterday).count(),
            reverse("admin:misses"),
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


def _count(label: str, model: type[Model], **filters: Any) -> Waiting:
    records: QuerySet[Model] = model._default_manager.filter(**filters)
    names = {_lookup(name): _value(value) for name, value in filters.items()}
    meta = model._meta
    changelist = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    return Waiting(label, records.count(), f"{changelist}?{urlencode(names)}")


def _lookup(name: str) -> str:
    return name if "__" in name else f"{name}__exact"


def _value(value: Any) -> str:
    return "True" if value is True else str(value)
