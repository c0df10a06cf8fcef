"""One line a patient: what is next, until when, and how urgent that is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.eligibility.selectors import Plan
from apps.portal import agenda
from apps.portal.agenda import Urgency
from apps.portal.urgencies import changes_at
from apps.rules.calendar import Calendar
from apps.rules.obligation import AUTHORIZATION_EXPIRES, SUPPLY_ENDS, WEEKLY_TEST, Obligation
from apps.rules.therapy import NOT_STARTED, Therapy

CALENDAR = Calendar(ZoneInfo("America/New_York"))
NOW = datetime(2026, 6, 1, 16, tzinfo=UTC)
UNREAD: Any = None  # The agenda reads what the rules said, never the facts.
TONIGHT = datetime(2026, 6, 2, 3, 59, 59, tzinfo=UTC)


def requirement(rule: str, *, met: bool = True, **fields: Any) -> dict[str, Any]:
    return {
        "rule": rule,
        "met": met,
        "message": f"About {rule}.",
        "opens_at": None,
        "closes_at": None,
        **fields,
    }


def plan(*obligations: Obligation, **decision: Any) -> Plan:
    unmet = [requirement("L-AUT-3", met=False)]
    document = {
        "allowed": False,
        "unmet": ["L-AUT-3"],
        "requirements": unmet,
        "next_actions": [],
        "expires_at": None,
        **decision,
    }
    return Plan(NOW, "adult_frp", document, obligations, Therapy(status=NOT_STARTED), UNREAD)


def obligation(kind: str, **instants: Any) -> Obligation:
    return Obligation(kind=kind, rule="L-PT-4", anchor="x", who="patient", params={}, **instants)


def test_a_hold_comes_before_everything_and_says_why() -> None:
    held = plan(
        obligation(WEEKLY_TEST, due_at=TONIGHT),
        requirements=[requirement("L-PRG-1", met=False)],
    )
    line = agenda.line(held, CALENDAR)
    assert (line.urgency, line.text) == (Urgency.HOLD, "About L-PRG-1.")


def test_what_is_due_on_the_programs_day_closes_today() -> None:
    line = agenda.line(plan(obligation(WEEKLY_TEST, due_at=TONIGHT)), CALENDAR)
    assert (line.urgency, line.until, line.overdue) == (Urgency.TODAY, TONIGHT, False)


def test_what_was_due_is_overdue() -> None:
    late = NOW - timedelta(days=2)
    line = agenda.line(plan(obligation(WEEKLY_TEST, due_at=late)), CALENDAR)
    assert (line.urgency, line.overdue) == (Urgency.TODAY, True)


def test_what_opens_later_is_upcoming_and_says_from_when() -> None:
    opens = NOW + timedelta(days=10)
    each = obligation(SUPPLY_ENDS, opens_at=opens, due_at=opens + timedelta(days=7))
    line = agenda.line(plan(each), CALENDAR)
    assert (line.urgency, line.from_at) == (Urgency.UPCOMING, opens)


def test_within_a_week_is_due_and_later_is_upcoming() -> None:
    for days, urgency in ((7, Urgency.DUE), (8, Urgency.UPCOMING)):
        each = obligation(WEEKLY_TEST, due_at=NOW + timedelta(days=days))
        assert agenda.line(plan(each), CALENDAR).urgency is urgency


def test_a_possible_authorization_is_offered_until_the_first_thing_lapses() -> None:
    lapses = NOW + timedelta(hours=5)
    possible = plan(
        allowed=True,
        unmet=[],
        requirements=[
            requirement("L-PT-2", closes_at="2026-06-01T21:00:00Z"),
            requirement("L-PT-1", closes_at="2026-06-05T21:00:00Z"),
        ],
    )
    line = agenda.line(possible, CALENDAR)
    assert (line.text, line.until) == ("Request the authorization", lapses)
    assert agenda.status(possible).until == lapses


def test_an_open_authorization_is_no_task_of_the_prescriber_until_its_last_day() -> None:
    for until, urgency in ((NOW + timedelta(days=3), Urgency.UPCOMING), (TONIGHT, Urgency.TODAY)):
        line = agenda.line(plan(obligation(AUTHORIZATION_EXPIRES, due_at=until)), CALENDAR)
        assert line.urgency is urgency


def with_supply_left(opens: datetime, until: datetime) -> Plan:
    authorized = plan(obligation(AUTHORIZATION_EXPIRES, due_at=until))
    return replace(authorized, supply_opens_at=opens)


def test_an_open_authorization_never_says_that_it_can_be_dispensed_while_supply_is_left() -> None:
    opens, until = NOW + timedelta(days=3), NOW + timedelta(days=5)
    held = with_supply_left(opens, until)
    status, line = agenda.status(held), agenda.line(held, CALENDAR)
    assert (status.kind, status.until, status.is_open) == ("waiting", opens, True)
    assert (line.from_at, line.until) == (opens, until)
    now = agenda.status(plan(obligation(AUTHORIZATION_EXPIRES, due_at=until)))
    assert (now.kind, now.detail) == ("confirmed", "The pharmacy can dispense it.")


def test_an_authorization_that_ends_before_any_pharmacy_may_dispense_it_is_due_now() -> None:
    opens, until = NOW + timedelta(days=6), NOW + timedelta(days=5)
    held = with_supply_left(opens, until)
    status, line = agenda.status(held), agenda.line(held, CALENDAR)
    assert (status.kind, status.until) == ("waiting", opens)
    assert agenda.TOO_EARLY in status.detail
    assert (line.urgency, line.text, line.until) == (Urgency.DUE, agenda.TOO_EARLY, until)
    tonight = agenda.line(with_supply_left(opens, TONIGHT), CALENDAR)
    assert tonight.urgency is Urgency.TODAY


def test_what_waits_says_the_day_before_which_nothing_is_possible() -> None:
    waiting = plan(
        requirements=[
            requirement("L-PT-1", met=False, opens_at="2026-06-10T04:00:00Z"),
            requirement("L-CON-2", met=False, opens_at="2026-06-20T04:00:00Z"),
        ],
        unmet=["L-CON-2", "L-PT-1"],
    )
    status = agenda.status(waiting)
    assert status.until == datetime(2026, 6, 20, 4, tzinfo=UTC)
    assert status.detail == "2 requirements are not met."
    assert agenda.line(waiting, CALENDAR).urgency is Urgency.UPCOMING


def test_on_therapy_the_state_names_the_day_from_which_the_next_supply_is_prepared() -> None:
    opens = NOW + timedelta(days=14)
    each = obligation(SUPPLY_ENDS, opens_at=opens, due_at=opens + timedelta(days=7))
    status = agenda.status(plan(each))
    assert (status.headline, status.until) == ("On therapy", opens)


def test_with_supply_left_nobody_is_told_to_prepare_the_next_one_now() -> None:
    opens = NOW + timedelta(days=14)
    each = obligation(SUPPLY_ENDS, opens_at=opens, due_at=opens + timedelta(days=7))
    action = {"who": "prescriber", "what": "Counsel.", "not_before": None, "not_after": None}
    supplied = plan(each, unmet=["L-SUR-4"], requirements=[requirement("L-SUR-4", met=False)])
    supplied.decision["next_actions"] = [action]
    line = agenda.line(supplied, CALENDAR)
    assert (line.urgency, line.from_at) == (Urgency.UPCOMING, opens)


def test_a_missing_signature_is_due_now_whatever_else_must_wait() -> None:
    waiting = plan(
        requirements=[
            requirement("L-ENR-3", met=False),
            requirement("L-CON-2", met=False, opens_at="2026-06-20T04:00:00Z"),
        ],
        unmet=["L-CON-2", "L-ENR-3"],
    )
    line = agenda.line(waiting, CALENDAR)
    assert (line.urgency, line.text) == (Urgency.DUE, "About L-ENR-3.")


def test_without_anything_due_all_is_well() -> None:
    assert agenda.line(plan(), CALENDAR).urgency is Urgency.WELL


def test_an_order_is_remembered_until_time_alone_may_change_it() -> None:
    far = plan(obligation(WEEKLY_TEST, due_at=NOW + timedelta(days=10)), requirements=[])
    soon = datetime(2026, 6, 4, 4, tzinfo=UTC)  # The day begins on which it is due in a week.
    assert changes_at(far, CALENDAR) == soon
    tonight = plan(obligation(WEEKLY_TEST, due_at=TONIGHT), requirements=[])
    assert changes_at(tonight, CALENDAR) == TONIGHT
    met = requirement("L-PT-2", closes_at="2026-06-01T18:00:00Z")
    assert changes_at(plan(requirements=[met]), CALENDAR) == datetime(2026, 6, 1, 18, tzinfo=UTC)
    assert changes_at(plan(requirements=[]), CALENDAR) > NOW


def test_what_is_authorized_is_for_now_only_where_a_pharmacy_would_dispense_it() -> None:
    """A hold stops it, and supply that is left makes it wait, maybe beyond its end."""
    authorized = obligation(AUTHORIZATION_EXPIRES, due_at=NOW + timedelta(days=3))
    assert agenda.dispensable_from(plan(authorized), authorized) == NOW
    held = plan(authorized, requirements=[requirement("L-PT-8", met=False)])
    assert agenda.dispensable_from(held, authorized) is None
    for days, opens in ((2, NOW + timedelta(days=2)), (4, None)):
        supplied = replace(plan(authorized), supply_opens_at=NOW + timedelta(days=days))
        assert agenda.dispensable_from(supplied, authorized) == opens
