"""What must hold for any facts: one answer, no order, no way to a yes by hiding or adding harm."""

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.rules.decision import decide, decide_under, evaluate_document
from apps.rules.facts import facts_to_document, parse_facts
from apps.rules.policy import policy_by_version
from tests.rules.documents import TICK, Document, a_test, case, iso
from tests.rules.generated import LISTS, documents, known
from tests.rules.oracle import answer, t

RANDOMS = st.integers(min_value=0, max_value=2**32).map(Random)
THOROUGH = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def shuffled(document: Document, random: Random) -> Document:
    changed = dict(document)
    for name in LISTS:
        changed[name] = random.sample(document[name], len(document[name]))
    return changed


def without(document: Document, name: str, entry: Any) -> Document:
    return {**document, name: [each for each in document[name] if each is not entry]}


def with_entry(document: Document, name: str, entry: Any) -> Document:
    return {**document, name: [*document[name], entry]}


@given(documents())
@THOROUGH
def test_the_engine_agrees_with_a_plain_reading_of_the_contract(document: Document) -> None:
    decision = evaluate_document(document)
    expected = answer(document)
    assert {key: decision[key] for key in expected} == expected


@given(documents())
@settings(max_examples=60, deadline=None)
def test_the_same_facts_always_give_the_same_decision(document: Document) -> None:
    assert evaluate_document(document) == evaluate_document(document)


@given(documents(), RANDOMS)
@THOROUGH
def test_the_order_of_entries_is_irrelevant(document: Document, random: Random) -> None:
    assert evaluate_document(shuffled(document, random)) == evaluate_document(document)


@given(documents())
@settings(max_examples=150, deadline=None)
def test_facts_survive_being_written_and_read_again(document: Document) -> None:
    facts = parse_facts(document)
    assert parse_facts(facts_to_document(facts)) == facts


@given(documents())
@settings(max_examples=100, deadline=None)
def test_a_replay_under_the_recorded_edition_gives_the_same_decision(document: Document) -> None:
    decided = decide(parse_facts(document))
    stored = facts_to_document(parse_facts(document))
    edition = policy_by_version(decided.policy_version)
    replayed = decide_under(parse_facts(stored, edition), edition)
    assert replayed.to_document() == decided.to_document()


@given(documents())
@THOROUGH
def test_hiding_evidence_never_turns_a_refusal_into_a_yes(document: Document) -> None:
    """Nothing is gained by removing a negative test, counseling or an unused survey."""
    removable: dict[str, Callable[[Document], bool]] = {
        "pregnancy_tests": lambda entry: entry["result"] == "negative",
        "counseling": lambda _entry: True,
        "patient_surveys": lambda entry: not entry["used"],
    }
    if evaluate_document(document)["allowed"]:
        return
    for name, may_go in removable.items():
        for entry in document[name]:
            if may_go(entry) and entry.get("withdrawn_at") is None:
                assert not evaluate_document(without(document, name, entry))["allowed"]


@given(documents(), RANDOMS)
@THOROUGH
def test_adding_harm_never_turns_a_refusal_into_a_yes(document: Document, random: Random) -> None:
    """Nothing is gained by a positive test, an open case or an open intervention."""
    if evaluate_document(document)["allowed"]:
        return
    at = known(random, document, t(document["as_of"]))
    for name, entry in (
        ("pregnancy_tests", a_test(at, "positive")),
        ("pregnancy_cases", case(at)),
        ("interventions", {"opened_at": iso(at), "resolved_at": None}),
    ):
        assert not evaluate_document(with_entry(document, name, entry))["allowed"]


@given(documents())
@settings(max_examples=150, deadline=None)
def test_a_positive_test_an_open_case_and_an_intervention_each_refuse(document: Document) -> None:
    now = t(document["as_of"])
    for name, entry in (
        ("pregnancy_tests", a_test(now, "positive")),
        ("pregnancy_cases", case(now)),
        ("interventions", {"opened_at": iso(now)}),
    ):
        added = evaluate_document(with_entry(document, name, entry))
        lifted_now = any(
            each.get("closed_at") and t(each["closed_at"]) == now
            for each in document["pregnancy_cases"]
        )
        assert not added["allowed"] or (name == "pregnancy_tests" and lifted_now)


@given(documents())
@THOROUGH
def test_every_refusal_names_who_must_do_what(document: Document) -> None:
    decision = decide(parse_facts(document))
    explained = {rule for action in decision.next_actions for rule in action.rules}
    lapsing = {each.rule for each in decision.requirements if each.met and each.closes_at}
    assert set(decision.unmet) <= explained <= set(decision.unmet) | lapsing
    assert decision.next_actions
    for action in decision.next_actions:
        assert action.who in {"patient", "prescriber", "pharmacy", "staff"}
        assert "{" not in action.what
        if action.not_before is not None and action.not_after is not None:
            assert action.not_before <= action.not_after


@given(documents())
@THOROUGH
def test_no_window_contradicts_its_requirement(document: Document) -> None:
    decision = decide(parse_facts(document))
    for each in decision.requirements:
        assert "{" not in each.message
        if each.met:
            assert each.opens_at is None
            assert each.closes_at is None or each.closes_at >= decision.as_of
        else:
            assert each.opens_at is None or each.opens_at > decision.as_of
            assert each.closes_at is None or (each.opens_at or decision.as_of) < each.closes_at


WAITS = {
    "FIRST_TEST_TOO_RECENT",
    "CONTRACEPTION_TOO_RECENT",
    "SUPPLY_LEFT",
    "AUTHORIZATION_OPEN",
    "AGE_TOO_YOUNG_FOR_CATEGORY",
    "MENOPAUSE_TOO_RECENT",
    "BASIS_IN_FUTURE",
    "PRESCRIBER_SURVEY_IN_FUTURE",
}


def knows_nothing_of_the_future(document: Document) -> bool:
    """No entry comes to be known later; an end of validity is no event."""
    now = t(document["as_of"])
    return not any(
        key == "stopped_on" or (key.endswith("_at") and key != "expires_at" and t(value) > now)
        for name in LISTS
        for entry in document[name]
        for key, value in entry.items()
        if value is not None
    )


def answer_at(document: Document, rule: str, at: Any) -> Any:
    requirements = evaluate_document({**document, "as_of": iso(at)})["requirements"]
    return next((each for each in requirements if each["rule"] == rule), None)


@given(documents().filter(knows_nothing_of_the_future))
@THOROUGH
def test_a_met_requirement_holds_to_the_microsecond_until_it_closes(document: Document) -> None:
    for each in decide(parse_facts(document)).requirements:
        if not each.met or each.overridden or each.closes_at is None:
            continue
        last = answer_at(document, each.rule, each.closes_at)
        after = answer_at(document, each.rule, each.closes_at + TICK)
        assert last is None or last["met"]
        assert after is None or not after["met"] or after.get("overridden")


@given(documents().filter(knows_nothing_of_the_future))
@THOROUGH
def test_an_unmet_requirement_opens_at_the_microsecond_that_it_says(document: Document) -> None:
    for each in decide(parse_facts(document)).requirements:
        if each.met or each.opens_at is None:
            continue
        before = answer_at(document, each.rule, each.opens_at - TICK)
        assert before is None or not before["met"] or before.get("overridden")
        if each.reason in WAITS:
            first = answer_at(document, each.rule, each.opens_at)
            assert first is None or first["met"]
