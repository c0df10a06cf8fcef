"""The report's sections about prescribers and pharmacies: who was certified, who stands where."""

from django.db.models import Count, Q

from apps.audit.models import Event
from apps.oversight.assessment.shapes import Cell, Period, Section, section
from apps.providers.models import Pharmacy, PharmacyCertification, Prescriber, Standing

CERTIFIED = {"code": "prescriber_standing_changed", "data__event": "certify"}


def certifications(period: Period) -> Section:
    """Certifications given and lapsed in the period; where everybody stands now (L-ENR-1, 2)."""
    given = period.within(PharmacyCertification.objects.all(), "certified_from").count()
    ended = period.within(PharmacyCertification.objects.all(), "certified_until").values("pharmacy")
    renewed = PharmacyCertification.objects.filter(
        pharmacy__in=ended, certified_until__gte=period.until_at
    ).values("pharmacy")
    lapsed = ended.exclude(pharmacy__in=renewed).distinct().count()
    certified = period.within(Event.objects.filter(**CERTIFIED), "occurred_at").count()
    rows: list[tuple[Cell, ...]] = [
        ("Certified in the period", certified, given),
        ("Lapsed in the period, not renewed", "–", lapsed),
    ]
    prescribers, pharmacies = _standings(Prescriber), _standings(Pharmacy)
    rows += [
        (f"{label} now", prescribers[code], pharmacies[code]) for code, label in Standing.choices
    ]
    return section(
        "certifications",
        "Certifications",
        "Standing | Prescribers | Pharmacies",
        rows,
        figures=2,
    )


def _standings(model: type[Prescriber] | type[Pharmacy]) -> dict[str, int]:
    counts: dict[str, int] = model.objects.aggregate(
        **{code: Count("pk", filter=Q(state=code)) for code in Standing.values}
    )
    return counts
