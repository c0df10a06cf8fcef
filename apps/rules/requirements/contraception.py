"""Rules of contraception and of the other obligations (L-CON)."""

from apps.rules.calendar import date_of, plus_months
from apps.rules.entries import ObligationsAttestation
from apps.rules.finding import Finding, met, unmet
from apps.rules.terms import Terms, is_adequate

_NOT_BREASTFEEDING = met("NOT_BREASTFEEDING")
_BREASTFEEDING = unmet("BREASTFEEDING")


def contraception_adequate(terms: Terms) -> Finding:
    """L-CON-1: the latest attestation of contraception is adequate."""
    latest = terms.latest_attestations
    if not latest:
        return unmet("CONTRACEPTION_MISSING")
    attested_on = date_of(terms.calendar.day(latest[-1].attested_at))
    if all(is_adequate(each, terms.policy) for each in latest):
        return met("CONTRACEPTION_ADEQUATE", attested_on=attested_on)
    if any(each.lapse for each in latest):
        return unmet("CONTRACEPTION_LAPSED", attested_on=attested_on)
    return unmet("CONTRACEPTION_INADEQUATE", attested_on=attested_on)


def contraception_long_enough(terms: Terms) -> Finding:
    """L-CON-2: the present run of adequate contraception began at least 28 days ago."""
    calendar, days = terms.calendar, terms.policy.parameters.contraception_lead_days
    if terms.run_started_on is not None:
        since, enough_on = date_of(terms.run_started_on), terms.run_started_on + days
        if terms.today >= enough_on:
            return met("CONTRACEPTION_LONG_ENOUGH", since=since, days=days)
        return unmet(
            "CONTRACEPTION_TOO_RECENT",
            calendar.start_of_day(enough_on),
            since=since,
            enough_on=date_of(enough_on),
            days=days,
        )
    if terms.last_restart_at is None:
        return unmet("CONTRACEPTION_NOT_BEGUN", days=days)
    broken_on = calendar.day(terms.last_restart_at)
    enough_on = broken_on + days
    opens_at = calendar.start_of_day(enough_on) if enough_on > terms.today else None
    return unmet("CONTRACEPTION_BROKEN", opens_at, broken_on=date_of(broken_on), days=days)


def contraception_attested(terms: Terms) -> Finding:
    """L-CON-3: the latest attestation of contraception is at most 30 days old."""
    days = terms.policy.parameters.contraception_attestation_days
    if not terms.latest_attestations:
        return unmet("CONTRACEPTION_ATTESTATION_MISSING", days=days)
    attested_on = terms.calendar.day(terms.latest_attestations[-1].attested_at)
    until = attested_on + days
    params = {"attested_on": date_of(attested_on), "until": date_of(until)}
    if terms.first_open_day > until:
        return unmet("CONTRACEPTION_ATTESTATION_OLD", **params)
    return met("CONTRACEPTION_ATTESTED", terms.calendar.end_of_day(until), **params)


def obligations_attested(terms: Terms) -> Finding:
    """L-CON-6: the latest attestation of obligations is in force and promises all that it must."""
    if not terms.known.obligations:
        return unmet("OBLIGATIONS_MISSING")
    attested_at = max(each.attested_at for each in terms.known.obligations)
    attested_on = terms.calendar.day(attested_at)
    until = plus_months(attested_on, terms.policy.parameters.obligations_months)
    params = {"attested_on": date_of(attested_on), "until": date_of(until)}
    if terms.first_open_day > until:
        return unmet("OBLIGATIONS_OLD", **params)
    missing = {
        promise
        for each in terms.known.obligations
        if each.attested_at == attested_at
        for promise in terms.category.promises
        if not _promises(each, promise)
    }
    if missing:
        attested = date_of(attested_on)
        return unmet("OBLIGATIONS_INCOMPLETE", attested_on=attested, missing=tuple(sorted(missing)))
    return met("OBLIGATIONS_ATTESTED", terms.calendar.end_of_day(until), **params)


def _promises(attestation: ObligationsAttestation, promise: str) -> bool:
    """Whether an attestation holds one of PROMISES."""
    if promise == "condom_or_abstinence":
        return attestation.condom or attestation.abstinence
    promised: bool = getattr(attestation, promise)
    return promised


def not_breastfeeding(terms: Terms) -> Finding:
    """L-CON-7: she does not breastfeed."""
    return _BREASTFEEDING if terms.facts.patient.breastfeeding else _NOT_BREASTFEEDING
