"""What the program and its pharmacies owe (L-PRG-2, L-ENR-2), and how every record may move."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from apps.rules import lifecycle
from apps.rules.duties import case_follow_up, certification_renewal
from apps.rules.lifecycle import CERTIFIED_PARTY, CONFIRMATION, Lifecycle, Transition
from apps.rules.obligation import Obligation
from apps.rules.policy import policy_by_version

POLICY = policy_by_version("lenalidomide-2026-01")
LIFECYCLES = [each for each in vars(lifecycle).values() if isinstance(each, Lifecycle)]


def test_a_step_of_a_follow_up_is_the_staffs_and_ends_with_its_day() -> None:
    """L-PRG-2."""
    due_on = date(2026, 6, 17)
    assert case_follow_up("birth/2026-06-17", due_on=due_on, policy=POLICY) == Obligation(
        kind="case_follow_up",
        rule="L-PRG-2",
        anchor="birth/2026-06-17",
        who="staff",
        due_at=datetime(2026, 6, 18, 3, 59, 59, 999999, UTC),
        params={"due_on": due_on},
    )


def test_a_pharmacy_renews_its_certification_by_its_last_day() -> None:
    """L-ENR-2: it is told from the first instant of the notice on."""
    days = POLICY.parameters.pharmacy_renewal_notice_days
    assert days == 60
    assert certification_renewal(last_day_on=date(2026, 6, 17), policy=POLICY) == Obligation(
        kind="certification_renewal",
        rule="L-ENR-2",
        anchor="2026-06-17",
        who="pharmacy",
        opens_at=datetime(2026, 4, 18, 4, tzinfo=UTC),
        due_at=datetime(2026, 6, 18, 3, 59, 59, 999999, UTC),
        params={"last_day_on": date(2026, 6, 17), "renews_from": date(2026, 4, 18)},
    )


@pytest.mark.parametrize("table", LIFECYCLES, ids=lambda table: table.name)
def test_a_lifecycle_moves_as_its_rows_say_and_no_other_way(table: Lifecycle) -> None:
    roles = {role for row in table.transitions for role in row.by}
    events = {row.event for row in table.transitions}
    rows = {
        (row.event, row.source, role): row.target for row in table.transitions for role in row.by
    }
    assert table.initial <= table.states()
    assert table.states() >= {state for move in table.moves() for state in move}
    for event in {*events, "dream"}:
        for state in {*table.states(), "lost"}:
            for role in {*roles, "passer-by"}:
                found = table.target(event=event, state=state, role=role)
                assert found == rows.get((event, state, role))


def test_who_may_move_a_record_differs_by_row() -> None:
    """L-ENR-1: certified again only by an administrator; L-DSP-8: a late entry takes others."""
    certified = CERTIFIED_PARTY.target
    assert certified(event="certify", state="pending", role="staff") == "certified"
    assert certified(event="reinstate", state="suspended", role="staff") is None
    assert certified(event="reinstate", state="decertified", role="administrator") == "certified"
    assert CONFIRMATION.target(event="dispense_late", state="void", role="staff") == "dispensed"
    assert CONFIRMATION.target(event="dispense", state="void", role="pharmacist") is None
    assert CERTIFIED_PARTY.states() == {"pending", "certified", "suspended", "decertified"}
    assert ("pending", "certified") in CERTIFIED_PARTY.moves()
    assert len(CERTIFIED_PARTY.moves()) == 7


def test_states_and_moves_are_those_of_the_rows_and_the_beginning() -> None:
    only = Lifecycle(
        "a door", frozenset({"new"}), (Transition("open", "shut", "ajar", frozenset()),)
    )
    assert only.states() == {"new", "shut", "ajar"}
    assert only.moves() == {("shut", "ajar")}
    nobody = replace(only, transitions=())
    assert nobody.target(event="open", state="shut", role="staff") is None
