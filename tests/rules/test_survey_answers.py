"""L-SUR-1, L-SUR-3: what the prescriber states, where answers differ, what a risky answer says."""

from typing import Any

import pytest

from apps.rules.documents import document
from apps.rules.facts import facts_to_document, parse_facts
from apps.rules.guidance import guidance
from apps.rules.survey_comparison import differing, statement
from tests.rules.documents import (
    DAY,
    HOUR,
    NOON,
    Document,
    a_test,
    authorize,
    days_before,
    iso,
    negative_test,
)

SURVEY = document("lenalidomide", "patient_survey", "adult_frp")
AGREED = {"counseled": "yes", "regular_periods": "yes", "uses_two_methods": "yes"}
STATED = {"cycle": "regular"}
CONFIRMED = {"counseled": "yes", "contraception": "adequate"}


def stated(**changes: Any) -> dict[str, Any]:
    record: Document = authorize("adult_frp")
    record["patient"]["cycle"] = "irregular"
    return statement(facts_to_document(parse_facts({**record, **changes})), days_supply=21)


def test_the_prescriber_states_the_record_as_it_stood() -> None:
    last, earlier = negative_test(NOON - 6 * HOUR), negative_test(days_before(NOON, 12))
    said = stated(pregnancy_tests=[earlier, last])
    assert said == {
        "cycle": "irregular",
        "last_test": {
            "collected_at": "2026-06-17T10:00:00Z",
            "resulted_at": "2026-06-17T10:00:00Z",
            "result": "negative",
        },
        "counseled_at": "2026-06-17T11:00:00Z",
        "days_supply": 21,
    }
    assert len(stated(pregnancy_tests=[earlier])["last_test"]) == 3


def test_the_last_counseling_and_the_last_test_that_stands_are_stated() -> None:
    withdrawn = a_test(NOON - HOUR, "positive", withdrawn_at=iso(NOON))
    said = stated(
        pregnancy_tests=[negative_test(NOON - DAY), withdrawn],
        counseling=[{"given_at": iso(NOON - days * DAY), "topics": []} for days in (9, 2)],
    )
    assert said["last_test"]["result"] == "negative"
    assert said["counseled_at"] == "2026-06-15T16:00:00Z"


def test_what_is_not_on_record_is_not_stated() -> None:
    said = stated(pregnancy_tests=[], counseling=[])
    assert (said["last_test"], said["counseled_at"]) == (None, None)


@pytest.mark.parametrize(
    ("answers", "cycle", "confirmed", "expected"),
    [
        ({}, "regular", {}, ()),
        ({"counseled": "no"}, "regular", {}, ("counseled",)),
        ({"regular_periods": "no"}, "regular", {}, ("regular_periods",)),
        ({"regular_periods": "no"}, "irregular", {}, ()),
        ({"regular_periods": "no"}, "none", {}, ()),
        ({"regular_periods": "yes"}, "none", {}, ("regular_periods",)),
        # While no cycle is recorded, the tests are planned for a regular one.
        ({"regular_periods": "yes"}, None, {}, ()),
        ({"regular_periods": "no"}, None, {}, ("regular_periods",)),
        ({}, "regular", {"contraception": "inadequate"}, ("uses_two_methods",)),
        ({"uses_two_methods": "no"}, "regular", {"contraception": "inadequate"}, ()),
        ({"counseled": "no", "uses_two_methods": "no"}, "none", {},
         ("counseled", "regular_periods", "uses_two_methods")),
        # An answer that no statement agrees with differs from each.
        ({"counseled": "unsure"}, "regular", {}, ("counseled",)),
    ],
)  # fmt: skip
def test_answers_that_do_not_agree_with_the_prescribers_are_found(
    answers: dict[str, str],
    cycle: str | None,
    confirmed: dict[str, str],
    expected: tuple[str, ...],
) -> None:
    found = differing(SURVEY, {**AGREED, **answers}, {"cycle": cycle}, {**CONFIRMED, **confirmed})
    assert found == expected


def test_what_was_not_asked_or_not_stated_is_not_compared() -> None:
    assert differing(SURVEY, {"counseled": "no"}, STATED, {}) == ()
    assert differing(SURVEY, {}, STATED, {"counseled": "no", "contraception": "none"}) == ()


@pytest.mark.parametrize(
    ("answers", "sentences"),
    [
        ({"may_be_pregnant": "yes", "counseled": "yes"},
         ["stop_capsules", "call_prescriber", "pregnancy_test", "what_next"]),
        ({"uses_two_methods": "no"},
         ["stop_capsules", "call_prescriber", "emergency_contraception", "no_sex_now",
          "what_next"]),
        ({"unprotected_partner": "yes", "shared_drug": "no"},
         ["call_prescriber", "partner_emergency", "what_next"]),
        ({"donated_blood": "yes", "shared_drug": "yes"},
         ["call_prescriber", "donation_center", "get_capsules_back", "what_next"]),
    ],
)  # fmt: skip
def test_a_risky_answer_says_at_once_what_to_do(
    answers: dict[str, str], sentences: list[str]
) -> None:
    said = guidance("lenalidomide", answers)
    assert said is not None
    assert [item.code for item in said.items] == sentences
    text = document("lenalidomide", "patient_guidance")
    assert (said.version, said.language, said.title) == (text.version, "en", text.title)


def test_it_is_said_in_the_language_that_is_asked_for() -> None:
    said = guidance("lenalidomide", {"may_be_pregnant": "yes"}, language="es")
    assert said is not None
    assert said.language == "es"
    assert said.items[0].text.startswith("Deje de tomar las cápsulas")


def test_no_risky_answer_calls_for_nothing() -> None:
    assert guidance("lenalidomide", {}) is None
    # "No" is the answer without danger to one question, and the dangerous one to another.
    safe = {item.code: "no" for item in SURVEY.items if item.at_risk == "yes"}
    assert safe
    assert guidance("lenalidomide", {**safe, "uses_two_methods": "yes", "counseled": "no"}) is None
