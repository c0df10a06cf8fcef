"""What is left to the office when machines fail: notices that reached nobody, outages."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.fields import CharField, DateTimeField
from django.db.models.functions import Cast, Coalesce

from apps.eligibility.reconciliation import ON_PAPER, TIMED
from apps.notices.models import Notice
from apps.oversight.models import Settlement
from apps.oversight.queues.source import Source
from apps.prescriptions.models import Dispense, Outage, OutageCheck
from apps.rules.policy import Policy


def _notices(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Messages that nobody got, until somebody writes down how the person was told instead."""
    settled = Settlement.objects.filter(
        kind="undeliverable_notice", subject_id=Cast(OuterRef("pk"), CharField())
    )
    return Notice.objects.filter(~Exists(settled), state=Notice.State.UNDELIVERABLE)


def _describe_notice(notice: Notice, _policy: Policy) -> str:
    """Without the address and the person: only what it was and whom it was for."""
    return f"{notice.template.replace('_', ' ').capitalize()}, to a {notice.recipient_kind}"


def _outages(_policy: Policy, now: datetime) -> QuerySet[Any]:
    """Outages with an entry that no second person has checked.

    The same entries as `apps.eligibility.reconciliation` lists; here in one statement for all.
    """
    unchecked = Q()
    for model, column in TIMED:
        unchecked |= Q(Exists(_unchecked(model, column, now)))
    return Outage.objects.filter(unchecked).annotate(
        waits_from=Coalesce("until_at", "recorded_at", output_field=DateTimeField())
    )


def _unchecked(model: type[Any], column: str, now: datetime) -> QuerySet[Any]:
    until = Coalesce(OuterRef("until_at"), Value(now, output_field=DateTimeField()))
    inside = Q(**{f"{column}__gte": OuterRef("from_at"), f"{column}__lte": until})
    if model is Dispense:
        chosen = inside & Q(reported_late=True) | Q(outage=OuterRef("pk"))
    else:
        chosen = inside & (Q(recorded_at__gt=until) | Q(operation__channel__in=ON_PAPER))
    checked = OutageCheck.objects.filter(outage=OuterRef(OuterRef("pk")), subject_id=OuterRef("pk"))
    rows: QuerySet[Any] = model._default_manager.filter(
        chosen, ~Exists(checked), withdrawn_at__isnull=True
    )
    return rows


SOURCES = (
    Source(
        kind="undeliverable_notice",
        title="Messages that could not be delivered",
        task="Tell the person in another way, and write down how.",
        model=Notice,
        waiting=_notices,
        since="ended_at",
        patient=F("patient_id"),
        describe=_describe_notice,
    ),
    Source(
        kind="outage_reconciliation",
        title="Outages to reconcile",
        task="A second person compares each entry of the outage with the paper it came from.",
        model=Outage,
        waiting=_outages,
        since="waits_from",
        patient=None,
    ),
)
