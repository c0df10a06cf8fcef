"""The contract's derived terms: what the facts mean at `as_of`, before any rule is judged.

Entries after `as_of` are dropped here, once. Decisions and the schedule use these same terms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from apps.rules.calendar import Calendar, Day
from apps.rules.edition import Category, Policy
from apps.rules.entries import (
    Agreement,
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    Dispense,
    EarlierAuthorization,
    Facts,
    Intervention,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
)

LIFTING = frozenset({"not_pregnant", "pregnancy_ended"})


@dataclass(frozen=True, slots=True)
class CompleteAgreement:
    """An agreement that both have signed; its time is the later signature."""

    completed_at: datetime
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Terms:
    """The derived terms of one facts document at its `as_of`. Lists are in order of time."""

    facts: Facts
    policy: Policy
    calendar: Calendar
    as_of: datetime
    today: Day
    category: Category
    tests: Sequence[PregnancyTest]
    """Known and not withdrawn."""
    withdrawn_tests: Sequence[PregnancyTest]
    counting: Sequence[datetime]
    """When the counting tests were collected."""
    cleared: Sequence[datetime]
    """When the cleared tests were collected."""
    attestations: Sequence[ContraceptionAttestation]
    """Of contraception; known and not withdrawn."""
    withdrawn_attestations: Sequence[ContraceptionAttestation]
    latest_attestations: Sequence[ContraceptionAttestation]
    obligations: Sequence[ObligationsAttestation]
    bleeding: Sequence[BleedingReport]
    """Known and not withdrawn."""
    counseling: Sequence[Counseling]
    surveys: Sequence[PatientSurvey]
    interventions: Sequence[Intervention]
    """Known and not resolved."""
    cases: Sequence[PregnancyCase]
    """The patient's own; a closure after `as_of` is not there."""
    lifting_closures: Sequence[datetime]
    restarts: Sequence[datetime]
    last_restart_at: datetime | None
    run_started_on: Day | None
    authorizations: Sequence[EarlierAuthorization]
    agreements: Sequence[CompleteAgreement]
    current_agreements: Sequence[CompleteAgreement]
    """The current agreement: one, or several that share its instant; empty when there is none."""
    dispenses: Sequence[Dispense]
    """Known and not returned."""
    last_regular_dispense: Dispense | None
    run_out_on: Day | None
    regular_run_out_on: Day | None
    path: str

    @property
    def on_pregnancy_path(self) -> bool:
        return self.category.pregnancy_path


def derive(facts: Facts, policy: Policy) -> Terms:
    """Works out every derived term of these facts under this edition."""
    calendar, as_of = policy.calendar, facts.as_of
    category = policy.categories[facts.patient.risk_category]
    known_tests = [t for t in facts.pregnancy_tests if max(t.collected_at, t.resulted_at) <= as_of]
    tests = [test for test in known_tests if not _over(test.withdrawn_at, as_of)]
    known_attestations = [
        each for each in facts.contraception if max(each.attested_at, each.recorded_at) <= as_of
    ]
    attestations = sorted(
        (each for each in known_attestations if not _over(each.withdrawn_at, as_of)),
        key=lambda each: each.attested_at,
    )
    cases = [_as_known(case, as_of) for case in facts.pregnancy_cases if _is_own(case, as_of)]
    lifting_closures = sorted(
        case.closed_at for case in cases if case.closed_at and case.outcome in LIFTING
    )
    restarts = _breaks(category, attestations, cases, policy)
    last_restart_at = restarts[-1] if restarts else None
    counting = counting_tests(tests, policy)
    agreements = _complete_agreements(facts.agreements, as_of)
    dispenses = sorted(
        (
            each
            for each in facts.dispenses
            if each.dispensed_at <= as_of and not _over(each.returned_at, as_of)
        ),
        key=lambda each: each.dispensed_at,
    )
    today = calendar.day(as_of)
    regular = [dispense for dispense in dispenses if dispense.authorized]
    regular_run_out_on = run_out(regular, today, calendar)
    return Terms(
        facts=facts,
        policy=policy,
        calendar=calendar,
        as_of=as_of,
        today=today,
        category=category,
        tests=tests,
        withdrawn_tests=[test for test in known_tests if _over(test.withdrawn_at, as_of)],
        counting=counting,
        cleared=_later_than(counting, (*restarts[-1:], *lifting_closures[-1:])),
        attestations=attestations,
        withdrawn_attestations=[
            each for each in known_attestations if _over(each.withdrawn_at, as_of)
        ],
        latest_attestations=[
            each for each in attestations if each.attested_at == attestations[-1].attested_at
        ],
        obligations=[each for each in facts.obligations if each.attested_at <= as_of],
        bleeding=[
            each
            for each in facts.bleeding_reports
            if each.reported_at <= as_of and not _over(each.withdrawn_at, as_of)
        ],
        counseling=[each for each in facts.counseling if each.given_at <= as_of],
        surveys=[each for each in facts.patient_surveys if each.completed_at <= as_of],
        interventions=[
            each
            for each in facts.interventions
            if each.opened_at <= as_of and not _over(each.resolved_at, as_of)
        ],
        cases=cases,
        lifting_closures=lifting_closures,
        restarts=restarts,
        last_restart_at=last_restart_at,
        run_started_on=_run_start(category, attestations, restarts, policy),
        authorizations=[each for each in facts.authorizations if each.issued_at <= as_of],
        agreements=agreements,
        current_agreements=_current_agreements(agreements, category),
        dispenses=dispenses,
        last_regular_dispense=regular[-1] if regular else None,
        run_out_on=run_out(dispenses, today, calendar),
        regular_run_out_on=regular_run_out_on,
        path=_path(
            category, regular[-1:], today, regular_run_out_on, last_restart_at, agreements, policy
        ),
    )


def _over(ended_at: datetime | None, as_of: datetime) -> bool:
    """An end counts from its own instant on; one after `as_of` has not happened."""
    return ended_at is not None and ended_at <= as_of


def _is_own(case: PregnancyCase, as_of: datetime) -> bool:
    return case.subject == "patient" and case.reported_at <= as_of


def _as_known(case: PregnancyCase, as_of: datetime) -> PregnancyCase:
    if case.closed_at is None or case.closed_at <= as_of:
        return case
    return PregnancyCase(case.reported_at, case.subject)


def counting_tests(tests: Iterable[PregnancyTest], policy: Policy) -> list[datetime]:
    """When the tests that count were collected: negative and sensitive enough (L-PT)."""
    limit = policy.parameters.test_sensitivity_max_miu_ml
    return sorted(
        test.collected_at
        for test in tests
        if test.result == "negative" and test.sensitivity_miu_ml <= limit
    )


def is_adequate(attestation: ContraceptionAttestation, policy: Policy) -> bool:
    """No lapse, and abstinence or a highly effective and an additional method (L-CON-1)."""
    if attestation.lapse:
        return False
    if attestation.abstinence:
        return True
    methods = attestation.methods
    return not (
        policy.highly_effective.isdisjoint(methods) or policy.additional.isdisjoint(methods)
    )


def _breaks(
    category: Category,
    attestations: Iterable[ContraceptionAttestation],
    cases: Iterable[PregnancyCase],
    policy: Policy,
) -> list[datetime]:
    """Every break, oldest first: inadequate attestations as recorded, and ended pregnancies."""
    breaks = [case.closed_at for case in cases if case.closed_at and case.outcome != "not_pregnant"]
    if category.pregnancy_path:
        breaks += [each.recorded_at for each in attestations if not is_adequate(each, policy)]
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


def _complete_agreements(
    agreements: Iterable[Agreement], as_of: datetime
) -> list[CompleteAgreement]:
    complete = []
    for each in agreements:
        patient, prescriber = each.patient_signed_at, each.prescriber_signed_at
        if patient is not None and prescriber is not None:
            completed_at = max(patient, prescriber)
            if completed_at <= as_of:
                complete.append(CompleteAgreement(completed_at, each))
    complete.sort(key=lambda each: each.completed_at)
    return complete


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
        start = calendar.day(dispense.dispensed_at)
        if run_out_on is not None:
            start = max(run_out_on, start)
        end = start + dispense.days_supply
        if dispense.stopped_on is not None:
            stopped_on = dispense.stopped_on.toordinal()
            if stopped_on <= today:
                end = min(end, stopped_on)
        run_out_on = end if run_out_on is None else max(run_out_on, end)
    return run_out_on


def _path(  # noqa: PLR0917 - each is a derived term of its own
    category: Category,
    last_regular: Sequence[Dispense],
    today: Day,
    regular_run_out_on: Day | None,
    last_restart_at: datetime | None,
    agreements: Sequence[CompleteAgreement],
    policy: Policy,
) -> str:
    """`initiation` or `continuing` (L-AUT-1)."""
    if not last_regular or regular_run_out_on is None:
        return "initiation"
    last = last_regular[-1]
    if today > regular_run_out_on + policy.parameters.reinitiate_after_gap_days:
        return "initiation"
    if last_restart_at is not None and last_restart_at >= last.dispensed_at:
        return "initiation"
    if category.pregnancy_path and _was_off_pregnancy_path(last, agreements, policy):
        return "initiation"
    return "continuing"


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
