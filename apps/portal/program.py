"""Which program these pages serve, and its policy at the present instant. Holds no number."""

from typing import Final

from apps.core import clock
from apps.rules.edition import Policy
from apps.rules.policy import editions, policy_in_force, programs

PROGRAM: Final = programs()[0]
"""The first of the programs that this installation serves."""


def present_policy() -> Policy:
    """The edition in force now."""
    return policy_in_force(PROGRAM, clock.now())


def newest_policy() -> Policy:
    """The newest edition, for what every page shows: no clock is asked."""
    return editions(PROGRAM)[-1]
