"""Pregnancy cases: reported, followed up until the last step, closed by an administrator (§9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from apps.accounts.signed import sign_for_organization
from apps.audit import services as audit
from apps.audit.models import Meaning
from apps.core.call import DISPENSING, PRESCRIBING, PROGRAM, Role
from apps.core.checks import required_reason, says_nothing
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.core.overtaken import refuse_overtaken
from apps.evidence.models import (
    CaseDetail,
    CaseStep,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
)
from apps.evidence.selectors import visible_to
from apps.evidence.services.checks import one_of, refuse_own_patient, when
from apps.evidence.services.follow_up import end_step, reschedule, schedule
from apps.evidence.services.program import record_deviation
from apps.evidence.signed import case_closure
from apps.notices import services as notices
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.patients.services import lock, lock_patient
from apps.prescriptions import services as prescriptions
from apps.prescriptions.selectors import patients_served_by
from apps.providers import selectors as providers
from apps.rules.calendar import date_of
from apps.rules.dates import Dated
from apps.rules.edition import Policy
from apps.rules.policy import policy_in_force, programs

NO_CASE = "There is no such case."
NO_STEP = "There is no such step."
LATEST_BIRTH = timedelta(days=366)
DATES = (
    "exposed_from", "exposed_until", "conceived_on", "birth_expected_on", "pregnancy_ended_on"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Details:
    """All that is known of a case now; None or empty is “not known”."""

    exposed_from: date | None = None
    exposed_until: date | None = None
    conceived_on: date | None = None
    birth_expected_on: date | None = None
    pregnancy_ended_on: date | None = None
    pregnancy_outcome: str = ""
    root_cause: str = ""
    notes: str = ""

    @classmethod
    def of(cls, latest: CaseDetail | None) -> "Details":
        """What the latest details of a case say; nothing is known where there are none."""
        return cls(**{name: getattr(latest, name) for name in cls.__slots__}) if latest else cls()

    def as_columns(self) -> Mapping[str, Any]:
        """The values by column."""
        return {name: getattr(self, name) for name in self.__slots__}


@command(by=PRESCRIBING | PROGRAM | DISPENSING | {Role.PATIENT})
def report_pregnancy(
    run: Run,
    *,
    patient_id: UUID,
    subject: str,
    source: str,
    reported_at: datetime | None = None,
    reported_on: date | None = None,
) -> PregnancyCase:
    """Report a suspected pregnancy of a patient, or of a male patient's partner (L-PRG-1).

    A pharmacy reports of those to whom it dispenses or holds a confirmation for. `reported_at` is
    when the pregnancy became known to who reports it: one that comes late is a deviation, too.
    """
    one_of(subject, PregnancyCase.Subject.values, field="subject")
    if run.actor.role in DISPENSING:
        served = patients_served_by(run.actor.own_organization)
        patient = lock(run, served.filter(pk=patient_id))
    else:
        patient = lock_patient(run, patient_id)
    if subject == PregnancyCase.Subject.PARTNER and patients.is_female(patient):
        raise InvalidRequest(
            "A partner's pregnancy is reported of a male patient.",
            {"subject": "This patient is recorded as female: report her own pregnancy."},
        )
    reported = when(
        run, patient, Dated.PREGNANCY_REPORT, field="reported", at=reported_at, on=reported_on
    )
    return open_case(
        run,
        patient,
        subject=subject,
        source=required_reason(source, field="source"),
        reported_at=reported.at,
        date_only=reported.date_only,
    )


def open_case(
    run: Run,
    patient: Patient,
    *,
    subject: str,
    source: str,
    reported_at: datetime | None = None,
    known_at: datetime | None = None,
    test: PregnancyTest | None = None,
    survey: PatientSurvey | None = None,
    date_only: bool = False,
) -> PregnancyCase:
    """Open a case with its follow-up; a patient's own puts them on hold and voids what is open.

    A pharmacy whose parcel may be under way to them is told to stop it. Inside a command. What was
    known (`known_at`, else `reported_at`) long before it is entered is a late report: a deviation
    (L-PRG-2, §13).
    """
    case = PregnancyCase.objects.create(
        patient=patient,
        subject=subject,
        source=source,
        reported_at=reported_at or run.now,
        test=test,
        survey=survey,
        date_only=date_only,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "pregnancy_case_opened", subject=case, patient_id=patient.pk)
    program = patients.program_of(patient)
    if program is not None:
        policy = policy_in_force(program, run.now)
        schedule(run, case, policy)
        _record_if_late(run, patient, case, policy, known_at or case.reported_at)
    notices.tell(
        run,
        "pregnancy_case_opened",
        about=str(case.pk),
        recipients=[
            *providers.administrator_recipients(),
            providers.prescriber_recipient(patient.prescriber),
        ],
        patient_id=patient.pk,
    )
    if subject == PregnancyCase.Subject.PATIENT:
        prescriptions.void_open_authorizations(run, patient, cause="pregnancy_suspected")
        prescriptions.recall_shipments(run, patient, cause=str(case.pk))
    return case


@command(by=PRESCRIBING | PROGRAM)
def record_case_details(run: Run, *, case_id: UUID, details: Details, seen: str = "") -> CaseDetail:
    """Add what is known of a case now; steps that depend on its dates get their new days (L-PRG-2).

    Each call says all that is known: the latest details hold, earlier ones stay on record. `seen`
    is the mark of what the sender saw. Raises Overtaken where the latest say another by now.
    """
    case, patient = _locked_case(run, case_id)
    latest = case.details.order_by("recorded_at").last()
    refuse_overtaken(seen, Details.of(latest).as_columns())
    _check_details(run, patient, details)
    made = CaseDetail.objects.create(
        case=case,
        recorded_at=run.now,
        operation_id=run.operation_id,
        **{**details.as_columns(), "notes": details.notes.strip()},
    )
    audit.record(run, "case_details_recorded", subject=made, patient_id=patient.pk)
    if case.closed_at is None:
        reschedule(run, case, made)
    return made


@command(by=PROGRAM)
def complete_case_step(run: Run, *, step_id: UUID, note: str) -> CaseStep:
    """Say that a step of the follow-up is done, and what was found. Once (L-PRG-2)."""
    step, patient = _locked_step(run, step_id)
    end_step(run, step, ended_as=CaseStep.End.DONE, note=required_reason(note, field="note"))
    audit.record(run, "case_step_done", subject=step, patient_id=patient.pk)
    return step


@command(by=frozenset({Role.ADMINISTRATOR}))
def waive_case_step(run: Run, *, step_id: UUID, reason: str) -> CaseStep:
    """Waive a step of the follow-up with a reason, as an administrator (L-PRG-2)."""
    step, patient = _locked_step(run, step_id)
    end_step(run, step, ended_as=CaseStep.End.WAIVED, note=required_reason(reason))
    audit.record(run, "case_step_waived", subject=step, patient_id=patient.pk, reason=step.note)
    return step


@command(by=frozenset({Role.ADMINISTRATOR}))
def close_pregnancy_case(
    run: Run, *, case_id: UUID, outcome: str, reason: str, waiver: str = ""
) -> PregnancyCase:
    """Close a case with its outcome (L-PRG-3): only an administrator does.

    Whatever the outcome, an authorization issued before is worthless (L-AUT-8). Steps that are
    still open are waived: after a false positive by that finding, else for the reason `waiver`.
    Raises InvalidRequest where there are such steps and no reason, or where the details say
    otherwise.
    """
    found = PregnancyCase.objects.filter(pk=case_id).first()
    if found is None:
        raise NotFound(NO_CASE)
    if outcome not in PregnancyCase.Outcome.values:
        raise InvalidRequest("Unknown outcome.", {"outcome": "Choose one of the list."})
    patient = lock_patient(run, patients.kept(found.patient_id))
    case = PregnancyCase.objects.get(pk=case_id)
    refuse_own_patient(run, patient)
    if case.closed_at is not None:
        raise Conflict("This case is closed already. A later report is a new case.")
    _check_outcome(case, outcome)
    prescriptions.write_overdue(run, patient)
    case.closing_reason = required_reason(reason)
    _waive_open_steps(run, case, outcome, waiver)
    case.closed_at, case.outcome = run.now, outcome
    case.closing_operation_id = run.operation_id
    case.save(update_fields=["closed_at", "outcome", "closing_reason", "closing_operation"])
    sign_for_organization(
        run,
        meaning=Meaning.CASE_CLOSURE,
        subject=case,
        content=case_closure(case),
        patient_id=case.patient_id,
    )
    audit.record(run, "pregnancy_case_closed", subject=case, patient_id=patient.pk, reason=reason)
    if case.subject == PregnancyCase.Subject.PATIENT:
        prescriptions.void_open_authorizations(run, patient, cause="pregnancy_case_closed")
    return case


def _check_outcome(case: PregnancyCase, outcome: str) -> None:
    """Raises InvalidRequest for an outcome that lifts the hold against the latest details.

    A pregnancy that was is no false positive, after which one test is enough; one that goes on has
    not ended.
    """
    known = case.details.order_by("recorded_at").last()
    if known is None:
        return
    told, outcomes = known.pregnancy_outcome, CaseDetail.PregnancyOutcome
    goes_on = told == outcomes.ONGOING
    was = known.pregnancy_ended_on is not None or told not in {
        "", outcomes.ONGOING, outcomes.NOT_PREGNANT, outcomes.UNKNOWN
    }  # fmt: skip
    if (outcome == PregnancyCase.Outcome.NOT_PREGNANT and (was or goes_on)) or (
        outcome == PregnancyCase.Outcome.PREGNANCY_ENDED and goes_on
    ):
        raise InvalidRequest(
            "The details of this case say otherwise.",
            {
                "outcome": "By the latest details, "
                + ("the pregnancy goes on. " if goes_on else "there was a pregnancy. ")
                + "Record what is known now, or choose another outcome."
            },
        )


def _record_if_late(
    run: Run, patient: Patient, case: PregnancyCase, policy: Policy, known_at: datetime
) -> None:
    day = policy.calendar.day
    if not policy.follow_up.is_late(
        known_on=date_of(day(known_at)), reported_on=date_of(day(run.now))
    ):
        return
    is_theirs = run.actor.role in PRESCRIBING | DISPENSING
    record_deviation(
        run,
        patient,
        policy=policy,
        kind="late_pregnancy_report",
        occurrence=str(case.pk),
        occurred_at=known_at,
        organization_id=run.actor.organization_id if is_theirs else None,
    )


def _check_details(run: Run, patient: Patient, details: Details) -> None:
    """Raises InvalidRequest for a code that is not known, or dates that cannot be so."""
    wrong = {
        name: f"One of: {', '.join(codes)}."
        for name, codes in (
            ("pregnancy_outcome", CaseDetail.PregnancyOutcome.values),
            ("root_cause", CaseDetail.RootCause.values),
        )
        if getattr(details, name) not in {"", *codes}
    }
    policy = policy_in_force(patients.program_of(patient) or programs()[0], run.now)
    today = date_of(policy.calendar.day(run.now))
    for name in ("exposed_from", "conceived_on", "pregnancy_ended_on"):
        if _is_before(today, getattr(details, name)):
            wrong[name] = "This lies in the future."
    for name in DATES:
        if _is_before(getattr(details, name), patient.born_on):
            wrong[name] = "This lies before the patient was born: check the year."
    if _is_before(today + LATEST_BIRTH, details.birth_expected_on):
        wrong["birth_expected_on"] = "This lies more than a year ahead: check the year."
    wrong |= {
        name: f"This lies before the {earlier}."
        for name, earlier, day in (
            ("exposed_until", "first day", details.exposed_from),
            ("birth_expected_on", "conception", details.conceived_on),
            ("pregnancy_ended_on", "conception", details.conceived_on),
        )
        if _is_before(getattr(details, name), day)
    }
    if details.birth_expected_on is not None and details.birth_expected_on == details.conceived_on:
        wrong["birth_expected_on"] = "This does not lie after the conception."
    if wrong:
        raise InvalidRequest("The details cannot all be right.", wrong)


def _is_before(day: date | None, other: date | None) -> bool:
    return day is not None and other is not None and day < other


def _waive_open_steps(run: Run, case: PregnancyCase, outcome: str, waiver: str) -> None:
    open_steps = list(case.steps.filter(ended_at=None))
    if not open_steps:
        return
    note = "" if says_nothing(waiver) else waiver.strip()
    if not note and outcome == PregnancyCase.Outcome.NOT_PREGNANT:
        note = "Adjudicated as not pregnant."
    if not note:
        titles = ", ".join(step.title for step in open_steps)
        raise InvalidRequest(
            "Steps of the follow-up are still open.",
            {"waiver": f"Complete these first, or say why they are waived: {titles}."},
        )
    for step in open_steps:
        end_step(run, step, ended_as=CaseStep.End.WAIVED, note=note)
        audit.record(run, "case_step_waived", subject=step, patient_id=case.patient_id, reason=note)


def _locked_case(run: Run, case_id: UUID) -> tuple[PregnancyCase, Patient]:
    found = visible_to(run.actor, PregnancyCase).filter(pk=case_id).first()
    if found is None:
        raise NotFound(NO_CASE)
    patient = lock_patient(run, patients.kept(found.patient_id))
    return PregnancyCase.objects.get(pk=case_id), patient


def _locked_step(run: Run, step_id: UUID) -> tuple[CaseStep, Patient]:
    found = CaseStep.objects.filter(pk=step_id).select_related("case").first()
    if found is None:
        raise NotFound(NO_STEP)
    patient = lock_patient(run, patients.kept(found.case.patient_id))
    step = CaseStep.objects.get(pk=step_id)
    if step.ended_at is not None:
        raise Conflict(f"This step is {step.get_ended_as_display().lower()} already.")
    return step, patient
