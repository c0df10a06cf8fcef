"""What is signed of surveys and of the office's decisions: the content of each signature."""

from apps.audit.models import Meaning
from apps.audit.signatures import Content, sign, text_of
from apps.core.call import Channel, Role
from apps.core.command import Run
from apps.evidence.models import (
    Deviation,
    Intervention,
    PatientSurvey,
    PregnancyCase,
    PrescriberSurvey,
    RuleException,
)
from apps.patients.models import CategoryChange
from apps.patients.visits import use_code


def prescriber_survey(survey: PrescriberSurvey) -> Content:
    """The points that were attested, word for word, and what the record showed."""
    return {
        "text": text_of(
            survey.program,
            "prescriber_survey",
            version=survey.text_version,
            risk_category=survey.risk_category,
        ),
        "patient": survey.patient_id,
        "completed_at": survey.completed_at,
        "risk_category": survey.risk_category,
        "answers": survey.answers,
        "stated": survey.stated,
    }


def patient_survey(survey: PatientSurvey, language: str) -> Content:
    """The patient's answers to which questions, in which language, as they were recorded."""
    return {
        "text": text_of(
            survey.program, "patient_survey", version=survey.text_version, language=language
        ),
        "patient": survey.patient_id,
        "completed_at": survey.completed_at,
        "only_date_is_known": survey.date_only,
        "answers": survey.answers,
        "at_risk": survey.at_risk,
    }


def sign_patient_survey(run: Run, survey: PatientSurvey) -> None:
    """Sign a survey as its recorder took it down, or keep that its paper is signed.

    What a verified caller says is signed by nobody: the intake says who told it, and how that was
    made sure of. Raises InvalidRequest for a person who did not prove who they are.
    """
    if run.call.channel is Channel.PHONE:
        return
    is_own = run.actor.role is Role.PATIENT
    if is_own:
        use_code(run)
    sign(
        run,
        meaning=Meaning.OWN_SURVEY if is_own else Meaning.PATIENT_SURVEY,
        subject=survey,
        content=patient_survey(survey, survey.text_language),
        named=str(survey.patient),
        at=None if run.call.signing else survey.completed_at,
        patient_id=survey.patient_id,
    )


def case_closure(case: PregnancyCase) -> Content:
    """How a pregnancy case was closed, and why."""
    return {
        "patient": case.patient_id,
        "subject": case.subject,
        "outcome": case.outcome,
        "reason": case.closing_reason,
        "closed_at": case.closed_at,
    }


def intervention_resolution(intervention: Intervention) -> Content:
    """What was concluded of an intervention, who was contacted, the outcome."""
    return {
        "patient": intervention.patient_id,
        "cause": intervention.cause,
        "questions": intervention.questions,
        "conclusion": intervention.conclusion,
        "contacted": intervention.contacted,
        "outcome": intervention.outcome,
        "resolved_at": intervention.resolved_at,
    }


def category_decision(change: CategoryChange) -> Content:
    """What was decided on a change of category, and why."""
    return {
        "patient": change.patient_id,
        "risk_category": change.risk_category,
        "basis_kind": change.basis_kind,
        "basis_on": change.basis_on,
        "agreement": change.agreement_id,
        "decision": change.state,
        "reason": change.decision_reason,
        "decided_at": change.decided_at,
    }


def exception_grant(exception: RuleException) -> Content:
    """Which rule may be excepted from, for whom, until when, by whom."""
    return {
        "patient": exception.patient_id,
        "program": exception.program,
        "rule": exception.rule,
        "reason": exception.reason,
        "granted_at": exception.granted_at,
        "expires_at": exception.expires_at,
        "requested_by": exception.requested_by_id,
        "granted_by": exception.granted_by_id,
    }


def deviation_acceptance(deviation: Deviation) -> Content:
    """Which deviation was accepted without correction, and why."""
    return {
        "patient": deviation.patient_id,
        "kind": deviation.kind,
        "rule": deviation.rule,
        "occurrence": deviation.occurrence,
        "occurred_at": deviation.occurred_at,
        "severity": deviation.severity,
        "state": deviation.state,
        "reason": deviation.corrective_action,
    }
