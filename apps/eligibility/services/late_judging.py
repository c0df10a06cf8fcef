"""What the rules say of a late dispense as of its real time: each one broken is a deviation.

Safer is stricter: what cannot be judged, or timed, is outside the rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from apps.eligibility import deciding, facts, looking_back
from apps.eligibility.services.late_records import Case
from apps.eligibility.services.shipping import SHIPPED_LATE, WITHOUT_CONFIRMATION
from apps.prescriptions.models import Authorization, Confirmation
from apps.providers import selectors as providers
from apps.rules.documents import document as program_document
from apps.rules.edition import Policy
from apps.rules.facts import InvalidFacts
from apps.rules.policy import NoPolicyInForce, policy_in_force

Broken = tuple[str, str]
"""A kind of deviation and a rule."""

OUTSIDE_WINDOW = "dispense_outside_window"
NOT_ELIGIBLE = "dispense_not_eligible"
UNLIKE_AUTHORIZATION = "dispense_unlike_authorization"
INCOMPLETE: Broken = ("dispense_record_incomplete", "L-DSP-6")
# Which kind of deviation an unmet rule means; with what is not listed here nobody is eligible.
KINDS = {
    "L-DSP-3": OUTSIDE_WINDOW,
    "L-AUT-4": OUTSIDE_WINDOW,
    "L-AUT-7": OUTSIDE_WINDOW,
    "L-DSP-5": "dispense_too_early",
    "L-DSP-6": UNLIKE_AUTHORIZATION,
    "L-DSP-9": SHIPPED_LATE,
}
# What cannot be asked where no authorization is known.
OF_THE_AUTHORIZATION = frozenset(KINDS) - {"L-DSP-5"} | {"L-AUT-8"}


@dataclass(frozen=True, slots=True)
class Judgment:
    """The facts as of its real time, the decision on them if there is one, and what was broken."""

    facts: facts.Document
    decision: dict[str, Any] | None
    policy: Policy
    broken: tuple[Broken, ...]


def judge(case: Case, *, now: datetime, is_counters_own: bool) -> Judgment:
    """Ask the rules as of its real time, under the edition that was in force then.

    Of what a person of the pharmacy reports (`is_counters_own`), who counseled must be known: it
    is no way past the pharmacist's signature.
    """
    source, record, at = case.source, case.record, _as_of(case)
    if source.authorization is not None:
        source = replace(source, authorization=looking_back.before_mistake(source.authorization))
        case = replace(case, source=source)
    today = policy_in_force(source.program, now)
    category = looking_back.category_at(source.patient, at).risk_category
    document = looking_back.dispense_document(
        patient=source.patient,
        program=source.program,
        at=at,
        now=now,
        supply=looking_back.Supply(
            risk_category=record.risk_category or category,
            product=record.product.strip(),
            strength_mg=record.strength_mg,
            days_supply=record.days_supply,
        ),
        pharmacy=source.pharmacy,
        authorization=source.authorization,
        confirmation=case.confirmation,
    )
    try:
        policy = policy_in_force(source.program, at)
        decision = deciding.ask(document, policy)
    except (NoPolicyInForce, InvalidFacts):
        decision, policy = None, today
    broken = (*_unmet(case, decision), *_confirmed(case), *_recorded(case, today))
    if is_counters_own and not _was_counseled(case):
        broken = (*broken, INCOMPLETE)
    return Judgment(document, decision, policy, tuple(dict.fromkeys(broken)))


def _as_of(case: Case) -> datetime:
    """Its instant; of a day alone, the first one at which what it was made under was there."""
    issued = [
        each.issued_at
        for each in (case.source.authorization, case.confirmation)
        if each is not None
    ]
    return case.at if case.record.dispensed_at else max([case.at, *issued])


def _unmet(case: Case, decision: dict[str, Any] | None) -> Iterator[Broken]:
    """The rules that say no."""
    if decision is None:
        yield NOT_ELIGIBLE, "L-DSP-4"
        return
    for rule in decision["unmet"]:
        if case.source.authorization is not None or rule not in OF_THE_AUTHORIZATION:
            yield KINDS.get(rule, NOT_ELIGIBLE), rule


def _confirmed(case: Case) -> Iterator[Broken]:
    """What is missing in its confirmation (L-DSP-2, L-DSP-3)."""
    if case.confirmation is None:
        yield WITHOUT_CONFIRMATION, "L-DSP-2"
    elif case.record.dispensed_at is None:
        # Of a day alone nobody can tell that it lay in the 24 hours.
        yield OUTSIDE_WINDOW, "L-DSP-3"
    elif case.confirmation.state == Confirmation.State.REVERSED:
        # The pharmacy itself said that nothing was handed out under it.
        yield OUTSIDE_WINDOW, "L-DSP-3"
    authorization = case.source.authorization
    if authorization is not None and authorization.state == Authorization.State.DISPENSED:
        # One authorization, one supply, whichever was first.
        yield OUTSIDE_WINDOW, "L-AUT-7"


def _recorded(case: Case, policy: Policy) -> Iterator[Broken]:
    """What is wrong in the record itself (L-AUT-5, L-DSP-6)."""
    authorization, record = case.source.authorization, case.record
    if record.days_supply > policy.parameters.days_supply_max:
        yield "dispense_over_days_supply", "L-AUT-5"
    if authorization is not None and record.quantity > authorization.quantity:
        yield UNLIKE_AUTHORIZATION, "L-DSP-6"
    if not _is_complete(case):
        yield INCOMPLETE


def _was_counseled(case: Case) -> bool:
    """Whether who is named counseled there then: a pharmacist, trained (L-ENR-2)."""
    pharmacy, name = case.source.pharmacy, case.record.counselor
    return pharmacy is not None and providers.may_have_counseled(
        name, pharmacy, case.source.program, case.at_latest
    )


def _is_complete(case: Case) -> bool:
    """Whether the record says all that a dispense must (L-DSP-6)."""
    record, authorization = case.record, case.source.authorization
    named = all((record.lot_number.strip(), record.ndc.strip(), record.counselor.strip()))
    if authorization is None or not named or not record.medication_guide_given:
        return False
    category = authorization.risk_category
    return program_document(case.source.program, "checklist", category).codes == frozenset(
        record.checklist
    )
