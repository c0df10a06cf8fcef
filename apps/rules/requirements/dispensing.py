"""Rules of the pharmacy's side: confirmation, prescription, supply and shipment (L-DSP)."""

from datetime import datetime, timedelta

from apps.rules.calendar import date_of, plus
from apps.rules.entries import given
from apps.rules.finding import Finding, met, unmet
from apps.rules.terms import Terms

_NO_EARLIER_SUPPLY = met("NO_EARLIER_SUPPLY")
_PRESCRIPTION_MATCHES = met("PRESCRIPTION_MATCHES")
_CATEGORY_AGREES = met("PRESCRIPTION_CATEGORY_AGREES")
_CATEGORY_DIFFERS = unmet("PRESCRIPTION_CATEGORY_DIFFERS")


def confirmation_expiry(terms: Terms) -> datetime:
    """The last instant at which the confirmation is good (L-DSP-3)."""
    confirmation = given(terms.facts.confirmation)
    hours = terms.policy.parameters.confirmation_hours
    return min(confirmation.expires_at, plus(confirmation.issued_at, timedelta(hours=hours)))


def confirmation_valid(terms: Terms) -> Finding:
    """L-DSP-3: the confirmation is this pharmacy's and not over."""
    confirmation, pharmacy = given(terms.facts.confirmation), given(terms.facts.pharmacy)
    if confirmation.pharmacy != pharmacy.id:
        return unmet("CONFIRMATION_OF_ANOTHER_PHARMACY")
    until_at = confirmation_expiry(terms)
    if terms.as_of > until_at:
        return unmet("CONFIRMATION_EXPIRED", until_at=until_at)
    return met("CONFIRMATION_VALID", until_at, until_at=until_at)


def prescription_category_agrees(terms: Terms) -> Finding:
    """L-DSP-4: the category on the prescription is the patient's."""
    prescription = given(terms.facts.prescription)
    agrees = prescription.risk_category == terms.category.code
    return _CATEGORY_AGREES if agrees else _CATEGORY_DIFFERS


def supply_nearly_used(terms: Terms) -> Finding:
    """L-DSP-5: seven days or less remain of all that was dispensed."""
    run_out_on = terms.run_out_on
    if run_out_on is None:
        return _NO_EARLIER_SUPPLY
    days = terms.policy.parameters.remaining_supply_days
    left = run_out_on - terms.today
    if left <= days:
        return met("SUPPLY_NEARLY_USED", run_out_on=date_of(run_out_on), days=days)
    return unmet(
        "SUPPLY_LEFT",
        terms.calendar.start_of_day(run_out_on - days),
        run_out_on=date_of(run_out_on),
        next_on=date_of(run_out_on - days),
        days_left=left,
        days=days,
    )


def prescription_matches(terms: Terms) -> Finding:
    """L-DSP-6: product, strength and days' supply are within what was authorized."""
    prescription, authorization = given(terms.facts.prescription), given(terms.facts.authorization)
    if prescription.product != authorization.product:
        return unmet("PRESCRIPTION_PRODUCT_DIFFERS")
    if prescription.strength_mg != authorization.strength_mg:
        return unmet("PRESCRIPTION_STRENGTH_DIFFERS")
    days_max = min(authorization.days_supply, terms.policy.parameters.days_supply_max)
    if days_max < 1:
        return unmet("AUTHORIZATION_FOR_NO_DAYS")
    if not 1 <= prescription.days_supply <= days_max:
        return unmet("PRESCRIPTION_DAYS_SUPPLY_OUT_OF_RANGE", days_max=days_max)
    return _PRESCRIPTION_MATCHES


def shipped_on_day_of_confirmation(terms: Terms) -> Finding:
    """L-DSP-9: on the pregnancy path a shipment leaves on the day of its confirmation."""
    confirmation = given(terms.facts.confirmation)
    confirmed_on = terms.calendar.day(confirmation.issued_at)
    params = {"confirmed_on": date_of(confirmed_on)}
    if not terms.today == terms.first_open_day == confirmed_on:
        return unmet("SHIPMENT_TOO_LATE", **params)
    return met("SHIPMENT_IN_TIME", terms.calendar.end_of_day(confirmed_on), **params)
