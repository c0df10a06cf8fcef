"""Rules of pregnancy tests, bleeding reports and pregnancy cases (L-PT, L-PRG)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from apps.rules.calendar import Day, date_of, plus
from apps.rules.finding import Finding, ParameterValue, met, unmet
from apps.rules.terms import Terms, negative_tests_that_never_count

_NO_POSITIVE_TEST = met("NO_POSITIVE_TEST")
_NO_INDETERMINATE_TEST = met("NO_INDETERMINATE_TEST")
_NO_BLEEDING_REPORT = met("NO_BLEEDING_REPORT")
_NO_PREGNANCY_CASE = met("NO_PREGNANCY_CASE")


def first_window(terms: Terms, days: Iterable[Day], open_on: Day) -> tuple[Day, Day] | None:
    """The first unbroken stretch of days that some test day's window covers (L-PT-1).

    Windows that closed before the day `open_on` are past.
    """
    window, gap = terms.policy.first_test, 1 if terms.calendar.days_touch else 0
    stretch: tuple[Day, Day] | None = None
    for day in sorted(days):
        opens, closes = day + window.first, day + window.last
        if closes < open_on:
            continue
        if stretch is None:
            stretch = opens, closes
        elif opens <= stretch[1] + gap:
            stretch = stretch[0], closes
    return stretch


def first_test_days(terms: Terms) -> set[Day]:
    """The days of the counting tests that are later than every restart."""
    restart_at = terms.last_restart_at
    return {
        terms.calendar.day(collected_at)
        for collected_at in terms.counting
        if restart_at is None or collected_at > restart_at
    }


def first_test(terms: Terms) -> Finding:
    """L-PT-1: a counting test, later than every restart, 10 to 14 days ago."""
    calendar, today, first = terms.calendar, terms.today, terms.policy.first_test.first
    days = first_test_days(terms)
    window = first_window(terms, days, terms.first_open_day)
    if window is None:
        return _no_first_test(terms, days)
    opens_at, closes_at = calendar.start_of_day(window[0]), calendar.end_of_day(window[1])
    window_from, window_until = date_of(window[0]), date_of(window[1])
    if window[0] > today:
        return unmet(
            "FIRST_TEST_TOO_RECENT",
            opens_at,
            closes_at,
            collected_on=date_of(window[0] - first),
            window_from=window_from,
            window_until=window_until,
        )
    collected_on = date_of(max(day for day in days if day + first <= today))
    return met(
        "FIRST_TEST_IN_WINDOW", closes_at, collected_on=collected_on, window_until=window_until
    )


def _no_first_test(terms: Terms, days: Iterable[Day]) -> Finding:
    """Nothing on record can serve any more: the earliest is the window of a test made today."""
    first, last = terms.policy.first_test.first, terms.policy.first_test.last
    opens_at = terms.calendar.start_of_day(terms.today + first)
    latest = max(days, default=None)
    if latest is not None:
        collected_on = date_of(latest)
        return unmet(
            "FIRST_TEST_TOO_OLD",
            opens_at,
            collected_on=collected_on,
            window_until=date_of(latest + last),
            first_days=first,
            last_days=last,
        )
    if terms.counting and terms.last_restart_at is not None:
        restart_on = date_of(terms.calendar.day(terms.last_restart_at))
        return unmet(
            "FIRST_TEST_BEFORE_RESTART",
            opens_at,
            restart_on=restart_on,
            first_days=first,
            last_days=last,
        )
    return _no_test(
        terms, "FIRST_TEST_MISSING", "FIRST_TEST_NOT_COUNTING", opens_at,
        first_days=first, last_days=last,
    )  # fmt: skip


def _no_test(
    terms: Terms,
    missing: str,
    not_counting: str,
    opens_at: datetime | None = None,
    **params: ParameterValue,
) -> Finding:
    """No test counts: because there is no negative one, or because each has a flaw."""
    flawed = negative_tests_that_never_count(terms)
    if not any(flawed.values()):
        return unmet(missing, opens_at, **params)
    limit = terms.policy.parameters.test_sensitivity_max_miu_ml
    return unmet(not_counting, opens_at, **params, **flawed, limit_miu_ml=limit)


def second_test(terms: Terms) -> Finding:
    """L-PT-2: a cleared test collected within the last 24 hours."""
    hours = terms.policy.parameters.second_test_hours
    if not terms.cleared:
        if terms.counting:
            return unmet("SECOND_TEST_NOT_CLEARED", hours=hours)
        return _no_test(terms, "SECOND_TEST_MISSING", "SECOND_TEST_NOT_COUNTING", hours=hours)
    collected_at = terms.cleared[-1]
    until_at = plus(collected_at, timedelta(hours=hours))
    if terms.as_of > until_at:
        return unmet("SECOND_TEST_TOO_OLD", collected_at=collected_at, hours=hours)
    return met("SECOND_TEST_IN_TIME", until_at, collected_at=collected_at, until_at=until_at)


def recent_test(terms: Terms) -> Finding:
    """L-PT-3: a cleared test collected today or in the last seven days."""
    days = terms.policy.recent_test.last
    if not terms.cleared:
        if terms.counting:
            return unmet("RECENT_TEST_NOT_CLEARED", days=days)
        return _no_test(terms, "RECENT_TEST_MISSING", "RECENT_TEST_NOT_COUNTING", days=days)
    collected_on = terms.calendar.day(terms.cleared[-1])
    until = collected_on + days
    if terms.first_open_day > until:
        return unmet(
            "RECENT_TEST_TOO_OLD", collected_on=date_of(collected_on), until=date_of(until)
        )
    return met(
        "RECENT_TEST_FOUND",
        terms.calendar.end_of_day(until),
        collected_on=date_of(collected_on),
        until=date_of(until),
    )


def no_positive_test(terms: Terms) -> Finding:
    """L-PT-5: every positive test is followed by a closure that lifts the hold."""
    positive = [test for test in terms.known.tests if test.result == "positive"]
    if not positive:
        return _NO_POSITIVE_TEST
    latest = max(positive, key=lambda test: test.resulted_at)
    collected_on = date_of(terms.calendar.day(latest.collected_at))
    if terms.lifting_closures and terms.lifting_closures[-1] >= latest.resulted_at:
        return met("POSITIVE_TEST_RESOLVED", collected_on=collected_on)
    return unmet("POSITIVE_TEST", collected_on=collected_on)


def no_indeterminate_test(terms: Terms) -> Finding:
    """L-PT-6: every indeterminate test is followed, 48 hours later or more, by one that counts."""
    indeterminate = [
        test.collected_at for test in terms.known.tests if test.result == "indeterminate"
    ]
    if not indeterminate:
        return _NO_INDETERMINATE_TEST
    hours = terms.policy.parameters.indeterminate_retest_hours
    collected_at = max(indeterminate)
    repeat_at = plus(collected_at, timedelta(hours=hours))
    if terms.counting and terms.counting[-1] >= repeat_at:
        return met("INDETERMINATE_TEST_REPEATED", collected_at=collected_at)
    opens_at = repeat_at if repeat_at > terms.as_of else None
    return unmet(
        "INDETERMINATE_TEST",
        opens_at,
        collected_at=collected_at,
        repeat_at=repeat_at,
        hours=hours,
    )


def bleeding_evaluated(terms: Terms) -> Finding:
    """L-PT-8: a missed period or bleeding was followed by what its category asks for."""
    if not terms.category.pregnancy_path:
        return _category_reaffirmed(terms)
    if not terms.known.bleeding:
        return _NO_BLEEDING_REPORT
    reported_at = max(report.reported_at for report in terms.known.bleeding)
    reported_on = date_of(terms.calendar.day(reported_at))
    if not terms.counting or terms.counting[-1] <= reported_at:
        return unmet("BLEEDING_NOT_TESTED", reported_on=reported_on)
    if not any(each.given_at > reported_at for each in terms.known.counseling):
        return unmet("BLEEDING_NOT_COUNSELED", reported_on=reported_on)
    return met("BLEEDING_EVALUATED", reported_on=reported_on)


def _category_reaffirmed(terms: Terms) -> Finding:
    """Off the pregnancy path, bleeding or a pregnancy asks for a later agreement."""
    reported = [report.reported_at for report in terms.known.bleeding]
    ended = [
        case.closed_at
        for case in terms.known.cases
        if case.closed_at is not None and case.outcome == "pregnancy_ended"
    ]
    if not reported and not ended:
        return _NO_BLEEDING_REPORT
    happened_at = max(reported + ended)
    happened_on = date_of(terms.calendar.day(happened_at))
    current = terms.current_agreements
    if current and current[-1].completed_at > happened_at:
        return met("CATEGORY_REAFFIRMED", happened_on=happened_on)
    if happened_at in reported:
        return unmet("CATEGORY_NOT_REAFFIRMED_AFTER_BLEEDING", happened_on=happened_on)
    return unmet("CATEGORY_NOT_REAFFIRMED_AFTER_PREGNANCY", happened_on=happened_on)


def no_pregnancy_case(terms: Terms) -> Finding:
    """L-PRG-1: every case of the patient is closed, and a closure lifted its hold."""
    if not terms.known.cases:
        return _NO_PREGNANCY_CASE
    day = terms.calendar.day
    still_open = [case.reported_at for case in terms.known.cases if case.closed_at is None]
    if still_open:
        return unmet("PREGNANCY_CASE_OPEN", reported_on=date_of(day(min(still_open))))
    closed_at = max(case.closed_at for case in terms.known.cases if case.closed_at is not None)
    closed_on = date_of(day(closed_at))
    if not terms.lifting_closures or terms.lifting_closures[-1] < closed_at:
        return unmet("PREGNANCY_CASE_UNRESOLVED", closed_on=closed_on)
    return met("PREGNANCY_CASES_CLOSED", closed_on=closed_on)
