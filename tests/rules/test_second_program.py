"""A program unlike lenalidomide's, from its files alone: what is data there, and what is a rule."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from apps.rules.decision import evaluate_document
from apps.rules.documents import document as text_of
from apps.rules.edition import NumberNotGiven
from apps.rules.facts import InvalidFacts, parse_facts
from apps.rules.obligation import FOUR_WEEKLY_TEST, SUPPLY_ENDS
from apps.rules.policy import POLICY_DIRECTORY, Policies, policies, use_policies
from apps.rules.schedule import obligations
from apps.rules.what_if import plan
from tests.rules.documents import (
    DAY,
    HOUR,
    NOON,
    TICK,
    ZONE,
    Document,
    days_before,
    iso,
    start_of,
)
from tests.rules.retinoid import (
    CAN,
    CANNOT,
    FOLDER,
    POLICIES,
    POLICY,
    counting_test,
    dispense,
    known,
    request,
)

ROOT = Path(__file__).parents[2]


def decide(document: Document) -> Document:
    return evaluate_document(document, POLICIES)


def unmet(document: Document) -> list[str]:
    rules: list[str] = decide(document)["unmet"]
    return rules


def with_tests(document: Document, *collected_at: datetime) -> Document:
    return {**document, "pregnancy_tests": [counting_test(each) for each in collected_at]}


def closing(day: date) -> datetime:
    """23:59 of a day in the program's zone."""
    return start_of(day) + timedelta(hours=23, minutes=59)


# --- End to end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("category", [CAN, CANNOT])
@pytest.mark.parametrize("make", [request, dispense])
def test_both_questions_are_answered_yes_for_both_categories(make: Any, category: str) -> None:
    decision = decide(make(category))
    assert decision["unmet"] == []
    assert decision["policy_version"] == "retinoid-2026-01"
    assert decision["path"] == "initiation"


def test_only_the_rules_of_the_program_are_asked_of_whom_its_categories_say() -> None:
    of_lenalidomide_alone = {"L-CAT-1", "L-CAT-2", "L-PT-1", "L-PT-2", "L-PT-8", "L-DSP-9"}
    on_the_pregnancy_path = {"L-PT-3", "L-WIN-1", "L-CON-1", "L-CON-2", "L-CON-3", "L-SUR-2"}
    of_females = {"L-PT-6", "L-CON-7"}
    can = {each["rule"] for each in decide(request(CAN))["requirements"]}
    cannot = {each["rule"] for each in decide(request(CANNOT))["requirements"]}
    assert can - cannot == on_the_pregnancy_path | of_females
    assert cannot <= can <= POLICY.rules.keys()
    assert not of_lenalidomide_alone & POLICY.rules.keys()


def test_a_number_of_a_rule_that_is_not_asked_is_not_there() -> None:
    with pytest.raises(NumberNotGiven, match="first_test_min_days"):
        _ = POLICY.first_test


def test_codes_are_those_of_the_program_alone() -> None:
    document = request()
    document["patient"]["risk_category"] = "adult_frp"
    document["contraception"][0]["methods"] = ["iud"]
    with pytest.raises(InvalidFacts) as refusal:
        parse_facts(document, policies=POLICIES)
    pointers = [error["pointer"] for error in refusal.value.errors]
    assert pointers == ["/patient/risk_category", "/contraception/0/methods/0"]
    with pytest.raises(InvalidFacts) as refusal:
        parse_facts(request())
    assert refusal.value.errors[0]["pointer"] == "/program"


def test_promises_and_topics_are_those_of_the_category() -> None:
    """L-CON-6, L-SUR-4: neither males nor females are asked here, but categories."""
    document = request(CANNOT)
    document["counseling"][0]["topics"] = ["contraception"]
    document["obligations"][0]["no_sharing"] = False
    decision = decide(document)
    assert decision["unmet"] == ["L-CON-6", "L-SUR-4"]
    messages = {each["rule"]: each["message"] for each in decision["requirements"]}
    assert messages["L-SUR-4"].endswith("covers all of: depression.")
    assert messages["L-CON-6"].endswith("lacks: no sharing.")


def test_30_days_may_be_supplied_and_31_may_not() -> None:
    """L-AUT-5, L-DSP-6."""
    document = request()
    document["request"]["days_supply"] = 31
    assert unmet(document) == ["L-AUT-5"]
    document = dispense()
    document["authorization"]["days_supply"] = 31
    document["prescription"] = {**document["prescription"], "days_supply": 31}
    assert unmet(document) == ["L-DSP-6"]


# --- The day of collection is day one; windows close at 23:59 -------------------------------------


@pytest.mark.parametrize("make", [request, dispense])
def test_the_window_of_seven_days_begins_with_the_day_of_collection(make: Any) -> None:
    """L-PT-3: collected on day 1, it serves on day 7 and no longer on day 8."""
    for days, expected in ((6, []), (7, ["L-PT-3", "L-WIN-1"])):
        assert unmet(with_tests(make(), days_before(NOON, days))) == expected
    first_moment = start_of(date(2026, 6, 11))
    assert unmet(with_tests(make(), first_moment)) == []
    assert "L-PT-3" in unmet(with_tests(make(), first_moment - TICK))


def test_the_window_closes_at_2359_and_not_a_microsecond_later() -> None:
    """L-PT-3: an instant equal to the limit is inside; the day's last minute is not."""
    collected_at = NOON - 6 * DAY
    at = closing(NOON.date())
    assert unmet(with_tests(request(as_of=at), collected_at)) == []
    assert unmet(with_tests(request(as_of=at - TICK), collected_at)) == []
    assert unmet(with_tests(request(as_of=at + TICK), collected_at)) == ["L-PT-3", "L-WIN-1"]


def test_in_the_last_minute_of_a_day_the_next_one_is_open() -> None:
    """L-PT-3: what serves until tomorrow serves in the minute after today's deadlines."""
    at = closing(NOON.date()) + TICK
    assert unmet(with_tests(request(as_of=at), NOON - 5 * DAY)) == []


def test_an_authorization_expires_at_2359_of_the_seventh_day() -> None:
    """L-AUT-4: counted as the window of its test; others run 30 days from their issue."""
    decision = decide(with_tests(request(), NOON - 2 * DAY))
    assert decision["expires_at"] == "2026-06-22T03:59:00Z"
    assert decide(request(CANNOT))["expires_at"] == "2026-07-18T03:59:00Z"


def test_every_deadline_of_a_day_comes_at_2359() -> None:
    """What serves until a day serves until 23:59 of it, and what is promised is kept."""
    for rule, days, name, entry in (
        ("L-SUR-4", 30, "counseling", {"given_at": None, "topics": ["depression"]}),
        ("L-CON-6", 365, "obligations", OBLIGED),
    ):
        dated = dict(entry) | {next(iter(entry)): iso(days_before(NOON, days))}
        for after, is_met in ((timedelta(0), True), (TICK, False)):
            document = request(CANNOT, closing(NOON.date()) + after) | {name: [dated]}
            assert (rule not in unmet(document)) == is_met
    verified = dispense()
    verified["pharmacy"]["certified_until"] = NOON.date().isoformat()
    for after, is_met in ((timedelta(0), True), (TICK, False)):
        at = iso(closing(NOON.date()) + after)
        assert ("L-ENR-2" not in unmet({**verified, "as_of": at})) == is_met


OBLIGED: Document = known(CANNOT, NOON)["obligations"][0]


# --- Missing the first window ---------------------------------------------------------------------


def test_a_missed_first_window_is_followed_by_a_wait_of_19_days() -> None:
    """L-WIN-1: the next test is collected 19 days after the one whose window closed, or later."""
    missed_at = days_before(NOON, 19)
    assert unmet(with_tests(request(), missed_at, NOON - HOUR)) == []
    too_early = with_tests(request(), missed_at + DAY, NOON - HOUR)
    assert unmet(too_early) == ["L-WIN-1"]
    answer = next(e for e in decide(too_early)["requirements"] if e["rule"] == "L-WIN-1")
    assert answer["reason"] == "FIRST_WINDOW_MISSED"
    assert answer["params"] == {
        "again_on": "2026-06-18", "collected_on": "2026-05-30", "days": 19,
        "window_until": "2026-06-05",
    }  # fmt: skip
    assert answer["opens_at"] == iso(start_of(date(2026, 6, 18))).replace("+00:00", "Z")
    steps = [each for each in decide(too_early)["next_actions"] if "2026" in each["what"]]
    assert [each["not_before"] for each in steps] == [answer["opens_at"]]


def test_the_wait_ends_with_the_first_instant_of_its_last_day() -> None:
    """L-WIN-1: a test collected a microsecond before midnight is still one of the wait."""
    missed_at = datetime(2026, 5, 29, 9, tzinfo=ZONE)
    again_at = start_of(date(2026, 6, 17))
    assert unmet(with_tests(request(), missed_at, again_at)) == []
    assert unmet(with_tests(request(), missed_at, again_at - TICK)) == ["L-WIN-1"]


def test_a_test_during_the_wait_opens_no_window() -> None:
    """L-WIN-1: not even once the wait is over; and a second window can be missed as the first."""
    missed, early = days_before(NOON, 20), days_before(NOON, 4)
    assert unmet(with_tests(request(), missed, early)) == ["L-WIN-1"]
    assert unmet(with_tests(request(), missed, early, NOON - HOUR)) == []
    twice = with_tests(request(), days_before(NOON, 40), days_before(NOON, 15), NOON - HOUR)
    assert unmet(twice) == ["L-WIN-1"]


def test_a_second_test_does_not_prolong_the_first_window() -> None:
    """L-WIN-1, L-AUT-4: window and authorization end with the seventh day of the first test."""
    first_at, second_at = NOON - 5 * DAY, NOON - DAY
    decision = decide(with_tests(request(), first_at, second_at))
    assert decision["allowed"]
    assert decision["expires_at"] == "2026-06-19T03:59:00Z"
    at = closing(date(2026, 6, 18))
    assert unmet(with_tests(dispense(as_of=at), first_at, second_at)) == []
    assert unmet(with_tests(dispense(as_of=at + TICK), first_at, second_at)) == ["L-WIN-1"]


def test_after_a_dispense_no_first_window_is_asked_for() -> None:
    """L-WIN-1 is for the first supply; later only a recent test is needed."""
    document = with_tests(request(), days_before(NOON, 34), days_before(NOON, 10), NOON - HOUR)
    assert unmet(document) == ["L-WIN-1"]
    document["dispenses"] = [
        {
            "dispensed_at": iso(days_before(NOON, 30)),
            "days_supply": 30,
            "risk_category": CAN,
            "authorized": True,
        }
    ]
    decision = decide(document)
    assert (decision["path"], decision["unmet"]) == ("continuing", [])
    assert "L-WIN-1" not in [each["rule"] for each in decision["requirements"]]


def first_window(document: Document) -> Document:
    answers: list[Document] = decide(document)["requirements"]
    return next(each for each in answers if each["rule"] == "L-WIN-1")


def test_once_the_wait_is_over_nothing_is_left_to_wait_for() -> None:
    """L-WIN-1: on the day on which a new test may be collected, its window is open at once."""
    answer = first_window(with_tests(request(), days_before(NOON, 19)))
    assert (answer["met"], answer["opens_at"]) == (False, None)
    assert answer["params"]["again_on"] == NOON.date().isoformat()


def test_a_window_that_led_to_a_dispense_was_not_missed() -> None:
    """L-WIN-1: after a restart, tests up to the last dispense opened no window of this one."""
    dispensed_at = days_before(NOON, 16)
    document = with_tests(request(), days_before(NOON, 17), dispensed_at, NOON - HOUR)
    document["dispenses"] = [
        {
            "dispensed_at": iso(dispensed_at),
            "days_supply": 30,
            "risk_category": CAN,
            "authorized": True,
        }
    ]
    document["contraception"][1] |= {"methods": ["withdrawal"]}
    assert decide(document)["path"] == "initiation"
    assert first_window(document)["reason"] == "FIRST_WINDOW_OPEN"
    document["dispenses"][0]["dispensed_at"] = iso(dispensed_at - TICK)
    assert first_window(document)["reason"] == "FIRST_WINDOW_MISSED"


def test_a_test_from_before_the_last_dispense_opens_no_window_of_its_own() -> None:
    """L-WIN-1, L-AUT-4: she could not become pregnant then, and can since."""
    document = with_tests(request(), days_before(NOON, 5))
    document["dispenses"] = [
        {
            "dispensed_at": iso(days_before(NOON, 4)),
            "days_supply": 30,
            "risk_category": CANNOT,
            "authorized": True,
        }
    ]
    decision = decide(document)
    assert (decision["path"], decision["unmet"]) == ("initiation", [])
    assert first_window(document)["reason"] == "FIRST_WINDOW_NOT_OPENED"
    assert decision["expires_at"] == "2026-06-19T03:59:00Z"


def test_lenalidomide_has_no_such_wait() -> None:
    policy = Policies(POLICY_DIRECTORY).editions("lenalidomide")[0]
    assert "L-WIN-1" not in policy.rules
    with pytest.raises(NumberNotGiven):
        _ = policy.parameters.missed_window_wait_days


# --- Around the decision --------------------------------------------------------------------------


def test_what_falls_due_is_worked_out_from_the_programs_numbers() -> None:
    """L-PT-4: a test every 30 days from the first on; nobody is asked for two tests."""
    document = request()
    document["dispenses"] = [
        {
            "dispensed_at": iso(NOON - HOUR / 2),
            "days_supply": 30,
            "risk_category": CAN,
            "authorized": True,
        }
    ]
    facts = parse_facts(document, POLICY)
    due = {each.kind: each for each in obligations(facts, POLICY)}
    assert due[FOUR_WEEKLY_TEST].due_at == closing(date(2026, 7, 17))
    assert due[SUPPLY_ENDS].opens_at == start_of(date(2026, 7, 12))
    before = {each.kind for each in obligations(parse_facts(request(), POLICY), POLICY)}
    assert not before & {"first_test_window", "second_test_window"}


@pytest.fixture
def in_use() -> Iterator[None]:
    """The program's own folder is the one in use."""
    before = policies()
    use_policies(FOLDER)
    yield
    use_policies(before.directory, before.programs)


@pytest.mark.usefixtures("in_use")
def test_a_plan_asks_only_for_what_the_program_asks_of_the_category() -> None:
    """L-CON-2: its thirty days of contraception are waited for; it knows no first test."""
    newcomer: Document = {
        "pregnancy_tests": [],
        "contraception": [],
        "obligations": [],
        "counseling": [],
    }
    woman = plan(parse_facts({**request(CAN), **newcomer, "patient_surveys": []}))
    man = plan(parse_facts({**request(CANNOT), **newcomer}))
    assert woman.possible_from == date(2026, 7, 17)
    assert [step.code for step in woman.steps] == [
        "contraception_begun", "latest_test", "obligations", "counseling", "patient_survey",
    ]  # fmt: skip
    assert man.possible_from == date(2026, 6, 17)
    assert [step.code for step in man.steps] == ["obligations", "counseling"]


@pytest.mark.usefixtures("in_use")
def test_the_texts_lie_beside_the_policies() -> None:
    text = text_of("retinoid", "agreement", CANNOT)
    assert text.version == "retinoid-agreement-1"
    assert set(text.codes) == {"birth_defects"}


def test_evaluate_decides_under_the_policies_of_a_folder() -> None:
    command = [sys.executable, "manage.py", "evaluate", "--policies", str(FOLDER)]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "REMSPORTAL_ENV": "test"},
        input=json.dumps(request()).encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(result.stdout) == decide(request())
