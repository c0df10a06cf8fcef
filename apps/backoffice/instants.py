"""Instants as the office types them: in the program's zone, as the paper and the caller say them.

The pages show them so, too; what a clock shows twice a year or never is asked for again.
"""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format

from apps.core.zones import US_ZONES
from apps.rules.policy import editions, programs

TWICE = "The clocks were changed then: this time was there twice, or not at all. Choose another."


def program_zone() -> ZoneInfo:
    """The zone in which the program counts its days."""
    return ZoneInfo(editions(programs()[0])[-1].time_zone)


def called(zone: ZoneInfo) -> str:
    """A zone as people know it, with the letters that stand behind a time."""
    letters = [f"{datetime(2000, month, 1, tzinfo=zone):%Z}" for month in (1, 7)]
    return f"{US_ZONES.get(zone.key, zone.key)}, {' or '.join(dict.fromkeys(letters))}"


def told(at: datetime) -> str:
    """An instant in a sentence, as the pages show it."""
    return date_format(timezone.localtime(at, program_zone()), "DATETIME_FORMAT")


def with_zone(written: str) -> str:
    """A day or time of an address; one that names no zone is the program's. Else as it is."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:  # Not for us to say what is wrong with it.
        return written
    return written if at.tzinfo else at.replace(tzinfo=program_zone()).isoformat()


class DayInput(forms.DateInput):
    """A day, as the browser lets one choose it: no script of ours."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class InstantField(forms.SplitDateTimeField):
    """A day and a time of day in the program's zone."""

    def __init__(self, *, help_text: str = "", **kwargs: Any) -> None:
        widget = forms.SplitDateTimeWidget(
            date_attrs={"type": "date", "aria-label": "Day"},
            time_attrs={"type": "time", "aria-label": "Time of day"},
        )
        zone = f"In the program’s time: {called(program_zone())}."
        super().__init__(widget=widget, help_text=f"{zone} {help_text}".strip(), **kwargs)

    def compress(self, data_list: Any) -> datetime | None:
        """The instant. Raises ValidationError for an incomplete one, or an hour that is not one."""
        with timezone.override(UTC):  # What is typed is read below, in the program's zone.
            read = super().compress(data_list)
        if read is None:
            return None
        typed = datetime.combine(*data_list).replace(tzinfo=program_zone())
        if typed.utcoffset() != typed.replace(fold=1).utcoffset():
            raise ValidationError(TWICE)
        return typed
