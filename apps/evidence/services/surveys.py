"""Patient and prescriber surveys, what answers set off, and whom a survey serves (rules §6)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from apps.accounts import selectors as accounts
from apps.audit import services as audit
from apps.audit.models import Meaning
from apps.audit.signatures import sign
from apps.core.call import PRESCRIBING, PROGRAM, Actor, ActorKind, Role
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest, NotAllowed
from apps.evidence.models import Intervention, PatientSurvey, PrescriberSurvey, SurveyUse
from apps.evidence.services.attestations import note_lapse
from apps.evidence.services.cases import open_case
from apps.evidence.services.checks import complete_answers, is_staff_alone, when
from apps.evidence.services.pregnancy import note_bleeding
from apps.evidence.services.program import open_intervention
from apps.evidence.signed import prescriber_survey, sign_patient_survey
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.patients.services import lock_patient
from apps.prescriptions import services as prescriptions
from apps.prescriptions.models import Authorization
from apps.rules.calendar import plus_months
from apps.rules.dates import Dated
from apps.rules.documents import Item, document
from apps.rules.edition import Policy
from apps.rules.survey_comparison import differing

AT_RISK, MISMATCH = "at_risk_answer", "mismatch"
BLEEDING = ("missed_period", "abnormal_bleeding")


@command(by=PRESCRIBING | PROGRAM | {Role.PATIENT})
def record_patient_survey(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    answers: Mapping[str, str],
    completed_at: datetime | None = None,
    completed_on: date | None = None,
    language: str | None = None,
    counted: Collection[UUID] = (),
) -> PatientSurvey:
    """Record a patient's answers (L-SUR-2), signed by who took them down (`add_patient_survey`).

    A patient who answers here signs with a one-time code; a risky answer counts without. `language`
    is the one in which the questions were read; `counted` are the interventions that risky answers
    opened while these questions were being answered (`count_risky_answer`). Raises NotAllowed for a
    minor's guardian: they do not read a minor's answers, nor give them.
    """
    _check_may_answer(run, patient_id)
    survey = add_patient_survey(
        run,
        patient_id=patient_id,
        program=program,
        answers=answers,
        completed_at=completed_at,
        completed_on=completed_on,
        language=language,
        counted=counted,
    )
    if run.actor.role is not Role.PATIENT or not survey.at_risk or run.call.signing is not None:
        sign_patient_survey(run, survey)
    return survey


@command(by=frozenset({Role.PATIENT}))
def count_risky_answer(
    run: Run, *, patient_id: UUID, program: str, question: str, language: str | None = None
) -> Intervention:
    """Let one risky answer count at once, while the other questions are still open (L-SUR-3).

    All follows from it that follows from a survey with it; it is no survey, and serves none.
    Raises InvalidRequest for a question that this patient is not asked, or that bears no risk, and
    NotAllowed for a minor's guardian.
    """
    _check_may_answer(run, patient_id)
    patient = lock_patient(run, patient_id)
    category = patients.current_category(patient).risk_category
    text = document(program, "patient_survey", category, language=language)
    risky = [item for item in text.items if item.code == question and item.at_risk]
    if not risky:
        raise InvalidRequest("There is no such question.", {"answer": "Answer the questions anew."})
    prescriptions.write_overdue(run, patient)
    guidance = document(program, "patient_guidance", language=language)
    audit.record(
        run,
        "risky_answer_given",
        subject=patient,
        patient_id=patient.pk,
        data={
            "question": question,
            "text_version": text.version,
            "guidance_version": guidance.version,
            "language": text.language,
        },
    )
    return _follow_from(run, patient, risky, told_at=run.now)


def _told_by(run: Run, opened: Collection[UUID]) -> frozenset[str]:
    """The questions of interventions that this patient's own answers opened, and that wait."""
    if not opened:
        return frozenset()
    waiting = Intervention.objects.filter(
        pk__in=opened,
        patient=run.actor.own_patient,
        operation__actor_id=run.actor.id,
        cause=AT_RISK,
        survey=None,
        resolved_at=None,
    )
    return frozenset(code for each in waiting for code in each.questions)


def _check_may_answer(run: Run, patient_id: UUID) -> None:
    if run.actor.role is not Role.PATIENT:
        return
    own = patients.visible_to(run.actor).filter(pk=patient_id).first()
    if own is None:
        return
    if not may_answer_survey(run.actor, patients.current_category(own).risk_category):
        raise NotAllowed("The patient answers these questions, not a parent or guardian.")


def may_answer_survey(actor: Actor, risk_category: str) -> bool:
    """Whether this visitor answers a patient's survey: not for a minor who answers themself."""
    return not (actor.speaks_for_another and risk_category.startswith("child"))


def add_patient_survey(
    run: Run,
    *,
    patient_id: UUID,
    program: str,
    answers: Mapping[str, str],
    completed_at: datetime | None = None,
    completed_on: date | None = None,
    language: str | None = None,
    counted: Collection[UUID] = (),
) -> PatientSurvey:
    """Add a patient's answers, and at once all that a risky one makes known (L-SUR-3).

    Inside a command; also for one that moves here signed already. Any risky answer opens an
    intervention; by the document, one also opens a case, a bleeding report or a lapse. What was
    `counted` already, as each was given, counts once. Raises
    InvalidRequest for an incomplete survey, and NotAllowed when the staff alone would record what
    makes someone eligible (L-SRC-1).
    """
    patient = lock_patient(run, patient_id)
    completed = when(
        run, patient, Dated.PATIENT_SURVEY, field="completed", at=completed_at, on=completed_on
    )
    category = patients.current_category(patient).risk_category
    survey_text = document(program, "patient_survey", category, language=language)
    given = complete_answers(survey_text, answers)
    risky = [i for i in survey_text.items if i.at_risk and given[i.code] == i.at_risk]
    if is_staff_alone(run) and not risky:
        raise NotAllowed("The prescriber's side records such a survey, not the staff alone.")
    prescriptions.write_overdue(run, patient)
    survey = PatientSurvey.objects.create(
        patient=patient,
        program=program,
        completed_at=completed.at,
        date_only=completed.date_only,
        text_version=survey_text.version,
        text_language=survey_text.language,
        guidance_version=document(program, "patient_guidance").version if risky else "",
        answers=given,
        at_risk=bool(risky),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "patient_survey_completed", subject=survey, patient_id=patient.pk)
    told = _told_by(run, counted)
    if fresh := [item for item in risky if item.code not in told]:
        # Of a mere date, what a risky answer tells takes the day's end; the survey, its beginning.
        told_at = when(
            run, patient, Dated.BLEEDING_REPORT, field="completed", at=completed_at, on=completed_on
        ).at
        _follow_from(run, patient, fresh, told_at=told_at, survey=survey)
    return survey


def _follow_from(
    run: Run,
    patient: Patient,
    risky: Sequence[Item],
    *,
    told_at: datetime,
    survey: PatientSurvey | None = None,
) -> Intervention:
    """What risky answers make known beside the survey, and the one intervention for all of them."""
    known = {item.opens for item in risky}
    date_only = survey is not None and survey.date_only
    for kind in BLEEDING:
        if kind in known:
            note_bleeding(
                run,
                patient,
                reported_at=told_at,
                kind=kind,
                survey=survey,
                date_only=date_only,
            )
    if "lapse" in known:
        note_lapse(run, patient, attested_at=told_at, survey=survey, date_only=date_only)
    for opens, subject in (("case", "patient"), ("partner_case", "partner")):
        if opens in known:
            open_case(
                run,
                patient,
                subject=subject,
                source="Patient survey",
                known_at=survey.completed_at if survey is not None else told_at,
                survey=survey,
            )
    codes = [item.code for item in risky]
    return open_intervention(run, patient, cause=AT_RISK, questions=codes, survey=survey)


def record_prescriber_survey(
    run: Run,
    patient: Patient,
    *,
    program: str,
    risk_category: str,
    answers: Mapping[str, str],
    stated: Mapping[str, Any],
    named: str,
) -> PrescriberSurvey:
    """Record and sign the prescriber's survey of a request (L-SUR-1); inside a command.

    `stated`: the record and the days of therapy that the answers attest (`rules.statement`).
    `named`: the prescriber, in whose name a practice's system signs.
    Raises InvalidRequest for a survey that is not complete, or that does not attest each point;
    NotAllowed for a delegate who is a pharmacist, too.
    """
    _refuse_pharmacist(run)
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
        text_language=text.language,
        risk_category=risk_category,
        answers=given,
        stated=dict(stated),
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    sign(
        run,
        meaning=Meaning.PRESCRIBER_SURVEY,
        subject=survey,
        content=prescriber_survey(survey),
        named=named,
        patient_id=patient.pk,
    )
    audit.record(run, "prescriber_survey_completed", subject=survey, patient_id=patient.pk)
    return survey


def _refuse_pharmacist(run: Run) -> None:
    """Raises NotAllowed for a pharmacist in a delegate's role: who dispenses is another person."""
    actor = run.actor
    if actor.kind is not ActorKind.PERSON or actor.role is not Role.DELEGATE or actor.id is None:
        return
    if accounts.holds_role(actor.id, Role.PHARMACIST):
        raise NotAllowed(
            "You are a pharmacist in the program, too: a pharmacist never submits the prescriber's "
            "survey. Let the prescriber, or another delegate, ask for this authorization."
        )


def use_patient_survey(
    run: Run, patient: Patient, authorization: Authorization, policy: Policy
) -> None:
    """Let the latest free survey serve a new authorization, where the category asks for one each
    time (L-SUR-2); inside a command.
    """
    rule = policy.categories[authorization.risk_category].patient_survey
    earlier = Authorization.objects.filter(
        patients.about(patient.pk), program=authorization.program, state="dispensed"
    )
    if rule == "periodic" or (rule == "later" and not earlier.exists()):
        return
    survey = _free_survey(run, patient, policy)
    if survey is not None:
        SurveyUse.objects.create(
            survey=survey,
            authorization=authorization,
            recorded_at=run.now,
            operation_id=run.operation_id,
        )


def open_mismatch(
    run: Run, patient: Patient, prescribers: PrescriberSurvey, policy: Policy
) -> Intervention | None:
    """Open an intervention where the patient's answers differ from the prescriber's (L-SUR-3).

    Inside a command, before it decides: the request that shows the mismatch is refused. None where
    nothing differs, or where an intervention about these answers is open or was resolved.
    """
    survey = _compared_survey(run, patient, prescribers.risk_category, policy)
    if survey is None:
        return None
    text = document(prescribers.program, "patient_survey")
    codes = differing(text, survey.answers, prescribers.stated, prescribers.answers)
    about = _settling(survey).values_list("questions", flat=True)
    unsettled = set(codes).difference(*about)
    if not unsettled:
        return None
    return open_intervention(run, patient, cause=MISMATCH, questions=unsettled, survey=survey)


def _settling(survey: PatientSurvey) -> QuerySet[Intervention]:
    """The interventions about a survey’s answers, also those that counted before it was sent."""
    since = survey.completed_at - settings.PATIENT_VISIT_LENGTH
    while_answering = Q(
        survey=None,
        cause=AT_RISK,
        operation__actor_id=survey.operation.actor_id,
        opened_at__range=(since, survey.completed_at),
    )
    return Intervention.objects.filter(
        Q(survey=survey) | while_answering, patient_id=survey.patient_id
    )


def _compared_survey(
    run: Run, patient: Patient, risk_category: str, policy: Policy
) -> PatientSurvey | None:
    """The patient's answers of now: those that can serve, or the periodic ones that still hold."""
    if policy.categories[risk_category].patient_survey != "periodic":
        return _free_survey(run, patient, policy)
    latest = _surveys(patient, policy).first()
    if latest is None:
        return None
    day, months = policy.calendar.day, policy.parameters.patient_survey_months
    holds_until = plus_months(day(latest.completed_at), months)
    return latest if day(run.now) <= holds_until else None


def _free_survey(run: Run, patient: Patient, policy: Policy) -> PatientSurvey | None:
    """The latest survey that serves no authorization and is not too old (L-SUR-2).

    Answers of one instant are one survey, however often they were entered.
    """
    serving = PatientSurvey.objects.filter(
        patients.about(patient.pk),
        program=policy.program,
        uses__authorization__state__in=["issued", "confirmed", "dispensed"],
    )
    first_day = policy.calendar.day(run.now) - policy.parameters.patient_survey_days
    oldest = policy.calendar.start_of_day(first_day)
    free = (
        _surveys(patient, policy)
        .filter(completed_at__gte=oldest)
        .exclude(completed_at__in=serving.values("completed_at"))
    )
    return free.first()


def _surveys(patient: Patient, policy: Policy) -> QuerySet[PatientSurvey]:
    """Those that stand, latest first."""
    return PatientSurvey.objects.filter(
        patients.about(patient.pk), program=policy.program, withdrawn_at=None
    ).order_by("-completed_at")
