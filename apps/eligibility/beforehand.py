"""What must be done before anything can be asked for at all: no matter of the rules. Reads only."""

from dataclasses import dataclass
from uuid import UUID

from apps.evidence.therapies import standing_ends_of
from apps.patients import standing
from apps.rules.therapy import DIED, DISCONTINUED, WITHDREW

AFTER_THE_END = {
    DISCONTINUED: (
        "Therapy is discontinued. To begin anew, sign a new agreement with the patient: both sign "
        "it after that end was entered."
    ),
    WITHDREW: (
        "The patient has withdrawn from the program. To enroll again, sign a new agreement: both "
        "sign it after that was entered."
    ),
    DIED: "The patient's death is on record. If that is a mistake, withdraw that entry.",
}


SIGNATURE_FIRST = (
    "A change of category waits for a signature on its agreement: it must be signed, or withdrawn, "
    "before anything is authorized."
)


@dataclass(frozen=True, slots=True)
class Beforehand:
    """What stands in the way of every request, and the rule that says so."""

    rule: str
    message: str


def to_be_done_first(patient_id: UUID, program: str) -> Beforehand | None:
    """What an ended therapy, or a stricter category that waits, asks for first (L-END, L-CAT-3)."""
    ends = standing_ends_of(patient_id, program)
    if ends:
        rule = "L-END-1" if ends[-1].kind == DISCONTINUED else "L-END-3"
        return Beforehand(rule, AFTER_THE_END[ends[-1].kind])
    change = standing.pending_change(patient_id)
    if change is not None and not change.needs_approval:
        return Beforehand("L-CAT-3", SIGNATURE_FIRST)
    return None
