"""A figure as a drawing of bars beside a table: where each bar lies, where each number leads.

Across in percent, so that it fits any width while its letters keep their size; down, in pixels.
Strings, since no language's decimal comma may come into an SVG.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.http import urlencode

from apps.oversight.figures import Figure, Line, Number

LABEL_AT, BARS_AT, BAR_HEIGHT, BETWEEN, AFTER = 14, 20, 14, 3, 12
# The number of the longest bar needs room to its right, on a phone as well.
WIDEST: Final = 84.0
NARROWEST: Final = 0.6
LONGEST_LABEL: Final = 44


@dataclass(frozen=True, slots=True)
class Bar:
    """One number: how long its bar is, how it looks (by its series), where it leads."""

    look: int
    width: str
    y: int
    text_y: int
    value: int
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """What is counted: its words, short for the drawing, and its bars."""

    label: str
    short: str
    label_y: int
    bars: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, drawn."""

    figure: Figure
    height: int
    bar_height: int
    groups: Sequence[Group]
    keys: Sequence[tuple[int, str]]
    list_url: str
    is_empty: bool


def chart(figure: Figure, days: str) -> Chart:
    """The drawing of a figure about the last `days`."""
    most = max((each.value for line in figure.lines for each in line.numbers), default=0)
    each_height = BARS_AT + len(figure.series) * (BAR_HEIGHT + BETWEEN) + AFTER
    groups = [
        _group(figure, line, place * each_height, most, days)
        for place, line in enumerate(figure.lines)
    ]
    return Chart(
        figure=figure,
        height=each_height * len(groups),
        bar_height=BAR_HEIGHT,
        groups=groups,
        keys=list(enumerate(figure.series)),
        list_url=_url(figure.listing, {"days": days}),
        is_empty=most == 0,
    )


def _group(figure: Figure, line: Line, top: int, most: int, days: str) -> Group:
    bars = []
    for place, number in enumerate(line.numbers):
        y = top + BARS_AT + place * (BAR_HEIGHT + BETWEEN)
        bars.append(
            Bar(
                look=place,
                width=_width(number, most),
                y=y,
                text_y=y + BAR_HEIGHT - 2,
                value=number.value,
                url=_url(figure.listing, {**number.asks, "days": "" if number.ever else days}),
            )
        )
    return Group(line.label, _short(line.label), top + LABEL_AT, bars)


def _width(number: Number, most: int) -> str:
    if not number.value:
        return "0%"
    return f"{max(NARROWEST, WIDEST * number.value / most):.2f}%"


def _short(label: str) -> str:
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1].rstrip()}…"


def _url(code: str, asks: dict[str, str]) -> str:
    return f"{reverse('office_list', args=[code])}?{urlencode(asks)}"
