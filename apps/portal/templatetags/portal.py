"""How pages write instants, dates and durations, and which forms on a page have errors.

Presentation only: nothing here reads a clock, queries a model or decides.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from django import template
from django.forms import BaseForm
from django.template import Context
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy

from apps.core.call import Role
from apps.portal.fields import zone_name
from apps.portal.words import WHO, ending
from apps.providers.roles import role_label

register = template.Library()

CLOCK = "H:i"
MISSING = gettext_lazy("not recorded")
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@register.simple_tag(takes_context=True)
def instant(context: Context, value: datetime | None) -> SafeString | str:
    """`value` in the program's zone, "3 March 2026, 14:05 EST", and the reader's own beside it.

    Zones come from the context: `program_zone` (else Django's default) and `user_zone` (else none,
    so that only the program's time is written). Raises ValueError for a naive datetime.
    """
    if value is None:
        return str(MISSING)
    require_aware(value)
    in_program = value.astimezone(program_zone(context))
    text = format_html(
        '<time datetime="{}">{}</time>',
        value.astimezone(UTC).isoformat(timespec="seconds"),
        instant_text(in_program),
    )
    own_zone = context.get("user_zone")
    if own_zone is None:
        return text
    own = value.astimezone(own_zone)
    if own.utcoffset() == in_program.utcoffset():
        return text
    own_text = clock_text(own) if own.date() == in_program.date() else instant_text(own)
    said = gettext("(%(time)s for you)") % {"time": own_text}
    return format_html('{} <span class="rp-instant__own">{}</span>', text, said)


@register.simple_tag(takes_context=True)
def day(context: Context, value: date | datetime | None) -> str:
    """A date as "3 March 2026"; of an instant, the calendar day in the program's zone."""
    if value is None:
        return str(MISSING)
    if isinstance(value, datetime):
        require_aware(value)
        value = value.astimezone(program_zone(context)).date()
    return format_date(value, get_format("DATE_FORMAT"))


@register.simple_tag(takes_context=True)
def short_day(context: Context, value: datetime) -> str:
    """The calendar day of an instant in the program's zone, where there is little room: "3 Mar"."""
    require_aware(value)
    return format_date(value.astimezone(program_zone(context)), "j M")


@register.filter
def duration(value: timedelta) -> str:
    """A length of time in its two largest units: "15 minutes", "1 hour 30 minutes"."""
    rest = max(0, int(value.total_seconds()))
    parts = []
    for unit, seconds in UNITS:
        count, rest = divmod(rest, seconds)
        if count:
            parts.append(f"{count} {unit}{'s' if count > 1 else ''}")
    return " ".join(parts[:2]) or "0 seconds"


@register.simple_tag(takes_context=True)
def failed_forms(context: Context) -> list[BaseForm]:
    """The page's submitted forms that have errors: context `form`, then those in `forms`."""
    others: Iterable[BaseForm] = context.get("forms") or ()
    candidates = [context.get("form"), *others]
    return [form for form in candidates if isinstance(form, BaseForm) and form.errors]


@register.filter
def said_to(who: str, role: str) -> str:
    """Who is to act, for a reader in the role of that label: a prescriber is told "You"."""
    is_reader = (who, role) == (WHO["prescriber"], role_label(Role.PRESCRIBER))
    return "You" if is_reader else capfirst(who)


@register.filter
def beside(cells: Sequence[Any], columns: Sequence[str]) -> list[tuple[Any, str]]:
    """Each cell of a row with its column's heading. Raises ValueError if their numbers differ."""
    return list(zip(cells, columns, strict=True))


def program_zone(context: Context) -> tzinfo:
    """The zone in which the program counts its days."""
    zone = context.get("program_zone")
    return zone if isinstance(zone, tzinfo) else timezone.get_default_timezone()


def instant_text(value: datetime) -> str:
    """An instant in the zone that it bears: "3 March 2026, 14:05 EST"."""
    return f"{format_date(value, get_format('DATE_FORMAT'))}, {clock_text(value)}"


def clock_text(value: datetime) -> str:
    """The time of day with its zone: "14:05 EST", or "14:05 UTC-03:00" where it has no letters."""
    return f"{format_date(value, CLOCK)} {zone_name(value)}"


def require_aware(value: datetime) -> None:
    """Raises ValueError for a naive datetime: without a zone it is no instant."""
    if timezone.is_naive(value):
        raise ValueError("An instant needs a zone; this datetime is naive.")


@register.filter
def ended_because(cause: str) -> str:
    """Why something ended: a code's words, or what a person wrote."""
    return ending(cause)


@register.filter
def in_fours(key: str) -> str:
    """A long key as people type it: in groups of four."""
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
