"""The lists that the office reads and exports: deviations, refusals, tests, enrollment. Reads only.

What the dashboard counts is listed here by the same conditions, so that each number leads to its
rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import F, QuerySet

from apps.core.call import PROGRAM, Actor, Role
from apps.core.errors import NotAllowed, NotFound
from apps.eligibility.models import Decision
from apps.evidence.models import Deviation
from apps.oversight.assessment.patients import enrolled
from apps.oversight.assessment.shapes import Period
from apps.oversight.assessment.supply import TEST_RULES, in_words
from apps.oversight.queues.evidence import AT_WORK
from apps.patients.models import Patient, RiskCategory
from apps.rules.calendar import date_of
from apps.rules.policy import Policy, policy_in_force
from apps.rules.reasons import REASONS, REASONS_OF

READERS: Final = PROGRAM | {Role.AUDITOR}
SPANS: Final = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "365 days"}
USUAL_SPAN: Final = "30"
NOT_CLOSED: Final = "at_work"
AT_PHARMACY: Final = "pharmacy"

Choices = list[tuple[str, str]]
Given = Mapping[str, str]
Cell = str | datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """One question to narrow a list by; the first choice stands for everything."""

    name: str
    label: str
    choices: Callable[[Policy], Choices]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One list: which rows, in which order, and what stands in its columns, the first one linked.

    `rows` gets the policy, the days (None: ever) and what was chosen in the filters.
    """

    code: str
    title: str
    about: str
    columns: tuple[str, ...]
    filters: tuple[Filter, ...]
    rows: Callable[[Policy, Period | None, Given], QuerySet[Any]]
    cells: Callable[[Any, Policy], tuple[Cell, ...]]


def listing_of(code: str) -> Listing:
    """The list of that name. Raises NotFound."""
    found = LISTINGS.get(code)
    if found is None:
        raise NotFound("There is no such list.")
    return found


def rows_of(
    actor: Actor, listing: Listing, *, program: str, now: datetime, days: str = "", **given: str
) -> QuerySet[Any]:
    """The rows that were asked for; `days` "" means ever.

    Raises NotAllowed for everybody but the program's office.
    """
    if actor.role not in READERS:
        raise NotAllowed("Only the program's office sees its lists.")
    policy = policy_in_force(program, now)
    return listing.rows(policy, last_days(policy, int(days), now) if days else None, given)


def last_days(policy: Policy, days: int, now: datetime) -> Period:
    """So many days of the program's calendar, today included."""
    today = date_of(policy.calendar.day(now))
    return Period(policy, today - timedelta(days=days - 1), today)


def patient_of(row: Any) -> UUID | None:
    """The patient whom a row is about."""
    found: UUID | None = row.pk if isinstance(row, Patient) else row.patient_id
    return found


def _within(rows: QuerySet[Any], period: Period | None, instant: str) -> QuerySet[Any]:
    return rows if period is None else period.within(rows, instant)


# --- Deviations ---------------------------------------------------------------------------------


def _deviations(_policy: Policy, period: Period | None, given: Given) -> QuerySet[Any]:
    found = _within(Deviation.objects.all(), period, "occurred_at")
    for name in ("severity", "kind"):
        if given.get(name):
            found = found.filter(**{name: given[name]})
    if given.get("state"):
        states = AT_WORK if given["state"] == NOT_CLOSED else [given["state"]]
        found = found.filter(state__in=states)
    return found.select_related("patient", "organization").order_by("-occurred_at", "pk")


def _deviation(row: Deviation, policy: Policy) -> tuple[Cell, ...]:
    known = policy.deviations.get(row.kind)
    return (
        known.title if known else row.kind.replace("_", " ").capitalize(),
        row.rule,
        row.get_severity_display(),
        row.get_state_display(),
        row.occurred_at,
        str(row.patient or "–"),
        str(row.organization or "–"),
        row.corrective_action or "–",
    )


def _states(_policy: Policy) -> Choices:
    return [("", "Any"), (NOT_CLOSED, "Not closed yet"), *Deviation.State.choices]


def _kinds(policy: Policy) -> Choices:
    return [("", "Any"), *((kind, known.title) for kind, known in policy.deviations.items())]


# --- Decisions ----------------------------------------------------------------------------------


def _decisions(policy: Policy, period: Period | None) -> QuerySet[Any]:
    found = _within(Decision.objects.filter(program=policy.program), period, "recorded_at")
    return found.select_related("patient").order_by("-recorded_at", "pk")


def _refusals(policy: Policy, period: Period | None, given: Given) -> QuerySet[Any]:
    found = _decisions(policy, period).filter(allowed=False)
    if given.get("reason"):
        rule, _, code = given["reason"].partition(":")
        unmet = {"rule": rule, "reason": code, "met": False}
        found = found.filter(document__requirements__contains=[unmet])
    if given.get("where") == AT_PHARMACY:
        return found.exclude(act=Decision.Act.AUTHORIZE)
    return found.filter(act=given["where"]) if given.get("where") else found


def _tests(policy: Policy, period: Period | None, given: Given) -> QuerySet[Any]:
    found = _decisions(policy, period).filter(act=Decision.Act.AUTHORIZE)
    rules = [given["rule"]] if given.get("rule") else TEST_RULES
    asked: QuerySet[Any] = Decision.objects.none()
    answers = {"yes": [True], "no": [False]}.get(given.get("in_window", ""), [True, False])
    for rule in rules:
        for met in answers:
            asked |= found.filter(document__requirements__contains=[{"rule": rule, "met": met}])
    return asked


def _decision(row: Decision, _policy: Policy) -> tuple[Cell, ...]:
    unmet = [each for each in row.document["requirements"] if not each["met"]]
    return (
        row.get_act_display(),
        row.recorded_at,
        str(row.patient),
        "Allowed" if row.allowed else "Refused",
        " ".join(f"{each['rule']}: {each['message']}" for each in unmet) or "–",
        row.policy_version,
    )


def _reasons(_policy: Policy) -> Choices:
    """The reasons of a no; that something is met is never one, even where it lapses."""
    every = [
        (f"{rule}:{code}", f"{rule}: {in_words(code)}")
        for rule, reasons in REASONS_OF.items()
        for code in reasons
        if not REASONS[code].met
    ]
    return [("", "Any"), *every]


def _where(_policy: Policy) -> Choices:
    return [
        ("", "Anywhere"),
        (Decision.Act.AUTHORIZE.value, "Request for an authorization"),
        (AT_PHARMACY, "At a pharmacy"),
    ]


def _test_rules(policy: Policy) -> Choices:
    known = [rule for rule in TEST_RULES if rule in policy.rules]
    return [("", "Any"), *((rule, policy.rules[rule].title) for rule in known)]


# --- Enrollment ---------------------------------------------------------------------------------


def _enrollment(policy: Policy, period: Period | None, given: Given) -> QuerySet[Any]:
    found = enrolled(policy.program).filter(enrolled_at__isnull=False)
    if given.get("category"):
        found = found.filter(category=given["category"])
    found = _within(found, period, "enrolled_at")
    organization = "prescriber__practice__organization"
    return found.select_related(organization).order_by(F("enrolled_at").desc(), "pk")


def _enrollee(row: Any, _policy: Policy) -> tuple[Cell, ...]:
    return (
        str(row),
        RiskCategory(row.category).label,
        row.enrolled_at,
        row.prescriber.full_name,
        row.prescriber.practice.organization.name,
    )


ANSWERS: Final = [("", "Any"), ("yes", "Yes"), ("no", "No")]
LISTINGS: Final[dict[str, Listing]] = {
    listing.code: listing
    for listing in (
        Listing(
            code="enrollment",
            title="Enrolled patients",
            about="Everybody with a complete agreement, those enrolled last first.",
            columns=("Patient", "Risk category", "Enrolled", "Prescriber", "Practice"),
            filters=(
                Filter(
                    "category", "Risk category", lambda _: [("", "Any"), *RiskCategory.choices]
                ),
            ),
            rows=_enrollment,
            cells=_enrollee,
        ),
        Listing(
            code="tests",
            title="Requests by pregnancy test",
            about="Requests for an authorization in which a pregnancy test was asked for.",
            columns=("Asked for", "When", "Patient", "Answer", "Why not", "Policy"),
            filters=(
                Filter("rule", "Test", _test_rules),
                Filter("in_window", "In its window", lambda _: ANSWERS),
            ),
            rows=_tests,
            cells=_decision,
        ),
        Listing(
            code="refusals",
            title="Refusals",
            about="Every question to which the answer was no, with each reason.",
            columns=("Asked for", "When", "Patient", "Answer", "Why not", "Policy"),
            filters=(Filter("reason", "Reason", _reasons), Filter("where", "Where", _where)),
            rows=_refusals,
            cells=_decision,
        ),
        Listing(
            code="deviations",
            title="Deviations",
            about="Rules that were broken in the world, those that happened last first.",
            columns=(
                "What", "Rule", "Severity", "State", "Happened", "Patient",
                "Practice or pharmacy", "Corrective action",
            ),
            filters=(
                Filter(
                    "severity", "Severity", lambda _: [("", "Any"), *Deviation.Severity.choices]
                ),
                Filter("state", "State", _states),
                Filter("kind", "What", _kinds),
            ),
            rows=_deviations,
            cells=_deviation,
        ),
    )
}  # fmt: skip
"""Every list by its name, as the dashboard shows them."""
