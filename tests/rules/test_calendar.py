"""Days, months, birthdays and instants, up to the end of the calendar and wherever a machine is."""

import time
from collections.abc import Iterator
from datetime import MAXYEAR, UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.rules.calendar import (
    LAST_DAY,
    LAST_INSTANT,
    Calendar,
    birthday,
    date_of,
    plus,
    plus_months,
    utc_text,
)

NEW_YORK = ZoneInfo("America/New_York")
LAST_YEAR = date(MAXYEAR, 12, 31)


@pytest.fixture(params=["UTC", "Pacific/Kiritimati"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone that the machine itself is set to."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("machine")
def test_instants_are_in_utc_whatever_the_machines_zone() -> None:
    calendar = Calendar(NEW_YORK)
    day = date(2026, 6, 17).toordinal()
    for instant in (calendar.start_of_day(day), calendar.end_of_day(day)):
        assert instant.utcoffset() == timedelta(0)
    assert utc_text(calendar.start_of_day(day)) == "2026-06-17T04:00:00Z"
    assert utc_text(datetime(2026, 6, 17, 8, 5, tzinfo=NEW_YORK)) == "2026-06-17T12:05:00Z"
    assert utc_text(datetime(2026, 6, 17, 8, 0, 0, 5, UTC)) == "2026-06-17T08:00:00.000005Z"


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 30), 1, date(2027, 1, 30)),
        (date(MAXYEAR, 1, 31), 6, date(MAXYEAR, 7, 31)),
        (date(MAXYEAR - 1, 12, 5), 12, date(MAXYEAR, 12, 5)),
        (date(MAXYEAR, 2, 1), 11, LAST_YEAR),
    ],
)
def test_months_later_is_the_same_day_or_the_months_last_one(
    start: date, months: int, expected: date
) -> None:
    assert date_of(plus_months(start.toordinal(), months)) == expected


@pytest.mark.parametrize(
    ("born", "age", "expected"),
    [
        (date(2008, 6, 17), 18, date(2026, 6, 17)),
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(2008, 2, 29), 20, date(2028, 2, 29)),
        (date(MAXYEAR - 18, 6, 17), 18, date(MAXYEAR, 6, 17)),
        (date(MAXYEAR - 19, 2, 28), 19, date(MAXYEAR, 2, 28)),
        (date(9980, 2, 29), 19, date(MAXYEAR, 3, 1)),
    ],
)
def test_an_age_is_reached_on_the_birthday(born: date, age: int, expected: date) -> None:
    assert date_of(birthday(born, age)) == expected


def test_an_age_that_no_calendar_reaches_comes_after_its_last_day() -> None:
    assert birthday(date(MAXYEAR - 17, 1, 1), 18) == LAST_DAY + 1
    assert date_of(LAST_DAY + 1) == LAST_YEAR


def test_what_lies_beyond_the_calendar_comes_at_its_last_instant() -> None:
    calendar = Calendar(NEW_YORK)
    assert calendar.end_of_day(LAST_DAY) == LAST_INSTANT
    assert calendar.start_of_day(LAST_DAY + 1) == LAST_INSTANT
    assert plus(LAST_INSTANT, timedelta(microseconds=1)) == LAST_INSTANT
    assert plus(datetime(2026, 6, 17, tzinfo=UTC), timedelta(hours=1)).hour == 1
