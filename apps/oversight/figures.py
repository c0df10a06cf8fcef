"""The program's figures for the office's start: few numbers, each with the list that it counts.

Reads only; one statement a figure. The lists themselves: apps/oversight/lists.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Count, Q

from apps.core.call import Actor
from apps.core.errors import NotAllowed
from apps.eligibility.models import Decision
from apps.evidence.models import Deviation
from apps.oversight.assessment.patients import enrolled
from apps.oversight.assessment.shapes import Period
from apps.oversight.assessment.supply import (
    TEST_RULES,
    in_words,
    refusal_counts,
    window_counts,
)
from apps.oversight.lists import AT_PHARMACY, NOT_CLOSED, READERS, last_days
from apps.oversight.queues.evidence import AT_WORK
from apps.patients.models import RiskCategory
from apps.rules.policy import policy_in_force

MOST_REASONS: Final = 8


@dataclass(frozen=True, slots=True)
class Number:
    """One number and what its list is asked for; `ever`: of all time, not of the days."""

    value: int
    asks: Mapping[str, str] = field(default_factory=dict)
    ever: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """What is counted, and its number in each series."""

    label: str
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """Numbers that belong together. `listing` names the list behind them."""

    code: str
    title: str
    about: str
    counted: str
    series: tuple[str, ...]
    lines: tuple[Line, ...]
    listing: str


def figures(actor: Actor, *, program: str, days: int, now: datetime) -> list[Figure]:
    """Enrollment, tests in window, refusals and deviations of the last days, today included.

    Raises NotAllowed for everybody but the program's office.
    """
    if actor.role not in READERS:
        raise NotAllowed("Only the program's office sees its figures.")
    period = last_days(policy_in_force(program, now), days, now)
    return [_enrollment(period), _tests(period), _refusals(period), _deviations(period)]


def _enrollment(period: Period) -> Figure:
    counts = (
        enrolled(period.program)
        .filter(enrolled_at__lt=period.until_at)
        .values("category")
        .annotate(every=Count("pk"), new=Count("pk", filter=Q(enrolled_at__gte=period.from_at)))
        .order_by()
        .values_list("category", "new", "every")
    )
    found = {category: (new, every) for category, new, every in counts}
    lines = []
    for code, label in RiskCategory.choices:
        new, every = found.get(code, (0, 0))
        asks = {"category": code}
        lines.append(Line(label, (Number(new, asks), Number(every, asks, ever=True))))
    return Figure(
        "enrollment",
        "Enrollment",
        "Patients with a complete agreement.",
        "Risk category",
        ("Enrolled in these days", "Enrolled altogether"),
        tuple(lines),
        "enrollment",
    )


def _tests(period: Period) -> Figure:
    found = window_counts(period)
    lines = []
    for rule in TEST_RULES:
        if rule in period.policy.rules:
            met, unmet = found.get(rule, (0, 0))
            numbers = (
                Number(met, {"rule": rule, "in_window": "yes"}),
                Number(unmet, {"rule": rule, "in_window": "no"}),
            )
            lines.append(Line(f"{period.policy.rules[rule].title} ({rule})", numbers))
    return Figure(
        "tests",
        "Tests in window",
        "Pregnancy tests when an authorization was asked for, on the pregnancy path.",
        "Test",
        ("In its window", "Not in its window"),
        tuple(lines),
        "tests",
    )


def _refusals(period: Period) -> Figure:
    most = sorted(refusal_counts(period), key=lambda each: (-(each[2] + each[3]), each[:2]))
    lines = []
    for rule, code, asked, sold in most[:MOST_REASONS]:
        reason = f"{rule}:{code}"
        numbers = (
            Number(asked, {"reason": reason, "where": Decision.Act.AUTHORIZE.value}),
            Number(sold, {"reason": reason, "where": AT_PHARMACY}),
        )
        lines.append(Line(f"{in_words(code)} ({rule})", numbers))
    rest = len(most) - MOST_REASONS
    return Figure(
        "refusals",
        "Refusals by reason",
        "A refusal counts once for each of its reasons."
        + (f" {rest} rarer reasons are left out." if rest > 0 else ""),
        "Reason",
        ("Requests for an authorization", "At a pharmacy"),
        tuple(lines),
        "refusals",
    )


def _deviations(period: Period) -> Figure:
    counts = (
        period.within(Deviation.objects.all(), "occurred_at")
        .values("severity")
        .annotate(every=Count("pk"), waiting=Count("pk", filter=Q(state__in=AT_WORK)))
        .order_by()
        .values_list("severity", "every", "waiting")
    )
    found = {severity: (every, waiting) for severity, every, waiting in counts}
    lines = []
    for code, label in reversed(Deviation.Severity.choices):
        every, waiting = found.get(code, (0, 0))
        asks = {"severity": code}
        numbers = (Number(every, asks), Number(waiting, {**asks, "state": NOT_CLOSED}))
        lines.append(Line(label, numbers))
    return Figure(
        "deviations",
        "Deviations by severity",
        "Rules broken in these days.",
        "Severity",
        ("Happened", "Of these, not closed yet"),
        tuple(lines),
        "deviations",
    )
