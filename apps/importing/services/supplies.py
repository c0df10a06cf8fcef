"""The lines of dispenses.csv in order of time, checked. Nothing is written here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.importing.reading import Row
from apps.importing.services.account import Account
from apps.rules.calendar import plus
from apps.rules.dates import dispense_instants
from apps.rules.entries import PregnancyTest
from apps.rules.policy import NoPolicyInForce, UnknownProgram, policy_in_force
from apps.rules.requirements.authorization import last_day_of_authorization
from apps.rules.terms import counting_tests

NEEDED_WITHIN_RULES = (
    "prescriber_npi", "authorized_at", "confirmed_at", "directions", "lot_number", "ndc",
    "counselor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Supply:
    """One line of dispenses.csv: when it was dispensed and, within the rules, authorized until."""

    row: Row
    at: datetime
    authorized_until: datetime | None


def supplies_of(account: Account) -> list[Supply]:
    """Every line of dispenses.csv, in order of time; notes what is wrong."""
    rows = account.rows("dispenses")
    tests = list(_tests_of_known_time(account))
    supplies = [
        Supply(row, at, _authorized_until(row, tests))
        for row, at in zip(rows, _instants(account, rows), strict=True)
    ]
    before: datetime | None = None
    for supply in supplies:
        if before is not None and supply.at <= before:
            account.wrong(supply.row, "dispensed_at", "is not later than the line before")
        before = supply.at
        _check(account, supply)
    return supplies


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


def _check(account: Account, supply: Supply) -> None:
    row = supply.row
    account.check_program(row)
    account.party(row, "pharmacy_npi")
    if supply.at > account.run.now:
        account.wrong(row, "dispensed_at", "lies in the future")
    for column in ("days_supply", "quantity"):
        if row[column] < 1:
            account.wrong(row, column, "must be at least 1")
    if row["within_rules"]:
        _check_within_rules(account, supply)
    _check_end(account, row, supply.at)


def _check_within_rules(account: Account, supply: Supply) -> None:
    row, numbers_of = supply.row, account.policy.parameters
    if row["dispensed_at"].is_date_only:
        account.wrong(row, "dispensed_at", "needs the time of day, within the rules")
    if row["days_supply"] > numbers_of.days_supply_max:
        account.wrong(row, "days_supply", f"is above {numbers_of.days_supply_max}")
    product = account.policy.products.get(row["product"])
    if product is None:
        account.wrong(row, "product", f"must be one of: {', '.join(account.policy.products)}")
    elif float(row["strength_mg"]) not in product.strengths_mg:
        account.wrong(row, "strength_mg", f"is no strength of {product.title}")
    missing = [name for name in NEEDED_WITHIN_RULES if not row[name]]
    for name in missing:
        account.wrong(row, name, "is required within the rules")
    if not missing:
        account.party(row, "prescriber_npi")
        _check_authorized(account, supply)


def _check_authorized(account: Account, supply: Supply) -> None:
    row = supply.row
    if row["authorized_at"] > row["confirmed_at"]:
        account.wrong(row, "confirmed_at", "lies before the authorization")
    if not row["confirmed_at"] <= supply.at <= confirmed_until(account, row):
        account.wrong(row, "confirmed_at", "does not cover the dispense")
    elif supply.authorized_until is None:
        account.wrong(row, "authorized_at", "the program has no policy for that time")
    elif supply.at > supply.authorized_until:
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


def confirmed_until(account: Account, row: Row) -> datetime:
    """When a confirmation of the policy ends, if its authorization does not end before."""
    hours = account.policy.parameters.confirmation_hours
    return plus(row["confirmed_at"], timedelta(hours=hours))


def _authorized_until(row: Row, tests: list[PregnancyTest]) -> datetime | None:
    """When the policy of its time lets such an authorization expire (L-AUT-4).

    None for a dispense that names no authorization, or where no policy is known.
    """
    issued_at = row["authorized_at"]
    if not row["within_rules"] or issued_at is None:
        return None
    try:
        policy = policy_in_force(row["program"], issued_at)
    except (UnknownProgram, NoPolicyInForce):
        return None
    calendar, issued_on = policy.calendar, policy.calendar.day(issued_at)
    if not policy.categories[row["risk_category"]].pregnancy_path:
        return calendar.end_of_day(last_day_of_authorization(policy, issued_on, None))
    before = (test for test in tests if test.collected_at <= issued_at)
    counting = counting_tests(before, policy)
    if not counting:
        # Without a test of known time, as short as one can be: to the end of its own day.
        return calendar.end_of_day(issued_on)
    tested_on = calendar.day(counting[-1])
    return calendar.end_of_day(last_day_of_authorization(policy, issued_on, tested_on))


def _tests_of_known_time(account: Account) -> Iterator[PregnancyTest]:
    """The tests whose instant is known, as the rules read them."""
    for row in account.rows("pregnancy_tests"):
        collected_at = row["collected_at"].at
        if collected_at is not None:
            sensitivity = float(row["sensitivity_miu_ml"])
            yield PregnancyTest(
                collected_at, collected_at, row["result"], sensitivity, row["specimen"]
            )
