"""Dates and instants as people type them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from apps.portal.fields import InstantField, MemorableDateField

NEW_YORK = ZoneInfo("America/New_York")


def instant(day: str, typed: str, month: str = "3") -> datetime:
    value = InstantField(zone=NEW_YORK).clean([month, day, "2026", typed])
    assert isinstance(value, datetime)
    return value


def refusal(field: InstantField | MemorableDateField, parts: list[str]) -> str:
    with pytest.raises(ValidationError) as caught:
        field.clean(parts)
    return " ".join(caught.value.messages)


def test_month_day_and_year_make_a_date() -> None:
    assert MemorableDateField().clean(["2", "29", "1980"]) == date(1980, 2, 29)


def test_an_empty_optional_date_is_none() -> None:
    assert MemorableDateField(required=False).clean(["", "", ""]) is None


def test_an_empty_required_date_is_asked_for() -> None:
    assert refusal(MemorableDateField(), ["", "", ""]) == "Enter the date."


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (["2", "30", "1980"], "There is no 30 February 1980."),
        (["2", "", "1980"], "The date lacks the day."),
        (["", "3", ""], "The date lacks the month and the year."),
        (["2", "3", "80"], "Write the year with four digits, 1900 to 2100."),
        (["2", "3", "19²0"], "Write the day and the year in digits."),
        (["13", "3", "1980"], "Choose a month from the list."),
        (["2", "-3", "1980"], "Write the day and the year in digits."),
        (["2", "2147483648", "1980"], "There is no 2147483648 February 1980."),
        (["2", "0", "1980"], "There is no 0 February 1980."),
        (["2", "3", "2147483648"], "Write the year with four digits, 1900 to 2100."),
        (["2", "3", "9" * 5000], "Write the year with four digits, 1900 to 2100."),
        (["2147483648", "3", "1980"], "Choose a month from the list."),
        (["9" * 5000, "3", "1980"], "Choose a month from the list."),
    ],
)
def test_a_wrong_date_is_named(parts: list[str], message: str) -> None:
    assert refusal(MemorableDateField(), parts) == message


def test_zeros_before_a_number_do_not_count() -> None:
    assert MemorableDateField().clean(["02", "00003", "1980"]) == date(1980, 2, 3)


def test_a_day_of_any_number_of_digits_is_refused() -> None:
    for field in (MemorableDateField(), InstantField(zone=UTC)):
        with pytest.raises(ValidationError):
            field.clean(["2", "9" * 5000, "1980", "14:05"])


@pytest.mark.parametrize(
    "typed", ["14:05", "1405", "2:05 pm", "2:05PM", "2.05 p.m.", "02:05 pm", "14:05 EST"]
)
def test_every_clear_way_to_write_a_time_is_read(typed: str) -> None:
    assert instant("3", typed) == datetime(2026, 3, 3, 19, 5, tzinfo=UTC)


def test_midnight_and_noon_on_the_twelve_hour_clock() -> None:
    assert instant("3", "12:00 am") == datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert instant("3", "12 pm") == datetime(2026, 3, 3, 17, tzinfo=UTC)
    assert instant("3", "0:30") == datetime(2026, 3, 3, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("2147483648", "Enter the time as 14:05 or 2:05 pm."),
        ("14:2147483648", "Enter the time as 14:05 or 2:05 pm."),
        ("2:05", "Is that 2:05 am or pm? Write 02:05 or 14:05."),
        ("24:00", "Enter a time between 00:00 and 23:59."),
        ("13:00 pm", "With am or pm, the hour is 1 to 12."),
        ("noon", "Enter the time as 14:05 or 2:05 pm."),
        ("", "Enter the time as 14:05 or 2:05 pm."),
        ("14:05 PST", "Write the time in EST, not in PST."),
    ],
)
def test_a_time_that_is_none_or_unclear_is_refused(typed: str, message: str) -> None:
    assert refusal(InstantField(zone=NEW_YORK), ["3", "3", "2026", typed]) == message


def test_a_time_that_the_clocks_skip_is_refused() -> None:
    message = refusal(InstantField(zone=NEW_YORK), ["3", "8", "2026", "02:30"])
    assert message == "02:30 does not exist on 8 March 2026: the clocks go forward then."


def test_a_time_that_the_clocks_repeat_must_name_its_zone() -> None:
    message = refusal(InstantField(zone=NEW_YORK), ["11", "1", "2026", "01:30"])
    assert message == "1 November 2026 has this time twice. Write 01:30 EDT or 01:30 EST."
    assert instant("1", "01:30 edt", month="11") == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert instant("1", "1:30 am EST", month="11") == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
