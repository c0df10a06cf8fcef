"""The drawing of a timeline: where each entry of apps/portal/timeline.py lies in an SVG.

Across, everything is in percent, so that the drawing fits any width while its letters keep their
size; down, in pixels. Strings, since no language's decimal comma may come into an SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apps.portal.timeline import LOOKS_BACK, Entry, Lane, Look
from apps.rules.calendar import Calendar

TOP, LANE_HEIGHT, TITLE_AT, MIDDLE_AT, BAR_HEIGHT = 28, 44, 13, 28, 14
MARGIN_DAYS: Final = 3
LONGEST_AHEAD: Final = timedelta(days=120)
FEWEST_AHEAD: Final = timedelta(days=14)
MOST_TICKS: Final = 5
NARROWEST: Final = 0.8  # percent: a bar of an hour is still to be seen
CROWDED: Final = 4.5  # percent: marks nearer than this would cover each other on a phone
ASIDE: Final = 8  # pixels up or down, by turns, where marks crowd
LAST_TICK: Final = 86.0  # percent: what is named further right would not fit
STEPS_IN_DAYS: Final = (7, 14, 21, 28, 42, 56, 84)


@dataclass(frozen=True, slots=True)
class Shape:
    """A bar (with a width) or a mark (without), `x` percent from the left."""

    look: Look
    x: str
    middle: int
    told: str
    width: str = ""
    top: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One lane: its title, and what lies in it."""

    title: str
    title_at: int
    middle: int
    shapes: Sequence[Shape]


@dataclass(frozen=True, slots=True)
class Tick:
    """A day that is named at the top."""

    x: str
    on: datetime


@dataclass(frozen=True, slots=True)
class Key:
    """What a look means."""

    look: Look
    text: str


MEANINGS: Final = {
    Look.DONE: "done or over",
    Look.OPEN: "goes on, or open now",
    Look.COMING: "coming",
    Look.PLANNED: "planned: what if",
    Look.MISSED: "missed, unclear or lost",
    Look.ALARM: "needs attention",
    Look.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """All of it."""

    begins_at: datetime
    ends_at: datetime
    today_x: str
    height: int
    bar_height: int
    rows: Sequence[Row]
    ticks: Sequence[Tick]
    keys: Sequence[Key]
    told: str
    """What it shows, counted, for who cannot see it; the table says each."""


def drawing(entries: Sequence[Entry], now: datetime, calendar: Calendar) -> Drawing:
    """Where everything lies. Lanes without an entry are left out."""
    margin = timedelta(days=MARGIN_DAYS)
    earliest = min([now - FEWEST_AHEAD, *(each.from_at for each in entries)])
    ends = [each.until or each.from_at for each in entries]
    latest = max([now + FEWEST_AHEAD, *ends])
    begins_at = max(earliest, now - LOOKS_BACK) - margin
    scale = _Scale(begins_at, min(latest, now + LONGEST_AHEAD) + margin)
    lanes = [lane for lane in Lane if any(each.lane is lane for each in entries)]
    looks = {each.look for each in entries}
    rows = [_row(lane, place, entries, scale) for place, lane in enumerate(lanes)]
    return Drawing(
        begins_at=scale.begins_at,
        ends_at=scale.ends_at,
        today_x=scale.x(now),
        height=TOP + LANE_HEIGHT * len(rows),
        bar_height=BAR_HEIGHT,
        rows=rows,
        ticks=_ticks(scale, calendar),
        keys=[Key(look, text) for look, text in MEANINGS.items() if look in looks],
        told="; ".join(f"{row.title}: {len(row.shapes)}" for row in rows),
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    begins_at: datetime
    ends_at: datetime

    def percent(self, at: datetime) -> float:
        """Where an instant lies; what is beyond lies on the edge."""
        part = (at - self.begins_at) / (self.ends_at - self.begins_at)
        return 100 * min(1.0, max(0.0, part))

    def x(self, at: datetime) -> str:
        """The same as an SVG reads it."""
        return _percent(self.percent(at))


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _row(lane: Lane, place: int, entries: Sequence[Entry], scale: _Scale) -> Row:
    top = TOP + place * LANE_HEIGHT
    middle = top + MIDDLE_AT
    own = [each for each in entries if each.lane is lane]
    # Bars first, so that the marks lie on them.
    own.sort(key=_is_mark)
    levels = _levels(own, scale)
    shapes = [_shape(each, middle, level, scale) for each, level in zip(own, levels, strict=True)]
    return Row(lane.value, top + TITLE_AT, middle, shapes)


def _is_mark(entry: Entry) -> bool:
    return entry.until is None and not entry.goes_on


def _levels(own: Sequence[Entry], scale: _Scale) -> list[int]:
    """How far up or down each entry lies: marks that crowd stand above and below by turns."""
    levels, last_at, last = [], -100.0, 0
    for entry in own:
        level = 0
        if _is_mark(entry):
            at = scale.percent(entry.from_at)
            if at - last_at < CROWDED:
                level = -ASIDE if last > 0 else ASIDE
            last_at, last = at, level
        levels.append(level)
    return levels


def _shape(entry: Entry, middle: int, level: int, scale: _Scale) -> Shape:
    told = f"{entry.what}: {entry.state}"
    if _is_mark(entry):
        return Shape(entry.look, scale.x(entry.from_at), middle + level, told)
    begin = scale.percent(entry.from_at)
    end = 100.0 if entry.until is None else scale.percent(entry.until)
    width = max(NARROWEST, end - begin)
    begin = min(begin, 100 - width)
    return Shape(
        entry.look, _percent(begin), middle, told, _percent(width), middle - BAR_HEIGHT // 2
    )


def _ticks(scale: _Scale, calendar: Calendar) -> list[Tick]:
    """Every week or so many: days far enough from each other to be read on a phone."""
    first, last = calendar.day(scale.begins_at) + 1, calendar.day(scale.ends_at)
    step = next((each for each in STEPS_IN_DAYS if (last - first) / each <= MOST_TICKS), 84)
    days = [
        day
        for day in range(first, last, step)
        if scale.percent(calendar.start_of_day(day)) <= LAST_TICK
    ]
    return [Tick(scale.x(calendar.start_of_day(day)), calendar.start_of_day(day)) for day in days]
