"""Keeping that somebody called or wrote about a patient, and how it was made sure who (L-SRC-1).

Nothing about the patient changes.
"""

from uuid import UUID

from apps.audit import services as audit
from apps.audit.models import Event
from apps.core.call import PROGRAM
from apps.core.checks import one_line
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest, NotFound
from apps.evidence.models import Intake
from apps.evidence.services.intakes import why_unverified
from apps.oversight.callers import NOT_VERIFIED, SIDES
from apps.patients import selectors as patients
from apps.patients.models import Patient


@command(by=PROGRAM)
def record_contact(
    run: Run,
    *,
    patient_id: UUID,
    channel: str,
    told_by: str,
    told_by_name: str,
    verification: str = "",
    note: str = "",
) -> Event:
    """Keep in the trail which side speaks about a patient and how the staff verified who it is.

    The name is asked for, and stands on what is entered then; the trail names nobody.
    `verification` "not_verified": the caller was not, and is told nothing. Raises NotFound;
    InvalidRequest for a caller without it, or for what is no channel or side.
    """
    run.read_clock()
    patient = patients.visible_to(run.actor).filter(pk=patient_id, merged_into=None).first()
    if patient is None:
        raise NotFound("There is no such patient.")
    one_line(told_by_name=told_by_name)
    wrong = {}
    if channel not in Intake.Channel.values:
        wrong["channel"] = "Choose phone, fax or paper."
    if told_by not in dict(SIDES):
        wrong["told_by"] = "Say whose side speaks."
    if not told_by_name.strip():
        wrong["told_by_name"] = "Enter the name of who calls or wrote."
    if not_verified := _why_not(patient, channel, told_by, verification):
        wrong["verification"] = not_verified
    if wrong:
        raise InvalidRequest("It does not say who speaks.", wrong)
    return audit.record(
        run,
        "caller_not_verified" if verification == NOT_VERIFIED else "contact_recorded",
        patient_id=patient.pk,
        subject=patient,
        reason=note.strip(),
        data={
            "channel": channel,
            "told_by": told_by,
            "verification": verification,
        },
    )


def _why_not(patient: Patient, channel: str, told_by: str, verification: str) -> str:
    """Why nobody can have been verified like this; "" if they may have been, or were not."""
    if verification not in {"", NOT_VERIFIED, *Intake.Verification.values}:
        return "Choose one of the list."
    if channel != Intake.Channel.PHONE or verification == NOT_VERIFIED:
        return ""
    return why_unverified(patient, told_by, verification)
