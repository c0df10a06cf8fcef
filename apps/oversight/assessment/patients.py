"""The report's sections about patients: who is enrolled, what was tested, asked and followed up."""

from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

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
from apps.patients.models import Agreement, CategoryAssignment, RiskCategory

HOUR = timedelta(hours=1)


def enrollment(period: Period) -> Section:
    """By risk category: who came in the period, and all who were enrolled at its end (L-ENR-3)."""
    complete = Agreement.objects.filter(
        program=period.program,
        patient_signed_at__isnull=False,
        prescriber_signed_at__isnull=False,
    ).annotate(completed_at=Greatest("patient_signed_at", "prescriber_signed_at"))
    category = (
        CategoryAssignment.objects.filter(
            patient=OuterRef("patient"), recorded_at__lt=period.until_at
        )
        .order_by("-recorded_at")
        .values("risk_category")[:1]
    )
    first = (
        complete.filter(completed_at__lt=period.until_at, patient__merged_into__isnull=True)
        .values("patient")
        .annotate(enrolled_at=Min("completed_at"), category=Subquery(category))
        .values_list("category", "enrolled_at")
    )
    new: dict[str, int] = dict.fromkeys(RiskCategory.values, 0)
    every = dict(new)
    for risk_category, enrolled_at in first:
        every[risk_category] += 1
        new[risk_category] += enrolled_at >= period.from_at
    rows = [(label, new[code], every[code]) for code, label in RiskCategory.choices]
    total = ("All", sum(new.values()), sum(every.values()))
    return section(
        "enrollment",
        "Enrollment by risk category",
        "Risk category | Enrolled in the period | Enrolled at its end",
        [*rows, total],
        figures=2,
    )


def deviations(period: Period) -> Section:
    """What was broken in the period, and where each stands now (§13)."""
    rows = (
        period.within(Deviation.objects.all(), "occurred_at")
        .values("rule", "kind", "severity", "state")
        .annotate(count=Count("pk"))
        .order_by("rule", "kind", "severity", "state")
    )
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


def tests(period: Period) -> Section:
    """Specimens collected by result; scheduled tests that were missed (L-PT-1 to L-PT-6)."""
    collected = period.within(PregnancyTest.objects.all(), "collected_at")
    counts = collected.aggregate(
        withdrawn=Count("pk", filter=Q(withdrawn_at__isnull=False)),
        **{
            code: Count("pk", filter=Q(result=code, withdrawn_at__isnull=True))
            for code in PregnancyTest.Result.values
        },
    )
    missed = period.within(Deviation.objects.filter(kind="missed_test"), "occurred_at").count()
    rows: list[tuple[Cell, ...]] = [
        (label, counts[code]) for code, label in PregnancyTest.Result.choices
    ]
    return section(
        "pregnancy_tests",
        "Pregnancy tests",
        "Test | Tests",
        [*rows, ("Withdrawn as a mistake", counts["withdrawn"]), ("Scheduled, missed", missed)],
    )


def cases(period: Period) -> Section:
    """Pregnancy cases of patients and partners: opened, and how those closed ended (L-PRG-2, 3)."""
    every = PregnancyCase.objects.all()
    counts = (
        every.filter(recorded_at__lt=period.until_at)
        .values("subject")
        .annotate(
            opened=Count("pk", filter=Q(recorded_at__gte=period.from_at)),
            open=Count("pk", filter=Q(closed_at__isnull=True) | Q(closed_at__gte=period.until_at)),
            **{code: _closed_as(period, code) for code in PregnancyCase.Outcome.values},
        )
    )
    by_subject: dict[str, dict[str, Any]] = {row["subject"]: dict(row) for row in counts}
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


def interventions(period: Period) -> Section:
    """By cause: opened, resolved, open at the end; hours to the resolution (L-SUR-3)."""
    concerned = Intervention.objects.filter(opened_at__lt=period.until_at).filter(
        Q(resolved_at__isnull=True) | Q(resolved_at__gte=period.from_at)
    )
    return section(
        "interventions",
        "Interventions and the time to resolve them",
        "Cause | Opened | Resolved | Open at the end | Hours to resolve, median | Longest",
        _by_cause(period, concerned),
        figures=5,
    )


def _by_cause(period: Period, concerned: QuerySet[Any]) -> Iterator[tuple[Cell, ...]]:
    found: dict[str, list[tuple[Any, Any]]] = {}
    for cause, opened_at, resolved_at in concerned.values_list("cause", "opened_at", "resolved_at"):
        found.setdefault(cause, []).append((opened_at, resolved_at))
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


def surveys(period: Period) -> Section:
    """Surveys answered; of the patients', those with an at-risk answer (L-SUR-1 to L-SUR-3)."""
    of_program = Q(program=period.program)
    answered = period.within(
        PatientSurvey.objects.filter(of_program, withdrawn_at__isnull=True), "completed_at"
    ).aggregate(every=Count("pk"), at_risk=Count("pk", filter=Q(at_risk=True)))
    signed = period.within(PrescriberSurvey.objects.filter(of_program), "completed_at").count()
    return section(
        "surveys",
        "Surveys",
        "Survey | Completed | With an at-risk answer",
        [
            ("Patients’", answered["every"], answered["at_risk"]),
            ("Prescribers’", signed, "–"),
        ],
        figures=2,
    )
