"""L-SRC-2: evidence that bears only a date takes the least favorable instant of that day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.rules.calendar import Calendar
from apps.rules.dates import LATEST_HARMS, Dated, dispense_instants, least_favorable

NEW_YORK = Calendar(ZoneInfo("America/New_York"))
LATER = datetime(2027, 1, 1, tzinfo=UTC)
# The clocks go forward, back, or not at all; (day, its first instant, its last one).
DAYS = [
    (date(2026, 3, 8), datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC)),
    (date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    (date(2026, 6, 1), datetime(2026, 6, 1, 4, tzinfo=UTC), datetime(2026, 6, 2, 4, tzinfo=UTC)),
]
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(("day", "first", "after"), DAYS)
@pytest.mark.parametrize("kind", sorted(set(Dated) - LATEST_HARMS))
def test_what_helps_takes_the_first_instant_of_its_day_l_src_2(
    kind: Dated, day: date, first: datetime, after: datetime
) -> None:
    del after
    assert least_favorable(kind, day, calendar=NEW_YORK, now=LATER) == first


@pytest.mark.parametrize(("day", "first", "after"), DAYS)
@pytest.mark.parametrize("kind", sorted(LATEST_HARMS))
def test_what_harms_by_being_late_takes_the_last_instant_of_its_day_l_src_2(
    kind: Dated, day: date, first: datetime, after: datetime
) -> None:
    del first
    assert least_favorable(kind, day, calendar=NEW_YORK, now=LATER) == after - TICK


def test_a_negative_test_takes_the_first_instant_and_an_indeterminate_one_the_last() -> None:
    day, now = date(2026, 6, 1), LATER
    negative = least_favorable(Dated.NEGATIVE_TEST, day, calendar=NEW_YORK, now=now)
    unclear = least_favorable(Dated.INDETERMINATE_TEST, day, calendar=NEW_YORK, now=now)
    assert (negative, unclear) == (
        datetime(2026, 6, 1, 4, tzinfo=UTC),
        datetime(2026, 6, 2, 4, tzinfo=UTC) - TICK,
    )


def test_what_happened_today_has_happened_by_now() -> None:
    now = datetime(2026, 6, 1, 16, tzinfo=UTC)
    today = date(2026, 6, 1)
    assert least_favorable(Dated.BLEEDING_REPORT, today, calendar=NEW_YORK, now=now) == now


def test_a_day_that_begins_this_instant_has_had_this_instant_alone() -> None:
    today, now = date(2026, 6, 1), datetime(2026, 6, 1, 4, tzinfo=UTC)
    for kind in Dated:
        assert least_favorable(kind, today, calendar=NEW_YORK, now=now) == now


def test_a_day_that_has_not_begun_lies_in_the_future() -> None:
    now = datetime(2026, 6, 1, 16, tzinfo=UTC)
    for kind in Dated:
        assert least_favorable(kind, date(2026, 6, 2), calendar=NEW_YORK, now=now) > now


@pytest.mark.parametrize(("day", "first", "after"), DAYS)
def test_dispenses_of_one_day_are_a_minute_apart_in_the_order_given_l_src_2(
    day: date, first: datetime, after: datetime
) -> None:
    del after
    minute = timedelta(minutes=1)
    found = dispense_instants(day, 3, calendar=NEW_YORK)
    assert found == [first, first + minute, first + 2 * minute]
