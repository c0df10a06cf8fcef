"""When things happen in a story: relative to the day on which it is told, never absolute."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from apps.rules.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Today:
    """The end of a story: its last instant, and the program's calendar."""

    now: datetime
    calendar: Calendar

    def date(self, days: int) -> date:
        """The date so many days after today; before it, when negative."""
        return date.fromordinal(self.calendar.day(self.now) + days)


Moment = Callable[[Today], datetime]
"""An instant that becomes known when the story's end is."""


def day(days: int, hour: int = 10, minute: int = 0) -> Moment:
    """A time of day in the program's zone, so many days before today (`days` is negative).

    Raises ValueError for today itself: its hours may not have come yet; use `hours_ago`.
    """
    if days >= 0:
        raise ValueError("A story is about the past: today's events are told by `hours_ago`.")
    clock_time = time(hour, minute)

    def instant(today: Today) -> datetime:
        return datetime.combine(today.date(days), clock_time, today.calendar.zone)

    return instant


def hours_ago(hours: float) -> Moment:
    """So many hours of elapsed time before the story's end."""

    def instant(today: Today) -> datetime:
        return today.now - timedelta(hours=hours)

    return instant


def later(moment: Moment, *, minutes: float) -> Moment:
    """So many minutes after another moment."""

    def instant(today: Today) -> datetime:
        return moment(today) + timedelta(minutes=minutes)

    return instant
