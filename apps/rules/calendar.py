"""Calendar arithmetic in a program's time zone: D(x), end of day, months, age.

Days are proleptic ordinals (plain integers), so that no sum of days can overflow; instants
are aware and in UTC. This module never reads the clock.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

Day = int
"""A calendar date as its proleptic ordinal; may lie beyond what `date` can hold."""

LAST_DAY: Final[Day] = date.max.toordinal()
LAST_INSTANT: Final = datetime.max.replace(tzinfo=UTC)
TICK: Final = timedelta(microseconds=1)
LAST_TIME: Final = time(23, 59, 59, 999999)
"""The end of a day, unless a program says that its deadlines come earlier."""


class Calendar:
    """Days and instants of one time zone. Daylight saving never moves a deadline that is a day."""

    __slots__ = ("day", "day_ends_at", "days_touch", "end_of_day", "start_of_day", "zone")

    zone: tzinfo
    days_touch: bool
    """Whether no instant lies between the deadlines of a day and the next day."""
    day: Callable[[datetime], Day]
    """D(x): the calendar date of an aware instant in this zone."""
    start_of_day: Callable[[Day], datetime]
    """The first instant of a day, in UTC."""
    end_of_day: Callable[[Day], datetime]
    """When the deadlines of a day come, in UTC; the last representable instant for days beyond."""

    def __init__(self, zone: tzinfo, day_ends_at: time = LAST_TIME) -> None:
        self.zone = zone
        self.day_ends_at = day_ends_at
        self.days_touch = day_ends_at == LAST_TIME
        self.day = lambda instant: instant.astimezone(zone).toordinal()
        self.start_of_day = lru_cache(maxsize=4096)(self._start_of_day)
        self.end_of_day = lru_cache(maxsize=4096)(self._end_of_day)

    def _start_of_day(self, day: Day) -> datetime:
        return self.instant(day, time.min)

    def _end_of_day(self, day: Day) -> datetime:
        return self.instant(day, self.day_ends_at)

    def first_open_day(self, instant: datetime, day: Day) -> Day:
        """The instant's day, or the next one once that day's deadlines have passed."""
        return day if instant <= self.end_of_day(day) else day + 1

    def instant(self, day: Day, at: time) -> datetime:
        """A time of a day, in UTC; the last representable instant for days beyond."""
        try:
            return datetime.combine(date.fromordinal(day), at, self.zone).astimezone(UTC)
        except (OverflowError, ValueError):
            return LAST_INSTANT


def date_of(day: Day) -> date:
    """The date of a day; the last date that exists for a day beyond it."""
    return date.fromordinal(min(day, LAST_DAY))


def plus(instant: datetime, duration: timedelta) -> datetime:
    """An instant so much elapsed time later, at most the last one that exists."""
    try:
        return instant + duration
    except OverflowError:
        return LAST_INSTANT


@lru_cache(maxsize=4096)
def plus_months(day: Day, months: int) -> Day:
    """The same day of the month so many months later, or that month's last day."""
    start = date_of(day)
    years, months_before = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, months_before + 1
    if year > MAXYEAR:
        return LAST_DAY
    return date(year, month, min(start.day, monthrange(year, month)[1])).toordinal()


def birthday(born: date, age: int) -> Day:
    """The day on which an age is reached; born on 29 February: 1 March, save in leap years."""
    try:
        return born.replace(year=born.year + age).toordinal()
    except ValueError:
        year = born.year + age
        return LAST_DAY + 1 if year > MAXYEAR else date(year, 3, 1).toordinal()


def utc_text(instant: datetime) -> str:
    """An instant as the contract writes it: UTC with Z, microseconds only when not zero."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat()[:-6] + "Z"
