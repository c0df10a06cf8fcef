"""Writing dispenses with the authorization and confirmation that each rests on, in order of time.

Each goes through the very moves that the database demands; nothing is exempt from a trigger.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from apps.core import numbers
from apps.evidence.models import PatientSurvey, SurveyUse
from apps.importing.reading import Row
from apps.importing.services.account import Account
from apps.importing.services.supplies import Supply, confirmed_until
from apps.prescriptions.models import (
    Authorization,
    Confirmation,
    Dispense,
    DispenseReturn,
    SupplyStop,
)
from apps.rules.calendar import date_of

IN_THE_FILES = "As imported."


def write_supplies(account: Account, supplies: list[Supply], surveys: list[PatientSurvey]) -> None:
    """Each with the authorization and confirmation that it rests on, and what became of it."""
    made = [(supply.row, _write(account, supply)) for supply in supplies]
    confirmations = [each.confirmation_id for _, each in made if each.confirmation_id]
    Confirmation.objects.filter(pk__in=confirmations).update(state=Confirmation.State.DISPENSED)
    authorizations = [each.authorization for _, each in made if each.authorization]
    SurveyUse.objects.bulk_create(_survey_uses(account, authorizations, surveys))
    DispenseReturn.objects.bulk_create(
        _return(account, row, dispense) for row, dispense in made if row["returned_at"]
    )
    SupplyStop.objects.bulk_create(
        _stop(account, row, dispense) for row, dispense in made if row["stopped_on"]
    )


def _write(account: Account, supply: Supply) -> Dispense:
    """A dispense; within the rules, after all that it rests on, as the database asks for it.

    One after the other: no two authorizations of a patient are open at the same time.
    """
    if supply.authorized_until is None:
        # It clears nothing, and counts as supply all the same (L-DSP-8).
        return Dispense.objects.create(
            authorized=False, medication_guide_given=False, **_columns(account, supply)
        )
    authorization = _issue(account, supply.row, supply.authorized_until)
    made = Dispense.objects.create(
        authorization=authorization,
        confirmation=_confirm(account, supply.row, authorization),
        authorized=True,
        medication_guide_given=True,
        **_columns(account, supply),
    )
    # As every dispense that is entered after the fact uses its prescription up.
    Authorization.objects.filter(pk=authorization.pk).update(state=Authorization.State.DISPENSED)
    return made


def _issue(account: Account, row: Row, expires_at: datetime) -> Authorization:
    terms = (
        "program", "risk_category", "product", "strength_mg", "days_supply", "quantity",
        "directions", "indication",
    )  # fmt: skip
    return Authorization.objects.create(
        patient_id=account.patient.pk,
        prescriber_id=account.parties.prescribers[row["prescriber_npi"]],
        number=numbers.new_number(numbers.AUTHORIZATION),
        issued_at=row["authorized_at"],
        expires_at=expires_at,
        recorded_at=row["authorized_at"],
        operation_id=account.run.operation_id,
        **{name: row[name] for name in terms},
    )


def _confirm(account: Account, row: Row, authorization: Authorization) -> Confirmation:
    return Confirmation.objects.create(
        authorization=authorization,
        pharmacy_id=account.parties.pharmacies[row["pharmacy_npi"]],
        number=numbers.new_number(numbers.CONFIRMATION),
        handover=row["handover"],
        days_supply=row["days_supply"],
        issued_at=row["confirmed_at"],
        expires_at=min(confirmed_until(account, row), authorization.expires_at),
        recorded_at=row["confirmed_at"],
        operation_id=account.run.operation_id,
    )


def _survey_uses(
    account: Account, authorizations: list[Authorization], surveys: list[PatientSurvey]
) -> Iterator[SurveyUse]:
    """The latest free survey of before served each, where the category asks each time (L-SUR-2)."""
    free = sorted(surveys, key=lambda survey: survey.completed_at)
    for number, authorization in enumerate(authorizations):
        rule = account.policy.categories[authorization.risk_category].patient_survey
        if rule != "each" and (rule != "later" or number == 0):
            continue
        fitting = [
            survey
            for survey in free
            if survey.program == authorization.program
            and survey.completed_at <= authorization.issued_at
        ]
        if fitting:
            free.remove(fitting[-1])
            yield SurveyUse(
                survey=fitting[-1],
                authorization=authorization,
                recorded_at=authorization.issued_at,
                operation_id=account.run.operation_id,
            )


def _columns(account: Account, supply: Supply) -> dict[str, Any]:
    row = supply.row
    as_said = (
        "program", "risk_category", "product", "strength_mg", "days_supply", "quantity",
        "lot_number", "ndc", "counselor", "handover",
    )  # fmt: skip
    return {
        "patient_id": account.patient.pk,
        "pharmacy_id": account.parties.pharmacies[row["pharmacy_npi"]],
        "dispensed_at": supply.at,
        "checklist": [],
        "reported_late": True,
        "only_day_is_known": row["dispensed_at"].is_date_only,
        "recorded_at": supply.at,
        "operation_id": account.run.operation_id,
        **{name: row[name] for name in as_said},
    }


def _return(account: Account, row: Row, dispense: Dispense) -> DispenseReturn:
    return DispenseReturn(
        dispense=dispense,
        returned_at=row["returned_at"],
        never_left_premises=True,
        reason=IN_THE_FILES,
        recorded_at=row["returned_at"],
        operation_id=account.run.operation_id,
    )


def _stop(account: Account, row: Row, dispense: Dispense) -> SupplyStop:
    stopped_on, today = row["stopped_on"], date_of(account.calendar.day(account.run.now))
    ends_at = account.calendar.end_of_day(stopped_on.toordinal())
    return SupplyStop(
        dispense=dispense,
        kind=row["stop_kind"],
        stopped_on=min(stopped_on, today),
        time_zone=str(account.calendar.zone),
        reason=IN_THE_FILES,
        recorded_at=min(ends_at, account.run.now),
        operation_id=account.run.operation_id,
    )
