"""decide(facts) -> Decision: every requirement asked, answered and explained.

The one place where an answer is put together. It never reads a clock and raises for no refusal.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from apps.rules.actions import NextAction, next_actions
from apps.rules.advisories import Advice, advisories
from apps.rules.calendar import plus, utc_text
from apps.rules.entries import Facts, given
from apps.rules.facts import parse_facts
from apps.rules.policy import Policies, Policy, policies, policy_in_force
from apps.rules.reasons import EXCUSED, REASONS
from apps.rules.requirements import asked_under
from apps.rules.requirements.authorization import last_day_of_authorization
from apps.rules.requirements.dispensing import confirmation_expiry, supply_nearly_used
from apps.rules.requirements.first_window import asks_first_window, first_window_closes_on
from apps.rules.result import RequirementResult
from apps.rules.terms import Terms, derive
from apps.rules.texts import render

SUPPLY_RULE: Final = "L-DSP-5"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one question at one instant, under one edition of the policy."""

    program: str
    policy_version: str
    question: str
    as_of: datetime
    allowed: bool
    path: str
    unmet: tuple[str, ...]
    requirements: tuple[RequirementResult, ...]
    expires_at: datetime | None
    next_actions: tuple[NextAction, ...]
    advisories: tuple[Advice, ...]

    def to_document(self) -> dict[str, Any]:
        """The contract's JSON form."""
        return {
            "program": self.program,
            "policy_version": self.policy_version,
            "question": self.question,
            "as_of": utc_text(self.as_of),
            "allowed": self.allowed,
            "path": self.path,
            "unmet": list(self.unmet),
            "requirements": [each.to_document() for each in self.requirements],
            "expires_at": None if self.expires_at is None else utc_text(self.expires_at),
            "next_actions": [each.to_document() for each in self.next_actions],
            "advisories": [each.to_document() for each in self.advisories],
        }


def decide(facts: Facts) -> Decision:
    """Decides under the edition in force at `as_of`.

    Raises UnknownProgram or NoPolicyInForce for facts that parse_facts would have refused.
    """
    return decide_under(facts, policy_in_force(facts.program, facts.as_of))


def decide_under(facts: Facts, policy: Policy) -> Decision:
    """Decides under a given edition: a replay gives the one that was recorded."""
    terms = derive(facts, policy)
    results = tuple(_results(terms))
    unmet = tuple(sorted(each.rule for each in results if not each.met))
    expires_at = None if unmet else _expires_at(terms)
    return Decision(
        program=facts.program,
        policy_version=policy.version,
        question=facts.question,
        as_of=facts.as_of,
        allowed=not unmet,
        path=terms.path,
        unmet=unmet,
        requirements=results,
        expires_at=expires_at,
        next_actions=next_actions(terms, results, expires_at),
        advisories=advisories(terms),
    )


def supply_opens_at(facts: Facts, policy: Policy) -> datetime | None:
    """From when a pharmacy may dispense a next supply, where too much is left now (L-DSP-5).

    None where nothing is left that stands in the way, or an exception excuses it.
    """
    terms = derive(facts, policy)
    found = supply_nearly_used(terms)
    excused = _overridden_until(terms, SUPPLY_RULE) is not None
    return None if found.met or excused else found.opens_at


def evaluate_document(document: object, under: Policies | None = None) -> dict[str, Any]:
    """A facts document in, a decision document out; raises InvalidFacts.

    `under`: the policies to decide under; None: those of this process.
    """
    known = under or policies()
    facts = parse_facts(document, policies=known)
    return decide_under(facts, known.in_force(facts.program, facts.as_of)).to_document()


def _results(terms: Terms) -> list[RequirementResult]:
    policy, calendar = terms.policy, terms.calendar
    results = []
    for requirement in asked_under(policy)[terms.facts.question]:
        if requirement.applies is not None and not requirement.applies(terms):
            continue
        rule = requirement.rule
        met, reason, params, opens_at, closes_at = requirement.check(terms)
        overridden_until = None if met else _overridden_until(terms, rule)
        message = render(REASONS[reason].message, params, calendar)
        if overridden_until is not None:
            met, opens_at, closes_at = True, None, overridden_until
            message += " " + render(EXCUSED, {"until_at": overridden_until}, calendar)
        results.append(
            RequirementResult(
                rule,
                met,
                overridden_until is not None,
                reason,
                params,
                message,
                opens_at,
                closes_at,
                policy.rules[rule].source,
            )
        )
    return results


def _overridden_until(terms: Terms, rule: str) -> datetime | None:
    """Until when an exception in force excuses this rule (L-DSP-10); None when there is none."""
    if rule not in terms.policy.overridable:
        return None
    in_force = [
        each.expires_at
        for each in terms.facts.overrides
        if each.rule == rule and each.granted_at <= terms.as_of <= each.expires_at
    ]
    return max(in_force, default=None)


def _expires_at(terms: Terms) -> datetime:
    """Until when the answer yes may be used (L-AUT-4, L-DSP-3)."""
    policy, numbers, calendar = terms.policy, terms.policy.parameters, terms.calendar
    if terms.facts.question == "authorize":
        tested_on = calendar.day(terms.counting[-1]) if terms.on_pregnancy_path else None
        last_day = last_day_of_authorization(policy, terms.today, tested_on)
        if tested_on is not None and asks_first_window(terms):
            last_day = min(last_day, first_window_closes_on(terms))
        return calendar.end_of_day(last_day)
    if terms.facts.confirmation is not None:
        return confirmation_expiry(terms)
    authorization = given(terms.facts.authorization)
    confirmed_until = plus(terms.as_of, timedelta(hours=numbers.confirmation_hours))
    return min(confirmed_until, authorization.expires_at)
