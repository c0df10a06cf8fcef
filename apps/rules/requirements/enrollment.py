"""Rules of enrollment and category: who may prescribe, dispense and be treated (L-ENR, L-CAT)."""

from datetime import date

from apps.rules.calendar import TICK, birthday, date_of, plus, plus_months
from apps.rules.entries import given
from apps.rules.finding import Finding, met, unmet
from apps.rules.terms import Terms

_PRESCRIBER_NOT_CERTIFIED = {
    "pending": unmet("PRESCRIBER_PENDING"),
    "suspended": unmet("PRESCRIBER_SUSPENDED"),
    "decertified": unmet("PRESCRIBER_DECERTIFIED"),
}
_PHARMACY_NOT_CERTIFIED = {
    "pending": unmet("PHARMACY_PENDING"),
    "suspended": unmet("PHARMACY_SUSPENDED"),
    "decertified": unmet("PHARMACY_DECERTIFIED"),
}
_PRESCRIBER_CERTIFIED = met("PRESCRIBER_CERTIFIED")
_AGE_FITS = met("AGE_FITS")


def prescriber_certified(terms: Terms) -> Finding:
    """L-ENR-1: the prescriber is certified."""
    return _PRESCRIBER_NOT_CERTIFIED.get(terms.facts.prescriber.status, _PRESCRIBER_CERTIFIED)


def pharmacy_certified(terms: Terms) -> Finding:
    """L-ENR-2: the pharmacy is certified, today included."""
    pharmacy = given(terms.facts.pharmacy)
    if pharmacy.status != "certified":
        return _PHARMACY_NOT_CERTIFIED[pharmacy.status]
    until = pharmacy.certified_until
    if until is None:
        return unmet("PHARMACY_CERTIFICATION_UNDATED")
    if terms.first_open_day > until.toordinal():
        return unmet("PHARMACY_CERTIFICATION_LAPSED", certified_until=until)
    closes_at = terms.calendar.end_of_day(until.toordinal())
    return met("PHARMACY_CERTIFIED", closes_at, certified_until=until)


def agreement_current(terms: Terms) -> Finding:
    """L-ENR-3: there is a current agreement."""
    current = terms.current_agreements
    if current:
        signed_on = date_of(terms.calendar.day(current[-1].completed_at))
        return met("AGREEMENT_CURRENT", signed_on=signed_on)
    if not terms.known.agreements:
        return unmet("AGREEMENT_UNSIGNED" if terms.facts.agreements else "AGREEMENT_MISSING")
    completed_at = terms.known.agreements[-1].completed_at
    signed_on = date_of(terms.calendar.day(completed_at))
    latest = [
        each.agreement for each in terms.known.agreements if each.completed_at == completed_at
    ]
    if any(each.risk_category != terms.category.code for each in latest):
        return unmet("AGREEMENT_OTHER_CATEGORY", signed_on=signed_on)
    return unmet("AGREEMENT_WRONG_SIGNER", signed_on=signed_on)


def agreement_in_force(terms: Terms) -> Finding:
    """L-ENR-4: the agreement, or the last dispense, is not too many months ago."""
    day = terms.calendar.day
    months = terms.policy.parameters.reenroll_after_months_without_dispense
    days = [day(each.completed_at) for each in terms.current_agreements[-1:]]
    days += [day(each.dispensed_at) for each in terms.known.dispenses[-1:]]
    if not days:
        return unmet("AGREEMENT_NEVER_BEGAN")
    until = plus_months(max(days), months)
    if terms.first_open_day > until:
        return unmet(
            "AGREEMENT_LAPSED", last_on=date_of(max(days)), until=date_of(until), months=months
        )
    return met("AGREEMENT_IN_FORCE", terms.calendar.end_of_day(until), until=date_of(until))


def agreement_with_prescriber(terms: Terms) -> Finding:
    """L-ENR-5: the current agreement is with this prescriber or one whom they cover."""
    if not terms.current_agreements:
        return unmet("AGREEMENT_WITH_NO_PRESCRIBER")
    prescriber = terms.facts.prescriber
    for each in terms.current_agreements:
        signed_with = each.agreement.prescriber
        if signed_with != prescriber.id and signed_with not in prescriber.covers:
            return unmet("AGREEMENT_WITH_ANOTHER_PRESCRIBER")
    return met("AGREEMENT_WITH_PRESCRIBER")


def age_fits_category(terms: Terms) -> Finding:
    """L-CAT-1: under 18 is a child's category, from the eighteenth birthday on an adult's."""
    adult_age = terms.policy.parameters.adult_age_years
    adult_on = birthday(terms.facts.patient.date_of_birth, adult_age)
    is_adult = terms.today >= adult_on
    if is_adult == terms.category.adult:
        if is_adult:
            return _AGE_FITS
        birthday_at = terms.calendar.start_of_day(adult_on)
        return met("AGE_FITS_UNTIL", plus(birthday_at, -TICK), adult_age=adult_age)
    if is_adult:
        return unmet("AGE_TOO_OLD_FOR_CATEGORY", adult_age=adult_age)
    opens_at = terms.calendar.start_of_day(adult_on)
    return unmet("AGE_TOO_YOUNG_FOR_CATEGORY", opens_at, adult_age=adult_age)


def basis_recorded(terms: Terms) -> Finding:
    """L-CAT-2: there is a basis for no reproductive potential, and no bleeding contradicts it."""
    basis = terms.facts.patient.category_basis
    if basis is None:
        return unmet("BASIS_MISSING")
    months = terms.policy.parameters.menopause_months if basis.kind == "natural_menopause" else 0
    if basis.on.toordinal() > terms.today:
        opens_at = terms.calendar.start_of_day(plus_months(basis.on.toordinal(), months))
        return unmet("BASIS_IN_FUTURE", opens_at, on=basis.on)
    if months:
        return _menopause_complete(terms, basis.on, months)
    return met("BASIS_RECORDED", on=basis.on)


def _menopause_complete(terms: Terms, last_menses_on: date, months: int) -> Finding:
    on = last_menses_on.toordinal()
    for report in terms.known.bleeding:
        reported_on = terms.calendar.day(report.reported_at)
        if reported_on > on:
            return unmet(
                "BLEEDING_SINCE_MENOPAUSE", on=last_menses_on, reported_on=date_of(reported_on)
            )
    complete_on = plus_months(on, months)
    if terms.today < complete_on:
        return unmet(
            "MENOPAUSE_TOO_RECENT",
            terms.calendar.start_of_day(complete_on),
            on=last_menses_on,
            months=months,
            complete_on=date_of(complete_on),
        )
    return met("BASIS_RECORDED", on=last_menses_on)
