"""The decision document: its form, its order, its sentences, next steps and advisories."""

import json
from datetime import date, datetime
from typing import Any

import pytest

from apps.rules.calendar import Calendar
from apps.rules.decision import decide, evaluate_document
from apps.rules.edition import Policy
from apps.rules.facts import parse_facts
from apps.rules.policy import policy_by_version
from apps.rules.reasons import REASONS
from apps.rules.requirements import REQUIREMENTS, asked_under
from apps.rules.texts import date_text, instant_text
from tests.rules.documents import (
    CATEGORIES,
    DAY,
    HOUR,
    NOON,
    Document,
    a_test,
    adequate,
    authorize,
    case,
    days_before,
    dispense,
    end_of,
    iso,
    negative_test,
    on,
    requirement,
    start_of,
    supply,
)

FORM = {
    "program", "policy_version", "question", "as_of", "allowed", "path", "unmet", "requirements",
    "expires_at", "next_actions", "advisories",
}  # fmt: skip
REQUIREMENT_FORM = {
    "rule", "met", "reason", "params", "message", "opens_at", "closes_at", "source",
}  # fmt: skip
TABLE_ORDER = [each.rule for each in REQUIREMENTS]


def policy() -> Policy:
    return policy_by_version("lenalidomide-2026-01")


def actions(document: Document) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = evaluate_document(document)["next_actions"]
    return found


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("path", ["initiation", "continuing"])
def test_every_rule_that_is_asked_is_listed_in_the_tables_order(category: str, path: str) -> None:
    """L-AUT-2: the decision gives the full list, met or not."""
    for document in (authorize(category, path), dispense(category, path, handover="ship")):
        decision = evaluate_document(document)
        assert set(decision) == FORM
        asked = ("program", "question")
        assert [decision[key] for key in asked] == [document[key] for key in asked]
        rules = [each["rule"] for each in decision["requirements"]]
        assert rules == [rule for rule in TABLE_ORDER if rule in rules]
        for each in decision["requirements"]:
            assert set(each) == REQUIREMENT_FORM
            assert each["message"][0].isupper()
            assert each["message"].endswith(".")
        assert json.loads(json.dumps(decision)) == decision


@pytest.mark.parametrize(
    ("category", "question", "path", "left_out"),
    [
        ("adult_frp", "authorize", "initiation", {"L-CAT-2", "L-PT-3"}),
        ("adult_frp", "authorize", "continuing", {"L-CAT-2", "L-PT-1", "L-PT-2", "L-CON-2"}),
        ("adult_frp", "dispense", "initiation", {"L-CAT-2", "L-PT-1", "L-PT-2", "L-CON-2"}),
        ("adult_fnrp", "authorize", "initiation",
         {"L-PT-1", "L-PT-2", "L-PT-3", "L-CON-1", "L-CON-2", "L-CON-3"}),
        ("adult_male", "authorize", "initiation",
         {"L-CAT-2", "L-PT-1", "L-PT-2", "L-PT-3", "L-PT-6", "L-PT-8", "L-CON-1", "L-CON-2",
          "L-CON-3", "L-CON-7"}),
        ("child_fnrp", "dispense", "continuing",
         {"L-CAT-2", "L-PT-1", "L-PT-2", "L-PT-3", "L-CON-1", "L-CON-2", "L-CON-3", "L-DSP-9"}),
    ],
)  # fmt: skip
def test_a_rule_is_not_listed_where_it_is_not_asked(
    category: str, question: str, path: str, left_out: set[str]
) -> None:
    make = {"authorize": authorize, "dispense": dispense}[question]
    document = make(category, path)
    if question == "dispense":
        document = dispense(category, path, handover="ship")
    listed = {each["rule"] for each in evaluate_document(document)["requirements"]}
    asked = {each.rule for each in asked_under(policy())[question]}
    assert listed == asked - left_out


def test_instants_are_utc_with_z_and_microseconds_only_when_not_zero() -> None:
    decision = evaluate_document({**authorize(), "as_of": "2026-06-17T12:00:00.000000-04:00"})
    assert decision["as_of"] == "2026-06-17T16:00:00Z"
    decision = evaluate_document({**authorize(), "as_of": "2026-06-17T12:00:00.10-04:00"})
    assert decision["as_of"] == "2026-06-17T16:00:00.100000Z"
    assert decision["expires_at"].endswith(":59.999999Z")


def test_sentences_hold_dates_that_nobody_misreads() -> None:
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 3))]
    answer = requirement(document, "L-PT-1")
    assert answer["message"] == (
        "The first test was collected on 14 June 2026; it serves from 24 June 2026 until "
        "28 June 2026."
    )
    assert answer["params"] == {
        "collected_on": "2026-06-14",
        "window_from": "2026-06-24",
        "window_until": "2026-06-28",
    }
    assert answer["source"] == "label 5.1"


def test_times_are_told_in_the_zone_of_the_program() -> None:
    calendar: Calendar = policy().calendar
    at = datetime.fromisoformat("2026-11-01T05:30:00+00:00")
    assert instant_text(at, calendar) == "1 November 2026, 01:30 EDT"
    assert instant_text(at + HOUR, calendar) == "1 November 2026, 01:30 EST"
    assert date_text(at.date()) == "1 November 2026"


def test_a_missing_first_test_is_asked_for_when_it_can_still_serve() -> None:
    """Contraception is long enough on day 28: a first test before day 14 would be too old."""
    document = authorize()
    document["pregnancy_tests"] = []
    document["contraception"] = [adequate(days_before(NOON, 3))]
    first = next(a for a in actions(document) if "first test" in a["what"])
    second = next(a for a in actions(document) if "second test" in a["what"])
    ready = start_of(datetime.fromisoformat(on(NOON, 3 - 28)).date())
    assert datetime.fromisoformat(first["not_before"]) == ready - 14 * DAY
    assert datetime.fromisoformat(second["not_before"]) == ready - DAY


def test_the_second_test_is_asked_for_within_the_window_of_the_first() -> None:
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 12))]
    (action,) = actions(document)
    assert action["who"] == "prescriber"
    assert action["not_before"] is None
    assert action["not_after"] == requirement(document, "L-PT-1")["closes_at"]


def test_one_step_that_serves_several_rules_is_told_once() -> None:
    document = {**authorize("adult_male"), "agreements": []}
    decision = evaluate_document(document)
    assert decision["unmet"] == ["L-ENR-3", "L-ENR-4", "L-ENR-5"]
    assert len(decision["next_actions"]) == 1


def test_a_step_that_can_be_taken_now_is_not_put_off() -> None:
    document = authorize("adult_male")
    document["authorizations"] = [
        {"issued_at": iso(NOON - DAY), "expires_at": iso(NOON + DAY), "state": "issued"}
    ]
    cancel = next(a for a in actions(document) if "cancel" in a["what"])
    assert cancel["not_before"] is None


def test_a_supply_that_is_too_early_names_the_day() -> None:
    document = dispense("adult_male")
    document["dispenses"] = [supply(days_before(NOON, 17), "adult_male")]
    (action,) = actions(document)
    assert action["who"] == "pharmacy"
    assert action["not_before"] == requirement(document, "L-DSP-5")["opens_at"]


def test_a_supply_that_outlasts_the_authorization_asks_for_a_new_one() -> None:
    document = dispense()
    document["dispenses"] = [supply(days_before(NOON, 3))]
    steps = {action["what"]: action for action in actions(document)}
    expired = requirement(document, "L-AUT-4")
    assert expired["met"]
    assert expired["closes_at"] < requirement(document, "L-DSP-5")["opens_at"]
    new = next(what for what in steps if what.startswith("Ask for a new authorization"))
    assert "this one expires after 23 June 2026, 23:59 EDT" in new
    test = next(step for what, step in steps.items() if "new pregnancy test" in what)
    ready_on = datetime.fromisoformat(on(NOON, -18))
    assert datetime.fromisoformat(test["not_before"]) == start_of(ready_on.date() - 7 * DAY)


def test_what_lapses_before_contraception_is_long_enough_is_repeated_in_its_time() -> None:
    """Both tests are in order now, but contraception is long enough only 18 days from now."""
    document = authorize()
    document["contraception"] = [adequate(days_before(NOON, 10))]
    assert evaluate_document(document)["unmet"] == ["L-CON-2"]
    steps = actions(document)
    ready = start_of(date.fromisoformat(on(NOON, -18)))
    ask = next(step for step in steps if step["what"].startswith("Ask for the authorization"))
    first = next(step for step in steps if "new first test" in step["what"])
    second = next(step for step in steps if "second test again" in step["what"])
    assert datetime.fromisoformat(ask["not_before"]) == ready
    assert "10 to 14 days before the authorization" in first["what"]
    assert "serves only until 19 June 2026" in first["what"]
    assert datetime.fromisoformat(first["not_before"]) == ready - 14 * DAY
    assert "within the 24 hours before the authorization" in second["what"]
    assert datetime.fromisoformat(second["not_before"]) == ready - DAY
    assert first["not_after"] is second["not_after"] is None
    survey = next(step for step in steps if step["what"].startswith("Answer the prescriber survey"))
    assert datetime.fromisoformat(survey["not_before"]) == ready - DAY
    assert not any("Counsel" in step["what"] for step in steps)


def test_a_window_that_closes_before_contraception_is_long_enough_asks_for_a_new_test() -> None:
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 1))]
    document["contraception"] = [adequate(days_before(NOON, 1))]
    assert requirement(document, "L-PT-1")["reason"] == "FIRST_TEST_TOO_RECENT"
    steps = actions(document)
    ready = start_of(date.fromisoformat(on(NOON, -27)))
    assert not any("window" in step["what"] for step in steps)
    first = next(step for step in steps if "new first test" in step["what"])
    assert "serves only until 30 June 2026" in first["what"]
    assert datetime.fromisoformat(first["not_before"]) == ready - 14 * DAY
    assert first["not_after"] is None


def test_a_new_first_test_serves_from_its_tenth_day_however_soon_all_else_is_ready() -> None:
    """L-PT-1: the window of the one on record closes tomorrow, contraception is ready in 5 days."""
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 13))]
    document["contraception"] = [adequate(days_before(NOON, 23))]
    (second,) = [each for each in actions(document) if "second" in each["what"]]
    assert second["not_before"] == "2026-06-26T04:00:00Z"


def test_a_test_on_record_whose_window_is_open_then_is_used() -> None:
    """The first of the two is too old on the day; the second serves, from that day on."""
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, days)) for days in (12, 1)]
    document["contraception"] = [adequate(days_before(NOON, 17))]
    steps = actions(document)
    ready = start_of(date.fromisoformat(on(NOON, -11)))
    assert requirement(document, "L-PT-1")["met"]
    assert not any("first test" in step["what"] for step in steps)
    second = next(step for step in steps if "second test" in step["what"])
    assert datetime.fromisoformat(second["not_before"]) == ready - DAY
    assert datetime.fromisoformat(second["not_after"]) == end_of(date(2026, 6, 30))


def test_what_can_be_put_right_at_once_makes_nothing_wait() -> None:
    document = authorize("child_frp")
    document["patient"]["risk_category"] = "adult_frp"
    document["authorizations"] = [
        {"issued_at": iso(NOON - DAY), "expires_at": iso(NOON + 9 * DAY), "state": "issued"}
    ]
    assert not any(step["not_before"] for step in actions(document))


def test_every_reason_that_lapses_says_how_it_is_renewed() -> None:
    for category in CATEGORIES:
        for path in ("initiation", "continuing"):
            for document in (
                authorize(category, path),
                dispense(category, path, handover="ship"),
                dispense(category, path, handover="pickup"),
            ):
                for each in evaluate_document(document)["requirements"]:
                    if each["met"] and each["closes_at"]:
                        assert REASONS[each["reason"]].who, each["reason"]
                        assert REASONS[each["reason"]].what, each["reason"]


def rules_of_steps(document: Document) -> list[tuple[str, ...]]:
    return [each.rules for each in decide(parse_facts(document)).next_actions]


def test_that_she_must_not_take_the_capsules_is_said_first() -> None:
    """L-PRG-1, L-PT-5: all else that a refusal asks for comes after."""
    document = authorize("adult_frp")
    document["pregnancy_tests"] = [a_test(NOON - DAY, "positive")]
    document["pregnancy_cases"] = [case(NOON - HOUR)]
    document["agreements"] = []
    refused = evaluate_document(document)
    assert {"L-ENR-3", "L-PT-1", "L-PT-5", "L-PRG-1"} <= set(refused["unmet"])
    assert "must not take the capsules" in refused["next_actions"][0]["what"]


def test_a_step_names_the_rules_that_ask_for_it() -> None:
    """A yes asks for nothing any more."""
    document = authorize("adult_male")
    assert rules_of_steps(document) == [()]
    assert rules_of_steps({**document, "patient_surveys": [], "counseling": []}) == [("L-SUR-4",)]
    document = dispense()
    document["pregnancy_tests"].append(a_test(NOON, "positive"))
    document["pregnancy_cases"] = [case(NOON)]
    assert rules_of_steps(document) == [("L-PT-5", "L-PRG-1")]


@pytest.mark.parametrize(
    ("attested", "not_before"), [(14, None), (13, "2026-06-18T04:00:00Z"), (15, None)]
)
def test_a_step_that_can_be_taken_today_is_not_put_off_to_today(
    attested: int, not_before: str | None
) -> None:
    """L-PT-1, L-CON-2: a first test serves from its tenth to its fourteenth day."""
    document = authorize()
    document["pregnancy_tests"] = []
    document["contraception"] = [adequate(days_before(NOON, attested))]
    (step,) = [each for each in actions(document) if "first" in each["what"]]
    assert step["not_before"] == not_before


def test_a_positive_test_and_its_case_are_one_step() -> None:
    document = authorize()
    document["pregnancy_tests"].append(a_test(NOON - HOUR, "positive"))
    document["pregnancy_cases"] = [case(NOON - HOUR)]
    assert evaluate_document(document)["unmet"] == ["L-PRG-1", "L-PT-5"]
    (action,) = actions(document)
    assert action["who"] == "staff"


def test_an_excused_requirement_names_its_exception_and_until_when() -> None:
    document = dispense("adult_male")
    document["dispenses"] = [supply(days_before(NOON, 3), "adult_male")]
    document["overrides"] = [
        {"rule": "L-DSP-5", "granted_at": iso(NOON - DAY), "expires_at": iso(NOON + DAY)}
    ]
    answer = requirement(document, "L-DSP-5")
    assert answer["overridden"]
    assert answer["message"].endswith(
        "The next can be dispensed from 5 July 2026. "
        "An exception excuses this until 18 June 2026, 12:00 EDT."
    )


def test_a_step_after_yes_is_never_longer_than_the_yes() -> None:
    for document in (dispense("adult_male"), authorize("adult_male"), authorize()):
        decision = evaluate_document(document)
        (action,) = decision["next_actions"]
        assert action["not_after"] <= decision["expires_at"]
    decision = evaluate_document(dispense("adult_male"))
    assert decision["next_actions"][0]["not_after"] == decision["expires_at"]


def test_a_yes_says_who_goes_on_and_until_when() -> None:
    (action,) = actions(authorize())
    assert action["who"] == "prescriber"
    (action,) = actions(dispense())
    assert action["who"] == "pharmacy"
    decision = evaluate_document(dispense(handover="ship"))
    closing = [r["closes_at"] for r in decision["requirements"] if r["closes_at"]]
    earliest = min(datetime.fromisoformat(at) for at in closing)
    assert datetime.fromisoformat(decision["next_actions"][0]["not_after"]) == earliest


def codes(document: Document) -> list[str]:
    return [each["code"] for each in evaluate_document(document)["advisories"]]


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (["renal_impairment"], "RENAL_IMPAIRMENT"),
        (["digoxin"], "DIGOXIN"),
        (["erythropoiesis_stimulant"], "CLOT_RISK"),
        (["estrogen"], "CLOT_RISK"),
        (["chronic_lymphocytic_leukemia"], "CHRONIC_LYMPHOCYTIC_LEUKEMIA"),
        (["storage_deviation"], "STORAGE_DEVIATION"),
    ],
)
def test_a_flag_calls_for_its_advisory_and_changes_no_answer(flags: list[str], code: str) -> None:
    message = next(each.message for each in policy().advisories if each.code == code)
    for document in (authorize("adult_male"), dispense("adult_male")):
        assert codes(document) == []
        document["patient"]["advisory_flags"] = flags
        decision = evaluate_document(document)
        assert decision["advisories"] == [{"code": code, "message": message}]
        assert decision["allowed"]


@pytest.mark.parametrize(
    ("indication", "strength", "expected"),
    [
        ("C90.00", 25, []),
        ("C90.00", 10, ["REGIMEN_UNLIKE_MULTIPLE_MYELOMA"]),
        ("C83.13", 20, ["REGIMEN_UNLIKE_MANTLE_CELL_LYMPHOMA"]),
        ("D46.C", 10, []),
        ("D46.C", 5, ["REGIMEN_UNLIKE_DEL_5Q_MDS"]),
        ("C91.10", 10, ["CHRONIC_LYMPHOCYTIC_LEUKEMIA"]),
        ("Z00", 10, []),
        (None, 10, []),
    ],
)
def test_an_unusual_regimen_is_remarked_on(
    indication: str | None, strength: float, expected: list[str]
) -> None:
    document = authorize("adult_male")
    document["request"] |= {"indication": indication, "strength_mg": strength}
    assert codes(document) == expected
    assert evaluate_document(document)["allowed"]


def test_combined_hormonal_contraception_is_a_clot_risk() -> None:
    document = authorize()
    document["contraception"][1]["methods"] = ["hormonal_ring", "male_condom"]
    assert codes(document) == ["CLOT_RISK_CONTRACEPTION"]


def test_a_case_of_a_partner_changes_nothing() -> None:
    document = authorize("adult_male")
    before = evaluate_document(document)
    document["pregnancy_cases"] = [case(NOON - DAY, subject="partner")]
    assert evaluate_document(document) == before
