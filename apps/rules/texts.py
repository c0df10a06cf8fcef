"""Plain sentences with dates in them: "3 March 2026", not "03/03/26".

Fills a reason's template with its parameters. No logic of any rule.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from string import Formatter
from typing import Any, Final

from apps.rules.calendar import Calendar, utc_text
from apps.rules.finding import ParameterValue

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@lru_cache(maxsize=4096)
def date_text(on: date) -> str:
    """A date that nobody misreads: 3 March 2026."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def instant_text(at: datetime, calendar: Calendar) -> str:
    """An instant in the program's zone: 3 March 2026, 14:05 EST."""
    local = at.astimezone(calendar.zone)
    return f"{date_text(local.date())}, {local.hour:02}:{local.minute:02} {local.tzname()}"


def render(template: str, params: Mapping[str, ParameterValue], calendar: Calendar) -> str:
    """The template with its parameters filled in."""
    if not params:
        return template
    words: list[str] = []
    for literal, name in _parts(template):
        words.append(literal)
        if name is not None:
            words.append(_word(params[name], calendar))
    return "".join(words)


@lru_cache(maxsize=1024)
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, name) for literal, name, _, _ in Formatter().parse(template))


def _word(value: ParameterValue, calendar: Calendar) -> str:
    if isinstance(value, datetime):
        return instant_text(value, calendar)
    if isinstance(value, date):
        return date_text(value)
    if isinstance(value, tuple):
        return ", ".join(str(each).replace("_", " ") for each in value)
    return str(value)


def params_document(params: Mapping[str, ParameterValue]) -> dict[str, Any]:
    """The parameters as JSON values."""
    return {name: _JSON.get(type(value), _as_is)(value) for name, value in params.items()}


def _as_is(value: Any) -> Any:
    return value


_JSON: Final[dict[type, Callable[[Any], Any]]] = {
    date: date.isoformat,
    datetime: utc_text,
    tuple: list,
}
