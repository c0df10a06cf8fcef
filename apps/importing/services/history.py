"""What is known of one patient, each row recorded when it happened there.

So an old lapse starts nobody anew today. Inside an operation; problems are noted in the account.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from apps.evidence.models import (
    BleedingReport,
    ContraceptionAttestation,
    Counseling,
    HealthStatus,
    Intervention,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyCase,
    PregnancyTest,
    TherapyEvent,
)
from apps.evidence.services.attestations import PROMISES, is_enough_contraception
from apps.evidence.services.follow_up import schedule
from apps.importing.reading import Row
from apps.importing.services.account import Account
from apps.patients.models import Agreement
from apps.rules.dates import Dated

# The files do not say in which language a text was: BCP 47 for "undetermined".
UNKNOWN_LANGUAGE = "und"
IN_THE_FILES = "As imported."
TEST = {
    "negative": Dated.NEGATIVE_TEST,
    "positive": Dated.POSITIVE_TEST,
    "indeterminate": Dated.INDETERMINATE_TEST,
}


History = dict[type[Model], list[Any]]


def history_of(account: Account) -> History:
    """The rows that every line but the dispenses becomes; notes what is wrong."""
    history = {
        model: [model(**columns(account, row)) for row in account.rows(file)]
        for file, (model, columns) in WRITTEN.items()
    }
    _check_holds_have_a_way_out(account)
    return history


def write_history(account: Account, history: History) -> None:
    """A statement for each table."""
    for model, rows in history.items():
        model._default_manager.bulk_create(rows)
    for case in history[PregnancyCase]:
        if case.closed_at is None:
            # The follow-up of a case that is still open goes on here.
            schedule(account.run, case, account.policy)


def _row(account: Account, recorded_at: Any, **columns: Any) -> dict[str, Any]:
    return {
        "patient_id": account.patient.pk,
        "operation_id": account.run.operation_id,
        "recorded_at": recorded_at,
        **columns,
    }


def _agreement(account: Account, row: Row) -> dict[str, Any]:
    account.check_program(row)
    prescriber_id = account.party(row, "prescriber_npi")
    signers = account.policy.categories[row["risk_category"]].signers
    if row["signer"] not in signers:
        account.wrong(row, "signer", f"for this category must be one of: {', '.join(signers)}")
    if row["signer"] != "patient" and not row["signer_relationship"]:
        account.wrong(row, "signer_relationship", "is required unless the patient signed")
    by_patient = account.at(row, "patient_signed_at", Dated.SIGNATURE)
    by_prescriber = account.at(row, "prescriber_signed_at", Dated.SIGNATURE)
    named = ("program", "risk_category", "text_version", "signer", "signer_name")
    return _row(
        account,
        max(by_patient, by_prescriber),
        prescriber_id=prescriber_id,
        text_language=UNKNOWN_LANGUAGE,
        signer_relationship=row["signer_relationship"],
        patient_signed_at=by_patient,
        prescriber_signed_at=by_prescriber,
        patient_date_only=row["patient_signed_at"].is_date_only,
        prescriber_date_only=row["prescriber_signed_at"].is_date_only,
        **{name: row[name] for name in named},
    )


def _health_status(account: Account, row: Row) -> dict[str, Any]:
    return _row(
        account,
        # What it says that harms (breastfeeding) holds from the day's beginning on.
        account.at(row, "recorded_at", Dated.PREGNANCY_REPORT),
        cycle=row["cycle"],
        breastfeeding=row["breastfeeding"],
        advisory_flags=list(row["advisory_flags"]),
        date_only=row["recorded_at"].is_date_only,
    )


def _pregnancy_test(account: Account, row: Row) -> dict[str, Any]:
    if not account.is_female:
        account.wrong(row, "patient", "the risk category of this patient is a male one")
    collected_at = account.at(row, "collected_at", TEST[row["result"]])
    resulted_at = account.at(row, "resulted_at", Dated.TEST_RESULT)
    if row["resulted_at"].is_date_only and row["collected_at"].at is not None:
        resulted_at = max(resulted_at, collected_at)
    if resulted_at < collected_at:
        account.wrong(row, "resulted_at", "lies before the collection")
    named = ("result", "sensitivity_miu_ml", "specimen", "laboratory")
    return _row(
        account,
        resulted_at,
        collected_at=collected_at,
        resulted_at=resulted_at,
        date_only=row["collected_at"].is_date_only or row["resulted_at"].is_date_only,
        **{name: row[name] for name in named},
    )


def _contraception(account: Account, row: Row) -> dict[str, Any]:
    account.check_known(row, "methods", account.policy.methods)
    is_enough = is_enough_contraception(
        account.policy, row["abstinence"], row["methods"], row["lapse"]
    )
    attested_at = account.at(row, "attested_at", _attestation(is_enough))
    since = row["in_use_since"]
    if since and since.toordinal() > account.calendar.day(attested_at):
        account.wrong(row, "in_use_since", "lies after the attestation")
    return _row(
        account,
        attested_at,
        attested_at=attested_at,
        abstinence=row["abstinence"],
        methods=list(row["methods"]),
        in_use_since=since,
        lapse=row["lapse"],
        date_only=row["attested_at"].is_date_only,
    )


def _obligations(account: Account, row: Row) -> dict[str, Any]:
    promised = row["no_blood_donation"] and row["no_sharing"]
    if not account.is_female:
        promised &= row["no_sperm_donation"] and (row["condom"] or row["abstinence"])
    attested_at = account.at(row, "attested_at", _attestation(promised))
    return _row(
        account,
        attested_at,
        attested_at=attested_at,
        date_only=row["attested_at"].is_date_only,
        **{name: row[name] for name in PROMISES},
    )


def _attestation(is_enough: bool) -> Dated:
    return Dated.ADEQUATE_ATTESTATION if is_enough else Dated.INADEQUATE_ATTESTATION


def _counseling(account: Account, row: Row) -> dict[str, Any]:
    account.check_program(row)
    given_at = account.at(row, "given_at", Dated.COUNSELING)
    return _row(
        account,
        given_at,
        program=row["program"],
        given_at=given_at,
        topics=list(row["topics"]),
        date_only=row["given_at"].is_date_only,
    )


def _patient_survey(account: Account, row: Row) -> dict[str, Any]:
    account.check_program(row)
    completed_at = account.at(row, "completed_at", Dated.PATIENT_SURVEY)
    return _row(
        account,
        completed_at,
        program=row["program"],
        completed_at=completed_at,
        text_version=row["text_version"],
        text_language=UNKNOWN_LANGUAGE,
        answers={},
        at_risk=row["at_risk"],
        date_only=row["completed_at"].is_date_only,
    )


def _bleeding_report(account: Account, row: Row) -> dict[str, Any]:
    reported_at = account.at(row, "reported_at", Dated.BLEEDING_REPORT)
    return _row(
        account,
        reported_at,
        reported_at=reported_at,
        kind=row["kind"],
        date_only=row["reported_at"].is_date_only,
    )


def _intervention(account: Account, row: Row) -> dict[str, Any]:
    opened_at = account.at(row, "opened_at", Dated.PREGNANCY_REPORT)
    resolved_at = account.exactly(row, "resolved_at")
    ending: dict[str, Any] = {}
    if resolved_at is not None:
        _check_end(account, row, "resolved_at", opened_at, needed=("outcome",))
        ending = {
            "resolved_at": resolved_at,
            "conclusion": Intervention.Conclusion.OTHER,
            "contacted": IN_THE_FILES,
            "outcome": row["outcome"],
            "resolving_operation_id": account.run.operation_id,
        }
    return _row(
        account,
        opened_at,
        opened_at=opened_at,
        cause=row["cause"],
        date_only=row["opened_at"].is_date_only,
        **ending,
    )


def _pregnancy_case(account: Account, row: Row) -> dict[str, Any]:
    reported_at = account.at(row, "reported_at", Dated.PREGNANCY_REPORT)
    closed_at = account.exactly(row, "closed_at")
    ending: dict[str, Any] = {}
    if closed_at is not None:
        _check_end(account, row, "closed_at", reported_at, needed=("outcome", "closing_reason"))
        ending = {
            "closed_at": closed_at,
            "outcome": row["outcome"],
            "closing_reason": row["closing_reason"],
            "closing_operation_id": account.run.operation_id,
        }
    return _row(
        account,
        reported_at,
        reported_at=reported_at,
        subject=row["subject"],
        source=row["source"],
        date_only=row["reported_at"].is_date_only,
        **ending,
    )


def _therapy_event(account: Account, row: Row) -> dict[str, Any]:
    account.check_program(row)
    # Only an agreement of a later day re-enrolls.
    recorded_at = account.end_of(row, "happened_on")
    is_death = row["kind"] == TherapyEvent.Kind.DIED
    named = ("kind", "happened_on", "reason", "said_by")
    return _row(
        account,
        recorded_at,
        program="" if is_death else row["program"],
        **{name: row[name] for name in named},
    )


def _check_end(
    account: Account, row: Row, column: str, began_at: Any, *, needed: tuple[str, ...]
) -> None:
    if row[column] < began_at:
        account.wrong(row, column, "lies before the beginning")
    for name in needed:
        if not row[name]:
            account.wrong(row, name, "is required with an end")


def _check_holds_have_a_way_out(account: Account) -> None:
    """What holds a patient must be on somebody's list: its case, its intervention."""
    cases = [row for row in account.rows("pregnancy_cases") if row["subject"] == "patient"]
    for row in account.rows("pregnancy_tests"):
        if row["result"] == "positive" and not cases:
            account.wrong(row, "result", "a positive test needs its case in pregnancy_cases.csv")
    for row in account.rows("patient_surveys"):
        if row["at_risk"] and not account.rows("interventions"):
            account.wrong(row, "at_risk", "an answer of risk needs a line in interventions.csv")


Columns = Callable[[Account, Row], dict[str, Any]]
WRITTEN: dict[str, tuple[type[Model], Columns]] = {
    "agreements": (Agreement, _agreement),
    "health_statuses": (HealthStatus, _health_status),
    "pregnancy_tests": (PregnancyTest, _pregnancy_test),
    "contraception": (ContraceptionAttestation, _contraception),
    "obligations": (ObligationsAttestation, _obligations),
    "counseling": (Counseling, _counseling),
    "patient_surveys": (PatientSurvey, _patient_survey),
    "bleeding_reports": (BleedingReport, _bleeding_report),
    "interventions": (Intervention, _intervention),
    "pregnancy_cases": (PregnancyCase, _pregnancy_case),
    "therapy_events": (TherapyEvent, _therapy_event),
}
