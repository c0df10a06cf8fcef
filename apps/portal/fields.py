"""Dates and instants as people type them: the fields, their inputs, and how the text is read.

Month by name, years with four digits, times with a named zone: nothing is ever guessed.
"""

import re
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import dates, timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.zones import US_ZONES

MONTHS = tuple(dates.MONTHS.values())
MONTH_CHOICES = [
    ("", _("Choose a month")),
    *(
        (str(number), format_lazy("{:02} - {}", number, name))
        for number, name in dates.MONTHS.items()
    ),
]
EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
MOST_DIGITS = 4
TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.]?(?P<minute>\d{2}))?\s*(?P<half>am|pm|a\.m\.|p\.m\.)?"
    r"\s*(?P<abbreviation>[a-z]{2,5}|utc[+-]\d{2}:\d{2})?",
    re.IGNORECASE | re.ASCII,
)
HALF_DAY = 12


class PartsWidget(forms.MultiWidget):
    """Several labeled inputs that make one value."""

    template_name = "forms/widgets/parts.html"
    use_fieldset = True

    def part_labels(self) -> tuple[str | Promise, ...]:
        """The labels of the inputs, in their order."""
        raise NotImplementedError

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The context of the parts, each with its label and the error state of the whole."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        parts = context["widget"]["subwidgets"]
        for part, label in zip(parts, self.part_labels(), strict=True):
            part["label"] = label
            if part["attrs"].get("aria-invalid"):
                part["attrs"]["class"] += " usa-input--error"
        return context


class MemorableDateWidget(PartsWidget):
    """A date as month, day and year, for the keyboard alone."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(date_inputs(), attrs)

    def part_labels(self) -> tuple[str | Promise, ...]:
        return (_("Month"), _("Day"), _("Year"))

    def decompress(self, value: date | None) -> list[str | None]:
        """The parts of a date."""
        return date_parts(value)


class InstantWidget(PartsWidget):
    """A date as month, day and year, with a time of day whose label names the zone."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        time_input = forms.TextInput(
            attrs={"class": "usa-input rp-width-time", "autocomplete": "off", "maxlength": 20}
        )
        super().__init__({**date_inputs(), "time": time_input}, attrs)
        self.zone: tzinfo | None = None

    @property
    def effective_zone(self) -> tzinfo:
        """The zone in which the time is typed: the field's, else Django's current one."""
        return self.zone or timezone.get_current_timezone()

    def part_labels(self) -> tuple[str | Promise, ...]:
        zone = str(self.effective_zone)
        return (_("Month"), _("Day"), _("Year"), f"Time ({US_ZONES.get(zone, zone)})")

    def decompress(self, value: datetime | None) -> list[str | None]:
        """The parts of an instant, in the zone of the input."""
        if value is None:
            return [None] * 4
        local = value.astimezone(self.effective_zone)
        return [*date_parts(local), f"{local:%H:%M}"]


class MemorableDateField(forms.MultiValueField):
    """A calendar date typed as month, day and year; cleans to a `date`, or None when left empty."""

    widget = MemorableDateWidget
    default_error_messages = {"required": _("Enter the date.")}

    def __init__(self, **kwargs: Any) -> None:
        parts = [forms.CharField(required=False) for _ in range(3)]
        super().__init__(parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> date | None:
        """The date that the parts make. Raises ValidationError saying which part is wrong."""
        return read_date(data_list[:3]) if data_list else None


class InstantField(forms.MultiValueField):
    """A date and a time of day; cleans to an aware `datetime` in UTC, or None when left empty.

    `zone` is the one that the time is typed in. Left out, it is the form's `zone` (see PortalForm),
    else Django's current one. A time that the clocks skip is refused; for one that they repeat the
    message says how to write either: "01:30 EDT" or "01:30 EST".
    """

    widget: forms.Widget | type[forms.Widget] = InstantWidget
    default_error_messages = {"required": "Enter the date and the time."}

    def __init__(self, *, zone: tzinfo | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", "Write the time as 14:05 or 2:05 pm.")
        parts = [forms.CharField(required=False) for _ in range(4)]
        super().__init__(parts, require_all_fields=False, **kwargs)
        self.zone = zone

    @property
    def zone(self) -> tzinfo | None:
        """The zone of the input, if it is not left to Django's current one."""
        return self.own_widget.zone

    @zone.setter
    def zone(self, zone: tzinfo | None) -> None:
        self.own_widget.zone = zone

    @property
    def own_widget(self) -> InstantWidget:
        """The field's widget. Raises TypeError if another kind was put in its place."""
        if not isinstance(self.widget, InstantWidget):
            raise TypeError("An InstantField needs an InstantWidget: it names the zone.")
        return self.widget

    def compress(self, data_list: list[str]) -> datetime | None:
        """The instant in UTC. Raises ValidationError saying what is wrong with date or time."""
        if not data_list:
            return None
        on = read_date(data_list[:3])
        return read_instant(on, data_list[3], self.own_widget.effective_zone)


class InstantOrDayField(InstantField):
    """A date with its time, or the date alone where nobody knows the time (L-SRC-2)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "help_text",
            "Write the time as 14:05 or 2:05 pm. If nobody knows it, leave it empty: then the "
            "least favorable time of that day counts.",
        )
        super().__init__(**kwargs)

    def compress(self, data_list: list[str]) -> datetime | date | None:  # type: ignore[override]
        """The instant in UTC, or the date. Raises ValidationError as an InstantField does."""
        if data_list and any(data_list[:3]) and not data_list[3].strip():
            return read_date(data_list[:3])
        return super().compress(data_list)


def when(field: str, value: datetime | date) -> dict[str, Any]:
    """The argument of a command: `{field}_at` for an instant, `{field}_on` for a mere date."""
    known = "at" if isinstance(value, datetime) else "on"
    return {f"{field}_{known}": value}


def date_inputs() -> dict[str, forms.Widget | type[forms.Widget]]:
    """The inputs of a date. The month goes by name, so that 3/4 is never April for March."""
    month = forms.Select(
        choices=MONTH_CHOICES, attrs={"class": "usa-select", "autocomplete": "off"}
    )
    return {"month": month, "day": digits_input(2), "year": digits_input(4)}


def digits_input(length: int) -> forms.TextInput:
    """A text input for a whole number of up to `length` digits."""
    return forms.TextInput(
        attrs={
            "class": f"usa-input rp-width-{length}",
            "inputmode": "numeric",
            "maxlength": length,
            "autocomplete": "off",
        }
    )


def date_parts(value: date | None) -> list[str | None]:
    """Month, day and year as a person types them."""
    if value is None:
        return [None] * 3
    return [str(value.month), str(value.day), str(value.year)]


def read_date(parts: list[str]) -> date:
    """The date of month, day and year as typed. Raises ValidationError naming what is wrong."""
    names = (gettext("month"), gettext("day"), gettext("year"))
    missing = [name for name, part in zip(names, parts, strict=True) if not part]
    if missing:
        lacking = gettext(" and the ").join(missing)
        raise ValidationError(
            gettext("The date lacks the %(parts)s.") % {"parts": lacking}, code="date"
        )
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValidationError(gettext("Write the day and the year in digits."), code="date")
    digits = [part.lstrip("0") or "0" for part in parts]
    # No day, month or year has more: so long a number is none of them, and never made into one.
    month, day, year = (int(part) if len(part) <= MOST_DIGITS else 0 for part in digits)
    if not 1 <= month <= len(MONTHS):
        raise ValidationError(gettext("Choose a month from the list."), code="date")
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        years = {"first": EARLIEST_YEAR, "last": LATEST_YEAR}
        raise ValidationError(
            gettext("Write the year with four digits, %(first)s to %(last)s.") % years, code="date"
        )
    try:
        return date(year, month, day)
    except ValueError as error:
        typed = {"day": digits[1], "month": MONTHS[month - 1], "year": year}
        raise ValidationError(
            gettext("There is no %(day)s %(month)s %(year)s.") % typed, code="date"
        ) from error


def read_instant(on: date, typed: str, zone: tzinfo) -> datetime:
    """The instant, in UTC, of a time of day typed for the day `on` in `zone`.

    Raises ValidationError for what is no time, for one that could be am or pm, and for one that
    the day does not have, or has twice and without saying which.
    """
    match = TIME.fullmatch(typed.strip())
    if match is None:
        raise ValidationError("Enter the time as 14:05 or 2:05 pm.", code="time")
    clock = read_clock(match["hour"], match["minute"] or "00", match["half"] or "")
    local = datetime.combine(on, clock)
    readings = {
        zone_name(reading): reading.astimezone(UTC)
        for reading in (local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1))
        if reading.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
    }
    day_text = f"{on.day} {MONTHS[on.month - 1]} {on.year}"
    if not readings:
        raise ValidationError(
            f"{clock:%H:%M} does not exist on {day_text}: the clocks go forward then.", code="time"
        )
    named = (match["abbreviation"] or "").upper()
    if named and named not in readings:
        names = " or ".join(readings)
        raise ValidationError(f"Write the time in {names}, not in {named}.", code="time")
    if not named and len(readings) > 1:
        choices = " or ".join(f"{clock:%H:%M} {name}" for name in readings)
        raise ValidationError(f"{day_text} has this time twice. Write {choices}.", code="time")
    return readings[named] if named else next(iter(readings.values()))


def zone_name(local: datetime) -> str:
    """What an aware datetime's offset is called: "EST", or "UTC-03:00" where it has no letters."""
    name = local.tzname() or ""
    return name if name.isalpha() else "UTC" + local.isoformat(timespec="minutes")[16:]


def read_clock(hour_typed: str, minute_typed: str, half: str) -> time:
    """The time of day. Raises ValidationError where it is none or could be in either half."""
    hour, minute = int(hour_typed), int(minute_typed)
    if half:
        if not 1 <= hour <= HALF_DAY:
            raise ValidationError("With am or pm, the hour is 1 to 12.", code="time")
        hour = hour % HALF_DAY + (HALF_DAY if half.lower().startswith("p") else 0)
    elif len(hour_typed) == 1 and hour > 0:
        raise ValidationError(
            f"Is that {hour}:{minute:02} am or pm? Write 0{hour}:{minute:02} or "
            f"{hour + HALF_DAY}:{minute:02}.",
            code="time",
        )
    try:
        return time(hour, minute)
    except ValueError as error:
        raise ValidationError("Enter a time between 00:00 and 23:59.", code="time") from error
