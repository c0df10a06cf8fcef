"""What falls due when for one patient: tests, surveys, attestations, expiries.

Derived from the same terms, requirements and policy numbers as decisions; nothing is typed twice.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from apps.rules import obligation as kinds
from apps.rules.calendar import Day, birthday, date_of, plus_months, utc_text
from apps.rules.edition import Policy
from apps.rules.entries import Facts
from apps.rules.obligation import Obligation
from apps.rules.policy import policy_in_force
from apps.rules.requirements import contraception, enrollment, pregnancy, surveys
from apps.rules.terms import OPEN_STATES, Terms, derive, extended, is_initiation

_COMPLETE: Final = frozenset({"OBLIGATIONS_ATTESTED", "OBLIGATIONS_OLD"})
_PERIODIC: Final = frozenset({"PATIENT_SURVEY_DUE", "PATIENT_SURVEY_NOT_DUE"})


def obligations(
    facts: Facts, policy: Policy | None = None, *, discontinued_on: date | None = None
) -> list[Obligation]:
    """Everything that is due or will fall due, as known at the facts' `as_of`.

    What is overdue stays in the list until it is met. The facts may lack `request` (and the
    objects of a dispense): only the record matters. `discontinued_on`: the end of therapy, if it
    is on or before the day of `as_of`; then only what outlives therapy is left (L-CON-5, L-PT-9).
    """
    edition = policy or policy_in_force(facts.program, facts.as_of)
    terms = derive(facts, edition)
    if discontinued_on is not None and discontinued_on.toordinal() <= terms.today:
        return list(_after_the_end(terms, discontinued_on.toordinal()))
    return [
        *_authorization_expires(terms),
        *_tests(terms),
        *_attestations(terms),
        *_patient_survey(terms),
        *_supply_ends(terms),
        *_agreement_lapses(terms),
        *_comes_of_age(terms),
    ]


def next_test_due(
    tested_on: date, therapy_started_on: date, cycle: str | None, policy: Policy
) -> date:
    """The date of the next test that this one sets (L-PT-4).

    Weekly while the test lies before the 28th day of therapy; then every 28 days, or every 14
    with an irregular cycle.
    """
    _, days = _next_test(tested_on.toordinal(), therapy_started_on.toordinal(), cycle, policy)
    return date_of(tested_on.toordinal() + days)


def therapy_started_on(facts: Facts, policy: Policy | None = None) -> date | None:
    """The day of the first dispense of the present therapy: a re-initiation begins it anew."""
    terms = derive(facts, policy or policy_in_force(facts.program, facts.as_of))
    started_on = _therapy_started_on(terms)
    return None if started_on is None else date_of(started_on)


def _next_test(
    tested_on: Day, started_on: Day, cycle: str | None, policy: Policy
) -> tuple[str, int]:
    """The kind of the next test and the days until it."""
    numbers = policy.parameters
    if tested_on < started_on + numbers.weekly_phase_days:
        return kinds.WEEKLY_TEST, numbers.weekly_test_days
    if cycle == "irregular":
        return kinds.TWO_WEEKLY_TEST, numbers.irregular_cycle_test_days
    return kinds.FOUR_WEEKLY_TEST, numbers.regular_cycle_test_days


def _therapy_started_on(terms: Terms) -> Day | None:
    """The latest day on which therapy began."""
    starts = therapy_starts(terms)
    return starts[-1] if starts else None


def therapy_starts(terms: Terms) -> list[Day]:
    """The days of the dispenses that were initiations, judged by what had happened until then."""
    starts: list[Day] = []
    run_out_on: Day | None = None
    last_regular = None
    for dispense in terms.known.dispenses:
        at = dispense.dispensed_at
        day = terms.calendar.day(at)
        if (
            last_regular is None
            or run_out_on is None
            or is_initiation(
                last_regular,
                run_out_on,
                [restart_at for restart_at in terms.restarts if restart_at <= at],
                [each for each in terms.known.agreements if each.completed_at <= at],
                terms.calendar.first_open_day(at, day),
                terms.category,
                terms.policy,
            )
        ):
            starts.append(day)
        if dispense.authorized:
            last_regular = dispense
            run_out_on = extended(run_out_on, dispense, terms.today, terms.calendar)
    return starts


def _is_on_hold(terms: Terms) -> bool:
    """A pregnancy hold: the case's own follow-up counts now, not the routine of tests."""
    return not (pregnancy.no_positive_test(terms).met and pregnancy.no_pregnancy_case(terms).met)


def _is_authorized(terms: Terms) -> bool:
    """An authorization is open: what it needed is done, and the next one is not prepared yet."""
    return any(_authorization_expires(terms))


def _tests(terms: Terms) -> Iterator[Obligation]:
    if not terms.on_pregnancy_path or _is_on_hold(terms):
        return
    if _needs_two_tests(terms) and terms.current_agreements and not _is_authorized(terms):
        yield from _initiation_windows(terms)
    started_on = _therapy_started_on(terms)
    if started_on is not None:
        yield _next_scheduled_test(terms, started_on)


def _needs_two_tests(terms: Terms) -> bool:
    """An initiation, in a program that asks for a first test and a second one."""
    return terms.path == "initiation" and "L-PT-1" in terms.policy.rules


def _next_scheduled_test(terms: Terms, started_on: Day) -> Obligation:
    """L-PT-4: each counting test sets the next; it goes on through interruptions."""
    tested_on = terms.calendar.day(terms.counting[-1]) if terms.counting else started_on
    return scheduled_test(terms, tested_on, started_on, terms.facts.patient.cycle)


def scheduled_test(terms: Terms, tested_on: Day, started_on: Day, cycle: str | None) -> Obligation:
    """The test that a test of that day sets in the therapy that began on `started_on`."""
    calendar = terms.calendar
    kind, days = _next_test(tested_on, started_on, cycle, terms.policy)
    return Obligation(
        kind=kind,
        rule="L-PT-4",
        anchor=date_of(tested_on).isoformat(),
        who="patient",
        due_at=calendar.end_of_day(tested_on + days),
        params={"due_on": date_of(tested_on + days), "tested_on": date_of(tested_on)},
    )


def _initiation_windows(terms: Terms) -> Iterator[Obligation]:
    """The window of the second test once there is a first one; else that of the first."""
    ready_on = _contraception_ready_on(terms)
    if ready_on is None:
        return
    window = _authorization_window(terms)
    if window is None:
        yield _first_test_window(terms, ready_on)
    elif window[0] > terms.today or not pregnancy.second_test(terms).met:
        # A second test serves for its hours only; then, unless authorized, it is asked for again.
        yield _second_test_window(terms, window)


def _authorization_window(terms: Terms) -> tuple[Day, Day] | None:
    """The days that the first test and contraception both allow; None when there are none yet."""
    ready_on = _contraception_ready_on(terms)
    tested_on = pregnancy.first_test_days(terms)
    window = pregnancy.first_window(terms, tested_on, terms.first_open_day)
    if window is None or ready_on is None or ready_on > window[1]:
        return None
    return max(window[0], ready_on), window[1]


def _contraception_ready_on(terms: Terms) -> Day | None:
    """The first day on which L-CON-2 lets therapy begin; None without a run."""
    if terms.run_started_on is None:
        return None
    return terms.run_started_on + terms.policy.parameters.contraception_lead_days


def _second_test_window(terms: Terms, window: tuple[Day, Day]) -> Obligation:
    calendar = terms.calendar
    collected_on = date_of(window[1] - terms.policy.first_test.last)
    return Obligation(
        kind=kinds.SECOND_TEST_WINDOW,
        rule="L-PT-2",
        anchor=collected_on.isoformat(),
        who="patient",
        opens_at=calendar.start_of_day(window[0]),
        closes_at=calendar.end_of_day(window[1]),
        params={
            "collected_on": collected_on,
            "window_from": date_of(window[0]),
            "window_until": date_of(window[1]),
        },
    )


def _first_test_window(terms: Terms, ready_on: Day) -> Obligation:
    """Ten to fourteen days before contraception is long enough, or once an earlier test is spent.

    Its days depend on the record alone, not on today: an open window keeps its anchor.
    """
    calendar, first, last = (
        terms.calendar,
        terms.policy.first_test.first,
        terms.policy.first_test.last,
    )
    spent = [day + last + 1 for day in pregnancy.first_test_days(terms)]
    spent_on = max((day for day in spent if day <= terms.first_open_day), default=0)
    agreed_on = calendar.day(terms.current_agreements[-1].completed_at)
    opens_on = max(ready_on - last, spent_on, agreed_on)
    closes_on = opens_on + last - first
    return Obligation(
        kind=kinds.FIRST_TEST_WINDOW,
        rule="L-PT-1",
        anchor=date_of(opens_on).isoformat(),
        who="patient",
        opens_at=calendar.start_of_day(opens_on),
        closes_at=calendar.end_of_day(closes_on),
        params={
            "window_from": date_of(opens_on),
            "window_until": date_of(closes_on),
            "authorization_from": date_of(max(opens_on + first, ready_on)),
        },
    )


def _attestations(terms: Terms) -> Iterator[Obligation]:
    if terms.on_pregnancy_path:
        yield from _contraception_attestation(terms)
    yield from _obligations_attestation(terms)


def _contraception_attestation(terms: Terms) -> Iterator[Obligation]:
    """L-CON-3: before the last one is too old; at once when there is none, or an inadequate one."""
    latest = terms.latest_attestations[-1:]
    since = terms.calendar.day(latest[0].attested_at) if latest else _agreed_on(terms)
    if since is None:
        return
    is_adequate = contraception.contraception_adequate(terms).met
    days = terms.policy.parameters.contraception_attestation_days if is_adequate else 0
    yield _attestation(terms, kinds.CONTRACEPTION_ATTESTATION_DUE, "L-CON-3", since, since + days)


def _obligations_attestation(terms: Terms) -> Iterator[Obligation]:
    """L-CON-6: every twelve months; at once when there is none, or an incomplete one."""
    attested = [each.attested_at for each in terms.known.obligations]
    since = terms.calendar.day(max(attested)) if attested else _agreed_on(terms)
    if since is None:
        return
    is_complete = contraception.obligations_attested(terms).reason in _COMPLETE
    months = terms.policy.parameters.obligations_months
    due_on = plus_months(since, months) if is_complete else since
    yield _attestation(terms, kinds.OBLIGATIONS_ATTESTATION_DUE, "L-CON-6", since, due_on)


def _attestation(terms: Terms, kind: str, rule: str, since: Day, due_on: Day) -> Obligation:
    return Obligation(
        kind=kind,
        rule=rule,
        anchor=f"{date_of(since).isoformat()}/{date_of(due_on).isoformat()}",
        who="patient",
        due_at=terms.calendar.end_of_day(due_on),
        params={"due_on": date_of(due_on)},
    )


def _agreed_on(terms: Terms) -> Day | None:
    """The day of the current agreement; without one, nobody is asked for anything."""
    if not terms.current_agreements:
        return None
    return terms.calendar.day(terms.current_agreements[-1].completed_at)


def _patient_survey(terms: Terms) -> Iterator[Obligation]:
    """L-SUR-2: for the next supply, or every six months."""
    if terms.category.patient_survey == "never":
        return
    finding = surveys.patient_survey(terms)
    if finding.reason in _PERIODIC:
        yield _survey(terms, None, surveys.periodic_survey_due_on(terms))
        return
    window = None if _is_authorized(terms) else _next_supply_window(terms)
    if finding.reason == "PATIENT_SURVEY_NOT_NEEDED" or window is None:
        return
    opens_on, due_on = window
    serves_until = finding.closes_at
    if serves_until is not None and serves_until >= terms.calendar.start_of_day(opens_on):
        return
    yield _survey(terms, opens_on, due_on)


def _next_supply_window(terms: Terms) -> tuple[Day, Day] | None:
    """The days on which the next supply can be authorized and dispensed, where they are known."""
    if terms.on_pregnancy_path and _needs_two_tests(terms):
        return _authorization_window(terms)
    if terms.run_out_on is None:
        return None
    return terms.run_out_on - terms.policy.parameters.remaining_supply_days, terms.run_out_on


def _survey(terms: Terms, opens_on: Day | None, due_on: Day) -> Obligation:
    calendar = terms.calendar
    return Obligation(
        kind=kinds.PATIENT_SURVEY_DUE,
        rule="L-SUR-2",
        anchor=date_of(due_on).isoformat(),
        who="patient",
        opens_at=None if opens_on is None else calendar.start_of_day(opens_on),
        due_at=calendar.end_of_day(due_on),
        params={"due_on": date_of(due_on)},
    )


def _authorization_expires(terms: Terms) -> Iterator[Obligation]:
    """L-AUT-4: the supply must be dispensed before its authorization is over."""
    for each in terms.known.authorizations:
        if each.state in OPEN_STATES and each.expires_at >= terms.as_of:
            yield Obligation(
                kind=kinds.AUTHORIZATION_EXPIRES,
                rule="L-AUT-4",
                anchor=utc_text(each.issued_at),
                who="patient",
                due_at=each.expires_at,
                params={"expires_at": each.expires_at},
            )


def _supply_ends(terms: Terms) -> Iterator[Obligation]:
    """L-DSP-5, L-AUT-1: from seven days before run-out until therapy would have to begin anew."""
    run_out_on = terms.run_out_on
    numbers, calendar = terms.policy.parameters, terms.calendar
    if run_out_on is None or terms.first_open_day > run_out_on + numbers.reinitiate_after_gap_days:
        return
    yield Obligation(
        kind=kinds.SUPPLY_ENDS,
        rule="L-DSP-5",
        anchor=date_of(run_out_on).isoformat(),
        who="prescriber",
        opens_at=calendar.start_of_day(run_out_on - numbers.remaining_supply_days),
        due_at=calendar.end_of_day(run_out_on - 1),
        closes_at=calendar.end_of_day(run_out_on + numbers.reinitiate_after_gap_days),
        params={"run_out_on": date_of(run_out_on)},
    )


def _agreement_lapses(terms: Terms) -> Iterator[Obligation]:
    """L-ENR-4: twelve months without a dispense."""
    closes_at = enrollment.agreement_in_force(terms).closes_at
    if closes_at is None:
        return
    lapses_on = date_of(terms.calendar.day(closes_at))
    yield Obligation(
        kind=kinds.AGREEMENT_LAPSES,
        rule="L-ENR-4",
        anchor=lapses_on.isoformat(),
        who="prescriber",
        due_at=closes_at,
        params={"lapses_on": lapses_on},
    )


def _comes_of_age(terms: Terms) -> Iterator[Obligation]:
    """L-CAT-1: from the adult birthday on a child's category blocks; announced some time before."""
    if terms.category.adult is not False:
        return
    numbers, calendar = terms.policy.parameters, terms.calendar
    adult_on = birthday(terms.facts.patient.date_of_birth, numbers.adult_age_years)
    announced_on = adult_on - numbers.birthday_notice_days
    if terms.today < announced_on:
        return
    yield Obligation(
        kind=kinds.COMES_OF_AGE,
        rule="L-CAT-1",
        anchor=date_of(adult_on).isoformat(),
        who="prescriber",
        opens_at=calendar.start_of_day(announced_on),
        due_at=calendar.end_of_day(adult_on - 1),
        params={"adult_on": date_of(adult_on)},
    )


def _after_the_end(terms: Terms, ended_on: Day) -> Iterator[Obligation]:
    """L-CON-5, L-PT-9: obligations outlive therapy, and one more test is made."""
    numbers, calendar = terms.policy.parameters, terms.calendar
    anchor = date_of(ended_on).isoformat()
    obliged_until = ended_on + numbers.obligations_after_end_days
    if terms.first_open_day <= obliged_until:
        yield Obligation(
            kind=kinds.OBLIGATIONS_END,
            rule="L-CON-5",
            anchor=anchor,
            who="patient",
            due_at=calendar.end_of_day(obliged_until),
            params={"until": date_of(obliged_until)},
        )
    test_on = ended_on + numbers.end_of_treatment_test_days
    is_tested = terms.counting and calendar.day(terms.counting[-1]) >= test_on
    if terms.on_pregnancy_path and not is_tested and not _is_on_hold(terms):
        yield Obligation(
            kind=kinds.END_OF_TREATMENT_TEST,
            rule="L-PT-9",
            anchor=anchor,
            who="patient",
            due_at=calendar.end_of_day(test_on),
            params={"due_on": date_of(test_on)},
        )
