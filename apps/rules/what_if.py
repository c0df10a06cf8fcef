"""What if: from when an authorization is possible, and what must be done by when until then.

Each coming day is decided as it stands, with what people can still bring along supposed to be done.
The windows are found by asking the decision, so no number of a rule is typed here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from apps.rules.calendar import Day, date_of, utc_text
from apps.rules.decision import Decision, decide_under
from apps.rules.edition import Policy
from apps.rules.entries import (
    Agreement,
    ContraceptionAttestation,
    Counseling,
    Facts,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyTest,
    PrescriberSurvey,
    Request,
)
from apps.rules.policy import NoPolicyInForce, policy_in_force
from apps.rules.terms import derive

HORIZON_DAYS: Final = 150
"""How far a plan looks ahead: longer than every waiting time of a program together."""


def _text(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the asker supposes: the day of the first test, and since when contraception is used."""

    first_test_on: date | None = None
    contraception_since: date | None = None

    def to_document(self) -> dict[str, str | None]:
        """Its JSON form."""
        return {
            "first_test_on": _text(self.first_test_on),
            "contraception_since": _text(self.contraception_since),
        }


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody does, between two days (both included), for the plan to hold."""

    code: str
    who: str
    what: str
    not_before: date
    not_after: date

    def to_document(self) -> dict[str, str]:
        """Its JSON form."""
        return {
            "step": self.code,
            "who": self.who,
            "what": self.what,
            "not_before": self.not_before.isoformat(),
            "not_after": self.not_after.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A requirement that is not met: as of which day, why, and who can change it."""

    rule: str
    message: str
    who: str

    def to_document(self) -> dict[str, str]:
        """Its JSON form."""
        return {"rule": self.rule, "message": self.message, "who": self.who}


@dataclass(frozen=True, slots=True)
class Plan:
    """When an authorization is possible under the assumptions, and what it takes.

    `possible_from` is None when it is not possible within the horizon: then `obstacles` says what
    stands in the way on the best day, and otherwise what it waits for until then.
    """

    program: str
    as_of: datetime
    assumptions: Assumptions
    path: str
    possible_from: date | None
    possible_until: date | None
    steps: tuple[Step, ...]
    obstacles: tuple[Obstacle, ...]
    instead: "Plan | None" = None

    def to_document(self) -> dict[str, Any]:
        """The JSON form of a plan; `instead` is the plan without assumptions, if that is better."""
        return {
            "program": self.program,
            "as_of": utc_text(self.as_of),
            "assumptions": self.assumptions.to_document(),
            "path": self.path,
            "possible_from": _text(self.possible_from),
            "possible_until": _text(self.possible_until),
            "steps": [each.to_document() for each in self.steps],
            "obstacles": [each.to_document() for each in self.obstacles],
            "instead": self.instead and self.instead.to_document(),
        }


@dataclass(frozen=True, slots=True)
class _Supposed:
    """Something that can still be done: who does it, in words, and what it adds to the facts."""

    who: str
    what: str
    add: Callable[[Facts, Policy, datetime], Facts]


def plan(facts: Facts, assumptions: Assumptions | None = None) -> Plan:
    """When this patient could have an authorization, and what must be done by when.

    The facts are those of the question `authorize`, as of now; a `request` is supposed.
    """
    supposed = assumptions or Assumptions()
    made = _plan(facts, supposed)
    if made.possible_from is None and supposed != Assumptions():
        instead = _plan(facts, Assumptions())
        if instead.possible_from is not None:
            return replace(made, instead=instead)
    return made


def _plan(facts: Facts, assumptions: Assumptions) -> Plan:
    days = list(_days(facts))
    best: tuple[_Day, Decision] | None = None
    before: Decision | None = None
    for day in days:
        done = day.everything_done(facts, assumptions)
        decision = day.decide(facts, done)
        if decision.allowed:
            done = day.needed_only(facts, done)
            return Plan(
                program=facts.program,
                as_of=facts.as_of,
                assumptions=assumptions,
                path=decision.path,
                possible_from=date_of(day.number),
                possible_until=_last_day(facts, done, days, day),
                steps=tuple(_steps(facts, done, days, day)),
                obstacles=_obstacles(before, day.policy),
            )
        if best is None or len(decision.unmet) < len(best[1].unmet):
            best = day, decision
        before = decision
    if best is None:
        raise NoPolicyInForce(f"{facts.program} from {facts.as_of.isoformat()} on")
    return Plan(
        program=facts.program,
        as_of=facts.as_of,
        assumptions=assumptions,
        path=best[1].path,
        possible_from=None,
        possible_until=None,
        steps=(),
        obstacles=_obstacles(best[1], best[0].policy),
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """One day of the plan: today is decided as of now, another one at its end."""

    number: Day
    at: datetime
    policy: Policy

    def everything_done(self, facts: Facts, assumptions: Assumptions) -> "dict[str, datetime]":
        """When each thing that can be done is supposed to be done, for a request on this day."""
        calendar = self.policy.calendar
        done = dict.fromkeys(SUPPOSED, self.at)
        done["agreement"] = facts.as_of
        tested_on = self._first_test_on(facts, assumptions)
        if tested_on is not None:
            # Of a date alone the least favorable time is taken (L-SRC-2).
            done["first_test"] = calendar.start_of_day(tested_on)
        else:
            del done["first_test"]
        since = assumptions.contraception_since
        has_run = derive(facts, self.policy).run_started_on is not None
        if since or not has_run:
            begun_at = calendar.start_of_day(since.toordinal()) if since else facts.as_of
            done["contraception_begun"] = begun_at
        else:
            del done["contraception_begun"]
        return done

    def _first_test_on(self, facts: Facts, assumptions: Assumptions) -> Day | None:
        """The day of a first test that serves today; None where none is asked for, or too late."""
        if "L-PT-1" not in self.policy.rules:
            return None
        if assumptions.first_test_on is not None:
            return assumptions.first_test_on.toordinal()
        latest_on = self.number - self.policy.first_test.first
        return latest_on if latest_on >= self.policy.calendar.day(facts.as_of) else None

    def decide(self, facts: Facts, done: Mapping[str, datetime]) -> Decision:
        """The decision at the end of this day, with this done."""
        request = _request(facts, self.policy, self.at)
        supposed = facts._replace(as_of=self.at, request=request)
        for code, at in done.items():
            supposed = SUPPOSED[code].add(supposed, self.policy, at)
        return decide_under(supposed, self.policy)

    def needed_only(self, facts: Facts, done: Mapping[str, datetime]) -> dict[str, datetime]:
        """Without what the record has already, or what the rules do not ask for."""
        needed = dict(done)
        for code in done:
            without = {each: at for each, at in needed.items() if each != code}
            if self.decide(facts, without).allowed:
                needed = without
        return needed


def _days(facts: Facts) -> Iterator[_Day]:
    """The days from today on, as long as an edition is in force."""
    try:
        calendar = policy_in_force(facts.program, facts.as_of).calendar
    except NoPolicyInForce:
        return
    today = calendar.day(facts.as_of)
    for offset in range(HORIZON_DAYS + 1):
        try:
            at = calendar.end_of_day(today + offset) if offset else facts.as_of
            yield _Day(today + offset, at, policy_in_force(facts.program, at))
        except NoPolicyInForce:
            return


def _last_day(
    facts: Facts, done: Mapping[str, datetime], days: Sequence[_Day], first: _Day
) -> date | None:
    """The last day of the stretch on which the same preparation still serves; None: no end seen.

    What is made for the day of the request moves along with it; what has to be waited for stays.
    """
    last = first
    for day in days[days.index(first) + 1 :]:
        moved = {code: day.at if at == first.at else at for code, at in done.items()}
        if not day.decide(facts, moved).allowed:
            return date_of(last.number)
        last = day
    return None


def _steps(
    facts: Facts, done: Mapping[str, datetime], days: Sequence[_Day], day: _Day
) -> Iterator[Step]:
    """Each needed step with the days on which it can be made for a request on this day."""
    for code, at in done.items():
        calendar = day.policy.calendar
        made_on = calendar.day(at)
        known_by_date = at == calendar.start_of_day(made_on)
        fitting = [made_on]
        for other in days[: days.index(day) + 1]:
            moment = calendar.start_of_day(other.number) if known_by_date else other.at
            if day.decide(facts, {**done, code: moment}).allowed:
                fitting.append(other.number)
        supposed = SUPPOSED[code]
        yield Step(code, supposed.who, supposed.what, date_of(min(fitting)), date_of(max(fitting)))


def _obstacles(decision: Decision | None, policy: Policy) -> tuple[Obstacle, ...]:
    if decision is None:
        return ()
    return tuple(
        Obstacle(each.rule, each.message, policy.rules[each.rule].owner)
        for each in decision.requirements
        if not each.met
    )


def _request(facts: Facts, policy: Policy, at: datetime) -> Request:
    """A request that is in order by itself."""
    product = next(iter(policy.products.values()))
    survey = PrescriberSurvey(completed_at=at, risk_category=facts.patient.risk_category)
    return Request(product.code, product.strengths_mg[0], 1, prescriber_survey=survey)


def _agreement(facts: Facts, policy: Policy, at: datetime) -> Facts:
    category = policy.categories[facts.patient.risk_category]
    signed: Any = category.signers[0]
    added = Agreement(category.code, facts.prescriber.id, signed, at, at)
    return facts._replace(agreements=(*facts.agreements, added))


def _test(facts: Facts, policy: Policy, at: datetime) -> Facts:
    limit = policy.parameters.test_sensitivity_max_miu_ml
    added = PregnancyTest(at, at, "negative", limit, "serum")
    return facts._replace(pregnancy_tests=(*facts.pregnancy_tests, added))


def _contraception_begun(facts: Facts, policy: Policy, at: datetime) -> Facts:
    since = date_of(policy.calendar.day(at))
    return _contraception(facts, at, since)


def _contraception_attested(facts: Facts, policy: Policy, at: datetime) -> Facts:
    del policy
    return _contraception(facts, at, None)


def _contraception(facts: Facts, at: datetime, since: date | None) -> Facts:
    added = ContraceptionAttestation(at, at, abstinence=True, lapse=False, in_use_since=since)
    return facts._replace(contraception=(*facts.contraception, added))


def _obligations(facts: Facts, policy: Policy, at: datetime) -> Facts:
    del policy
    added = ObligationsAttestation(
        at,
        condom=True,
        abstinence=False,
        no_sperm_donation=True,
        no_blood_donation=True,
        no_sharing=True,
    )
    return facts._replace(obligations=(*facts.obligations, added))


def _counseling(facts: Facts, policy: Policy, at: datetime) -> Facts:
    topics = policy.categories[facts.patient.risk_category].counseling_topics
    added = Counseling(at, tuple(topics))
    return facts._replace(counseling=(*facts.counseling, added))


def _survey(facts: Facts, policy: Policy, at: datetime) -> Facts:
    del policy
    return facts._replace(patient_surveys=(*facts.patient_surveys, PatientSurvey(at, used=False)))


SUPPOSED: Final[Mapping[str, _Supposed]] = {
    "agreement": _Supposed(
        "prescriber", "Sign an agreement together with the patient.", _agreement
    ),
    "contraception_begun": _Supposed(
        "patient",
        "Begin two methods of contraception, or abstinence, and attest it.",
        _contraception_begun,
    ),
    "first_test": _Supposed("prescriber", "Make the first pregnancy test; it is negative.", _test),
    "latest_test": _Supposed(
        "prescriber", "Make the pregnancy test before the request; it is negative.", _test
    ),
    "contraception_attested": _Supposed(
        "patient", "Attest contraception again, without a lapse.", _contraception_attested
    ),
    "obligations": _Supposed("patient", "Attest the obligations.", _obligations),
    "counseling": _Supposed("prescriber", "Counsel the patient for this supply.", _counseling),
    "patient_survey": _Supposed("patient", "Complete the survey, without a risk.", _survey),
}
"""What people can still do, in the order in which a record is usually completed."""
