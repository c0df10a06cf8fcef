"""How pages write instants, dates and durations."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Engine

from apps.portal.templatetags.portal import duration, said_to

NEW_YORK, LOS_ANGELES = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
TOKYO, SAO_PAULO = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/Sao_Paulo")
VALUE = datetime(2026, 3, 3, 19, 5, tzinfo=UTC)


def written(tag: str, value: object, user_zone: ZoneInfo | None = None) -> str:
    template = Engine.get_default().from_string("{% load portal %}{% " + tag + " value %}")
    context = {"value": value, "program_zone": NEW_YORK, "user_zone": user_zone}
    return template.render(Context(context))


def test_an_instant_is_written_in_the_programs_zone() -> None:
    assert written("instant", VALUE) == (
        '<time datetime="2026-03-03T19:05:00+00:00">3 March 2026, 14:05 EST</time>'
    )


@pytest.mark.parametrize(
    ("zone", "own"),
    [
        (LOS_ANGELES, "(11:05 PST for you)"),
        (TOKYO, "(4 March 2026, 04:05 JST for you)"),
        (SAO_PAULO, "(16:05 UTC-03:00 for you)"),
    ],
)
def test_the_readers_own_time_stands_beside_it(zone: ZoneInfo, own: str) -> None:
    assert own in written("instant", VALUE, zone)


def test_a_reader_in_the_programs_time_sees_it_once() -> None:
    assert "for you" not in written("instant", VALUE, ZoneInfo("America/Toronto"))


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        written("instant", VALUE.replace(tzinfo=None))


def test_a_day_is_unambiguous_and_an_instants_day_is_the_programs() -> None:
    assert written("day", date(2026, 3, 4)) == "4 March 2026"
    assert written("day", datetime(2026, 3, 4, 4, 59, tzinfo=UTC)) == "3 March 2026"


def test_what_is_missing_is_said() -> None:
    assert written("day", None) == written("instant", None) == "not recorded"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(minutes=15), "15 minutes"),
        (timedelta(hours=1, minutes=30, seconds=5), "1 hour 30 minutes"),
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=-5), "0 seconds"),
    ],
)
def test_a_duration_in_words(length: timedelta, text: str) -> None:
    assert duration(length) == text


@pytest.mark.parametrize(
    ("who", "role", "said"),
    [
        ("the prescriber", "Prescriber", "You"),
        ("the prescriber", "Delegate", "The prescriber"),
        ("the patient", "Prescriber", "The patient"),
    ],
)
def test_a_step_is_said_to_its_reader(who: str, role: str, said: str) -> None:
    assert said_to(who, role) == said
