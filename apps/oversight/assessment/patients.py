"""The report's sections about patients: who is enrolled, what was tested, asked and followed up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from apps.core.together import read_together, totals
from apps.evidence.models import (
    Deviation,
    Intervention,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
    PrescriberSurvey,
)
from apps.evidence.models.program import CAUSES
from apps.oversight.assessment.shapes import Cell, Period, Section, section
from apps.patients.models import Agreement, CategoryAssignment, Patient, RiskCategory

HOUR = timedelta(hours=1)


def sections(period: Period) -> list[Section]:
    """All of them; one statement."""
    counts, broken, (tests,), cases, interventions, (answered,), (signed,) = read_together(
        _enrolled(period),
        period.within(Deviation.objects.all(), "occurred_at")
        .values("rule", "kind", "severity", "state")
        .annotate(count=Count("pk"))
        .order_by("rule", "kind", "severity", "state"),
        _tested(period),
        _opened(period),
        Intervention.objects.filter(opened_at__lt=period.until_at).filter(
            Q(resolved_at__isnull=True) | Q(resolved_at__gte=period.from_at)
        ),
        totals(
            period.within(
                PatientSurvey.objects.filter(program=period.program, withdrawn_at__isnull=True),
                "completed_at",
            ),
            every=Count("pk"),
            at_risk=Count("pk", filter=Q(at_risk=True)),
        ),
        totals(
            period.within(PrescriberSurvey.objects.filter(program=period.program), "completed_at"),
            every=Count("pk"),
        ),
    )
    return [
        _enrollment(counts),
        _deviations(period, broken),
        _tests(tests, sum(row["count"] for row in broken if row["kind"] == "missed_test")),
        _cases(cases),
        _interventions(period, interventions),
        _surveys(answered, signed),
    ]


def enrolled(program: str, *, before: datetime | None = None) -> QuerySet[Any]:
    """Everybody with a complete agreement: since when, and their category (L-ENR-3).

    The category that was recorded last, `before` an instant if one is given.
    """
    agreements = Agreement.objects.filter(
        patient=OuterRef("pk"),
        program=program,
        patient_signed_at__isnull=False,
        prescriber_signed_at__isnull=False,
    ).annotate(completed_at=Greatest("patient_signed_at", "prescriber_signed_at"))
    categories = CategoryAssignment.objects.filter(patient=OuterRef("pk"))
    if before is not None:
        categories = categories.filter(recorded_at__lt=before)
    category = categories.order_by("-recorded_at").values("risk_category")
    return Patient.objects.filter(merged_into__isnull=True).annotate(
        enrolled_at=Subquery(agreements.order_by("completed_at").values("completed_at")[:1]),
        category=Subquery(category[:1]),
    )


def _enrolled(period: Period) -> QuerySet[Any]:
    counted: QuerySet[Any] = (
        enrolled(period.program, before=period.until_at)
        .filter(enrolled_at__lt=period.until_at)
        .values("category")
        .annotate(every=Count("pk"), new=Count("pk", filter=Q(enrolled_at__gte=period.from_at)))
        .order_by()
    )
    return counted


def _enrollment(counts: list[dict[str, Any]]) -> Section:
    """By risk category: who came in the period, and all who were enrolled at its end (L-ENR-3)."""
    new = dict.fromkeys(RiskCategory.values, 0) | {row["category"]: row["new"] for row in counts}
    every = dict.fromkeys(new, 0) | {row["category"]: row["every"] for row in counts}
    rows = [(label, new[code], every[code]) for code, label in RiskCategory.choices]
    total = ("All", sum(new.values()), sum(every.values()))
    return section(
        "enrollment",
        "Enrollment by risk category",
        "Risk category | Enrolled in the period | Enrolled at its end",
        [*rows, total],
        figures=2,
    )


def _deviations(period: Period, rows: list[dict[str, Any]]) -> Section:
    """What was broken in the period, and where each stands now (§13)."""
    known = period.policy.deviations
    return section(
        "deviations",
        "Deviations by rule, kind, severity and state",
        "Rule | Kind | Severity | State | Deviations",
        (
            (
                row["rule"],
                known[row["kind"]].title if row["kind"] in known else row["kind"],
                Deviation.Severity(row["severity"]).label,
                Deviation.State(row["state"]).label,
                row["count"],
            )
            for row in rows
        ),
    )


def _tested(period: Period) -> QuerySet[Any]:
    collected = period.within(PregnancyTest.objects.all(), "collected_at")
    results = {
        code: Count("pk", filter=Q(result=code, withdrawn_at__isnull=True))
        for code in PregnancyTest.Result.values
    }
    withdrawn = Count("pk", filter=Q(withdrawn_at__isnull=False))
    return totals(collected, withdrawn=withdrawn, **results)


def _tests(counts: dict[str, int], missed: int) -> Section:
    """Specimens collected by result; scheduled tests that were missed (L-PT-1 to L-PT-6)."""
    rows: list[tuple[Cell, ...]] = [
        (label, counts[code]) for code, label in PregnancyTest.Result.choices
    ]
    return section(
        "pregnancy_tests",
        "Pregnancy tests",
        "Test | Tests",
        [*rows, ("Withdrawn as a mistake", counts["withdrawn"]), ("Scheduled, missed", missed)],
    )


def _opened(period: Period) -> QuerySet[Any]:
    return (
        PregnancyCase.objects.filter(recorded_at__lt=period.until_at)
        .values("subject")
        .annotate(
            opened=Count("pk", filter=Q(recorded_at__gte=period.from_at)),
            open=Count("pk", filter=Q(closed_at__isnull=True) | Q(closed_at__gte=period.until_at)),
            **{code: _closed_as(period, code) for code in PregnancyCase.Outcome.values},
        )
    )


def _cases(counts: list[dict[str, Any]]) -> Section:
    """Pregnancy cases of patients and partners: opened, and how those closed ended (L-PRG-2, 3)."""
    by_subject = {row["subject"]: row for row in counts}
    columns = ["opened", *PregnancyCase.Outcome.values, "open"]
    heads = ["Opened", *(f"Closed: {label}" for label in PregnancyCase.Outcome.labels)]
    return section(
        "pregnancy_cases",
        "Pregnancy cases and their outcomes",
        " | ".join(["Whose", *heads, "Open at the end"]),
        (
            (label, *(by_subject.get(code, {}).get(column, 0) for column in columns))
            for code, label in PregnancyCase.Subject.choices
        ),
        figures=len(columns),
    )


def _closed_as(period: Period, outcome: str) -> Count:
    closed = Q(outcome=outcome, closed_at__gte=period.from_at, closed_at__lt=period.until_at)
    return Count("pk", filter=closed)


def _interventions(period: Period, concerned: list[Intervention]) -> Section:
    """By cause: opened, resolved, open at the end; hours to the resolution (L-SUR-3)."""
    return section(
        "interventions",
        "Interventions and the time to resolve them",
        "Cause | Opened | Resolved | Open at the end | Hours to resolve, median | Longest",
        _by_cause(period, concerned),
        figures=5,
    )


def _by_cause(period: Period, concerned: list[Intervention]) -> Iterator[tuple[Cell, ...]]:
    found: dict[str, list[tuple[Any, Any]]] = {}
    for each in concerned:
        found.setdefault(each.cause, []).append((each.opened_at, each.resolved_at))
    for cause, spans in sorted(found.items()):
        hours = [
            (resolved_at - opened_at) / HOUR
            for opened_at, resolved_at in spans
            if resolved_at is not None and resolved_at < period.until_at
        ]
        yield (
            CAUSES.get(cause) or cause.replace("_", " ").capitalize(),
            sum(opened_at >= period.from_at for opened_at, _ in spans),
            len(hours),
            len(spans) - len(hours),
            round(median(hours), 1) if hours else "–",
            round(max(hours), 1) if hours else "–",
        )


def _surveys(answered: dict[str, int], signed: dict[str, int]) -> Section:
    """Surveys answered; of the patients', those with an at-risk answer (L-SUR-1 to L-SUR-3)."""
    return section(
        "surveys",
        "Surveys",
        "Survey | Completed | With an at-risk answer",
        [
            ("Patients’", answered["every"], answered["at_risk"]),
            ("Prescribers’", signed["every"], "–"),
        ],
        figures=2,
    )
