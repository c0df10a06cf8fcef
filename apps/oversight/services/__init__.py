"""Commands of the program's own work: who takes what, and how deviations are worked."""

from apps.oversight.services.assigning import assign, give_back, settle, take
from apps.oversight.services.deviations import (
    accept_deviation,
    correct_deviation,
    start_review,
)

__all__ = [
    "accept_deviation",
    "assign",
    "correct_deviation",
    "give_back",
    "settle",
    "start_review",
    "take",
]
