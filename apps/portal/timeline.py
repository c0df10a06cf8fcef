"""A patient's timeline: what happened, what is open and what comes, in lanes.

One list of entries makes the drawing and the table beside it, so that both say the same. Windows,
limits and dates are those that the rules worked out; nothing is decided here.
"""

import enum
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from apps.core import numbers
from apps.eligibility.selectors import Plan
from apps.evidence.models import PregnancyTest
from apps.evidence.selectors import PatientRecord
from apps.portal.answers import holds_until
from apps.portal.words import OBLIGATIONS, WHO
from apps.prescriptions.models import Authorization, Dispense
from apps.rules import obligation as kinds
from apps.rules import what_if
from apps.rules.calendar import Calendar

LOOKS_BACK: Final = timedelta(days=183)
"""How much of the past is told; the whole of it stands in the record."""


class Lane(enum.StrEnum):
    """What is told together, in the order in which it is drawn."""

    TESTS = "Pregnancy tests"
    WINDOWS = "When tests are due"
    CONTRACEPTION = "Contraception"
    AUTHORIZATIONS = "Authorizations"
    SUPPLY = "Supply"
    HOLDS = "Holds and reports"
    NEXT = "Next authorization"


class Look(enum.StrEnum):
    """How an entry is drawn; the word in its state tells the same."""

    DONE = "done"
    OPEN = "open"
    COMING = "coming"
    MISSED = "missed"
    ALARM = "alarm"
    WITHDRAWN = "withdrawn"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing at one instant, or between two. `goes_on`: no end is known yet."""

    lane: Lane
    what: str
    state: str
    look: Look
    from_at: datetime
    until: datetime | None = None
    goes_on: bool = False


WINDOWS: Final = {
    kinds.FIRST_TEST_WINDOW,
    kinds.SECOND_TEST_WINDOW,
    kinds.END_OF_TREATMENT_TEST,
    *kinds.SCHEDULED_TESTS,
}
RESULTS: Final = {
    PregnancyTest.Result.NEGATIVE: Look.DONE,
    PregnancyTest.Result.POSITIVE: Look.ALARM,
    PregnancyTest.Result.INDETERMINATE: Look.MISSED,
}
TEST_STEPS: Final = {"first_test", "latest_test"}
CONTRACEPTION_STEPS: Final = {"contraception_begun", "contraception_attested"}


def timeline(
    record: PatientRecord,
    authorizations: Sequence[Authorization],
    dispenses: Sequence[Dispense],
    plan: Plan,
    *,
    expected: what_if.Plan | None,
    calendar: Calendar,
) -> list[Entry]:
    """Everything from half a year ago on, the earliest first.

    `expected` is when an authorization is possible and what it takes: drawn as planned.
    """
    every = [
        *_tests(record),
        *_windows(plan),
        *_contraception(record, plan, calendar),
        *_authorizations(authorizations, dispenses, plan.as_of),
        *_supply(dispenses, plan),
        *_holds(record),
        *_next(plan, expected, calendar),
    ]
    since = plan.as_of - LOOKS_BACK
    told = [each for each in every if each.goes_on or (each.until or each.from_at) >= since]
    return sorted(told, key=lambda each: (each.from_at, each.until or each.from_at, each.lane))


def _tests(record: PatientRecord) -> Iterator[Entry]:
    for test in record.tests:
        result = test.get_result_display()
        if test.withdrawn_at:
            yield Entry(
                Lane.TESTS, f"{result} test", "Withdrawn", Look.WITHDRAWN, test.collected_at
            )
        else:
            look = RESULTS[PregnancyTest.Result(test.result)]
            yield Entry(Lane.TESTS, "Pregnancy test", result, look, test.collected_at)


def _windows(plan: Plan) -> Iterator[Entry]:
    for each in plan.obligations:
        until = each.due_at or each.closes_at
        if each.kind not in WINDOWS or until is None:
            continue
        state, look = "Due until then", Look.OPEN
        if until < plan.as_of:
            state, look = "Missed", Look.MISSED
        elif each.opens_at and each.opens_at > plan.as_of:
            state, look = "Coming", Look.COMING
        opens_at = each.opens_at or min(plan.as_of, until)
        yield Entry(Lane.WINDOWS, OBLIGATIONS[each.kind], state, look, opens_at, until)


def _contraception(record: PatientRecord, plan: Plan, calendar: Calendar) -> Iterator[Entry]:
    for each in record.contraception:
        state, look = "No lapse", Look.DONE
        if each.withdrawn_at:
            state, look = "Withdrawn", Look.WITHDRAWN
        elif each.lapse:
            state, look = "Lapse", Look.ALARM
        yield Entry(Lane.CONTRACEPTION, "Contraception attested", state, look, each.attested_at)
    since_on = plan.contraception_since_on
    if since_on is None:
        return
    due = _until(plan, kinds.CONTRACEPTION_ATTESTATION_DUE)
    yield Entry(
        Lane.CONTRACEPTION,
        "Contraception without a break",
        "To be attested again by the end" if due else "Goes on",
        Look.OPEN,
        calendar.start_of_day(since_on.toordinal()),
        due,
        goes_on=due is None,
    )


def _authorizations(
    authorizations: Iterable[Authorization], dispenses: Iterable[Dispense], now: datetime
) -> Iterator[Entry]:
    used_at = {each.authorization_id: each.dispensed_at for each in dispenses}
    for each in authorizations:
        is_open = each.state in {"issued", "confirmed"} and each.expires_at >= now
        until = used_at.get(each.pk) if each.state == "dispensed" else each.ended_at
        state = each.get_state_display()
        if each.state in {"issued", "confirmed"} and not is_open:
            state = Authorization.State.EXPIRED.label
        yield Entry(
            Lane.AUTHORIZATIONS,
            f"Authorization {numbers.grouped(each.number)}",
            state,
            Look.OPEN if is_open else Look.DONE,
            each.issued_at,
            until or each.expires_at,
        )


def _supply(dispenses: Iterable[Dispense], plan: Plan) -> Iterator[Entry]:
    counting = []
    for each in dispenses:
        what, state, look = f"{each.days_supply} days dispensed", "Counts", Look.DONE
        if each.withdrawn_at:
            state, look = "Withdrawn", Look.WITHDRAWN
        elif each.return_entry is not None:
            state, look = "Returned to stock", Look.WITHDRAWN
        elif (stop := each.stop_entry) is not None:
            state, look = stop.get_kind_display(), Look.MISSED
        elif not each.authorized:
            state, look = "Outside the rules", Look.ALARM
        if look is not Look.WITHDRAWN:
            counting.append(each.dispensed_at)
        yield Entry(Lane.SUPPLY, what, state, look, each.dispensed_at)
    ends_at = _until(plan, kinds.SUPPLY_ENDS)
    if ends_at and counting and ends_at > max(counting):
        state, look = ("Left", Look.OPEN) if ends_at >= plan.as_of else ("Used up", Look.DONE)
        yield Entry(Lane.SUPPLY, "Supply", state, look, max(counting), ends_at)


def _holds(record: PatientRecord) -> Iterator[Entry]:
    for case in record.cases:
        what = f"Pregnancy case: {case.get_subject_display().lower()}"
        yield _hold(what, case.reported_at, case.closed_at, "Closed")
    for each in record.interventions:
        yield _hold("Intervention", each.opened_at, each.resolved_at, "Resolved")
    for report in record.bleeding_reports:
        state, look = "Reported", Look.ALARM
        if report.withdrawn_at:
            state, look = "Withdrawn", Look.WITHDRAWN
        yield Entry(Lane.HOLDS, report.get_kind_display(), state, look, report.reported_at)


def _hold(what: str, opened_at: datetime, ended_at: datetime | None, ended: str) -> Entry:
    if ended_at is None:
        return Entry(Lane.HOLDS, what, "Open", Look.ALARM, opened_at, goes_on=True)
    return Entry(Lane.HOLDS, what, ended, Look.DONE, opened_at, ended_at)


def _next(plan: Plan, expected: what_if.Plan | None, calendar: Calendar) -> Iterator[Entry]:
    if plan.therapy.is_over:
        return
    if plan.can_be_requested:
        until = holds_until(plan.decision)
        yield Entry(
            Lane.NEXT, "An authorization is possible", "Now", Look.OPEN, plan.as_of, until,
            goes_on=until is None,
        )  # fmt: skip
        return
    if expected is None or expected.possible_from is None:
        return
    for step in expected.steps:
        lane = Lane.NEXT
        if step.code in TEST_STEPS:
            lane = Lane.TESTS
        elif step.code in CONTRACEPTION_STEPS:
            lane = Lane.CONTRACEPTION
        first, last = step.not_before.toordinal(), step.not_after.toordinal()
        yield Entry(
            lane, step.what.rstrip("."), f"Planned: {WHO.get(step.who, step.who)}", Look.PLANNED,
            max(plan.as_of, calendar.start_of_day(first)), calendar.end_of_day(last),
        )  # fmt: skip
    last_on = expected.possible_until
    yield Entry(
        Lane.NEXT,
        "An authorization is possible",
        "If all that is planned is done",
        Look.COMING,
        max(plan.as_of, calendar.start_of_day(expected.possible_from.toordinal())),
        calendar.end_of_day(last_on.toordinal()) if last_on else None,
        goes_on=last_on is None,
    )


def _until(plan: Plan, kind: str) -> datetime | None:
    """When the obligation of a kind is due, or closes."""
    found = [each for each in plan.obligations if each.kind == kind]
    return max((at for each in found if (at := each.due_at or each.closes_at)), default=None)
