"""The report's sections about the supply: requests, refusals, authorizations, dispenses."""

from typing import Any

from django.db import connection
from django.db.models import Count, Q

from apps.core.together import read_together, totals
from apps.eligibility.models import Decision
from apps.oversight.assessment.shapes import Cell, Period, Section, section
from apps.prescriptions.models import (
    Authorization,
    Confirmation,
    Dispense,
    DispenseReturn,
    SupplyStop,
)

# The rules that say whether a test lies in its window.
TEST_RULES = ["L-PT-1", "L-PT-2", "L-PT-3"]


def sections(period: Period) -> list[Section]:
    """All of them; three statements."""
    of_program = {"program": period.program}
    issued = period.within(Authorization.objects.filter(**of_program), "issued_at")
    confirmed = period.within(
        Confirmation.objects.filter(authorization__program=period.program), "issued_at"
    )
    standing = Dispense.objects.filter(withdrawn_at__isnull=True, **of_program)
    made = period.within(standing, "dispensed_at")
    of_these = {"dispense__in": made, "withdrawn_at__isnull": True}
    asked, (states,), (confirmations,), (supplies,), (returned,), (stopped,) = read_together(
        period.within(Decision.objects.filter(**of_program), "recorded_at")
        .values("act")
        .annotate(yes=Count("pk", filter=Q(allowed=True)), no=Count("pk", filter=Q(allowed=False))),
        totals(
            issued,
            **{code: Count("pk", filter=Q(state=code)) for code in Authorization.State.values},
        ),
        totals(confirmed, count=Count("pk")),
        totals(
            made,
            within=Count("pk", filter=Q(authorized=True)),
            outside=Count("pk", filter=Q(authorized=False)),
            late=Count("pk", filter=Q(reported_late=True)),
        ),
        totals(DispenseReturn.objects.filter(**of_these), count=Count("pk")),
        totals(SupplyStop.objects.filter(**of_these), count=Count("pk")),
    )
    return [
        _tests_in_window(period),
        _requests(asked),
        _refusals(period),
        _authorizations(states, confirmations["count"]),
        _dispenses({**supplies, "returned": returned["count"], "stopped": stopped["count"]}),
    ]


def _requests(asked: list[dict[str, Any]]) -> Section:
    """Every question that was put to the rules, by what was asked (L-AUT-2)."""
    by_act = {row["act"]: row for row in asked}
    return section(
        "decisions",
        "Decisions",
        "Asked for | Allowed | Refused",
        (
            (label, by_act.get(code, {}).get("yes", 0), by_act.get(code, {}).get("no", 0))
            for code, label in Decision.Act.choices
        ),
        figures=2,
    )


def _tests_in_window(period: Period) -> Section:
    """On the pregnancy path: whether the tests lay in their windows when a request was made.

    Requests of the four categories without tests are left out: the rules do not ask there.
    """
    found = window_counts(period)
    return section(
        "tests_in_window",
        "Pregnancy tests when an authorization was asked for",
        "Rule | Test | In its window | Not in its window",
        (
            (rule, period.policy.rules[rule].title, *found.get(rule, (0, 0)))
            for rule in TEST_RULES
            if rule in period.policy.rules
        ),
        figures=2,
    )


def window_counts(period: Period) -> dict[str, tuple[int, int]]:
    """By rule: how often the test lay in its window, and how often not."""
    counts = _of_requests(
        period,
        """
        SELECT r ->> 'rule', count(*) FILTER (WHERE (r ->> 'met')::boolean),
            count(*) FILTER (WHERE NOT (r ->> 'met')::boolean)
        FROM eligibility_decision d, jsonb_array_elements(d.document -> 'requirements') r
        WHERE d.act = 'authorize' AND d.program = %(program)s
            AND d.recorded_at >= %(from_at)s AND d.recorded_at < %(until_at)s
            AND r ->> 'rule' = ANY(%(rules)s)
        GROUP BY 1
        """,
    )
    return {str(rule): (int(met), int(unmet)) for rule, met, unmet in counts}


def _refusals(period: Period) -> Section:
    """Why requests and checks were refused: each decision counts once for each of its reasons."""
    return section(
        "refusals",
        "Refusals by reason",
        "Rule | Reason | Requests for an authorization | At a pharmacy",
        ((rule, in_words(code), asked, sold) for rule, code, asked, sold in refusal_counts(period)),
        figures=2,
    )


def refusal_counts(period: Period) -> list[tuple[str, str, int, int]]:
    """Rule, reason, refused requests, and refusals at a pharmacy, by rule and reason."""
    counts = _of_requests(
        period,
        """
        SELECT r ->> 'rule', r ->> 'reason', count(*) FILTER (WHERE d.act = 'authorize'),
            count(*) FILTER (WHERE d.act <> 'authorize')
        FROM eligibility_decision d, jsonb_array_elements(d.document -> 'requirements') r
        WHERE NOT d.allowed AND d.program = %(program)s
            AND d.recorded_at >= %(from_at)s AND d.recorded_at < %(until_at)s
            AND NOT (r ->> 'met')::boolean
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
    )
    return [(str(rule), str(code), int(asked), int(sold)) for rule, code, asked, sold in counts]


def _authorizations(states: dict[str, int], confirmations: int) -> Section:
    """Authorizations issued in the period and what became of them by now (L-AUT-4, L-AUT-7)."""
    became = {state: states[state.value] for state in Authorization.State}
    rows: list[tuple[Cell, ...]] = [("Issued", sum(became.values()))]
    rows += [(f"Of these, now {state.label.lower()}", count) for state, count in became.items()]
    return section(
        "authorizations",
        "Authorizations and confirmations",
        "What | Count",
        [*rows, ("Confirmations issued", confirmations)],
    )


def _dispenses(counts: dict[str, int]) -> Section:
    """Supplies that left a pharmacy: within the rules, and outside them (L-DSP-6 to L-DSP-8)."""
    labels = {
        "within": "Authorized",
        "outside": "Outside the rules",
        "late": "Reported late",
        "returned": "Returned to stock since",
        "stopped": "Lost, destroyed or handed back since",
    }
    return section(
        "dispenses",
        "Dispenses",
        "Dispenses | Count",
        ((label, counts[name]) for name, label in labels.items()),
    )


def _of_requests(period: Period, statement: str) -> list[tuple[Cell, ...]]:
    """The rows of one statement about the stored decision documents."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "program": period.program,
                "from_at": period.from_at,
                "until_at": period.until_at,
                "rules": TEST_RULES,
            },
        )
        return list(cursor.fetchall())


def in_words(code: str) -> str:
    """A reason's code as words; its sentence bears dates, which differ by decision."""
    return code.replace("_", " ").capitalize()
