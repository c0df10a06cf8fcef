"""The contract's derived terms: what the known entries mean at `as_of`, before any rule is judged.

Decisions and the schedule use these same terms, so that no number is worked out twice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Final, Protocol

from apps.rules.calendar import Calendar, Day
from apps.rules.edition import Category, Policy
from apps.rules.entries import (
    ContraceptionAttestation,
    Dispense,
    Facts,
    PregnancyTest,
)
from apps.rules.known import CompleteAgreement, Known, known_at

LIFTING: Final = frozenset({"not_pregnant", "pregnancy_ended"})
"""The outcomes whose closure lifts a pregnancy hold (L-PRG-3)."""

OPEN_STATES: Final = frozenset({"issued", "confirmed"})
"""The states of an authorization that is open until it expires."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The derived terms of one facts document at its `as_of`. Lists are in order of time."""

    facts: Facts
    known: Known
    policy: Policy
    calendar: Calendar
    as_of: datetime
    today: Day
    first_open_day: Day
    """The earliest day whose deadlines are still to come: today, or tomorrow."""
    category: Category
    counting: Sequence[datetime]
    """When the counting tests were collected."""
    cleared: Sequence[datetime]
    """When the cleared tests were collected."""
    latest_attestations: Sequence[ContraceptionAttestation]
    """Of contraception: the latest, or several that share its instant."""
    lifting_closures: Sequence[datetime]
    restarts: Sequence[datetime]
    last_restart_at: datetime | None
    run_started_on: Day | None
    current_agreements: Sequence[CompleteAgreement]
    """The current agreement, or several that share its instant; empty when there is none."""
    last_regular_dispense: Dispense | None
    run_out_on: Day | None
    path: str

    @property
    def on_pregnancy_path(self) -> bool:
        """PP: the categories whose patients can become pregnant."""
        return self.category.pregnancy_path


def derive(facts: Facts, policy: Policy) -> Terms:
    """Works out every derived term of these facts under this edition."""
    known, calendar = known_at(facts), policy.calendar
    category = policy.categories[facts.patient.risk_category]
    lifting_closures = sorted(
        case.closed_at for case in known.cases if case.closed_at and case.outcome in LIFTING
    )
    restarts = _breaks(category, known, policy)
    counting = counting_tests(known.tests, policy)
    attestations, today = known.attestations, calendar.day(facts.as_of)
    first_open_day = calendar.first_open_day(facts.as_of, today)
    regular = [dispense for dispense in known.dispenses if dispense.authorized]
    return Terms(
        facts=facts,
        known=known,
        policy=policy,
        calendar=calendar,
        as_of=facts.as_of,
        today=today,
        first_open_day=first_open_day,
        category=category,
        counting=counting,
        cleared=_later_than(counting, (*restarts[-1:], *lifting_closures[-1:])),
        latest_attestations=[
            each for each in attestations if each.attested_at == attestations[-1].attested_at
        ],
        lifting_closures=lifting_closures,
        restarts=restarts,
        last_restart_at=restarts[-1] if restarts else None,
        run_started_on=_run_start(category, attestations, restarts, policy),
        current_agreements=_current_agreements(known.agreements, category),
        last_regular_dispense=regular[-1] if regular else None,
        run_out_on=run_out(known.dispenses, today, calendar),
        path=_path(category, regular, restarts, known.agreements, today, first_open_day, policy),
    )


def counting_tests(tests: Iterable[PregnancyTest], policy: Policy) -> list[datetime]:
    """When the tests that count were collected: negative and sensitive enough (L-PT)."""
    limit = policy.parameters.test_sensitivity_max_miu_ml
    return sorted(
        test.collected_at
        for test in tests
        if test.result == "negative" and test.sensitivity_miu_ml <= limit
    )


def negative_tests_that_never_count(terms: Terms) -> dict[str, int]:
    """How many negative tests were withdrawn, and how many others are not sensitive enough."""
    limit = terms.policy.parameters.test_sensitivity_max_miu_ml
    withdrawn = [test for test in terms.known.withdrawn_tests if test.result == "negative"]
    insensitive = [
        test
        for test in terms.known.tests
        if test.result == "negative" and test.sensitivity_miu_ml > limit
    ]
    return {"insensitive": len(insensitive), "withdrawn": len(withdrawn)}


class Attested(Protocol):
    """What decides whether an attestation of contraception is adequate; a stored row has it too."""

    @property
    def lapse(self) -> bool: ...
    @property
    def abstinence(self) -> bool: ...
    @property
    def methods(self) -> Iterable[str]: ...


def is_adequate(attestation: Attested, policy: Policy) -> bool:
    """No lapse, and abstinence or a highly effective and an additional method (L-CON-1)."""
    if attestation.lapse:
        return False
    if attestation.abstinence:
        return True
    methods = attestation.methods
    return not (
        policy.highly_effective.isdisjoint(methods) or policy.additional.isdisjoint(methods)
    )


def _breaks(category: Category, known: Known, policy: Policy) -> list[datetime]:
    """Every break, oldest first: ended pregnancies, and inadequate attestations as recorded."""
    breaks = [
        case.closed_at for case in known.cases if case.closed_at and case.outcome != "not_pregnant"
    ]
    if category.pregnancy_path:
        breaks += [each.recorded_at for each in known.attestations if not is_adequate(each, policy)]
    return sorted(breaks)


def _run_start(
    category: Category,
    attestations: Iterable[ContraceptionAttestation],
    breaks: Sequence[datetime],
    policy: Policy,
) -> Day | None:
    """The first day of the present run of adequate contraception, or None when there is no run.

    Only what follows the last break can belong to the present run; at one instant the break is
    last. Of attestations that share an instant the one with the latest start decides.
    """
    if not category.pregnancy_path:
        return None
    broken_at = breaks[-1] if breaks else None
    present = [
        each
        for each in attestations
        if (broken_at is None or each.attested_at > broken_at) and is_adequate(each, policy)
    ]
    day = policy.calendar.day
    start: Day | None = None
    attested_before: Day = 0
    for attested_at, together in groupby(present, key=attrgetter("attested_at")):
        attested_on = day(attested_at)
        in_use_since = [each.in_use_since for each in together]
        if start is None:
            start = max(attested_on if on is None else on.toordinal() for on in in_use_since)
            start = start if broken_at is None else max(start, day(broken_at))
        else:
            anew = [on.toordinal() for on in in_use_since if on is not None]
            start = max([start, *(on for on in anew if on > attested_before)])
        attested_before = attested_on
    return start


def _later_than(instants: Sequence[datetime], limits: Iterable[datetime]) -> Sequence[datetime]:
    """Those of the instants that are later than every limit."""
    for limit in limits:
        instants = [instant for instant in instants if instant > limit]
    return instants


def _current_agreements(
    agreements: Sequence[CompleteAgreement], category: Category
) -> Sequence[CompleteAgreement]:
    """The latest complete ones, if each fits the patient's category and is signed by who may."""
    latest = [each for each in agreements if each.completed_at == agreements[-1].completed_at]
    for each in latest:
        agreement = each.agreement
        if agreement.risk_category != category.code or agreement.signer not in category.signers:
            return ()
    return latest


def run_out(dispenses: Iterable[Dispense], today: Day, calendar: Calendar) -> Day | None:
    """The day on which the supply of these dispenses, in order of time, runs out."""
    run_out_on: Day | None = None
    for dispense in dispenses:
        run_out_on = extended(run_out_on, dispense, today, calendar)
    return run_out_on


def extended(run_out_on: Day | None, dispense: Dispense, today: Day, calendar: Calendar) -> Day:
    """The run-out day once this later dispense is added; what was stopped by today is cut."""
    start = calendar.day(dispense.dispensed_at)
    if run_out_on is not None:
        start = max(run_out_on, start)
    end = start + dispense.days_supply
    if dispense.stopped_on is not None:
        stopped_on = dispense.stopped_on.toordinal()
        if stopped_on <= today:
            end = min(end, stopped_on)
    return end if run_out_on is None else max(run_out_on, end)


def _path(  # noqa: PLR0917 - each is a derived term of its own
    category: Category,
    regular: Sequence[Dispense],
    restarts: Sequence[datetime],
    agreements: Sequence[CompleteAgreement],
    today: Day,
    first_open_day: Day,
    policy: Policy,
) -> str:
    """`initiation` or `continuing` (L-AUT-1), from the regular dispenses and what came since."""
    run_out_on = run_out(regular, today, policy.calendar)
    if run_out_on is None or is_initiation(
        regular[-1], run_out_on, restarts, agreements, first_open_day, category, policy
    ):
        return "initiation"
    return "continuing"


def is_initiation(  # noqa: PLR0917 - each is a derived term of its own
    last: Dispense,
    run_out_on: Day,
    restarts: Sequence[datetime],
    agreements: Iterable[CompleteAgreement],
    first_open_day: Day,
    category: Category,
    policy: Policy,
) -> bool:
    """Whether therapy begins anew now after this last regular dispense (L-AUT-1)."""
    return (
        first_open_day > run_out_on + policy.parameters.reinitiate_after_gap_days
        or any(restart_at >= last.dispensed_at for restart_at in restarts[-1:])
        or (category.pregnancy_path and _was_off_pregnancy_path(last, agreements, policy))
    )


def _was_off_pregnancy_path(
    last: Dispense, agreements: Iterable[CompleteAgreement], policy: Policy
) -> bool:
    """Whether she was off the pregnancy path at the last regular dispense, or has been since."""
    categories = policy.categories
    return not categories[last.risk_category].pregnancy_path or any(
        each.completed_at > last.dispensed_at
        and not categories[each.agreement.risk_category].pregnancy_path
        for each in agreements
    )
