"""`manage.py populate_demo`: once, all or nothing, and never where real people are."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.core.call import SYSTEM_CALL
from apps.core.models import Operation
from apps.patients.models import Patient
from apps.rules.policy import policy_in_force
from apps.simulation.cast import PROGRAM
from apps.simulation.life import Life
from apps.simulation.lives import LIVES, LifeStory
from apps.simulation.moments import Today, day, hours_ago
from apps.simulation.patient import identity_of
from apps.simulation.populate import populate
from apps.simulation.story import StoryError, story_ending_at
from launcher.checks import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2027, 3, 1, 17, tzinfo=UTC)


def asks_too_early(life: Life) -> None:
    life.comes_in(-1)
    life.asks(hours_ago(1))


@override_settings(DEMO_CLOCK=True)
def test_a_story_that_goes_otherwise_than_written_leaves_nothing(own_database: str) -> None:
    wrong = LifeStory(person=LIVES[0].person, shows="", unmet=(), tell=asks_too_early)
    with pytest.raises(StoryError, match="Elena Marquez"):
        populate(1, (wrong,))
    assert (Operation.objects.count(), User.objects.count(), Patient.objects.count()) == (0, 0, 0)


@override_settings(DEMO_CLOCK=True)
def test_a_database_with_an_administrator_of_its_own_is_left_alone(own_database: str) -> None:
    accounts.appoint_administrator(
        SYSTEM_CALL,
        email="robin@hospital.example",
        given_name="Robin",
        family_name="Real",
        office_name="Office",
    )
    with pytest.raises(CommandError, match="not the demo's"):
        call_command("populate_demo")
    assert User.objects.count() == 1


@override_settings(DEMO_CLOCK=False)
def test_without_the_demos_clock_nobody_is_made_up() -> None:
    with pytest.raises(CommandError, match="demo"):
        call_command("populate_demo")


def test_production_refuses_synthetic_people() -> None:
    environment = {**os.environ, **PRODUCTION}
    answer = subprocess.run(
        [sys.executable, "manage.py", "populate_demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "REMSPORTAL_ENV is demo" in answer.stderr


def test_the_same_seed_makes_the_same_person_and_another_seed_another_one() -> None:
    today = Today(NOW, policy_in_force(PROGRAM, NOW).calendar)
    person = LIVES[0].person
    first, again, other = (identity_of(person, today, Random(seed)) for seed in (1, 1, 2))  # noqa: S311
    assert first == again
    assert first != other


def test_a_story_is_about_the_past_only() -> None:
    story = story_ending_at(NOW, policy_in_force(PROGRAM, NOW).calendar)
    with pytest.raises(ValueError, match="past"):
        day(0)
    with pytest.raises(StoryError, match="not come yet"):
        story.plan(hours_ago(-1), lambda: None)
