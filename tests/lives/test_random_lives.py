"""Random lives on a real database: no dispense ever happens that the rules page forbids."""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.lives.machine import Lives, Stage

LIVES = int(os.environ.get("REMS_LIVES", "12"))
STEPS = int(os.environ.get("REMS_STEPS", "60"))


@pytest.mark.django_db
def test_no_life_leads_to_a_dispense_that_the_rules_forbid() -> None:
    """More of them, as long as one likes: REMS_LIVES=2000 REMS_STEPS=60."""
    Lives.stage = Stage()
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    told = [
        f"{act} {'yes' if yes else 'no'}: {n}" for (act, yes), n in sorted(Lives.answers.items())
    ]
    sys.stdout.write("\n" + "\n".join(told) + "\n")
