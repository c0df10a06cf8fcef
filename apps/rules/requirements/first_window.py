"""The wait after a first window that was missed (L-WIN-1), for programs that ask for it.

The first counting test of an initiation opens the window; whoever lets it close waits.
"""

from apps.rules.calendar import Day, date_of
from apps.rules.finding import Finding, met, unmet
from apps.rules.terms import Terms

_FIRST_WINDOW_NOT_OPENED = met("FIRST_WINDOW_NOT_OPENED")


def asks_first_window(terms: Terms) -> bool:
    """Whether the program asks L-WIN-1 of this patient now."""
    return "L-WIN-1" in terms.policy.rules and terms.path == "initiation"


def first_window_not_missed(terms: Terms) -> Finding:
    """L-WIN-1: after a first window that closed without a dispense, a wait before the next test."""
    tested_on = _opened_on(terms)
    if tested_on is None:
        return _FIRST_WINDOW_NOT_OPENED
    calendar, days = terms.calendar, terms.policy.parameters.missed_window_wait_days
    closes_on = tested_on + terms.policy.recent_test.last
    params = {"collected_on": date_of(tested_on), "window_until": date_of(closes_on)}
    if terms.first_open_day <= closes_on:
        return met("FIRST_WINDOW_OPEN", calendar.end_of_day(closes_on), **params)
    again_on = tested_on + days
    opens_at = calendar.start_of_day(again_on) if again_on > terms.today else None
    return unmet("FIRST_WINDOW_MISSED", opens_at, again_on=date_of(again_on), days=days, **params)


def first_window_closes_on(terms: Terms) -> Day:
    """The last day of the window that is open; only where L-WIN-1 is met by one."""
    tested_on = _opened_on(terms)
    return (terms.today if tested_on is None else tested_on) + terms.policy.recent_test.last


def _opened_on(terms: Terms) -> Day | None:
    """The day of the test that opened the latest first window; a test during a wait opens none.

    A restart ends no wait: it counts from whatever test opened the window.
    """
    last = terms.last_regular_dispense
    wait = terms.policy.parameters.missed_window_wait_days
    opened_on: Day | None = None
    for collected_at in terms.counting:
        collected_on = terms.calendar.day(collected_at)
        if last is not None and collected_at <= last.dispensed_at:
            continue
        if opened_on is None or collected_on >= opened_on + wait:
            opened_on = collected_on
    return opened_on
