"""Taking in one patient with all their history. Inside an operation of `importing`."""

from datetime import datetime
from typing import Any

from django.db import connection

from apps.audit import services as audit
from apps.core.command import Run
from apps.core.errors import InvalidRequest
from apps.evidence.models import PatientSurvey
from apps.importing.reading import Person, Row
from apps.importing.services.account import Account, Parties, open_account
from apps.importing.services.dispenses import write_supplies
from apps.importing.services.history import history_of, write_history
from apps.importing.services.supplies import supplies_of
from apps.patients import selectors
from apps.patients.enrolling import wait_for_other_enrollments
from apps.patients.models import CategoryAssignment, DuplicateDecision, Patient
from apps.patients.services import (
    CategoryBasis,
    Identity,
    check_category,
    check_identity,
)
from apps.rules.dates import Dated

REASON = "Imported with this category."
DECIDED = "Named in the import as another person."
COLUMNS = {"category_basis": "basis_kind"}
IDENTITY = (
    "given_name", "family_name", "born_on", "postal_code", "phone", "email", "time_zone"
)  # fmt: skip


def take_in_patient(run: Run, person: Person, parties: Parties, *, rehearse: bool) -> Patient:
    """A patient with their category and everything that the files tell of them.

    Raises Refused with every problem found; then nothing of the person may stay.
    """
    if not rehearse:
        # Two who come in at once must see each other. A rehearsal keeps nothing.
        wait_for_other_enrollments()
    run.read_clock()
    patient = Patient()
    account = open_account(run, person, patient, parties)
    _check(account)
    resembled = _resembled(account)
    history, supplies = history_of(account), supplies_of(account)
    account.refuse_if_wrong()
    # From here on nothing is asked: no statement waits for the answer to the one before it.
    with connection.wrap_database_errors, connection.connection.pipeline():
        _write_patient(account, resembled)
        write_history(account, history)
        write_supplies(account, supplies, history[PatientSurvey])
    audit.record(run, "patient_imported", subject=patient, patient_id=patient.pk)
    return patient


def _check(account: Account) -> None:
    row, now = account.person.row, account.run.now
    registered_at = account.at(row, "registered_at", Dated.SIGNATURE)
    account.party(row, "prescriber_npi")
    if row["basis_on"] is None and row["basis_kind"]:
        account.wrong(row, "basis_on", "is required with a basis")
    try:
        check_identity(account.policy, _identity(row), now=now)
        _check_category(account, row, registered_at)
    except InvalidRequest as error:
        for name, message in error.fields.items():
            account.wrong(row, COLUMNS.get(name, name), message)


def _check_category(account: Account, row: Row, registered_at: datetime) -> None:
    """It fits the age now, or did when they were registered: then a birthday's change is due."""
    policy, category = account.policy, row["risk_category"]
    basis = CategoryBasis(row["basis_kind"], row["basis_on"]) if row["basis_on"] else None
    try:
        check_category(policy, row["born_on"], category, basis, now=account.run.now)
    except InvalidRequest as error:
        if set(error.fields) != {"risk_category"}:
            raise
        check_category(policy, row["born_on"], category, basis, now=registered_at)


def _identity(row: Row) -> Identity:
    return Identity(**{name: row[name] for name in IDENTITY})


def _resembled(account: Account) -> list[Patient]:
    """The registered patients whom this one resembles; notes each that nobody decided (L-PAT-1)."""
    row = account.person.row
    said: dict[str, Any] = {name: row[name] for name in IDENTITY if name != "time_zone"}
    found = [each.patient for each in selectors.likely_duplicates(**said)]
    for patient in found:
        if patient.pk not in row["not_same_as"]:
            account.wrong(
                row,
                "not_same_as",
                f"resembles the registered patient {patient.pk}: if they are two persons, name "
                "that id here; if they are one, leave this person out of the files",
            )
    return found


def _write_patient(account: Account, resembled: list[Patient]) -> None:
    row, run, patient = account.person.row, account.run, account.patient
    for name in IDENTITY:
        setattr(patient, name, row[name])
    patient.email = patient.email.lower()
    patient.prescriber_id = account.parties.prescribers[row["prescriber_npi"]]
    patient.registered_at = account.at(row, "registered_at", Dated.SIGNATURE)
    patient.latest_recorded_at = run.now
    patient.save(force_insert=True)
    CategoryAssignment.objects.create(
        patient=patient,
        risk_category=row["risk_category"],
        basis_kind=row["basis_kind"],
        basis_on=row["basis_on"],
        reason=REASON,
        recorded_at=patient.registered_at,
        operation_id=run.operation_id,
    )
    DuplicateDecision.objects.bulk_create(
        DuplicateDecision(
            patient=patient,
            resembles=other,
            reason=DECIDED,
            recorded_at=run.now,
            operation_id=run.operation_id,
        )
        for other in resembled
    )
