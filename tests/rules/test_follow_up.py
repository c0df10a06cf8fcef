"""The follow-up of pregnancies as policy data: what it must say, and what is refused (L-PRG-2)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from apps.rules.policy import POLICY_DIRECTORY, PolicyFileError, policy_by_version
from apps.rules.policy_file import load_policy_file

FOLLOW_UP = policy_by_version("lenalidomide-2026-01").follow_up
TEXT = (POLICY_DIRECTORY / "lenalidomide.toml").read_text()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("[follow_up]\n", "[afterwards]\n", "follow_up"),
        ("report_days = {", "reporting_days = {", "report_days"),
        ('value = 266, unit = "days"', 'value = 9, unit = "months"', "unit"),
        ('relative_to = "conceived"', 'relative_to = "wedding"', "relative_to"),
        ('kind = "one_year"', 'kind = "birth"', "named twice"),
        ('title = "Outcome of the birth"\n', "", "title"),
        ("days = 365", 'days = "365"', "days"),
    ],
)
def test_a_follow_up_that_is_not_whole_is_refused(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    assert before in TEXT
    path = tmp_path / "edition.toml"
    path.write_text(TEXT.replace(before, after, 1))
    with pytest.raises(PolicyFileError, match=message):
        load_policy_file(path)


def steps(**known: date) -> dict[str, date]:
    return dict(FOLLOW_UP.due_on(reported_on=date(2026, 6, 17), **known))


def test_each_step_of_a_follow_up_is_owed_from_report_conception_or_birth() -> None:
    """L-PRG-2: conception and birth are 266 days apart; one of them gives the other."""
    conceived_on = date(2026, 3, 1)
    born_on = conceived_on + timedelta(days=266)
    from_days = {"reported": date(2026, 6, 17), "conceived": conceived_on, "birth": born_on}
    expected = {
        step.kind: from_days[step.relative_to] + timedelta(days=step.days)
        for step in FOLLOW_UP.steps
    }
    assert {step.relative_to for step in FOLLOW_UP.steps} == set(from_days)
    assert steps(conceived_on=conceived_on) == expected
    assert steps(birth_on=born_on) == expected
    early = born_on - timedelta(days=40)
    both = steps(conceived_on=conceived_on, birth_on=early)
    assert both["one_year"] == early + timedelta(days=365)


def test_while_nothing_is_known_conception_is_assumed_before_the_report() -> None:
    """L-PRG-2: no step is ever without a day."""
    assumed = date(2026, 6, 17) - timedelta(days=FOLLOW_UP.assumed_conception_days)
    assert steps() == steps(conceived_on=assumed)


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, False), (2, True)])
def test_a_pregnancy_is_reported_late_after_the_days_that_the_policy_allows(
    days: int, *, late: bool
) -> None:
    """L-PRG-1: on the last allowed day it is in time."""
    known_on = date(2026, 6, 17)
    assert FOLLOW_UP.report_days == 1
    reported_on = known_on + timedelta(days=days)
    assert FOLLOW_UP.is_late(known_on=known_on, reported_on=reported_on) is late
