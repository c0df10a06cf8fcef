"""The pharmacy's side: L-DSP-3 to L-DSP-6, L-DSP-9."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from apps.rules.decision import evaluate_document, supply_opens_at
from apps.rules.facts import parse_facts
from apps.rules.policy import policy_in_force
from tests.rules.documents import (
    CATEGORIES,
    HOUR,
    NOON,
    PREGNANCY_PATH,
    TICK,
    ZONE,
    Document,
    authorize,
    days_before,
    dispense,
    end_of,
    iso,
    on,
    requirement,
    start_of,
    supply,
    unmet,
)

SPRING = datetime(2026, 3, 8, 15, tzinfo=ZONE)
AUTUMN = datetime(2026, 11, 1, 15, tzinfo=ZONE)


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("age", "lasts", "met"),
    [
        (24 * HOUR, 48 * HOUR, True),
        (24 * HOUR + TICK, 48 * HOUR, False),
        (2 * HOUR, 2 * HOUR, True),
        (2 * HOUR, 2 * HOUR - TICK, False),
        (timedelta(0), timedelta(0), True),
    ],
)
def test_a_confirmation_is_good_for_24_hours_at_most(
    as_of: datetime, age: timedelta, lasts: timedelta, met: bool
) -> None:
    document = dispense("adult_male", handover="pickup", as_of=as_of)
    issued_at = datetime.fromisoformat(document["as_of"]) - age
    document["confirmation"] |= {"issued_at": iso(issued_at), "expires_at": iso(issued_at + lasts)}
    assert unmet(document) == ([] if met else ["L-DSP-3"])


def test_only_the_pharmacy_that_holds_the_confirmation_dispenses() -> None:
    document = dispense("adult_male", handover="ship")
    document["confirmation"]["pharmacy"] = "PH2"
    assert unmet(document) == ["L-DSP-3"]


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_category_on_the_prescription_is_the_patients(category: str) -> None:
    """L-DSP-4: each category on each other's prescription."""
    document = dispense(category)
    for other in CATEGORIES:
        document["prescription"]["risk_category"] = other
        assert unmet(document) == ([] if other == category else ["L-DSP-4"])


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(("days_ago", "met"), [(21, True), (20, False), (28, True), (90, True)])
def test_the_next_supply_waits_until_seven_days_remain(
    as_of: datetime, days_ago: int, met: bool
) -> None:
    day = date.fromisoformat(on(as_of, days_ago))
    for at in (start_of(day), end_of(day)):
        document = dispense("adult_male", as_of=as_of)
        document["dispenses"] = [supply(at, "adult_male")]
        assert unmet(document) == ([] if met else ["L-DSP-5"])


def test_the_window_of_the_next_supply_opens_at_midnight() -> None:
    document = dispense("adult_male", as_of=SPRING)
    document["dispenses"] = [supply(days_before(SPRING, 3), "adult_male")]
    opens_at = datetime.fromisoformat(requirement(document, "L-DSP-5")["opens_at"])
    assert opens_at == start_of(date(2026, 3, 26))


def opens_at(*dispenses: Document, excused_until: datetime | None = None) -> datetime | None:
    """From when the next supply may be dispensed, as an office's page asks it."""
    document = {**authorize("adult_male"), "dispenses": list(dispenses)}
    if excused_until is not None:
        until = iso(excused_until)
        document["overrides"] = [{"rule": "L-DSP-5", "granted_at": iso(NOON), "expires_at": until}]
    return supply_opens_at(parse_facts(document), policy_in_force("lenalidomide", NOON))


def test_before_any_request_the_day_is_known_from_which_a_pharmacy_may_dispense_l_dsp_5() -> None:
    assert opens_at() is None
    assert opens_at(supply(days_before(NOON, 21), "adult_male")) is None
    day = date.fromisoformat(on(NOON, 20))
    assert opens_at(supply(start_of(day), "adult_male")) == start_of(day + timedelta(days=21))


def test_an_exception_opens_the_next_supply_at_once_l_dsp_10() -> None:
    early = supply(days_before(NOON, 3), "adult_male")
    assert opens_at(early, excused_until=NOON) is None
    assert opens_at(early) is not None


def left(*dispenses: Document) -> int:
    """How many days of supply remain, as the refusal says."""
    document = {**dispense("adult_male"), "dispenses": list(dispenses)}
    answer = requirement(document, "L-DSP-5")
    return int(answer["params"].get("days_left", 0))


def test_early_supply_piles_up() -> None:
    early = [supply(days_before(NOON, days), "adult_male") for days in (28, 7)]
    assert left(*early) == 28
    assert left(*early, supply(days_before(NOON, 1), "adult_male", days_supply=14)) == 42
    late = [supply(days_before(NOON, days), "adult_male") for days in (60, 7)]
    assert left(*late) == 21


def test_irregular_supply_counts_as_supply() -> None:
    assert left(supply(days_before(NOON, 7), "adult_male", authorized=False)) == 21


def test_supply_that_went_back_to_stock_does_not_count() -> None:
    returned = supply(days_before(NOON, 1), "adult_male", returned_at=iso(NOON))
    assert left(returned) == 0
    returned["returned_at"] = iso(NOON + TICK)
    assert left(returned) == 27


def test_supply_that_was_lost_counts_until_that_day() -> None:
    lost = supply(days_before(NOON, 5), "adult_male", stopped_on=on(NOON, 2))
    assert left(lost) == 0
    assert left(lost, supply(days_before(NOON, 1), "adult_male")) == 27
    assert left(supply(days_before(NOON, 40), "adult_male"), lost) == 0
    lost["stopped_on"] = on(NOON, -1)
    assert left(lost) == 23
    lost["stopped_on"] = on(NOON)
    assert left(lost) == 0


def test_a_stop_before_stacked_supply_begins_leaves_the_earlier_supply() -> None:
    first = supply(days_before(NOON, 10), "adult_male")
    stacked = supply(days_before(NOON, 5), "adult_male", stopped_on=on(NOON, 2))
    assert left(first, stacked) == 18


def test_a_dispense_after_as_of_is_not_known() -> None:
    assert left(supply(NOON + TICK, "adult_male")) == 0
    assert left(supply(NOON, "adult_male")) == 28


@pytest.mark.parametrize(
    ("prescription", "authorization", "met"),
    [
        ({"days_supply": 1}, {}, True),
        ({"days_supply": 0}, {}, False),
        ({"days_supply": -5}, {}, False),
        ({"days_supply": 14}, {"days_supply": 14}, True),
        ({"days_supply": 15}, {"days_supply": 14}, False),
        ({"days_supply": 29}, {"days_supply": 40}, False),
        ({"days_supply": 28}, {"days_supply": 40}, True),
        ({"strength_mg": 10.0}, {}, True),
        ({"strength_mg": 5}, {}, False),
        ({"product": "thalidomide"}, {}, False),
        ({"product": "other"}, {"product": "other"}, True),
    ],
)
def test_the_prescription_is_within_the_authorization(
    prescription: dict[str, Any], authorization: dict[str, Any], met: bool
) -> None:
    document = dispense("adult_male")
    document["prescription"] |= prescription
    document["authorization"] |= authorization
    assert unmet(document) == ([] if met else ["L-DSP-6"])


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("handover", ["ship", "pickup"])
def test_on_the_pregnancy_path_a_shipment_leaves_on_the_day_of_its_confirmation(
    category: str, handover: str
) -> None:
    midnight = start_of(NOON.date())
    for confirmed_at, same_day in ((midnight, True), (midnight - TICK, False)):
        document = dispense(category, handover=handover)
        document["authorization"]["issued_at"] = iso(midnight - HOUR)
        document["confirmation"] |= {
            "issued_at": iso(confirmed_at),
            "expires_at": iso(confirmed_at + 24 * HOUR),
        }
        asked = category in PREGNANCY_PATH and handover == "ship"
        assert unmet(document) == (["L-DSP-9"] if asked and not same_day else [])
        if asked and same_day:
            closes_at = requirement(document, "L-DSP-9")["closes_at"]
            assert datetime.fromisoformat(closes_at) == end_of(NOON.date())


def test_without_a_confirmation_neither_it_nor_the_shipment_is_asked_about() -> None:
    rules = {each["rule"] for each in evaluate_document(dispense())["requirements"]}
    assert not rules & {"L-DSP-3", "L-DSP-9"}


@pytest.mark.parametrize("days", [1, 0, -3])
def test_the_sentence_about_the_days_is_true_for_any_authorization(days: int) -> None:
    document = dispense()
    document["authorization"]["days_supply"] = days
    answer = requirement(document, "L-DSP-6")
    if days == 1:
        sentence = "The days' supply on the prescription must be at least 1 and at most 1."
        assert answer["reason"] == "PRESCRIPTION_DAYS_SUPPLY_OUT_OF_RANGE"
    else:
        sentence = "The authorization is for no days' supply that can be dispensed."
        assert answer["reason"] == "AUTHORIZATION_FOR_NO_DAYS"
    assert answer["message"] == sentence
