"""The report's sections about prescribers and pharmacies: who was certified, who stands where."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from apps.audit.models import Event
from apps.core.together import read_together, totals
from apps.oversight.assessment.shapes import Cell, Period, Section, section
from apps.providers.models import Pharmacy, PharmacyCertification, Prescriber, Standing

CERTIFIED = {"code": "prescriber_standing_changed", "data__event": "certify"}


def sections(period: Period) -> list[Section]:
    """Certifications given and lapsed in the period; where everybody stands now (L-ENR-1, 2).

    One statement.
    """
    every = PharmacyCertification.objects.all()
    ended = period.within(every, "certified_until")
    renewed = every.filter(
        pharmacy__in=ended.values("pharmacy"), certified_until__gte=period.until_at
    )
    (certified,), (given,), (lapsed,), (prescribers,), (pharmacies,) = read_together(
        totals(period.within(Event.objects.filter(**CERTIFIED), "occurred_at"), count=Count("pk")),
        totals(period.within(every, "certified_from"), count=Count("pk")),
        totals(
            ended.exclude(pharmacy__in=renewed.values("pharmacy")),
            count=Count("pharmacy", distinct=True),
        ),
        _standings(Prescriber),
        _standings(Pharmacy),
    )
    rows: list[tuple[Cell, ...]] = [
        ("Certified in the period", certified["count"], given["count"]),
        ("Lapsed in the period, not renewed", "–", lapsed["count"]),
    ]
    rows += [
        (f"{label} now", prescribers[code], pharmacies[code]) for code, label in Standing.choices
    ]
    return [
        section(
            "certifications",
            "Certifications",
            "Standing | Prescribers | Pharmacies",
            rows,
            figures=2,
        )
    ]


def _standings(model: type[Prescriber] | type[Pharmacy]) -> QuerySet[Any]:
    counts = {code: Count("pk", filter=Q(state=code)) for code in Standing.values}
    return totals(model._default_manager.all(), **counts)
