"""Advisories (program-rules §11): remarks that inform and never block.

What calls for each is in the policy file; nothing here changes an answer.
"""

from dataclasses import dataclass

from apps.rules.edition import Advisory, Policy
from apps.rules.terms import Terms


@dataclass(frozen=True, slots=True)
class Advice:
    """One remark shown beside a decision."""

    code: str
    message: str

    def to_document(self) -> dict[str, str]:
        """The contract's JSON form."""
        return {"code": self.code, "message": self.message}


def advisories(terms: Terms) -> tuple[Advice, ...]:
    """Every advisory of the policy that these facts call for, in the policy's order."""
    flags = terms.facts.patient.advisory_flags
    methods = [
        method
        for each in terms.latest_attestations
        if terms.on_pregnancy_path
        for method in each.methods
    ]
    return tuple(
        Advice(each.code, each.message)
        for each in terms.policy.advisories
        if _called_for(each, terms, flags, methods)
    )


def known_flags(policy: Policy) -> frozenset[str]:
    """The codes of what the policy's advisories look at: another one would say nothing."""
    return frozenset[str]().union(*(each.flags for each in policy.advisories))


def regimen_advice(
    policy: Policy, *, indication: str, quantity: int, days_supply: int
) -> tuple[Advice, ...]:
    """What the number of capsules prescribed calls for, beside `advisories` (§11).

    Only of a whole supply: a shorter one may well end within the days without capsules. The number
    is not among the facts, so that no answer can rest on it.
    """
    if days_supply != policy.parameters.days_supply_max:
        return ()
    return tuple(
        Advice(each.code, each.message)
        for each in policy.advisories
        if each.usual_quantity not in {None, quantity} and indication.startswith(each.indications)
    )


def _called_for(
    advisory: Advisory, terms: Terms, flags: tuple[str, ...], methods: list[str]
) -> bool:
    if not advisory.flags.isdisjoint(flags) or not advisory.methods.isdisjoint(methods):
        return True
    request = terms.facts.request
    if request is None or request.indication is None or not advisory.indications:
        return False
    if not request.indication.startswith(advisory.indications):
        return False
    usual = advisory.usual_strength_mg
    return usual is None or request.strength_mg != usual
