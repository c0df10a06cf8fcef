"""Writing dispenses with the authorization and confirmation that each rests on, in order of time.

Each goes through the very moves that the database demands; nothing is exempt from a trigger.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from apps.core import numbers
from apps.evidence.models import PatientSurvey, SurveyUse
from apps.importing.reading import Row
from apps.importing.services.account import Account
from apps.prescriptions.models import (
    Authorization,
    Confirmation,
    Dispense,
    DispenseReturn,
    SupplyStop,
)
from apps.rules.calendar import date_of
from apps.rules.dates import dispense_instants
from apps.rules.entries import PregnancyTest
from apps.rules.policy import policy_in_force
from apps.rules.requirements.authorization import last_day_of_authorization
from apps.rules.terms import counting_tests

IN_THE_FILES = "As imported."
NEEDED_WITHIN_RULES = (
    "prescriber_npi", "authorized_at", "confirmed_at", "directions", "lot_number", "ndc",
    "counselor",
)  # fmt: skip


def write_dispenses(account: Account) -> None:
    """Every line of dispenses.csv; notes the problems of all lines before anything is written."""
    rows = account.rows("dispenses")
    timed = list(zip(rows, _instants(account, rows), strict=True))
    before: datetime | None = None
    for row, at in timed:
        if before is not None and at <= before:
            account.wrong(row, "dispensed_at", "is not later than the line before")
        before = at
        _check(account, row, at)
    account.refuse_if_wrong()
    for row, at in timed:
        made = _within_rules(account, row, at) if row["within_rules"] else _other(account, row, at)
        _write_end(account, row, made)


def _instants(account: Account, rows: list[Row]) -> list[datetime]:
    """When each was made; those of one date a minute apart from its first instant on."""
    dates: dict[date, int] = {}
    for row in rows:
        if (on := row["dispensed_at"].on) is not None:
            dates[on] = dates.get(on, 0) + 1
    of_dates = {
        on: iter(dispense_instants(on, count, calendar=account.calendar))
        for on, count in dates.items()
    }
    return [row["dispensed_at"].at or next(of_dates[row["dispensed_at"].on]) for row in rows]


def _check(account: Account, row: Row, at: datetime) -> None:
    account.check_program(row)
    account.party(row, "pharmacy_npi")
    if at > account.run.now:
        account.wrong(row, "dispensed_at", "lies in the future")
    for column in ("days_supply", "quantity"):
        if row[column] < 1:
            account.wrong(row, column, "must be at least 1")
    if row["within_rules"]:
        _check_within_rules(account, row, at)
    _check_end(account, row, at)


def _check_within_rules(account: Account, row: Row, at: datetime) -> None:
    if row["dispensed_at"].is_date_only:
        account.wrong(row, "dispensed_at", "needs the time of day, within the rules")
    missing = [name for name in NEEDED_WITHIN_RULES if not row[name]]
    for name in missing:
        account.wrong(row, name, "is required within the rules")
    if missing:
        return
    account.party(row, "prescriber_npi")
    numbers_of = account.policy.parameters
    if row["days_supply"] > numbers_of.days_supply_max:
        account.wrong(row, "days_supply", f"is above {numbers_of.days_supply_max}")
    if row["authorized_at"] > row["confirmed_at"]:
        account.wrong(row, "confirmed_at", "lies before the authorization")
    if not row["confirmed_at"] <= at <= row["confirmed_at"] + _confirmed_for(account):
        account.wrong(row, "confirmed_at", "does not cover the dispense")
    elif at > _expires_at(account, row):
        account.wrong(row, "authorized_at", "the authorization had expired before the dispense")


def _check_end(account: Account, row: Row, at: datetime) -> None:
    returned_at = account.exactly(row, "returned_at")
    if returned_at is not None and returned_at < at:
        account.wrong(row, "returned_at", "lies before the dispense")
    if (row["stopped_on"] is None) != (row["stop_kind"] == ""):
        account.wrong(row, "stop_kind", "is given with stopped_on, and only then")
    if row["stopped_on"] is None:
        return
    if returned_at is not None:
        account.wrong(row, "stopped_on", "what is back in stock did not stop as well")
    if row["stopped_on"].toordinal() < account.calendar.day(at):
        account.wrong(row, "stopped_on", "lies before the dispense")
    account.end_of(row, "stopped_on")


def _confirmed_for(account: Account) -> timedelta:
    return timedelta(hours=account.policy.parameters.confirmation_hours)


def _expires_at(account: Account, row: Row) -> datetime:
    """When the policy lets such an authorization expire (L-AUT-4)."""
    policy = policy_in_force(row["program"], row["authorized_at"])
    calendar, issued_on = policy.calendar, policy.calendar.day(row["authorized_at"])
    if not policy.categories[row["risk_category"]].pregnancy_path:
        return calendar.end_of_day(last_day_of_authorization(policy, issued_on, None))
    counting = counting_tests(_tests_until(account, row["authorized_at"]), policy)
    if not counting:
        # Without a test of known time, as short as one can be: to the end of its own day.
        return calendar.end_of_day(issued_on)
    tested_on = calendar.day(counting[-1])
    return calendar.end_of_day(last_day_of_authorization(policy, issued_on, tested_on))


def _tests_until(account: Account, at: datetime) -> Iterator[PregnancyTest]:
    """The tests whose instant is known, collected at or before `at`, as the rules read them."""
    for row in account.rows("pregnancy_tests"):
        collected_at = row["collected_at"].at
        if collected_at is not None and collected_at <= at:
            sensitivity = float(row["sensitivity_miu_ml"])
            yield PregnancyTest(
                collected_at, collected_at, row["result"], sensitivity, row["specimen"]
            )


def _within_rules(account: Account, row: Row, at: datetime) -> Dispense:
    """Issued, confirmed, dispensed: each state as the database asks for it."""
    authorization = _issue(account, row)
    _use_survey(account, authorization)
    confirmation = Confirmation.objects.create(
        authorization=authorization,
        pharmacy_id=account.pharmacies[row["pharmacy_npi"]],
        number=numbers.new_number(numbers.CONFIRMATION),
        handover=row["handover"],
        days_supply=row["days_supply"],
        issued_at=row["confirmed_at"],
        expires_at=min(row["confirmed_at"] + _confirmed_for(account), authorization.expires_at),
        recorded_at=row["confirmed_at"],
        operation_id=account.run.operation_id,
    )
    _move(authorization, Authorization.State.CONFIRMED)
    made = Dispense.objects.create(
        authorization=authorization,
        confirmation=confirmation,
        authorized=True,
        medication_guide_given=True,
        **_columns(account, row, at),
    )
    _move(confirmation, Confirmation.State.DISPENSED)
    _move(authorization, Authorization.State.DISPENSED)
    return made


def _issue(account: Account, row: Row) -> Authorization:
    terms = (
        "program", "risk_category", "product", "strength_mg", "days_supply", "quantity",
        "directions", "indication",
    )  # fmt: skip
    return Authorization.objects.create(
        patient=account.patient,
        prescriber_id=account.prescribers[row["prescriber_npi"]],
        number=numbers.new_number(numbers.AUTHORIZATION),
        issued_at=row["authorized_at"],
        expires_at=_expires_at(account, row),
        recorded_at=row["authorized_at"],
        operation_id=account.run.operation_id,
        **{name: row[name] for name in terms},
    )


def _use_survey(account: Account, authorization: Authorization) -> None:
    """The latest free survey of before served it, where the category asks each time (L-SUR-2)."""
    rule = account.policy.categories[authorization.risk_category].patient_survey
    is_first = rule == "later" and not account.patient.dispenses.filter(authorized=True).exists()
    if rule not in {"each", "later"} or is_first:
        return
    survey = (
        PatientSurvey.objects.filter(
            patient=account.patient,
            program=authorization.program,
            completed_at__lte=authorization.issued_at,
            uses__isnull=True,
        )
        .order_by("completed_at")
        .last()
    )
    if survey is not None:
        SurveyUse.objects.create(
            survey=survey,
            authorization=authorization,
            recorded_at=authorization.issued_at,
            operation_id=account.run.operation_id,
        )


def _move(entry: Authorization | Confirmation, state: str) -> None:
    entry.state = state
    entry.save(update_fields=["state"])


def _other(account: Account, row: Row, at: datetime) -> Dispense:
    """A dispense that clears nothing, and counts as supply all the same (L-DSP-8)."""
    return Dispense.objects.create(
        authorized=False, medication_guide_given=False, **_columns(account, row, at)
    )


def _columns(account: Account, row: Row, at: datetime) -> dict[str, Any]:
    as_said = (
        "program", "risk_category", "product", "strength_mg", "days_supply", "quantity",
        "lot_number", "ndc", "counselor", "handover",
    )  # fmt: skip
    return {
        "patient": account.patient,
        "pharmacy_id": account.pharmacies[row["pharmacy_npi"]],
        "dispensed_at": at,
        "checklist": [],
        "reported_late": True,
        "only_day_is_known": row["dispensed_at"].is_date_only,
        "recorded_at": at,
        "operation_id": account.run.operation_id,
        **{name: row[name] for name in as_said},
    }


def _write_end(account: Account, row: Row, made: Dispense) -> None:
    """What became of the supply: back in stock, or stopped."""
    if row["returned_at"] is not None:
        DispenseReturn.objects.create(
            dispense=made,
            returned_at=row["returned_at"],
            never_left_premises=True,
            reason=IN_THE_FILES,
            recorded_at=row["returned_at"],
            operation_id=account.run.operation_id,
        )
    if row["stopped_on"] is not None:
        stopped_on = row["stopped_on"]
        ends_at = account.calendar.end_of_day(stopped_on.toordinal())
        SupplyStop.objects.create(
            dispense=made,
            kind=row["stop_kind"],
            stopped_on=min(stopped_on, date_of(account.calendar.day(account.run.now))),
            time_zone=str(account.calendar.zone),
            reason=IN_THE_FILES,
            recorded_at=min(ends_at, account.run.now),
            operation_id=account.run.operation_id,
        )
