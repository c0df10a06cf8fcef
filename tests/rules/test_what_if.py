"""A dated plan: from when an authorization is possible, and what it takes until then."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from apps.rules.decision import decide_under
from apps.rules.facts import parse_facts
from apps.rules.policy import (
    POLICY_DIRECTORY,
    NoPolicyInForce,
    policies,
    policy_in_force,
    use_policies,
)
from apps.rules.what_if import SUPPOSED, Assumptions, Plan, plan
from tests.rules.documents import (
    CATEGORIES,
    NOON,
    Document,
    adequate,
    authorize,
    end_of,
    iso,
)
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


def test_a_plan_is_told_with_its_steps_its_obstacles_and_what_was_supposed() -> None:
    tested_on = TODAY + timedelta(days=16)
    document = json.loads(json.dumps(planned(newcomer(), first_test_on=tested_on).to_document()))
    steps = document.pop("steps")
    assert document == {
        "program": "lenalidomide",
        "as_of": "2026-06-17T16:00:00Z",
        "assumptions": {"first_test_on": "2026-07-03", "contraception_since": None},
        "path": "initiation",
        "possible_from": "2026-07-15",
        "possible_until": "2026-07-17",
        "obstacles": [
            {
                "rule": "L-CON-2",
                "message": "Adequate contraception began on 17 June 2026; 28 days are complete on "
                "15 July 2026.",
                "who": "prescriber",
            }
        ],
        "instead": None,
    }
    assert steps[1] == {
        "step": "first_test",
        "who": "prescriber",
        "what": "Make the first pregnancy test; it is negative.",
        "not_before": "2026-07-01",
        "not_after": "2026-07-05",
    }
    assert {step["step"] for step in steps} <= set(SUPPOSED)


def test_a_first_test_made_too_early_leads_nowhere_and_the_better_plan_is_shown() -> None:
    made = planned(newcomer(), first_test_on=TODAY)
    assert [each.rule for each in made.obstacles] == ["L-CON-2"]
    assert made.steps == ()
    assert made.instead is not None
    assert made.instead.possible_from == TODAY + timedelta(days=28)
    document = made.to_document()
    assert (document["program"], document["path"]) == ("lenalidomide", "initiation")
    assert document["as_of"] == "2026-06-17T16:00:00Z"
    assert document["assumptions"] == {"first_test_on": "2026-06-17", "contraception_since": None}
    assert (document["possible_from"], document["possible_until"]) == (None, None)
    assert document["instead"]["possible_from"] == "2026-07-15"


def test_what_is_supposed_is_told_with_the_plan() -> None:
    since = TODAY - timedelta(days=28)
    document = planned(authorize("adult_male"), contraception_since=since).to_document()
    assert document["assumptions"] == {"first_test_on": None, "contraception_since": "2026-05-20"}
    assert (document["possible_from"], document["instead"]) == ("2026-06-17", None)


def test_where_nothing_helps_no_better_plan_is_shown() -> None:
    document = authorize("adult_male") | {"interventions": [{"opened_at": iso(NOON)}]}
    made = planned(document, contraception_since=TODAY)
    assert (made.possible_from, made.instead) == (None, None)


@pytest.fixture
def ending(tmp_path: Path) -> Iterator[None]:
    """The only edition ends on 28 June 2026."""
    text = (POLICY_DIRECTORY / "lenalidomide.toml").read_text()
    ended = text.replace("approved_by", "effective_to = 2026-06-28\napproved_by", 1)
    (tmp_path / "only.toml").write_text(ended)
    before = policies()
    use_policies(tmp_path)
    yield
    use_policies(before.directory, before.programs)


@pytest.mark.usefixtures("ending")
def test_a_plan_ends_with_the_last_edition() -> None:
    """Nothing is promised of days that no policy decides."""
    made = planned(newcomer(), contraception_since=TODAY - timedelta(days=28))
    assert (made.possible_from, made.possible_until) == (TODAY + timedelta(days=10), None)
    assert planned(newcomer()).possible_from is None


def test_who_has_no_agreement_signs_one_today() -> None:
    made = planned(newcomer(agreements=[]))
    assert made.possible_from == TODAY + timedelta(days=28)
    assert windows(made)["agreement"] == days(0, 28)


def test_who_uses_contraception_already_attests_it_and_begins_nothing() -> None:
    """L-CON-2: a run that lasts is not begun again by a plan."""
    attested = adequate(NOON - timedelta(days=60))
    made = planned(newcomer(contraception=[attested]))
    assert made.possible_from == TODAY + timedelta(days=10)
    assert {"contraception_attested"} == {code for code in windows(made) if "contra" in code}


def test_who_supposes_a_later_beginning_waits_from_that_day_on() -> None:
    attested = adequate(NOON - timedelta(days=60))
    since = TODAY - timedelta(days=5)
    made = planned(newcomer(contraception=[attested]), contraception_since=since)
    assert made.possible_from == since + timedelta(days=28)


def test_a_stretch_of_two_days_ends_with_the_second() -> None:
    """L-PT-1, L-CON-2: contraception is ready on the thirteenth day after the first test."""
    made = planned(
        newcomer(),
        contraception_since=TODAY - timedelta(days=15),
        first_test_on=TODAY,
    )
    assert made.possible_from == TODAY + timedelta(days=13)
    assert made.possible_until == TODAY + timedelta(days=14)


def waiting(expires_at: datetime) -> Plan:
    """The plan of a man whose open authorization ends then."""
    issued = {"issued_at": iso(NOON - timedelta(hours=30)), "state": "issued"}
    return planned(
        {**authorize("adult_male"), "authorizations": [{**issued, "expires_at": iso(expires_at)}]}
    )


def test_a_plan_looks_150_days_ahead() -> None:
    last_day = TODAY + timedelta(days=150)
    assert waiting(end_of(last_day - timedelta(days=1))).possible_from == last_day
    assert waiting(end_of(last_day)).possible_from is None


def test_today_is_judged_as_of_now_and_not_as_of_tonight() -> None:
    """L-AUT-3: what ends this evening stands in the way of today."""
    assert waiting(NOON + timedelta(hours=3)).possible_from == TODAY + timedelta(days=1)


def test_before_any_edition_there_is_nothing_to_plan() -> None:
    document = authorize("adult_male", as_of=datetime(2019, 6, 17, 12, tzinfo=NOON.tzinfo))
    facts = parse_facts(document, policy_in_force("lenalidomide", NOON))
    with pytest.raises(NoPolicyInForce, match="lenalidomide from 2019-06-17T16:00:00"):
        plan(facts)
