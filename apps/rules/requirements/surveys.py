"""Rules of surveys, interventions and counseling (L-SUR)."""

from datetime import timedelta

from apps.rules.calendar import Day, date_of, plus, plus_months
from apps.rules.entries import given
from apps.rules.finding import Finding, met, unmet
from apps.rules.terms import Terms

_NO_INTERVENTION = met("NO_INTERVENTION")


def prescriber_survey(terms: Terms) -> Finding:
    """L-SUR-1: a complete prescriber survey of the last 24 hours, for this request alone."""
    request = given(terms.facts.request)
    survey = request.prescriber_survey
    if survey is None:
        return unmet("PRESCRIBER_SURVEY_MISSING")
    if survey.risk_category != terms.category.code:
        return unmet("PRESCRIBER_SURVEY_OTHER_CATEGORY")
    completed_at = survey.completed_at
    if completed_at > terms.as_of:
        return unmet("PRESCRIBER_SURVEY_IN_FUTURE", completed_at, completed_at=completed_at)
    hours = terms.policy.parameters.prescriber_survey_hours
    until_at = plus(completed_at, timedelta(hours=hours))
    if terms.as_of > until_at:
        return unmet("PRESCRIBER_SURVEY_OLD", completed_at=completed_at, hours=hours)
    if any(each.issued_at >= completed_at for each in terms.known.authorizations):
        return unmet("PRESCRIBER_SURVEY_BEFORE_AUTHORIZATION", completed_at=completed_at)
    return met("PRESCRIBER_SURVEY_COMPLETE", until_at, until_at=until_at)


def patient_survey(terms: Terms) -> Finding:
    """L-SUR-2: the patient's survey, as often as the category asks."""
    dispensed = [each.issued_at for each in terms.known.authorizations if each.state == "dispensed"]
    wanted = terms.category.patient_survey
    if wanted != "each" and not dispensed:
        return met("PATIENT_SURVEY_NOT_NEEDED")
    if wanted == "periodic":
        return _periodic_survey(terms)
    days = terms.policy.parameters.patient_survey_days
    unused = [each.completed_at for each in terms.known.surveys if not each.used]
    if not unused:
        return unmet("PATIENT_SURVEY_MISSING", days=days)
    completed_on = terms.calendar.day(max(unused))
    until = completed_on + days
    params = {"completed_on": date_of(completed_on), "until": date_of(until)}
    if terms.first_open_day > until:
        return unmet("PATIENT_SURVEY_OLD", **params)
    return met("PATIENT_SURVEY_COMPLETE", terms.calendar.end_of_day(until), **params)


def periodic_survey_due_on(terms: Terms) -> Day:
    """The last day before which a periodic survey must be answered again (L-SUR-2).

    Only after a first authorization was dispensed.
    """
    first_issued_at = min(
        each.issued_at for each in terms.known.authorizations if each.state == "dispensed"
    )
    latest_at = max([first_issued_at, *(each.completed_at for each in terms.known.surveys)])
    months = terms.policy.parameters.patient_survey_months
    return plus_months(terms.calendar.day(latest_at), months)


def _periodic_survey(terms: Terms) -> Finding:
    months, until = terms.policy.parameters.patient_survey_months, periodic_survey_due_on(terms)
    if terms.first_open_day > until:
        return unmet("PATIENT_SURVEY_DUE", until=date_of(until), months=months)
    return met("PATIENT_SURVEY_NOT_DUE", terms.calendar.end_of_day(until), until=date_of(until))


def no_open_intervention(terms: Terms) -> Finding:
    """L-SUR-3: no intervention is unresolved."""
    if not terms.known.interventions:
        return _NO_INTERVENTION
    opened_on = date_of(
        terms.calendar.day(min(each.opened_at for each in terms.known.interventions))
    )
    return unmet("INTERVENTION_OPEN", opened_on=opened_on, count=len(terms.known.interventions))


def counseling_given(terms: Terms) -> Finding:
    """L-SUR-4: one counseling entry for this supply, at most 30 days old, with its topics."""
    calendar, days = terms.calendar, terms.policy.parameters.counseling_days
    if not terms.known.counseling:
        return unmet("COUNSELING_MISSING", days=days)
    dispensed = [each.issued_at for each in terms.known.authorizations if each.state == "dispensed"]
    since = max(dispensed, default=None)
    for_this_supply = [
        each for each in terms.known.counseling if since is None or each.given_at > since
    ]
    if not for_this_supply:
        return unmet("COUNSELING_BEFORE_LAST_AUTHORIZATION", days=days)
    asked = terms.category.counseling_topics
    complete = [each.given_at for each in for_this_supply if asked.issubset(each.topics)]
    if not complete:
        return unmet("COUNSELING_TOPICS_MISSING", days=days, topics=tuple(sorted(asked)))
    given_on = calendar.day(max(complete))
    until = given_on + days
    params = {"given_on": date_of(given_on), "until": date_of(until)}
    if terms.first_open_day > until:
        return unmet("COUNSELING_OLD", **params)
    return met("COUNSELING_GIVEN", calendar.end_of_day(until), **params)
