"""Pregnancy tests, bleeding reports and cases: recorded at once, with all that follows."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from apps.audit import services as audit
from apps.core.call import DISPENSING, PRESCRIBING, PROGRAM, Role
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence.models import BleedingReport, PregnancyCase, PregnancyTest
from apps.evidence.models.base import Withdrawable
from apps.evidence.selectors import visible_to
from apps.evidence.services.checks import not_in_future, one_of, required_reason
from apps.notices import services as notices
from apps.patients.models import Patient
from apps.patients.selectors import is_female
from apps.patients.services import certified_prescriber, lock, lock_patient
from apps.prescriptions import services as prescriptions
from apps.prescriptions.selectors import patients_served_by
from apps.providers import selectors as providers


@command(by=PRESCRIBING | PROGRAM)
def record_pregnancy_test(
    run: Run,
    *,
    patient_id: UUID,
    collected_at: datetime,
    resulted_at: datetime,
    result: str,
    sensitivity_miu_ml: Decimal,
    specimen: str,
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
    if result == "negative" and run.actor.role in PROGRAM:
        raise NotAllowed("The prescriber's side records a negative test, not the staff alone.")
    patient = lock_patient(run, patient_id)
    if result == "negative":
        certified_prescriber(run)
    not_in_future(run.now, {"collected_at": collected_at, "resulted_at": resulted_at})
    if resulted_at < collected_at:
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
        collected_at=collected_at,
        resulted_at=resulted_at,
        result=result,
        sensitivity_miu_ml=sensitivity_miu_ml,
        specimen=specimen,
        laboratory=laboratory,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "pregnancy_test_recorded", subject=test, patient_id=patient.pk)
    if result == "positive":
        open_case(run, patient, subject="patient", source="Positive pregnancy test", test=test)
    return test


@command(by=PRESCRIBING | PROGRAM)
def withdraw_pregnancy_test(run: Run, *, test_id: UUID, reason: str) -> PregnancyTest:
    """Withdraw a test that was a mistake (L-PT-7); a positive one only by an administrator.

    What an authorization may rest on is gone: the open one is void (L-AUT-8).
    """
    found = visible_to(run.actor, PregnancyTest).filter(pk=test_id).first()
    if found is None:
        raise NotFound("There is no such test.")
    patient = lock_patient(run, found.patient_id)
    test = PregnancyTest.objects.get(pk=test_id)
    if test.result == "positive" and run.actor.role is not Role.ADMINISTRATOR:
        raise NotAllowed("Only an administrator withdraws a positive result, after adjudication.")
    prescriptions.write_overdue(run, patient)
    withdraw(run, test, reason)
    if test.result == "negative":
        prescriptions.void_open_authorizations(run, patient, cause="test_withdrawn")
    return test


@command(by=PRESCRIBING | PROGRAM)
def report_bleeding(
    run: Run, *, patient_id: UUID, reported_at: datetime, kind: str
) -> BleedingReport:
    """Record a missed period or abnormal bleeding: evaluation hold (L-PT-8)."""
    one_of(kind, BleedingReport.Kind.values, field="kind")
    patient = lock_patient(run, patient_id)
    not_in_future(run.now, {"reported_at": reported_at})
    prescriptions.write_overdue(run, patient)
    report = BleedingReport.objects.create(
        patient=patient,
        reported_at=reported_at,
        kind=kind,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "bleeding_reported", subject=report, patient_id=patient.pk)
    return report


@command(by=PRESCRIBING | PROGRAM)
def withdraw_bleeding_report(run: Run, *, report_id: UUID, reason: str) -> BleedingReport:
    """Withdraw a report that was a mistake, with a reason (L-PT-8)."""
    found = visible_to(run.actor, BleedingReport).filter(pk=report_id).first()
    if found is None:
        raise NotFound("There is no such report.")
    lock_patient(run, found.patient_id)
    report = BleedingReport.objects.get(pk=report_id)
    withdraw(run, report, reason)
    return report


@command(by=PRESCRIBING | PROGRAM | DISPENSING)
def report_pregnancy(
    run: Run, *, patient_id: UUID, subject: str, reported_at: datetime, source: str
) -> PregnancyCase:
    """Report a suspected pregnancy of a patient, or of a male patient's partner (L-PRG-1).

    A pharmacy reports of those to whom it dispenses or holds a confirmation for.
    """
    one_of(subject, PregnancyCase.Subject.values, field="subject")
    if run.actor.role in DISPENSING:
        served = patients_served_by(run.actor.own_organization)
        patient = lock(run, served.filter(pk=patient_id))
    else:
        patient = lock_patient(run, patient_id)
    if subject == PregnancyCase.Subject.PARTNER and is_female(patient):
        raise InvalidRequest(
            "A partner's pregnancy is reported of a male patient.",
            {"subject": "This patient is recorded as female: report her own pregnancy."},
        )
    not_in_future(run.now, {"reported_at": reported_at})
    return open_case(
        run,
        patient,
        subject=subject,
        source=required_reason(source, field="source"),
        reported_at=reported_at,
    )


@command(by=frozenset({Role.ADMINISTRATOR}))
def close_pregnancy_case(run: Run, *, case_id: UUID, outcome: str, reason: str) -> PregnancyCase:
    """Close a case with its outcome (L-PRG-3): only an administrator does.

    Whatever the outcome, an authorization issued before is worthless (L-AUT-8).
    """
    found = PregnancyCase.objects.filter(pk=case_id).first()
    if found is None:
        raise NotFound("There is no such case.")
    if outcome not in PregnancyCase.Outcome.values:
        raise InvalidRequest("Unknown outcome.", {"outcome": "Choose one of the list."})
    patient = lock_patient(run, found.patient_id)
    case = PregnancyCase.objects.get(pk=case_id)
    if case.closed_at is not None:
        raise Conflict("This case is closed already. A later report is a new case.")
    prescriptions.write_overdue(run, patient)
    case.closing_reason = required_reason(reason)
    case.closed_at, case.outcome = run.now, outcome
    case.closing_operation_id = run.operation_id
    case.save(update_fields=["closed_at", "outcome", "closing_reason", "closing_operation"])
    audit.record(run, "pregnancy_case_closed", subject=case, patient_id=patient.pk, reason=reason)
    if case.subject == PregnancyCase.Subject.PATIENT:
        prescriptions.void_open_authorizations(run, patient, cause="pregnancy_case_closed")
    return case


def open_case(
    run: Run,
    patient: Patient,
    *,
    subject: str,
    source: str,
    reported_at: datetime | None = None,
    test: PregnancyTest | None = None,
) -> PregnancyCase:
    """Open a case; a patient's own case puts them on hold and voids what is open (L-PT-5)."""
    case = PregnancyCase.objects.create(
        patient=patient,
        subject=subject,
        source=source,
        reported_at=reported_at or run.now,
        test=test,
        recorded_at=run.now,
        operation_id=run.operation_id,
    )
    audit.record(run, "pregnancy_case_opened", subject=case, patient_id=patient.pk)
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
    return case


def withdraw(run: Run, entry: Withdrawable, reason: str) -> None:
    """Withdraw an entry once, with a reason; inside a command. Raises Conflict when it was."""
    if entry.withdrawn_at is not None:
        raise Conflict("This entry is withdrawn already.")
    entry.withdrawal_reason = required_reason(reason)
    entry.withdrawn_at = run.now
    entry.withdrawal_operation_id = run.operation_id
    entry.save(update_fields=["withdrawn_at", "withdrawal_reason", "withdrawal_operation"])
    audit.record(
        run,
        f"{entry._meta.verbose_name}_withdrawn".replace(" ", "_"),
        subject=entry,
        patient_id=entry.patient_id,
        reason=entry.withdrawal_reason,
    )
