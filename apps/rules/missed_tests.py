"""Every scheduled test that was missed, worked out from the whole history (L-PT-4). Pure.

So that what passed while nobody planned, in an outage, say, is found afterwards all the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import zip_longest

from apps.rules.calendar import Day
from apps.rules.edition import Policy
from apps.rules.entries import Facts
from apps.rules.obligation import Obligation
from apps.rules.policy import policy_in_force
from apps.rules.schedule import scheduled_test, therapy_starts
from apps.rules.terms import Terms, derive


def missed_tests(
    facts: Facts,
    policy: Policy | None = None,
    *,
    ended_on: Iterable[date] = (),
    cycles: Sequence[tuple[date, str | None]] = (),
) -> list[Obligation]:
    """Each due date that passed without a counting test since therapy first began, oldest first.

    A due date is missed once: the next one is set by the next test. None is due off the pregnancy
    path, during a pregnancy hold (the case's follow-up counts then), nor from a day of `ended_on`
    (the ends of therapy) until a later dispense. `cycles`: what was recorded of the cycle, and from
    which day on, oldest first; without it, the present one is taken to have held always.
    """
    edition = policy or policy_in_force(facts.program, facts.as_of)
    terms = derive(facts, edition)
    ends = [day.toordinal() for day in ended_on]
    missed: dict[str, Obligation] = {}
    recorded = [(day.toordinal(), cycle) for day, cycle in cycles]
    for each in _unmet(terms, recorded or [(0, facts.patient.cycle)]):
        due_at = each.due_at
        if due_at is not None and _is_owed(terms, due_at, ends):
            missed.setdefault(each.anchor, each)
    return list(missed.values())


def _unmet(terms: Terms, cycles: Sequence[tuple[Day, str | None]]) -> Iterator[Obligation]:
    """Every test that was due before `as_of` and was not done by then, whatever held then."""
    starts = therapy_starts(terms)
    tested = sorted({terms.calendar.day(collected_at) for collected_at in terms.counting})
    for started_on, next_start in zip_longest(starts, starts[1:]):
        before = [day for day in tested if day <= started_on]
        # The latest test before therapy sets the first due date; without one, its first day does.
        since = before[-1] if before else started_on
        later = [day for day in tested if day > since]
        for tested_on, next_on in zip_longest([since, *later], later):
            if next_start is not None and tested_on > next_start:
                break
            known = [cycle for day, cycle in cycles if day <= tested_on]
            due = scheduled_test(terms, tested_on, started_on, known[-1] if known else None)
            due_on = terms.calendar.day(due.due_at) if due.due_at else tested_on
            was_done = next_on is not None and next_on <= due_on
            # What was not due before therapy began anew is due as the new beginning says.
            is_over = next_start is not None and due_on >= next_start
            if not was_done and not is_over and due_on < terms.today:
                yield due


def _is_owed(terms: Terms, due_at: datetime, ends: list[Day]) -> bool:
    """Whether a scheduled test was owed at the end of its day."""
    return (
        _was_on_pregnancy_path(terms, due_at)
        and not _was_on_hold(terms, due_at)
        and not _was_over(terms, terms.calendar.day(due_at), ends)
    )


def _was_on_pregnancy_path(terms: Terms, at: datetime) -> bool:
    """By the latest agreement that was complete then; without one, by the present category."""
    agreed = [each for each in terms.known.agreements if each.completed_at <= at]
    if not agreed:
        return terms.on_pregnancy_path
    category = agreed[-1].agreement.risk_category
    return terms.policy.categories[category].pregnancy_path


def _was_on_hold(terms: Terms, at: datetime) -> bool:
    """A positive test or a case of the patient that no lifting closure had lifted by then."""
    if any(
        case.reported_at <= at and (case.closed_at is None or case.closed_at > at)
        for case in terms.known.cases
    ):
        return True
    positive = [test.resulted_at for test in terms.known.tests if test.result == "positive"]
    closed = [case.closed_at for case in terms.known.cases if case.closed_at is not None]
    lifted_at = max((each for each in terms.lifting_closures if each <= at), default=None)
    return any(lifted_at is None or lifted_at < each for each in (*positive, *closed) if each <= at)


def _was_over(terms: Terms, on: Day, ends: list[Day]) -> bool:
    """Whether therapy had ended by that day, and nothing was dispensed since."""
    ended = [day for day in ends if day <= on]
    if not ended:
        return False
    supplied = [terms.calendar.day(each.dispensed_at) for each in terms.known.dispenses]
    return not any(max(ended) < day <= on for day in supplied)
