"""Commands of the program's own work: who takes what, and how deviations are worked."""

from apps.oversight.services.assigning import assign, give_back, settle, take
from apps.oversight.services.contacting import record_contact
from apps.oversight.services.copying import ask_for_record
from apps.oversight.services.deviations import (
    accept_deviation,
    correct_deviation,
    start_review,
)
from apps.oversight.services.keeping import dispose, lift_legal_hold, place_legal_hold

__all__ = [
    "accept_deviation",
    "ask_for_record",
    "assign",
    "correct_deviation",
    "dispose",
    "give_back",
    "lift_legal_hold",
    "place_legal_hold",
    "record_contact",
    "settle",
    "start_review",
    "take",
]
