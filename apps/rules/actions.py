"""What must be done next, by whom, from when until when: no refusal is a dead end.

Orders and words the next steps; whether a rule is met was decided before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Final

from apps.rules.calendar import utc_text
from apps.rules.edition import Policy
from apps.rules.reasons import (
    ACTION_WHEN_AUTHORIZED,
    ACTION_WHEN_CONFIRMED,
    ACTION_WHEN_ELIGIBLE,
    REASONS,
)
from apps.rules.requirements.pregnancy import first_test_days, first_window
from apps.rules.result import RequirementResult
from apps.rules.terms import Terms
from apps.rules.texts import render

_Window = tuple[datetime | None, datetime | None]

_MUST_AGE: Final = frozenset({"L-PT-1", "L-CON-2"})
"""The rules whose evidence must be days old: even what is put right now has to be waited for."""

_STOPS: Final = frozenset({"L-PT-5", "L-PRG-1"})
"""The rules of a possible pregnancy: that she must not take the capsules is said first."""

_RENEWED_WITHIN_DAYS: Final[dict[str, Callable[[Policy], int]]] = {
    "RECENT_TEST_FOUND": attrgetter("recent_test.last"),
    "CONTRACEPTION_ATTESTED": attrgetter("parameters.contraception_attestation_days"),
    "PATIENT_SURVEY_COMPLETE": attrgetter("parameters.patient_survey_days"),
    "COUNSELING_GIVEN": attrgetter("parameters.counseling_days"),
}
"""How many days what is renewed serves: renewed earlier, it would lapse again."""


@dataclass(frozen=True, slots=True)
class NextAction:
    """One step: who does what, not before and not after, and the rules that ask for it."""

    who: str
    what: str
    not_before: datetime | None
    not_after: datetime | None
    rules: tuple[str, ...]

    def to_document(self) -> dict[str, Any]:
        """The contract's JSON form."""
        return {
            "who": self.who,
            "what": self.what,
            "not_before": None if self.not_before is None else utc_text(self.not_before),
            "not_after": None if self.not_after is None else utc_text(self.not_after),
        }


@dataclass(frozen=True, slots=True)
class _Outlook:
    """When a yes is possible at the earliest, as far as that is known."""

    ready_at: datetime
    first_test_window: _Window | None
    """The window then of a first test on record; None when none on record will serve."""


def next_actions(
    terms: Terms, results: Sequence[RequirementResult], expires_at: datetime | None
) -> tuple[NextAction, ...]:
    """The step that a yes allows; or one for each unmet rule, equal steps once.

    What is met now but lapses before the unmet ones can be met has its step, too: it is renewed.
    """
    unmet = sorted(
        (each for each in results if not each.met), key=lambda each: each.rule not in _STOPS
    )
    if not unmet:
        return (_after_yes(terms, results, expires_at),)
    outlook = _outlook(terms, results)
    steps: dict[tuple[str, str, _Window], list[str]] = {}
    for each in (*unmet, *_lapsing(results, outlook)):
        reason = REASONS[each.reason]
        if each.reason == "FIRST_TEST_TOO_RECENT" and outlook.first_test_window is None:
            reason = REASONS["FIRST_TEST_IN_WINDOW"]
        who = reason.who or terms.policy.rules[each.rule].owner
        what = render(
            reason.what or reason.message, {**_numbers(terms), **each.params}, terms.calendar
        )
        window = _window(terms, each, outlook)
        steps.setdefault((who, what, window), []).append(each.rule)
    return tuple(
        NextAction(who, what, window[0], window[1], tuple(rules))
        for (who, what, window), rules in steps.items()
    )


def _after_yes(
    terms: Terms, results: Sequence[RequirementResult], expires_at: datetime | None
) -> NextAction:
    if terms.facts.question == "authorize":
        who, what = ACTION_WHEN_AUTHORIZED
    elif terms.facts.confirmation is None:
        who, what = ACTION_WHEN_ELIGIBLE
    else:
        who, what = ACTION_WHEN_CONFIRMED
    lapses = [at for at in (expires_at, *(each.closes_at for each in results)) if at is not None]
    return NextAction(who, what, None, min(lapses, default=None), ())


def _numbers(terms: Terms) -> dict[str, int]:
    """The numbers of the steps that renew the two tests of an initiation."""
    policy = terms.policy
    numbers: dict[str, int] = {}
    if "L-PT-1" in policy.rules:
        numbers = {"first_days": policy.first_test.first, "last_days": policy.first_test.last}
    if "L-PT-2" in policy.rules:
        numbers["hours"] = policy.parameters.second_test_hours
    return numbers


def _outlook(terms: Terms, results: Sequence[RequirementResult]) -> _Outlook:
    """Only waiting counts: what can be put right at once, such as a category, delays nothing."""
    opens_at = [
        each.opens_at
        for each in results
        if not each.met
        and each.opens_at is not None
        and (REASONS[each.reason].waits or each.rule in _MUST_AGE)
    ]
    ready_at = max([terms.as_of, *opens_at])
    if all(each.rule != "L-PT-1" for each in results):
        return _Outlook(ready_at, None)
    calendar, first = terms.calendar, terms.policy.first_test.first
    ready_on = calendar.day(ready_at)
    open_on = calendar.first_open_day(ready_at, ready_on)
    window = first_window(terms, first_test_days(terms), open_on)
    if window is None:
        return _Outlook(max(ready_at, calendar.start_of_day(terms.today + first)), None)
    begins_at = calendar.start_of_day(max(window[0], ready_on))
    ready_at = max(ready_at, begins_at)
    return _Outlook(ready_at, (begins_at, calendar.end_of_day(window[1])))


def _lapsing(results: Sequence[RequirementResult], outlook: _Outlook) -> list[RequirementResult]:
    """What is met now but will not be when a yes is possible, unless it is renewed."""
    return [
        each
        for each in results
        if each.met
        and each.closes_at is not None
        and each.closes_at < outlook.ready_at
        and (each.rule != "L-PT-1" or outlook.first_test_window is None)
    ]


def _window(terms: Terms, result: RequirementResult, outlook: _Outlook) -> _Window:
    """When the step is to be taken; most can be taken at once."""
    if result.rule == "L-PT-1":
        return outlook.first_test_window or _new_first_test_window(terms, outlook)
    if result.rule == "L-PT-2":
        return _second_test_window(terms, outlook)
    if result.met:
        return _renewal_window(terms, result, outlook)
    if REASONS[result.reason].waits:
        return result.opens_at, result.closes_at
    return None, None


def _new_first_test_window(terms: Terms, outlook: _Outlook) -> _Window:
    """A first test made too early would be too old once everything else is ready."""
    days = terms.policy.first_test.last
    return _from_days_before(terms, outlook, days), None


def _second_test_window(terms: Terms, outlook: _Outlook) -> _Window:
    """The second test is made in the last hours before the authorization becomes possible."""
    hours = terms.policy.parameters.second_test_hours
    not_after = None if outlook.first_test_window is None else outlook.first_test_window[1]
    return _from_hours_before(terms, outlook, hours), not_after


def _renewal_window(terms: Terms, result: RequirementResult, outlook: _Outlook) -> _Window:
    numbers = terms.policy.parameters
    if result.reason == "PRESCRIBER_SURVEY_COMPLETE":
        return _from_hours_before(terms, outlook, numbers.prescriber_survey_hours), None
    days = _RENEWED_WITHIN_DAYS.get(result.reason)
    if days is None:
        return None, None
    return _from_days_before(terms, outlook, days(terms.policy)), None


def _from_days_before(terms: Terms, outlook: _Outlook, days: int) -> datetime | None:
    earliest_on = terms.calendar.day(outlook.ready_at) - days
    return terms.calendar.start_of_day(earliest_on) if earliest_on > terms.today else None


def _from_hours_before(terms: Terms, outlook: _Outlook, hours: int) -> datetime | None:
    earliest_at = outlook.ready_at - timedelta(hours=hours)
    return earliest_at if earliest_at > terms.as_of else None
