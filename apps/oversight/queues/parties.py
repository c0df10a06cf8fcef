"""Prescribers and pharmacies who wait for the program, or whom it waits for (L-ENR-1, L-ENR-2)."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from apps.oversight.queues.source import Source
from apps.providers.models import (
    Pharmacy,
    PharmacyCertification,
    Prescriber,
    PrescriberEnrollment,
    Standing,
)
from apps.providers.selectors import waiting_forms
from apps.rules.policy import Policy


def _prescribers(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Who signed the form and is not certified yet; before, the next step is their own."""
    signed = PrescriberEnrollment.objects.filter(prescriber=OuterRef("pk"))
    latest = signed.order_by("-signed_at").values("signed_at")[:1]
    return Prescriber.objects.filter(Exists(signed), state=Standing.PENDING).annotate(
        signed_at=Subquery(latest)
    )


def _pharmacies(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Whose representative signed, to be certified or renewed."""
    return Pharmacy.objects.filter(
        Exists(waiting_forms(OuterRef("pk"))), state__in=[Standing.PENDING, Standing.CERTIFIED]
    ).annotate(signed_at=Subquery(waiting_forms(OuterRef("pk")).values("signed_at")[:1]))


def _lapses(_policy: Policy, _now: datetime) -> QuerySet[Any]:
    """Certified pharmacies by the end of their certification; not those who signed to renew."""
    last = PharmacyCertification.objects.filter(pharmacy=OuterRef("pk")).order_by(
        "-certified_until"
    )
    return (
        Pharmacy.objects.filter(state=Standing.CERTIFIED)
        .exclude(Exists(waiting_forms(OuterRef("pk"))))
        .annotate(ends_at=Subquery(last.values("certified_until")[:1]))
        .filter(ends_at__isnull=False)
    )


SOURCES = (
    Source(
        kind="prescriber_certification",
        title="Prescribers to certify",
        task="Check the signed form, then certify the prescriber.",
        model=Prescriber,
        waiting=_prescribers,
        since="signed_at",
        patient=None,
    ),
    Source(
        kind="pharmacy_certification",
        title="Pharmacies to certify or renew",
        task="Check the signed form, then certify the pharmacy.",
        model=Pharmacy,
        waiting=_pharmacies,
        since="signed_at",
        patient=None,
    ),
    Source(
        kind="certification_lapse",
        title="Certifications that lapse",
        task="The authorized representative renews; remind the pharmacy.",
        model=Pharmacy,
        waiting=_lapses,
        since="ends_at",
        patient=None,
    ),
)
