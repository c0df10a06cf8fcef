"""Replaying stored decisions under the edition that each of them recorded. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.eligibility import deciding
from apps.eligibility.models import Decision
from apps.rules.edition import Policy
from apps.rules.facts import InvalidFacts
from apps.rules.policy import NoPolicyInForce

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """A decision that does not replay to itself, and in what it differs."""

    decision: Decision
    what: str


def recorded(since: datetime | None = None, until: datetime | None = None) -> QuerySet[Decision]:
    """The decisions recorded from an instant on and before another, oldest first."""
    decisions = Decision.objects.select_related("facts").order_by("recorded_at", "pk")
    if since is not None:
        decisions = decisions.filter(recorded_at__gte=since)
    if until is not None:
        decisions = decisions.filter(recorded_at__lt=until)
    return decisions


def replayed(
    decisions: QuerySet[Decision], under: Policy | None = None
) -> Iterator[Difference | None]:
    """Each decision in turn: None when it replays to itself. Memory does not grow with them.

    With `under`, another edition is asked instead of the recorded one: what it would have said.
    """
    for decision in decisions.iterator(chunk_size=CHUNK):
        what = difference(decision, under)
        yield Difference(decision, what) if what else None


def difference(decision: Decision, under: Policy | None = None) -> str:
    """In what a decision differs from its replay; empty when only texts do, or nothing."""
    try:
        again = without_texts(deciding.replay(decision, under))
    except NoPolicyInForce:
        return f"the edition {decision.policy_version} is not among the policy files"
    except InvalidFacts as error:
        pointers = ", ".join(each["pointer"] for each in error.errors)
        return f"its facts are refused today, at {pointers}"
    stored = without_texts(decision.document)
    if under is not None:
        again["policy_version"] = stored["policy_version"]
    differing = sorted(key for key in stored | again if stored.get(key) != again.get(key))
    return ", ".join(_told(key, stored.get(key), again.get(key)) for key in differing)


def without_texts(document: dict[str, Any]) -> dict[str, Any]:
    """A decision without what may differ in a replay: messages, next actions, advisories."""
    kept = {key: document[key] for key in document if key not in {"next_actions", "advisories"}}
    kept["requirements"] = [
        {key: value for key, value in requirement.items() if key != "message"}
        for requirement in document["requirements"]
    ]
    return kept


def _told(key: str, stored: Any, again: Any) -> str:
    if key != "requirements":
        return f"{key} was {stored!r} and is {again!r} now"
    before = {each["rule"]: each for each in stored}
    after = {each["rule"]: each for each in again}
    rules = sorted(rule for rule in before | after if before.get(rule) != after.get(rule))
    return f"requirements {', '.join(rules)}"
