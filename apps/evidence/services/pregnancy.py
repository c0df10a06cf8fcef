"""Pregnancy tests and bleeding reports: recorded at once, with all that follows."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import PRESCRIBING, PROGRAM, Role
from apps.core.checks import one_line, required_reason
from apps.core.command import Run, command
from apps.core.errors import InvalidRequest, NotAllowed, NotFound
from apps.core.withdrawing import write_withdrawal
from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    HealthStatus,
    PatientSurvey,
    PregnancyTest,
    TherapyEvent,
)
from apps.evidence.models.base import Withdrawable
from apps.evidence.selectors import visible_to
from apps.evidence.services.cases import open_case
from apps.evidence.services.checks import (
    is_staff_alone,
    not_in_future,
    one_of,
    refuse_own_patient,
    when,
)
from apps.notices import services as notices
from apps.patients.models import Agreement, Patient
from apps.patients.selectors import is_female, kept
from apps.patients.services import certified_prescriber, lock_patient
from apps.prescriptions import services as prescriptions
from apps.providers import selectors as providers
from apps.rules.dates import Dated


@command(by=PRESCRIBING | PROGRAM)
def record_pregnancy_test(
    run: Run,
    *,
    patient_id: UUID,
    result: str,
    sensitivity_miu_ml: Decimal,
    specimen: str,
    collected_at: datetime | None = None,
    collected_on: date | None = None,
    resulted_at: datetime | None = None,
    resulted_on: date | None = None,
    laboratory: str = "",
) -> PregnancyTest:
    """Record a test; its time is when the specimen was collected (rules §4).

    A positive result opens a case (so the patient is on hold), voids what is open and tells
    prescriber, administrators and a holding pharmacy, all at once (L-PT-5). Staff alone cannot
    record a negative result: a second person must check what makes someone eligible (L-SRC-1);
    nor can a prescriber who is not certified (rules §4). Any other result is always taken.
    """
    one_of(result, PregnancyTest.Result.values, field="result")
    one_of(specimen, PregnancyTest.Specimen.values, field="specimen")
    one_line(laboratory=laboratory)
    if result == "negative" and is_staff_alone(run):
        raise NotAllowed("The prescriber's side records a negative test, not the staff alone.")
    patient = lock_patient(run, patient_id)
    if result == "negative":
        certified_prescriber(run)
    not_in_future(run.now, {"collected_at": collected_at, "resulted_at": resulted_at})
    resulted = when(
        run, patient, Dated.TEST_RESULT, field="resulted", at=resulted_at, on=resulted_on
    )
    collected = when(
        run, patient, Dated(f"{result}_test"), field="collected", at=collected_at, on=collected_on
    )
    if collected.date_only and not resulted.date_only:
        # Whatever the day's instant, the specimen is not younger than its result.
        collected = replace(collected, at=min(collected.at, resulted.at))
    if resulted.at < collected.at:
        raise InvalidRequest(
            "The result cannot be older than the specimen.",
            {"resulted_at": "This lies before the collection."},
        )
    if sensitivity_miu_ml <= 0:
        raise InvalidRequest(
            "The sensitivity must be positive.",
            {"sensitivity_miu_ml": "In mIU/mL, as the test's leaflet gives it; usually 25 or 50."},
        )
    prescriptions.write_overdue(run, patient)
    test = PregnancyTest.objects.create(
        patient=patient,
        collected_at=collected.at,
        resulted_at=resulted.at,
        date_only=collected.date_only,
        result=result,
        sensitivity_miu_ml=sensitivity_miu_ml,
        specimen=specimen,
        laboratory=laboratory,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "pregnancy_test_recorded", subject=test, patient_id=patient.pk)
    if result == "positive":
        open_case(
            run,
            patient,
            subject="patient",
            source="Positive pregnancy test",
            known_at=resulted.at,
            test=test,
        )
    return test


@command(by=PRESCRIBING | PROGRAM)
def withdraw_pregnancy_test(run: Run, *, test_id: UUID, reason: str) -> PregnancyTest:
    """Withdraw a test that was a mistake (L-PT-7); a positive one only by an administrator.

    What an authorization may rest on is gone: the open one is void (L-AUT-8).
    """
    found = visible_to(run.actor, PregnancyTest).filter(pk=test_id).first()
    if found is None:
        raise NotFound("There is no such test.")
    patient = lock_patient(run, kept(found.patient_id))
    test = PregnancyTest.objects.get(pk=test_id)
    if test.result == "positive" and run.actor.role is not Role.ADMINISTRATOR:
        raise NotAllowed("Only an administrator withdraws a positive result, after adjudication.")
    prescriptions.write_overdue(run, patient)
    withdraw(run, test, reason)
    if test.result == "negative":
        prescriptions.void_open_authorizations(run, patient, cause="test_withdrawn")
    return test


@command(by=PRESCRIBING | PROGRAM | {Role.PATIENT})
def report_bleeding(
    run: Run,
    *,
    patient_id: UUID,
    kind: str,
    reported_at: datetime | None = None,
    reported_on: date | None = None,
) -> BleedingReport:
    """Record a missed period or abnormal bleeding: evaluation hold (L-PT-8)."""
    one_of(kind, BleedingReport.Kind.values, field="kind")
    patient = lock_patient(run, patient_id)
    if not is_female(patient):
        raise InvalidRequest(
            "Bleeding is reported of a female patient.",
            {"kind": "This patient is recorded as male: correct that first, if it is wrong."},
        )
    reported = when(
        run, patient, Dated.BLEEDING_REPORT, field="reported", at=reported_at, on=reported_on
    )
    prescriptions.write_overdue(run, patient)
    return note_bleeding(
        run, patient, reported_at=reported.at, kind=kind, date_only=reported.date_only
    )


def note_bleeding(
    run: Run,
    patient: Patient,
    *,
    reported_at: datetime,
    kind: str,
    survey: PatientSurvey | None = None,
    date_only: bool = False,
) -> BleedingReport:
    """Put a report on record, and ask the prescriber to evaluate it (L-PT-8); inside a command."""
    report = BleedingReport.objects.create(
        patient=patient,
        reported_at=reported_at,
        kind=kind,
        survey=survey,
        date_only=date_only,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "bleeding_reported", subject=report, patient_id=patient.pk)
    notices.tell(
        run,
        "evaluation_needed",
        about=str(report.pk),
        recipients=[providers.prescriber_recipient(patient.prescriber)],
        patient_id=patient.pk,
    )
    return report


@command(by=PRESCRIBING | PROGRAM)
def withdraw_bleeding_report(run: Run, *, report_id: UUID, reason: str) -> BleedingReport:
    """Withdraw a report that was a mistake, with a reason (L-PT-8)."""
    found = visible_to(run.actor, BleedingReport).filter(pk=report_id).first()
    if found is None:
        raise NotFound("There is no such report.")
    lock_patient(run, kept(found.patient_id))
    report = BleedingReport.objects.get(pk=report_id)
    withdraw(run, report, reason)
    return report


def withdraw(run: Run, entry: Withdrawable | Agreement, reason: str) -> None:
    """Withdraw an entry once, with a reason; inside a command (L-SRC-3).

    Raises Conflict when it was withdrawn, and NotAllowed when a prescriber's side would withdraw
    what others entered: the staff can, but not what holds back a patient of their own.
    """
    by_theirs = entry.operation.prescriber_id == run.actor.prescriber_id
    if run.actor.role in PRESCRIBING and not by_theirs:
        raise NotAllowed("Others entered this: ask them, or the program's staff, to withdraw it.")
    if run.actor.role in PROGRAM and _holds_back(entry):
        refuse_own_patient(run, entry.patient.merged_into or entry.patient)
    write_withdrawal(run, entry, required_reason(reason))
    audit.record(
        run,
        f"{entry._meta.verbose_name}_withdrawn".replace(" ", "_"),
        subject=entry,
        patient_id=entry.patient_id,
        reason=entry.withdrawal_reason,
    )


def _holds_back(entry: Withdrawable | Agreement) -> bool:
    """Whether the patient may be nearer to a supply once this entry is withdrawn."""
    if isinstance(entry, PregnancyTest):
        return entry.result != "negative"
    if isinstance(entry, HealthStatus):
        return entry.breastfeeding
    return isinstance(entry, BleedingReport | ContraceptionAttestation | TherapyEvent)
