"""Letting a patient in, or who speaks for them: one-time codes, issued and ended (docs/signatures).

Here and not with the patients: nobody is let in for somebody who died.
"""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from apps.audit import services as audit
from apps.core import clock, one_time
from apps.core.call import PRESCRIBING, PROGRAM, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed
from apps.evidence.services.checks import one_of
from apps.evidence.therapies import said_of
from apps.notices import services as notices
from apps.notices.messages import LANGUAGES
from apps.notices.models import Notice
from apps.notices.services import Recipient
from apps.patients import standing
from apps.patients.ending_access import end_access
from apps.patients.models import Patient, PatientCode, Representative
from apps.patients.services import lock_patient

LETTING_IN: Final = PRESCRIBING | PROGRAM
Purpose, Way, Identified = PatientCode.Purpose, PatientCode.Way, PatientCode.Identified
# To a patient in a visit; whoever needs more asks the office.
SIGNING_CODES_AN_HOUR = 5


@command(by=LETTING_IN | {Role.PATIENT})
def issue_patient_code(
    run: Run,
    *,
    patient_id: UUID,
    purpose: str,
    way: str,
    identified: str,
    for_representative: bool = False,
    language: str = "en",
) -> PatientCode:
    """Issue a one-time code to a patient, or to who speaks for them; an earlier one is void.

    Shown once by the door (`one_time.code_of`), or sent in `language` to the address on record. Who
    is in asks for codes to sign only, by e-mail. Raises InvalidRequest where there is no address or
    nobody speaks for the patient, Conflict for a patient who died.
    """
    one_of(purpose, Purpose.values, field="purpose")
    one_of(way, Way.values, field="way")
    one_of(identified, Identified.values, field="identified")
    patient = lock_patient(run, patient_id)
    if any(event.kind == event.Kind.DIED for event in said_of([patient.pk])):
        raise Conflict("The patient's death is on record: nobody is let in.")
    if run.actor.role is Role.PATIENT:
        _check_asks_to_sign(patient, purpose, way)
        for_representative = run.actor.speaks_for_another
    speaks = _who_speaks(patient) if for_representative else None
    address = _address(patient, speaks) if way == Way.EMAIL else ""
    if identified == Identified.ON_RECORD and way != Way.EMAIL:
        raise InvalidRequest(
            "Make sure who it is.", {"identified": "Choose how, before you show somebody a code."}
        )
    if identified == Identified.CALLED_BACK and not (speaks or patient).phone:
        raise InvalidRequest(
            "There is no number on record to call back on.",
            {"identified": "Make sure in another way, or correct the contact data first."},
        )
    code = _issue(run, patient, speaks, purpose=purpose, way=way, identified=identified)
    if address:
        to = Recipient(Notice.RecipientKind.PATIENT, patient.pk, address)
        _send(run, code, to, one_of(language, LANGUAGES, field="language"))
    audit.record(
        run,
        "patient_code_issued",
        subject=code,
        patient_id=patient.pk,
        data={"purpose": purpose, "way": way, "identified": identified},
    )
    return code


@command(by=LETTING_IN)
def end_patient_access(run: Run, *, patient_id: UUID, reason: str) -> Patient:
    """End every open code and visit of a patient at once, with a reason."""
    cause = required_reason(reason)
    patient = lock_patient(run, patient_id)
    end_access(run, patient, PatientCode.End.ENDED)
    audit.record(run, "patient_shut_out", subject=patient, patient_id=patient.pk, reason=cause)
    return patient


def _check_asks_to_sign(patient: Patient, purpose: str, way: str) -> None:
    if purpose != Purpose.SIGN or way != Way.EMAIL:
        raise NotAllowed(_("Your prescriber’s office or the program gives you such a code."))
    since = clock.real_now() - timedelta(hours=1)
    lately = PatientCode.objects.filter(
        patient=patient, purpose=Purpose.SIGN, way=Way.EMAIL, issued_at__gt=since
    )
    if lately.count() >= SIGNING_CODES_AN_HOUR:
        raise Conflict(
            _("Many codes were sent within an hour. Wait, or ask your prescriber’s office.")
        )


def _who_speaks(patient: Patient) -> Representative:
    speaks = standing.representative_of(patient)
    if speaks is None:
        raise InvalidRequest(
            "Nobody speaks for this patient.",
            {"for_representative": "Name a guardian or representative first."},
        )
    return speaks


def _address(patient: Patient, speaks: Representative | None) -> str:
    address = speaks.email if speaks is not None else patient.email
    if not address:
        raise InvalidRequest(
            "No e-mail address is on record.",
            {"way": "Correct the contact data, or show the code."},
        )
    return address


def _send(run: Run, code: PatientCode, to: Recipient, language: str) -> None:
    about: dict[str, Any] = {
        "about": str(code.pk),
        "recipients": [to],
        "patient_id": code.patient_id,
        "params": {"one_time": str(code.pk)},
        "language": language,
    }
    if code.purpose == Purpose.ENTER:
        notices.tell(run, "code_to_enter", **about)
    else:
        notices.tell(run, "code_to_sign", **about)


def _issue(
    run: Run,
    patient: Patient,
    speaks: Representative | None,
    *,
    purpose: str,
    way: str,
    identified: str,
) -> PatientCode:
    now, issued_id = clock.real_now(), uuid4()
    PatientCode.objects.filter(
        patient=patient, purpose=purpose, used_at=None, ended_at=None
    ).update(ended_at=now, ended_how=PatientCode.End.REPLACED)
    lasts = settings.PATIENT_CODE_LENGTHS[purpose]
    return PatientCode.objects.create(
        id=issued_id,
        patient=patient,
        representative=speaks,
        purpose=purpose,
        way=way,
        identified=identified,
        reference_digest=one_time.digest_of_reference(one_time.reference_of(issued_id)),
        code_digest=one_time.digest_of_code(issued_id, one_time.code_of(issued_id)),
        issued_at=now,
        expires_at=now + lasts,
        attempts_allowed=settings.PATIENT_WRONG_CODES,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
