"""What must be done next, by whom, from when until when: no refusal is a dead end.

Orders and words the next steps; whether a rule is met was decided before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from apps.rules.calendar import utc_text
from apps.rules.reasons import (
    ACTION_WHEN_AUTHORIZED,
    ACTION_WHEN_CONFIRMED,
    ACTION_WHEN_ELIGIBLE,
    REASONS,
)
from apps.rules.result import RequirementResult
from apps.rules.terms import Terms
from apps.rules.texts import render

_FIRST_TEST_NEEDED: Final = frozenset(
    {
        "FIRST_TEST_MISSING",
        "FIRST_TEST_NOT_COUNTING",
        "FIRST_TEST_TOO_OLD",
        "FIRST_TEST_BEFORE_RESTART",
    }
)
_SECOND_TEST_NEEDED: Final = frozenset(
    {
        "SECOND_TEST_MISSING",
        "SECOND_TEST_NOT_COUNTING",
        "SECOND_TEST_TOO_OLD",
        "SECOND_TEST_NOT_CLEARED",
    }
)
_Window = tuple[datetime | None, datetime | None]


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


def next_actions(terms: Terms, results: Sequence[RequirementResult]) -> tuple[NextAction, ...]:
    """One step for each unmet rule, equal steps once; or the step that a yes allows."""
    unmet = [each for each in results if not each.met]
    if not unmet:
        return (_after_yes(terms, results),)
    steps: dict[tuple[str, str, _Window], list[str]] = {}
    for each in unmet:
        reason = REASONS[each.reason]
        who = reason.who or terms.policy.rules[each.rule].owner
        what = render(reason.what or reason.message, each.params, terms.calendar)
        window = _window(terms, each, results)
        steps.setdefault((who, what, window), []).append(each.rule)
    return tuple(
        NextAction(who, what, window[0], window[1], tuple(rules))
        for (who, what, window), rules in steps.items()
    )


def _after_yes(terms: Terms, results: Sequence[RequirementResult]) -> NextAction:
    if terms.facts.question == "authorize":
        who, what = ACTION_WHEN_AUTHORIZED
    elif terms.facts.confirmation is None:
        who, what = ACTION_WHEN_ELIGIBLE
    else:
        who, what = ACTION_WHEN_CONFIRMED
    lapses = [each.closes_at for each in results if each.closes_at is not None]
    return NextAction(who, what, None, min(lapses, default=None), ())


def _window(
    terms: Terms, result: RequirementResult, results: Sequence[RequirementResult]
) -> _Window:
    """When the step is to be taken; most can be taken at once."""
    if result.reason in _FIRST_TEST_NEEDED:
        return _first_test_window(terms, results)
    if result.reason in _SECOND_TEST_NEEDED:
        return _second_test_window(terms, results)
    if REASONS[result.reason].waits:
        return result.opens_at, result.closes_at
    return None, None


def _first_test_window(terms: Terms, results: Sequence[RequirementResult]) -> _Window:
    """A first test made too early would be too old once everything else is ready."""
    ready_at = _ready_at(results, besides=("L-PT-1",))
    if ready_at is None:
        return None, None
    days = terms.policy.parameters.first_test_max_days
    earliest_on = terms.calendar.day(ready_at) - days
    if earliest_on <= terms.today:
        return None, None
    return terms.calendar.start_of_day(earliest_on), None


def _second_test_window(terms: Terms, results: Sequence[RequirementResult]) -> _Window:
    """The second test is made in the last hours before the authorization becomes possible."""
    not_after = next((each.closes_at for each in results if each.rule == "L-PT-1"), None)
    ready_at = _ready_at(results, besides=("L-PT-2",))
    not_before = None
    if ready_at is not None:
        hours = terms.policy.parameters.second_test_hours
        not_before = max(ready_at - timedelta(hours=hours), terms.as_of)
        not_before = not_before if not_before > terms.as_of else None
    if not_before is not None and not_after is not None and not_after < not_before:
        not_after = None
    return not_before, not_after


def _ready_at(results: Sequence[RequirementResult], besides: tuple[str, ...]) -> datetime | None:
    """The earliest instant at which the other unmet rules can be met, where that is known."""
    return max(
        (
            each.opens_at
            for each in results
            if not each.met and each.rule not in besides and each.opens_at is not None
        ),
        default=None,
    )
