"""An entry on the wrong person moves to the right one, in one transaction (L-SRC-3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    HealthStatus,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyTest,
)
from apps.evidence.models.base import Withdrawable
from apps.evidence.selectors import visible_to
from apps.evidence.services.contents import KINDS
from apps.evidence.services.surveys import add_patient_survey
from apps.evidence.services.withdrawing import withdraw_and_void
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.patients.services import lock_patients
from apps.rules.calendar import date_of
from apps.rules.policy import policy_in_force, programs


@dataclass(frozen=True, slots=True)
class Movable:
    """A kind of entry that can move: its table, the columns that say what it says, its time."""

    model: type[Withdrawable]
    columns: tuple[str, ...]
    time: str = ""
    # What enters it, where that differs from its command: a survey is signed where it was made.
    record: Callable[..., Withdrawable] | None = None


MOVABLE: Final[Mapping[str, Movable]] = {
    "pregnancy_test": Movable(
        PregnancyTest,
        ("result", "sensitivity_miu_ml", "specimen", "laboratory", "resulted_at"),
        "collected",
    ),
    "contraception": Movable(
        ContraceptionAttestation, ("abstinence", "methods", "in_use_since", "lapse"), "attested"
    ),
    "obligations": Movable(
        ObligationsAttestation,
        ("condom", "abstinence", "no_sperm_donation", "no_blood_donation", "no_sharing"),
        "attested",
    ),
    "counseling": Movable(Counseling, ("program", "topics"), "given"),
    "health_status": Movable(HealthStatus, ("cycle", "breastfeeding", "advisory_flags")),
    "patient_survey": Movable(
        PatientSurvey, ("program", "answers"), "completed", add_patient_survey
    ),
    "bleeding_report": Movable(BleedingReport, ("kind",), "reported"),
}
MOVABLE_KINDS: Final = tuple((kind, kind) for kind in sorted(MOVABLE))


@command(by=PRESCRIBING | PROGRAM)
def move_entry(
    run: Run, *, kind: str, entry_id: UUID, to_patient_id: UUID, reason: str
) -> Withdrawable:
    """Withdraw an entry and enter the same for the right person, with its real time (L-SRC-3).

    Both patients are locked in the order of their ids. The staff alone move what harms; what would
    make the other one eligible they enter as an intake, which a second person checks (L-SRC-1).
    Raises InvalidRequest, NotFound, NotAllowed or Conflict for what cannot move.
    """
    movable = MOVABLE.get(kind)
    if movable is None:
        raise InvalidRequest(
            "This cannot move.", {"kind": "Withdraw it, and enter it for the right person."}
        )
    found = visible_to(run.actor, movable.model).filter(pk=entry_id).first()
    if found is None:
        raise NotFound("There is no such entry.")
    from_id = patients.kept(found.patient_id)
    if from_id == to_patient_id:
        raise InvalidRequest("It is this patient's.", {"to_patient_id": "Name the right person."})
    wrong, right = lock_patients(run, [from_id, to_patient_id])
    entry = movable.model._default_manager.get(pk=entry_id)
    if getattr(entry, "survey_id", None) is not None:
        raise Conflict("A survey told of this: move the survey, and withdraw this.")
    said = _said(run, movable, entry, wrong, right)
    if run.actor.role in PROGRAM and not KINDS[kind].harms(run, right, said):
        raise NotAllowed(
            "This may make the other patient eligible: withdraw it here, and enter it for them as "
            "an intake, which a second person checks."
        )
    withdraw_and_void(run, wrong, entry, reason)
    record: Callable[..., Withdrawable] = movable.record or KINDS[kind].record
    moved = record(run, patient_id=right.pk, **said)
    audit.record(
        run,
        "entry_moved",
        subject=moved,
        patient_id=right.pk,
        reason=entry.withdrawal_reason,
        data={"from_patient": str(wrong.pk), "from_entry": str(entry.pk)},
    )
    return moved


def _said(
    run: Run, movable: Movable, entry: Withdrawable, wrong: Patient, right: Patient
) -> dict[str, Any]:
    """What the entry says, as its command takes it."""
    said = {column: getattr(entry, column) for column in movable.columns}
    if movable.model is ContraceptionAttestation:
        said["program"] = patients.program_of(right) or programs()[0]
    if movable.time:
        at = getattr(entry, f"{movable.time}_at")
        if entry.date_only:
            policy = policy_in_force(patients.program_of(wrong) or programs()[0], run.now)
            said[f"{movable.time}_on"] = date_of(policy.calendar.day(at))
        else:
            said[f"{movable.time}_at"] = at
    return said
