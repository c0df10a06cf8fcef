"""Working deviations: open → under review → corrected or accepted (rules §13).

What was recorded (rule, severity, when) never changes; only the state and the corrective action do.
"""

from uuid import UUID

from apps.accounts.signed import sign_for_organization
from apps.audit.models import Meaning
from apps.core.call import PROGRAM, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import NotAllowed, NotFound
from apps.evidence.models import Deviation
from apps.evidence.selectors import may_close_deviation
from apps.evidence.services.checks import refuse_own_patient, refuse_own_place
from apps.evidence.services.program import move_deviation
from apps.evidence.signed import deviation_acceptance
from apps.patients.selectors import program_of
from apps.rules.policy import policy_in_force, programs


@command(by=PROGRAM)
def start_review(run: Run, *, deviation_id: UUID, reason: str) -> Deviation:
    """Take up an open deviation, saying what is looked into. Raises NotFound or Conflict."""
    deviation = _locked(run, deviation_id)
    return move_deviation(run, deviation, "review", _said(reason, "reason"))


@command(by=PROGRAM)
def correct_deviation(run: Run, *, deviation_id: UUID, corrective_action: str) -> Deviation:
    """Close a reviewed deviation with what was done about it, so that it does not happen again.

    Raises NotFound; NotAllowed for who works where it happened or prescribes for the patient, and
    for staff where it is an administrator's; Conflict for one that is not under review.
    """
    deviation = _locked(run, deviation_id)
    _check_may_close(run, deviation)
    deviation.corrective_action = _said(corrective_action, "corrective_action")
    return move_deviation(run, deviation, "correct", deviation.corrective_action)


@command(by=frozenset({Role.ADMINISTRATOR}))
def accept_deviation(run: Run, *, deviation_id: UUID, reason: str) -> Deviation:
    """Close a reviewed deviation without correction, as an administrator, saying why.

    Raises as `correct_deviation` does.
    """
    deviation = _locked(run, deviation_id)
    _check_may_close(run, deviation)
    deviation.corrective_action = _said(reason, "reason")
    accepted = move_deviation(run, deviation, "accept", deviation.corrective_action)
    sign_for_organization(
        run,
        meaning=Meaning.DEVIATION,
        subject=accepted,
        content=deviation_acceptance(accepted),
        patient_id=accepted.patient_id,
    )
    return accepted


def _locked(run: Run, deviation_id: UUID) -> Deviation:
    """The deviation, locked; no fact names it, so the patient is not."""
    rows = Deviation.objects.filter(pk=deviation_id)
    deviation = rows.select_for_update(of=("self",), no_key=True).first()
    if deviation is None:
        raise NotFound("There is no such deviation.")
    run.read_clock(later_than=deviation.recorded_at)
    return deviation


def _check_may_close(run: Run, deviation: Deviation) -> None:
    """Raises NotAllowed for staff where it is an administrator's, and for who is concerned.

    Nobody closes what their own practice or pharmacy broke, nor of their own patient.
    """
    patient = deviation.patient
    program = (program_of(patient) if patient else None) or programs()[0]
    policy = policy_in_force(program, run.now)
    if not may_close_deviation(run.actor.role, deviation.severity, policy):
        raise NotAllowed(
            f"Only an administrator closes a {deviation.severity} deviation: give it to one."
        )
    refuse_own_place(run, deviation.organization_id)
    if patient is not None:
        refuse_own_patient(run, patient.merged_into or patient)


def _said(text: str, field: str) -> str:
    return required_reason(text, field=field, hint="Say what and why, for the record.")
