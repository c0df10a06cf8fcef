"""How often the rules were asked, and what they answered: for the operator's metrics.

Labels are questions, results and rules; never a patient, never a number.
"""

from typing import Any

from django.db import transaction
from prometheus_client import Counter

DECISIONS = Counter(
    "remsportal_decisions", "Decisions kept, by question and result.", ["question", "result"]
)
REFUSALS = Counter(
    "remsportal_refusal_reasons",
    "Unmet rules of refusals; one refusal may name several.",
    ["question", "rule"],
)


def count_once_kept(act: str, decision: dict[str, Any]) -> None:
    """Count a decision when its transaction commits: what was rolled back never happened."""
    transaction.on_commit(lambda: count(act, decision))


def count(act: str, decision: dict[str, Any]) -> None:
    """Count a decision that is kept."""
    DECISIONS.labels(act, "allowed" if decision["allowed"] else "refused").inc()
    for rule in decision["unmet"]:
        REFUSALS.labels(act, rule).inc()
