"""Withdrawal of what was a mistake, with a reason: obligations, counseling, surveys … (L-SRC-3).

Tests, contraception and reports have commands of their own; nothing is overwritten anywhere.
"""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from apps.core.call import PRESCRIBING, PROGRAM, Role
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
from apps.evidence.services.checks import refuse_own_patient
from apps.evidence.services.pregnancy import withdraw
from apps.patients import selectors as patients
from apps.patients.ending_access import end_access
from apps.patients.models import Agreement, Patient
from apps.patients.services import lock_patient
from apps.prescriptions import services as prescriptions

Entry = Withdrawable | Agreement

WITHDRAWN_HERE: Final[Mapping[str, type[Entry]]] = {
    "obligations": ObligationsAttestation,
    "counseling": Counseling,
    "health_status": HealthStatus,
    "patient_survey": PatientSurvey,
    "agreement": Agreement,
}


@command(by=PRESCRIBING | PROGRAM)
def withdraw_entry(run: Run, *, kind: str, entry_id: UUID, reason: str) -> Entry:
    """Withdraw an entry that was a mistake: it counts for nothing any more (L-SRC-3).

    It may have made somebody eligible, so what is open is void. The prescriber's side withdraws
    what it entered, the staff anything. Raises NotFound, NotAllowed or Conflict.
    """
    model = WITHDRAWN_HERE.get(kind)
    if model is None:
        raise InvalidRequest("Unknown kind of entry.", {"kind": "Choose one of the list."})
    found = model._default_manager.filter(
        pk=entry_id, patient__in=patients.visible_to(run.actor)
    ).first()
    if found is None:
        raise NotFound("There is no such entry.")
    patient = lock_patient(run, patients.kept(found.patient_id))
    entry = model._default_manager.get(pk=entry_id)
    withdraw_and_void(run, patient, entry, reason)
    return entry


def withdraw_and_void(run: Run, patient: Patient, entry: Entry, reason: str) -> None:
    """Withdraw an entry, and void what may rest on it (L-AUT-8, fail closed); inside a command.

    Raises NotAllowed for what only others withdraw, and Conflict for what something else rests on.
    """
    is_positive = isinstance(entry, PregnancyTest) and entry.result == "positive"
    if is_positive and run.actor.role is not Role.ADMINISTRATOR:
        raise NotAllowed("Only an administrator withdraws a positive result (L-PT-7).")
    if isinstance(entry, ContraceptionAttestation) and run.actor.role not in PROGRAM:
        raise NotAllowed("The program's staff withdraw an attestation of contraception (L-CON-2).")
    if isinstance(entry, Agreement):
        _check_change_of(run, patient, entry)
    prescriptions.write_overdue(run, patient)
    withdraw(run, entry, reason)
    if isinstance(entry, Agreement):
        end_access(run, patient)
    if _may_have_helped(entry):
        prescriptions.void_open_authorizations(run, patient, cause="entry_withdrawn")


def _check_change_of(run: Run, patient: Patient, agreement: Agreement) -> None:
    """Raises Conflict or NotAllowed for an agreement on which a change of category rests.

    Without the one for less monitoring, nothing tells any more that a patient who came back onto
    the pregnancy path was off it: therapy would go on without the two tests (L-CAT-3, L-AUT-1).
    """
    change = getattr(agreement, "category_change", None)
    if change is None:
        return
    if change.state == "pending":
        raise Conflict("A change of category waits with this agreement: withdraw that.")
    if change.state == "approved" and change.needs_approval:
        if run.actor.role is not Role.ADMINISTRATOR:
            raise NotAllowed(
                "An administrator approved less monitoring with this agreement: only an "
                "administrator withdraws it. Change the category, if it is wrong."
            )
        refuse_own_patient(run, patient, agreement.prescriber)


def _may_have_helped(entry: Entry) -> bool:
    if isinstance(entry, PregnancyTest):
        return entry.result == "negative"
    return not isinstance(entry, BleedingReport)
