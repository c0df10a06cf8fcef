"""The end of a patient's open codes and visits: by the care team, or because the record changed.

Commands that change who a patient is, or what they agreed to, call this inside themselves.
"""

from collections.abc import Iterable
from importlib import import_module

from django.conf import settings

from apps.audit import services as audit
from apps.core import clock
from apps.core.command import Run
from apps.patients.models import Patient, PatientCode, PatientVisit


def end_access(run: Run, patient: Patient, how: str = PatientCode.End.RECORD_CHANGED) -> int:
    """End every open code and visit of a patient; how many visits ended. Inside a command."""
    now = clock.real_now()
    # Codes first: who is just entering holds the code's lock, and has a visit afterwards.
    codes = [
        code
        for code in _open_codes(patient)
        if PatientCode.objects.filter(pk=code.pk, used_at=None, ended_at=None).update(
            ended_at=now, ended_how=how
        )
    ]
    visits = list(PatientVisit.objects.filter(code__patient=patient, ended_at=None))
    close(visits, how)
    if codes or visits:
        audit.record(
            run,
            "patient_access_ended",
            subject=patient,
            patient_id=patient.pk,
            data={"how": how, "codes": len(codes), "visits": len(visits)},
        )
    return len(visits)


def close(visits: Iterable[PatientVisit], how: str) -> None:
    """End visits. The sessions go first: whatever fails after that, nobody goes on under them."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for visit in visits:
        if visit.session_key:
            store.delete(visit.session_key)
        PatientVisit.objects.filter(pk=visit.pk, ended_at=None).update(
            session_key=None, ended_how=how, ended_at=clock.real_now()
        )


def _open_codes(patient: Patient) -> list[PatientCode]:
    found = PatientCode.objects.filter(patient=patient, used_at=None, ended_at=None)
    return list(found.select_for_update(no_key=True).order_by("pk"))
