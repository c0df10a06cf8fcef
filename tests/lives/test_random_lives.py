"""Random lives on a real database: no dispense ever happens that the rules page forbids."""

import os
import sys
import time

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.lives.machine import Lives
from tests.lives.stage import Stage
from tests.lives.tally import Tally

LIVES = int(os.environ.get("REMS_LIVES", "5"))
STEPS = int(os.environ.get("REMS_STEPS", "40"))
SEED = os.environ.get("REMS_SEED", "")
AT_ONCE = 20
"""Lives of one seed; the next ones go on with the next seed, so that a long run can be resumed."""
A_LONG_RUN = 200


def test_no_life_leads_to_a_dispense_that_the_rules_forbid(own_database: str) -> None:
    """More of them, as long as one likes: REMS_LIVES=2000 REMS_STEPS=60 REMS_SEED=1."""
    Lives.stage, Lives.tally = Stage(), Tally()
    first, began = int(SEED or 0), time.monotonic()
    for place in range(0, LIVES, AT_ONCE):
        lives = min(AT_ONCE, LIVES - place)
        _live(lives, first + place // AT_ONCE if SEED else None)
        if LIVES > AT_ONCE:
            seconds = time.monotonic() - began
            _tell(f"seed {first + place // AT_ONCE} done after {seconds:.0f} s")
            _tell(Lives.tally.told())
    _tell(Lives.tally.told())
    if LIVES >= A_LONG_RUN:
        assert not Lives.tally.missing(), "what never happened proves nothing"


def _live(lives: int, number: int | None) -> None:
    """So many lives; the same ones each time, by the seed or (without one) by the test itself."""
    if number is not None:
        seed(number)(Lives)
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=lives,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=number is None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _tell(text: str) -> None:
    sys.stdout.write(f"\n{text}\n")
    sys.stdout.flush()
