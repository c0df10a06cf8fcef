"""Recording what a request's page asks for beside the request itself: one command a block."""

from uuid import UUID

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import PatientSurvey
from apps.portal.access import PortalRequest
from apps.portal.fields import when
from apps.portal.missing_forms import (
    CONTRACEPTION,
    COUNSELING,
    OBLIGATIONS,
    SURVEY,
    TEST,
    MissingForm,
)
from apps.portal.program import PROGRAM
from apps.portal.submitting import once


def record_missing(
    request: PortalRequest, form: MissingForm, patient_id: UUID
) -> PatientSurvey | None:
    """Record every block that was filled in, each once; the patient's survey, if there was one.

    A positive test or a lapse takes effect at once, whatever becomes of the request.
    """
    now = clock.now()
    if form.begun(TEST):
        _record_test(request, form, patient_id)
    if form.begun(CONTRACEPTION):
        _record_contraception(request, form, patient_id)
    if COUNSELING in form.blocks:
        evidence.record_counseling(
            once(request, form, COUNSELING),
            patient_id=patient_id,
            program=PROGRAM,
            given_at=now,
            topics=form.cleaned_data["topics"],
        )
    if OBLIGATIONS in form.blocks:
        evidence.record_obligations(
            once(request, form, OBLIGATIONS),
            patient_id=patient_id,
            attested_at=now,
            **form.promised(),
        )
    if not form.begun(SURVEY):
        return None
    return evidence.record_patient_survey(
        once(request, form, SURVEY),
        patient_id=patient_id,
        program=PROGRAM,
        completed_at=now,
        answers=form.answered(),
    )


def _record_test(request: PortalRequest, form: MissingForm, patient_id: UUID) -> None:
    cleaned = form.cleaned_data
    evidence.record_pregnancy_test(
        once(request, form, TEST),
        patient_id=patient_id,
        **when("collected", cleaned["collected_at"]),
        resulted_at=clock.now(),
        result=cleaned["result"],
        specimen=cleaned["specimen"],
        sensitivity_miu_ml=cleaned["sensitivity_miu_ml"],
        laboratory="",
    )


def _record_contraception(request: PortalRequest, form: MissingForm, patient_id: UUID) -> None:
    cleaned = form.cleaned_data
    evidence.record_contraception(
        once(request, form, CONTRACEPTION),
        patient_id=patient_id,
        program=PROGRAM,
        attested_at=clock.now(),
        abstinence=cleaned["abstinence"],
        methods=cleaned["methods"],
        in_use_since=cleaned["in_use_since"],
        lapse=cleaned["lapse"] == "yes",
    )
