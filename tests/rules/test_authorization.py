"""The authorization: the path, L-AUT-3 to L-AUT-8, overrides, and until when a yes holds."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from apps.rules.decision import evaluate_document
from tests.rules.documents import (
    CATEGORIES,
    DAY,
    HOUR,
    NOON,
    PREGNANCY_PATH,
    TICK,
    ZONE,
    Document,
    adequate,
    authorize,
    case,
    days_before,
    dispense,
    end_of,
    is_met,
    iso,
    negative_test,
    on,
    requirement,
    start_of,
    supply,
    unmet,
)


def path(document: Document) -> str:
    answer: str = evaluate_document(document)["path"]
    return answer


def expires_at(document: Document) -> datetime | None:
    text = evaluate_document(document)["expires_at"]
    return None if text is None else datetime.fromisoformat(text)


@pytest.mark.parametrize("question", [authorize, dispense])
@pytest.mark.parametrize("category", CATEGORIES)
def test_therapy_is_an_initiation_until_a_regular_dispense(
    question: Callable[..., Document], category: str
) -> None:
    """L-AUT-1: what was returned, or was dispensed outside the rules, begins no therapy."""
    document = question(category)
    assert path(document) == "initiation"
    document["dispenses"] = [supply(NOON - DAY, category, authorized=False)]
    assert path(document) == "initiation"
    document["dispenses"] = [supply(NOON - DAY, category, returned_at=iso(NOON))]
    assert path(document) == "initiation"
    document["dispenses"][0]["returned_at"] = iso(NOON + TICK)
    assert path(document) == "continuing"
    document["dispenses"] = [supply(NOON + TICK, category)]
    assert path(document) == "initiation"


@pytest.mark.parametrize("as_of", [NOON, datetime(2026, 3, 20, 12, tzinfo=ZONE)])
@pytest.mark.parametrize(("days", "expected"), [(56, "continuing"), (57, "initiation")])
def test_more_than_28_days_without_supply_begins_anew(
    as_of: datetime, days: int, expected: str
) -> None:
    dispensed = date.fromisoformat(on(as_of, days))
    for at in (start_of(dispensed), end_of(dispensed)):
        document = authorize("adult_male", as_of=as_of)
        document["dispenses"] = [supply(at, "adult_male")]
        assert path(document) == expected


def test_irregular_supply_does_not_bridge_the_gap() -> None:
    document = authorize("adult_male")
    document["dispenses"] = [
        supply(days_before(NOON, 57), "adult_male"),
        supply(days_before(NOON, 20), "adult_male", authorized=False),
    ]
    assert path(document) == "initiation"


def test_supply_that_was_stopped_ends_that_day() -> None:
    document = authorize("adult_male")
    stopped = supply(days_before(NOON, 40), "adult_male", stopped_on=on(NOON, 29))
    document["dispenses"] = [stopped]
    assert path(document) == "initiation"
    stopped["stopped_on"] = on(NOON, 28)
    assert path(document) == "continuing"
    stopped["stopped_on"] = on(NOON, -1)
    assert path(document) == "continuing"


@pytest.mark.parametrize(
    ("after", "expected"), [(-TICK, "continuing"), (0 * DAY, "initiation"), (TICK, "initiation")]
)
def test_a_restart_at_or_after_the_last_regular_dispense_begins_anew(
    after: timedelta, expected: str
) -> None:
    document = authorize(path="continuing")
    last = datetime.fromisoformat(document["dispenses"][1]["dispensed_at"])
    document["contraception"].append(adequate(last + after, methods=["iud"]))
    assert path(document) == expected
    for category in ("adult_male", "adult_frp"):
        document = authorize(category, "continuing")
        document["pregnancy_cases"] = [case(last - DAY, last + after, "pregnancy_ended")]
        assert path(document) == expected
        document["pregnancy_cases"][0]["outcome"] = "not_pregnant"
        assert path(document) == "continuing"


def test_off_the_pregnancy_path_an_inadequate_attestation_restarts_nobody() -> None:
    document = authorize("adult_fnrp", "continuing")
    document["contraception"] = [adequate(NOON - HOUR, lapse=True)]
    assert path(document) == "continuing"


@pytest.mark.parametrize("category", CATEGORIES)
def test_who_comes_onto_the_pregnancy_path_begins_anew(category: str) -> None:
    for before in CATEGORIES:
        document = authorize(category, "continuing")
        for each in document["dispenses"]:
            each["risk_category"] = before
        comes_on = category in PREGNANCY_PATH and before not in PREGNANCY_PATH
        assert path(document) == ("initiation" if comes_on else "continuing")


@pytest.mark.parametrize(("after", "expected"), [(0 * DAY, "continuing"), (TICK, "initiation")])
def test_who_was_off_the_pregnancy_path_in_between_begins_anew(
    after: timedelta, expected: str
) -> None:
    document = authorize(path="continuing")
    last = datetime.fromisoformat(document["dispenses"][1]["dispensed_at"])
    off = {**document["agreements"][0], "risk_category": "adult_fnrp"}
    off["patient_signed_at"] = off["prescriber_signed_at"] = iso(last + after)
    document["agreements"].append(off)
    assert path(document) == expected
    male = authorize("adult_male", "continuing")
    male["agreements"].append({**off, "risk_category": "adult_male"})
    assert path(male) == "continuing"


@pytest.mark.parametrize(
    ("state", "expires", "met"),
    [
        ("issued", NOON, False),
        ("confirmed", NOON, False),
        ("issued", NOON - TICK, True),
        ("confirmed", NOON - TICK, True),
        ("void", NOON + DAY, True),
        ("expired", NOON + DAY, True),
        ("dispensed", NOON + DAY, True),
    ],
)
def test_only_one_authorization_is_open(state: str, expires: datetime, met: bool) -> None:
    document = authorize("adult_fnrp")
    issued = days_before(NOON, 3)
    document["authorizations"] = [
        {"issued_at": iso(issued), "expires_at": iso(expires), "state": state}
    ]
    assert is_met(document, "L-AUT-3") is met


def test_an_open_authorization_says_when_it_is_over() -> None:
    document = authorize("adult_fnrp")
    document["authorizations"] = [
        {"issued_at": iso(NOON - DAY), "expires_at": iso(NOON + days * DAY), "state": "issued"}
        for days in (3, 5)
    ]
    opens_at = requirement(document, "L-AUT-3")["opens_at"]
    assert datetime.fromisoformat(opens_at) == NOON + 5 * DAY + TICK


@pytest.mark.parametrize(
    ("request_", "met"),
    [
        ({}, True),
        ({"strength_mg": 2.5}, True),
        ({"strength_mg": 25.0}, True),
        ({"strength_mg": 20}, True),
        ({"strength_mg": 7.5}, False),
        ({"strength_mg": 30}, False),
        ({"product": "thalidomide"}, False),
        ({"product": "Lenalidomide"}, False),
        ({"days_supply": 1}, True),
        ({"days_supply": 28}, True),
        ({"days_supply": 0}, False),
        ({"days_supply": -1}, False),
        ({"days_supply": 29}, False),
    ],
)
def test_a_listed_product_and_strength_for_at_most_28_days(
    request_: dict[str, Any], met: bool
) -> None:
    """L-AUT-5: what can be authorized."""
    document = authorize("adult_male")
    document["request"] |= request_
    assert unmet(document) == ([] if met else ["L-AUT-5"])


@pytest.mark.parametrize(
    "as_of", [NOON, datetime(2026, 3, 20, 12, tzinfo=ZONE), datetime(2026, 11, 20, 12, tzinfo=ZONE)]
)
def test_an_authorization_expires_with_its_instant_and_after_30_days(as_of: datetime) -> None:
    """L-AUT-4: whichever comes first, the limit itself included."""
    document = dispense("adult_male", as_of=as_of)
    instant = datetime.fromisoformat(document["as_of"])
    for expires, met in ((instant, True), (instant - TICK, False)):
        document["authorization"]["expires_at"] = iso(expires)
        assert is_met(document, "L-AUT-4") is met
    document["authorization"]["expires_at"] = iso(instant + DAY)
    for days, met in ((30, True), (31, False)):
        issued_on = date.fromisoformat(on(as_of, days))
        for issued_at in (start_of(issued_on), end_of(issued_on)):
            document["authorization"]["issued_at"] = iso(issued_at)
            assert is_met(document, "L-AUT-4") is met


@pytest.mark.parametrize("state", ["issued", "confirmed", "dispensed", "void", "expired"])
def test_the_authorization_is_issued_before_and_confirmed_after_the_confirmation(
    state: str,
) -> None:
    """L-AUT-7: no other state is good for either step."""
    for handover, needed in ((None, "issued"), ("pickup", "confirmed")):
        document = dispense("adult_male", handover=handover)
        document["authorization"]["state"] = state
        assert unmet(document) == ([] if state == needed else ["L-AUT-7"])


def test_an_authorization_for_another_category_is_worthless() -> None:
    document = dispense("adult_male")
    document["authorization"]["risk_category"] = "adult_fnrp"
    assert unmet(document) == ["L-AUT-8"]


@pytest.mark.parametrize(("after", "stands"), [(-TICK, True), (0 * DAY, False), (TICK, False)])
def test_a_restart_or_a_closure_since_makes_an_authorization_worthless(
    after: timedelta, stands: bool
) -> None:
    document = dispense()
    at = datetime.fromisoformat(document["authorization"]["issued_at"]) + after
    document["contraception"].append(adequate(at - DAY, lapse=True, recorded_at=iso(at)))
    assert is_met(document, "L-AUT-8") is stands
    for outcome in ("not_pregnant", "pregnancy_ended", "unknown"):
        document = dispense("adult_male")
        document["pregnancy_cases"] = [case(at - DAY, at, outcome)]
        assert is_met(document, "L-AUT-8") is stands


@pytest.mark.parametrize(("after", "stands"), [(-TICK, True), (0 * DAY, True), (TICK, False)])
def test_an_agreement_since_makes_an_authorization_worthless(
    after: timedelta, stands: bool
) -> None:
    document = dispense("adult_male")
    at = datetime.fromisoformat(document["authorization"]["issued_at"]) + after
    document["agreements"][0]["patient_signed_at"] = iso(at)
    assert unmet(document) == ([] if stands else ["L-AUT-8"])


@pytest.mark.parametrize("name", ["pregnancy_tests", "contraception"])
def test_evidence_withdrawn_since_makes_an_authorization_worthless(name: str) -> None:
    issued_at = NOON - 3 * HOUR
    for at, withdrawn_at, stands in (
        (issued_at, issued_at, False),
        (issued_at, NOON, False),
        (issued_at, NOON + TICK, True),
        (issued_at + TICK, NOON, True),
        (issued_at - DAY, issued_at - TICK, True),
    ):
        document = dispense()
        make = negative_test if name == "pregnancy_tests" else adequate
        document[name].append(make(at) | {"withdrawn_at": iso(withdrawn_at)})
        assert unmet(document) == ([] if stands else ["L-AUT-8"])


def test_a_withdrawn_test_matters_whatever_its_sensitivity_but_only_if_negative_and_known() -> None:
    issued_at = NOON - 3 * HOUR
    withdrawn = {"withdrawn_at": iso(NOON)}
    for changes, stands in (
        ({"sensitivity_miu_ml": 100}, False),
        ({"result": "positive"}, True),
        ({"result": "indeterminate"}, True),
    ):
        document = dispense()
        document["pregnancy_tests"].append(negative_test(issued_at) | withdrawn | changes)
        assert is_met(document, "L-AUT-8") is stands
    off_path = dispense("adult_fnrp")
    off_path["pregnancy_tests"] = [negative_test(issued_at) | withdrawn]
    assert unmet(off_path) == []


def lapsed() -> Document:
    document = authorize("adult_male")
    document["agreements"][0]["patient_signed_at"] = iso(days_before(NOON, 500))
    document["agreements"][0]["prescriber_signed_at"] = iso(days_before(NOON, 500))
    return document


def exception(rule: str, granted_at: datetime, expires: datetime) -> Document:
    return {"rule": rule, "granted_at": iso(granted_at), "expires_at": iso(expires)}


def test_an_exception_excuses_to_the_microsecond() -> None:
    for granted_at, expires, excused in (
        (NOON, NOON, True),
        (NOON - DAY, NOON - TICK, False),
        (NOON + TICK, NOON + DAY, False),
        (NOON - DAY, NOON + DAY, True),
    ):
        document = lapsed()
        document["overrides"] = [exception("L-ENR-4", granted_at, expires)]
        answer = requirement(document, "L-ENR-4")
        assert unmet(document) == ([] if excused else ["L-ENR-4"])
        assert answer["met"] is excused
        assert answer.get("overridden", False) is excused
        assert answer["reason"] == "AGREEMENT_LAPSED"
        if excused:
            assert datetime.fromisoformat(answer["closes_at"]) == expires


def test_a_met_requirement_is_not_listed_as_overridden() -> None:
    document = authorize("adult_male")
    document["overrides"] = [exception("L-ENR-4", NOON, NOON)]
    assert "overridden" not in requirement(document, "L-ENR-4")


def test_tests_contraception_and_pregnancy_are_never_excused() -> None:
    document = authorize()
    document["pregnancy_tests"] = document["contraception"] = []
    document["pregnancy_cases"] = [case(NOON)]
    refused = unmet(document)
    document["overrides"] = [exception(rule, NOON, NOON) for rule in refused]
    assert {"L-PT-1", "L-PT-2", "L-CON-1", "L-CON-2", "L-CON-3", "L-PRG-1"} <= set(refused)
    assert unmet(document) == refused


def test_supply_and_survey_rules_can_be_excused() -> None:
    document = dispense("adult_male")
    document["dispenses"] = [supply(NOON - DAY, "adult_male")]
    assert unmet(document) == ["L-DSP-5"]
    assert unmet({**document, "overrides": [exception("L-DSP-5", NOON, NOON)]}) == []
    document = {**authorize(), "patient_surveys": []}
    assert unmet(document) == ["L-SUR-2"]
    assert unmet({**document, "overrides": [exception("L-SUR-2", NOON, NOON)]}) == []


def test_an_authorization_on_the_pregnancy_path_expires_seven_days_after_the_latest_test() -> None:
    for question_path in ("initiation", "continuing"):
        document = authorize(path=question_path)
        tested = datetime.fromisoformat(document["pregnancy_tests"][1]["collected_at"])
        day = tested.astimezone(ZONE).date()
        assert expires_at(document) == end_of(day + 7 * DAY)


@pytest.mark.parametrize(
    "as_of", [NOON, datetime(2026, 2, 20, 12, tzinfo=ZONE), datetime(2026, 10, 20, tzinfo=ZONE)]
)
def test_any_other_authorization_expires_after_30_days(as_of: datetime) -> None:
    for category in CATEGORIES:
        if category not in PREGNANCY_PATH:
            document = authorize(category, as_of=as_of)
            last_day = date.fromisoformat(on(as_of, -30))
            assert expires_at(document) == end_of(last_day)


def test_a_yes_to_the_pharmacy_holds_24_hours_and_never_beyond_the_authorization() -> None:
    document = dispense("adult_male")
    assert expires_at(document) == NOON + 24 * HOUR
    document["authorization"]["expires_at"] = iso(NOON + HOUR)
    assert expires_at(document) == NOON + HOUR
    confirmed = dispense("adult_male", handover="pickup")
    issued_at = datetime.fromisoformat(confirmed["confirmation"]["issued_at"])
    confirmed["confirmation"]["expires_at"] = iso(NOON + 90 * HOUR)
    assert expires_at(confirmed) == issued_at + 24 * HOUR
    confirmed["confirmation"]["expires_at"] = iso(NOON)
    assert expires_at(confirmed) == NOON


def test_a_refusal_expires_never() -> None:
    assert expires_at({**authorize(), "counseling": []}) is None
