"""A dated plan: from when an authorization is possible, and what it takes until then."""

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from apps.rules.decision import decide_under
from apps.rules.facts import parse_facts
from apps.rules.policy import policy_in_force
from apps.rules.what_if import SUPPOSED, Assumptions, Plan, plan
from tests.rules.documents import CATEGORIES, NOON, Document, authorize, iso
from tests.rules.generated import documents

TODAY = date(2026, 6, 17)


def newcomer(**changes: Any) -> Document:
    """A woman with an agreement signed today, and nothing else."""
    document = authorize("adult_frp")
    for key in (
        "pregnancy_tests", "contraception", "obligations", "counseling", "patient_surveys",
    ):  # fmt: skip
        document[key] = []
    document["agreements"] = [
        {**agreement, "patient_signed_at": iso(NOON), "prescriber_signed_at": iso(NOON)}
        for agreement in document["agreements"]
    ]
    return {**document, **changes}


def planned(document: Document, **assumptions: Any) -> Plan:
    return plan(parse_facts(document), Assumptions(**assumptions))


def windows(made: Plan) -> dict[str, tuple[date, date]]:
    return {step.code: (step.not_before, step.not_after) for step in made.steps}


def days(first: int, last: int) -> tuple[date, date]:
    return TODAY + timedelta(days=first), TODAY + timedelta(days=last)


def test_a_newcomer_waits_for_contraception_and_is_told_every_window() -> None:
    made = planned(newcomer())
    assert made.possible_from == TODAY + timedelta(days=28)
    assert made.path == "initiation"
    assert windows(made) == {
        "contraception_begun": days(0, 0),
        "first_test": days(14, 18),
        "latest_test": days(27, 28),
        "obligations": days(0, 28),
        "counseling": days(0, 28),
        "patient_survey": days(0, 28),
    }
    assert [each.rule for each in made.obstacles] == ["L-CON-2"]


def test_contraception_since_long_ago_leaves_the_ten_days_of_the_first_test() -> None:
    made = planned(newcomer(), contraception_since=TODAY - timedelta(days=28))
    assert made.possible_from == TODAY + timedelta(days=10)
    assert windows(made)["first_test"] == days(0, 0)


@pytest.mark.parametrize(("tested_in", "possible_in"), [(0, 10), (3, 13), (20, 30)])
def test_a_supposed_first_test_sets_the_day(tested_in: int, possible_in: int) -> None:
    made = planned(
        newcomer(),
        contraception_since=TODAY - timedelta(days=28),
        first_test_on=TODAY + timedelta(days=tested_in),
    )
    assert made.possible_from == TODAY + timedelta(days=possible_in)
    assert made.possible_until == TODAY + timedelta(days=possible_in + 4)


def test_a_first_test_made_too_early_leads_nowhere_and_the_better_plan_is_shown() -> None:
    made = planned(newcomer(), first_test_on=TODAY)
    assert made.possible_from is None
    assert [each.rule for each in made.obstacles] == ["L-CON-2"]
    assert made.instead is not None
    assert made.instead.possible_from == TODAY + timedelta(days=28)


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("path", ["initiation", "continuing"])
def test_what_is_authorized_now_needs_nothing(category: str, path: str) -> None:
    made = planned(authorize(category, path))
    assert (made.possible_from, made.steps, made.obstacles) == (TODAY, (), ())


def test_what_nobody_can_bring_along_is_named_with_who_can_change_it() -> None:
    document = newcomer()
    document["interventions"] = [{"opened_at": iso(NOON - timedelta(days=1))}]
    made = planned(document)
    assert made.possible_from is None
    assert [(each.rule, each.who) for each in made.obstacles] == [("L-SUR-3", "staff")]


def test_an_open_authorization_is_waited_for() -> None:
    document = authorize("adult_male")
    expires_at = datetime(2026, 6, 20, 3, 59, 59, 999999, tzinfo=NOON.tzinfo)
    document["authorizations"] = [
        {"issued_at": iso(NOON - timedelta(hours=30)), "expires_at": iso(expires_at),
         "state": "issued"},
    ]  # fmt: skip
    made = planned(document)
    assert made.possible_from == date(2026, 6, 20)
    assert [each.rule for each in made.obstacles] == ["L-AUT-3"]


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(documents())
def test_who_keeps_to_the_plan_is_authorized_and_nobody_is_the_day_before(
    document: Document,
) -> None:
    assume(document["question"] == "authorize")
    facts = parse_facts(document)
    made = plan(facts)
    if made.possible_from is None:
        assert made.obstacles
        assert not made.steps
        return
    policy = policy_in_force(facts.program, facts.as_of)
    today = date.fromordinal(policy.calendar.day(facts.as_of))
    assert made.possible_from >= today
    assert bool(made.obstacles) == (made.possible_from > today)
    for step in made.steps:
        assert step.not_before <= step.not_after <= made.possible_from
    if not made.steps and made.possible_from == today and document["request"]["days_supply"] == 28:
        unmet = set(decide_under(facts, policy).unmet)
        assert unmet <= {"L-SUR-1", "L-AUT-5"}


def test_a_plan_is_json_and_its_steps_are_known() -> None:
    document = json.loads(json.dumps(planned(newcomer(), first_test_on=TODAY).to_document()))
    assert document["possible_from"] is None
    assert document["assumptions"] == {"first_test_on": "2026-06-17", "contraception_since": None}
    assert {step["step"] for step in document["instead"]["steps"]} <= set(SUPPOSED)
