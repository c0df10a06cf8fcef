"""Rules of the authorization itself: asking for one, and whether one still stands (L-AUT)."""

from datetime import datetime

from apps.rules.calendar import TICK, Day, plus
from apps.rules.edition import Policy
from apps.rules.entries import given
from apps.rules.finding import Finding, met, unmet
from apps.rules.terms import OPEN_STATES, Terms

_NO_OPEN_AUTHORIZATION = met("NO_OPEN_AUTHORIZATION")
_REQUEST_FITS = met("REQUEST_FITS")
_AUTHORIZATION_STANDS = met("AUTHORIZATION_STANDS")


def no_open_authorization(terms: Terms) -> Finding:
    """L-AUT-3: no earlier authorization is open; it is until the very end of its time."""
    still_open = [
        each.expires_at
        for each in terms.known.authorizations
        if each.state in OPEN_STATES and each.expires_at >= terms.as_of
    ]
    if not still_open:
        return _NO_OPEN_AUTHORIZATION
    expires_at = max(still_open)
    return unmet("AUTHORIZATION_OPEN", plus(expires_at, TICK), expires_at=expires_at)


def last_day_of_authorization(policy: Policy, issued_on: Day, tested_on: Day | None) -> Day:
    """The last day of an authorization (L-AUT-4): counted from the latest counting test on the
    pregnancy path, else (`tested_on` None) from its issue.
    """
    if tested_on is None:
        return issued_on + policy.parameters.authorization_days
    return tested_on + policy.authorization_after_test.last


def authorization_expiry(terms: Terms) -> datetime:
    """The last instant at which the verified authorization is good (L-AUT-4)."""
    authorization = given(terms.facts.authorization)
    days = terms.policy.parameters.authorization_days
    last_day = terms.calendar.day(authorization.issued_at) + days
    return min(authorization.expires_at, terms.calendar.end_of_day(last_day))


def authorization_not_expired(terms: Terms) -> Finding:
    """L-AUT-4: the authorization has not expired."""
    until_at = authorization_expiry(terms)
    if terms.as_of > until_at:
        return unmet("AUTHORIZATION_EXPIRED", until_at=until_at)
    return met("AUTHORIZATION_VALID", until_at, until_at=until_at)


def request_fits(terms: Terms) -> Finding:
    """L-AUT-5: a listed product and strength, for 1 to 28 days."""
    request = given(terms.facts.request)
    product = terms.policy.products.get(request.product)
    if product is None:
        return unmet("PRODUCT_NOT_LISTED", products=tuple(sorted(terms.policy.products)))
    if request.strength_mg not in product.strengths_mg:
        return unmet("STRENGTH_NOT_LISTED", strengths_mg=product.strengths_mg)
    days_max = terms.policy.parameters.days_supply_max
    if not 1 <= request.days_supply <= days_max:
        return unmet("DAYS_SUPPLY_OUT_OF_RANGE", days_max=days_max)
    return _REQUEST_FITS


def authorization_state(terms: Terms) -> Finding:
    """L-AUT-7: issued before the confirmation, confirmed after it."""
    authorization = given(terms.facts.authorization)
    needed = "issued" if terms.facts.confirmation is None else "confirmed"
    if authorization.state == needed:
        return met("AUTHORIZATION_IN_STATE", state=needed)
    return unmet("AUTHORIZATION_NOT_IN_STATE", state=authorization.state, needed=needed)


def authorization_stands(terms: Terms) -> Finding:
    """L-AUT-8: nothing since it was issued has made the authorization worthless."""
    authorization = given(terms.facts.authorization)
    issued_at = authorization.issued_at
    if authorization.risk_category != terms.category.code:
        return unmet("AUTHORIZATION_OTHER_CATEGORY")
    if terms.last_restart_at is not None and terms.last_restart_at >= issued_at:
        return unmet("AUTHORIZATION_BEFORE_RESTART", issued_at=issued_at)
    if terms.lifting_closures and terms.lifting_closures[-1] >= issued_at:
        return unmet("AUTHORIZATION_BEFORE_CASE_CLOSED", issued_at=issued_at)
    if terms.known.agreements and terms.known.agreements[-1].completed_at > issued_at:
        return unmet("AUTHORIZATION_BEFORE_AGREEMENT", issued_at=issued_at)
    if terms.on_pregnancy_path and _evidence_withdrawn_since(terms, issued_at):
        return unmet("AUTHORIZATION_EVIDENCE_WITHDRAWN", issued_at=issued_at)
    return _AUTHORIZATION_STANDS


def _evidence_withdrawn_since(terms: Terms, issued_at: datetime) -> bool:
    """Whether a negative test or an attestation that it may rest on was withdrawn since."""
    tests = (
        (test.collected_at, test.withdrawn_at)
        for test in terms.known.withdrawn_tests
        if test.result == "negative"
    )
    attestations = (
        (each.attested_at, each.withdrawn_at) for each in terms.known.withdrawn_attestations
    )
    return any(
        happened_at <= issued_at and withdrawn_at is not None and withdrawn_at >= issued_at
        for happened_at, withdrawn_at in (*tests, *attestations)
    )
