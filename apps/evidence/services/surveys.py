"""Patient and prescriber surveys, and which authorization a survey serves (rules §6)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest, NotAllowed
from apps.evidence.models import PatientSurvey, PrescriberSurvey, SurveyUse
from apps.evidence.services.checks import complete_answers, not_in_future
from apps.evidence.services.pregnancy import open_case
from apps.evidence.services.program import open_intervention
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.patients.services import lock_patient
from apps.prescriptions import services as prescriptions
from apps.prescriptions.models import Authorization
from apps.rules.documents import document
from apps.rules.edition import Policy

PREGNANCY = "may_be_pregnant"


@command(by=PRESCRIBING | PROGRAM)
def record_patient_survey(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    completed_at: datetime,
    answers: Mapping[str, str],
) -> PatientSurvey:
    """Record a patient's answers (L-SUR-2). An at-risk answer opens an intervention, and “may be
    pregnant” also a case (L-SUR-3). Raises InvalidRequest for an incomplete survey, and NotAllowed
    when the staff alone would record what makes someone eligible (L-SRC-1).
    """
    patient = lock_patient(run, patient_id)
    not_in_future(run.now, {"completed_at": completed_at})
    category = patients.current_category(patient).risk_category
    survey_text = document(program, "patient_survey", category)
    given = complete_answers(survey_text, answers)
    risky = [i.code for i in survey_text.items if i.at_risk and given[i.code] == i.at_risk]
    if run.actor.role in PROGRAM and not risky:
        raise NotAllowed("The prescriber's side records such a survey, not the staff alone.")
    prescriptions.write_overdue(run, patient)
    survey = PatientSurvey.objects.create(
        patient=patient,
        program=program,
        completed_at=completed_at,
        text_version=survey_text.version,
        answers=given,
        at_risk=bool(risky),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "patient_survey_completed", subject=survey, patient_id=patient.pk)
    if risky:
        open_intervention(run, patient, cause="at_risk_answer")
    if PREGNANCY in risky:
        open_case(run, patient, subject="patient", source="Patient survey")
    return survey


def record_prescriber_survey(
    run: Run, patient: Patient, *, program: str, risk_category: str, answers: Mapping[str, str]
) -> PrescriberSurvey:
    """Record the prescriber's survey of a request (L-SUR-1); inside a command.

    Raises InvalidRequest for a survey that is not complete, or that does not attest each point.
    """
    text = document(program, "prescriber_survey", risk_category)
    given = complete_answers(text, answers)
    denied = {f"answers.{code}": "This must be so." for code in given if given[code] != "yes"}
    if denied:
        raise InvalidRequest("The prescriber's survey must attest each point.", denied)
    survey = PrescriberSurvey.objects.create(
        patient=patient,
        program=program,
        completed_at=run.now,
        text_version=text.version,
        risk_category=risk_category,
        answers=given,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "prescriber_survey_completed", subject=survey, patient_id=patient.pk)
    return survey


def use_patient_survey(
    run: Run, patient: Patient, authorization: Authorization, policy: Policy
) -> None:
    """Let the latest free survey serve a new authorization, where the category asks for one each
    time (L-SUR-2); inside a command.
    """
    rule = policy.categories[authorization.risk_category].patient_survey
    earlier = Authorization.objects.filter(
        patient=patient, program=authorization.program, state="dispensed"
    )
    if rule == "periodic" or (rule == "later" and not earlier.exists()):
        return
    serves = Q(uses__authorization__state__in=["issued", "confirmed", "dispensed"])
    oldest = run.now - timedelta(days=policy.parameters.patient_survey_days + 1)
    survey = (
        PatientSurvey.objects.filter(
            patient=patient, program=authorization.program, completed_at__gte=oldest
        )
        .exclude(serves)
        .order_by("-completed_at")
        .first()
    )
    if survey is not None:
        SurveyUse.objects.create(
            survey=survey,
            authorization=authorization,
            recorded_at=run.now,
            operation_id=run.operation_id,
        )
