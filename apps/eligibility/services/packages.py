"""Correcting from which lot a dispense came, and under which NDC (L-SRC-3)."""

from uuid import UUID

from apps.audit import services as audit
from apps.core.call import DISPENSING, PROGRAM
from apps.core.checks import one_line, required_reason, what_changes
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest
from apps.core.overtaken import refuse_overtaken
from apps.eligibility.services.supplies import lock_dispense
from apps.prescriptions.models import Dispense
from apps.prescriptions.selectors import package_of


@command(by=DISPENSING | PROGRAM)
def correct_package(
    run: Run, *, dispense_id: UUID, lot_number: str, ndc: str, reason: str, seen: str = ""
) -> Dispense:
    """Set right the lot number and the NDC of a dispense, by which a recall finds it (L-SRC-3).

    What was signed stays beside; each correction stays in the row's history. `seen` is the mark of
    what the sender saw. Raises NotFound, InvalidRequest without a reason or a change, Conflict for
    a dispense that was withdrawn, or Overtaken.
    """
    cause = required_reason(reason)
    one_line(lot_number=lot_number, ndc=ndc)
    right = {"lot_number": lot_number.strip(), "ndc": ndc.strip()}
    missing = {name: "This is required." for name, value in right.items() if not value}
    if missing:
        raise InvalidRequest("A recall finds a package by both.", missing)
    made = lock_dispense(run, dispense_id)
    if made.withdrawn_at is not None:
        raise Conflict("This dispense was withdrawn: it was entered by mistake.")
    before = package_of(made)
    refuse_overtaken(seen, before)
    changed = what_changes(before, right)
    for name in changed:
        # Back to what was signed is no correction any more.
        is_signed = right[name] == getattr(made, name)
        setattr(made, f"corrected_{name}", "" if is_signed else right[name])
    made.save(update_fields=[f"corrected_{name}" for name in changed])
    audit.record(
        run, "package_corrected", subject=made, patient_id=made.patient_id, reason=cause,
        data={"changed": changed},
    )  # fmt: skip
    return made
