"""A decision document as people read it: each requirement, who acts, what comes next.

Presentation of stored or hypothetical decisions only; what is met was decided before.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.portal.one_step import Step, said_once
from apps.portal.words import WHO
from apps.rules.edition import Policy
from apps.rules.explanations import Explanation, explanation
from apps.rules.policy import policy_by_version
from apps.rules.reasons import REASONS
from apps.rules.texts import render

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# What time alone brings: no page helps, and the request is on the patient's own.
ONLY_TIME = frozenset({"FIRST_TEST_TOO_RECENT", "CONTRACEPTION_TOO_RECENT"})
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T.*Z")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One line of components/requirements.html."""

    rule: str
    met: bool
    overridden: bool
    label: str
    reason: str
    who: str
    what: str
    opens_at: datetime | None
    closes_at: datetime | None
    explained: Explanation | None = None


def requirements(decision: Mapping[str, Any]) -> list[Requirement]:
    """The requirements of a decision document: unmet ones first, then in the document's order."""
    policy = policy_by_version(decision["policy_version"])
    found = [_requirement(each, policy) for each in decision["requirements"]]
    return sorted(found, key=lambda requirement: requirement.met)


def first_of(decision: Mapping[str, Any], rules: Sequence[str]) -> Requirement | None:
    """The first of these rules that is not met, with who acts."""
    policy = policy_by_version(decision["policy_version"])
    unmet = {each["rule"]: each for each in decision["requirements"] if not each["met"]}
    return next((_requirement(unmet[rule], policy) for rule in rules if rule in unmet), None)


def steps(decision: Mapping[str, Any], pages: Mapping[str, str] | None = None) -> list[Step]:
    """The next actions of a decision document, one for each form that they lead to.

    `pages`: where what a rule asks for is recorded.
    """
    known, policy = pages or {}, policy_by_version(decision["policy_version"])
    asked: dict[str, list[Mapping[str, Any]]] = {}
    for each in decision["requirements"]:
        if not each["met"]:
            asked.setdefault(_requirement(each, policy).what, []).append(each)
    made = []
    for action in decision["next_actions"]:
        by = asked.get(action["what"], [])
        urls = [
            known[each["rule"]]
            for each in by
            if each["rule"] in known and each["reason"] not in ONLY_TIME
        ]
        step = Step(
            who=WHO.get(action["who"], action["who"]),
            what=action["what"],
            not_before=instant(action["not_before"]),
            not_after=instant(action["not_after"]),
            url=urls[-1] if urls else "",
            reasons={each["reason"]: each["params"] for each in by},
        )
        made.append(step)
    return said_once(made)


def advisories(decision: Mapping[str, Any]) -> list[str]:
    """What the decision remarks without blocking."""
    return [each["message"] for each in decision["advisories"]]


def holds_until(decision: Mapping[str, Any]) -> datetime | None:
    """The earliest instant at which a yes lapses: nothing may be promised longer (L-DSP-1)."""
    known = [instant(each["closes_at"]) for each in decision["requirements"] if each["met"]]
    return min((at for at in [*known, instant(decision["expires_at"])] if at), default=None)


def instant(text: str | None) -> datetime | None:
    """An instant of a document."""
    return datetime.fromisoformat(text) if text else None


def _requirement(each: Mapping[str, Any], policy: Policy) -> Requirement:
    reason, note = REASONS[each["reason"]], policy.rules[each["rule"]]
    who = what = ""
    if not each["met"]:
        owner = reason.who or note.owner
        who = WHO.get(owner, owner)
        what = render(reason.what or "", _typed(each["params"]), policy.calendar)
    return Requirement(
        rule=each["rule"],
        met=each["met"],
        overridden=each.get("overridden", False),
        label=note.title,
        reason=each["message"],
        who=who,
        what=what,
        opens_at=instant(each["opens_at"]),
        closes_at=instant(each["closes_at"]),
        explained=explanation(each["rule"], policy),
    )


def _typed(params: Mapping[str, Any]) -> dict[str, Any]:
    """A document's parameters with their dates and instants read."""
    return {name: _value(value) for name, value in params.items()}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, str) and DAY.fullmatch(value):
        return date.fromisoformat(value)
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value
