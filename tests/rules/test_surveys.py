"""Surveys, interventions and counseling: L-SUR-1 to L-SUR-4."""

from datetime import date, datetime, timedelta

import pytest

from tests.rules.documents import (
    DAY,
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
    is_met,
    iso,
    on,
    requirement,
    start_of,
    unmet,
)

SPRING = datetime(2026, 3, 8, 12, tzinfo=ZONE)
AUTUMN = datetime(2026, 11, 1, 12, tzinfo=ZONE)


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("age", "met"),
    [(timedelta(0), True), (-TICK, False), (24 * HOUR, True), (24 * HOUR + TICK, False)],
)
def test_a_prescriber_survey_is_at_most_24_hours_old(
    as_of: datetime, age: timedelta, met: bool
) -> None:
    document = authorize("adult_male", as_of=as_of)
    instant = datetime.fromisoformat(document["as_of"])
    document["request"]["prescriber_survey"]["completed_at"] = iso(instant - age)
    assert unmet(document) == ([] if met else ["L-SUR-1"])


def test_a_prescriber_survey_is_present_and_states_the_patients_category() -> None:
    document = authorize("adult_male")
    document["request"]["prescriber_survey"]["risk_category"] = "child_male"
    assert unmet(document) == ["L-SUR-1"]
    document["request"]["prescriber_survey"] = None
    assert unmet(document) == ["L-SUR-1"]


@pytest.mark.parametrize("state", ["void", "expired", "dispensed"])
def test_a_prescriber_survey_serves_one_request(state: str) -> None:
    document = authorize("adult_fnrp")
    completed_at = datetime.fromisoformat(document["request"]["prescriber_survey"]["completed_at"])
    earlier = {"expires_at": iso(NOON + DAY), "state": state}
    for issued_at, met in ((completed_at - TICK, True), (completed_at, False), (NOON, False)):
        document["authorizations"] = [{**earlier, "issued_at": iso(issued_at)}]
        assert is_met(document, "L-SUR-1") is met
    document["authorizations"] = [{**earlier, "issued_at": iso(NOON + TICK)}]
    assert is_met(document, "L-SUR-1")


def surveyed(category: str, path: str, *surveys: Document, as_of: datetime = NOON) -> Document:
    return {**authorize(category, path, as_of), "patient_surveys": list(surveys)}


def survey(at: datetime, *, used: bool = False) -> Document:
    return {"completed_at": iso(at), "used": used}


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(("days", "met"), [(0, True), (30, True), (31, False)])
def test_a_patient_survey_is_at_most_30_days_old_and_unused(
    as_of: datetime, days: int, met: bool
) -> None:
    """L-SUR-2: one survey serves one authorization."""
    day = date.fromisoformat(on(as_of, days))
    for category in (*PREGNANCY_PATH, "child_fnrp", "adult_male", "child_male"):
        for at in (start_of(day), min(end_of(day), as_of)):
            document = surveyed(category, "continuing", survey(at), as_of=as_of)
            assert unmet(document) == ([] if met else ["L-SUR-2"])
            document["patient_surveys"][0]["used"] = True
            assert unmet(document) == ["L-SUR-2"]


@pytest.mark.parametrize(
    ("category", "asked"),
    [("adult_frp", True), ("child_frp", True), ("adult_fnrp", False), ("child_fnrp", False),
     ("adult_male", False), ("child_male", False)],
)  # fmt: skip
def test_only_the_pregnancy_path_needs_a_survey_before_the_first_supply(
    category: str, asked: bool
) -> None:
    document = surveyed(category, "initiation")
    assert unmet(document) == (["L-SUR-2"] if asked else [])
    voided = {"issued_at": iso(NOON - 9 * DAY), "expires_at": iso(NOON), "state": "void"}
    document["authorizations"] = [voided]
    assert unmet(document) == (["L-SUR-2"] if asked else [])
    voided["state"] = "dispensed"
    assert ("L-SUR-2" in unmet(document)) is (category != "adult_fnrp")


@pytest.mark.parametrize(
    ("surveyed_on", "last_day"),
    [
        (date(2025, 12, 17), date(2026, 6, 17)),
        (date(2025, 8, 31), date(2026, 2, 28)),
        (date(2025, 8, 30), date(2026, 2, 28)),
        (date(2023, 8, 31), date(2024, 2, 29)),
    ],
)
def test_an_adult_without_reproductive_potential_is_surveyed_every_six_months(
    surveyed_on: date, last_day: date
) -> None:
    for as_of, met in ((end_of(last_day), True), (end_of(last_day) + TICK, False)):
        for used in (True, False):
            document = surveyed(
                "adult_fnrp", "initiation", survey(start_of(surveyed_on), used=used), as_of=as_of
            )
            first = start_of(surveyed_on) - 90 * DAY
            document["authorizations"] = [
                {"issued_at": iso(first), "expires_at": iso(first + DAY), "state": "dispensed"}
            ]
            assert unmet(document) == ([] if met else ["L-SUR-2"])


def test_six_months_count_from_the_first_dispensed_authorization_without_a_survey() -> None:
    document = surveyed("adult_fnrp", "initiation")
    later, first = NOON - 9 * DAY, datetime(2025, 12, 17, 12, tzinfo=ZONE)
    document["authorizations"] = [
        {"issued_at": iso(at), "expires_at": iso(at + DAY), "state": "dispensed"}
        for at in (later, first)
    ]
    assert unmet(document) == []
    document["authorizations"][1]["issued_at"] = iso(first - DAY)
    assert unmet(document) == ["L-SUR-2"]


def test_an_intervention_blocks_until_it_is_resolved() -> None:
    for question in (authorize, dispense):
        document = question("adult_male")
        opened = {"opened_at": iso(NOON), "resolved_at": None}
        document["interventions"] = [opened, {"opened_at": iso(NOON + TICK)}]
        assert unmet(document) == ["L-SUR-3"]
        opened["resolved_at"] = iso(NOON + TICK)
        assert unmet(document) == ["L-SUR-3"]
        opened["resolved_at"] = iso(NOON)
        assert unmet(document) == []


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(("days", "met"), [(0, True), (30, True), (31, False)])
def test_counseling_is_at_most_30_days_old(as_of: datetime, days: int, met: bool) -> None:
    day = date.fromisoformat(on(as_of, days))
    for at in (start_of(day), min(end_of(day), as_of)):
        document = authorize("adult_male", as_of=as_of)
        document["counseling"] = [{"given_at": iso(at)}]
        assert unmet(document) == ([] if met else ["L-SUR-4"])
        assert (requirement(document, "L-SUR-4")["closes_at"] is not None) is met


def test_one_counseling_covers_both_topics_on_the_pregnancy_path() -> None:
    document = authorize("adult_frp")
    split = [
        {"given_at": iso(NOON - HOUR), "topics": ["contraception"]},
        {"given_at": iso(NOON - HOUR), "topics": ["emergency_contraception", "other"]},
    ]
    document["counseling"] = split
    assert unmet(document) == ["L-SUR-4"]
    document["counseling"] = [
        *split,
        {**split[1], "topics": [*split[0]["topics"], *split[1]["topics"]]},
    ]
    assert unmet(document) == []
    assert unmet({**authorize("adult_fnrp"), "counseling": split}) == []


def test_counseling_belongs_to_one_supply() -> None:
    document = authorize("adult_fnrp")
    at = NOON - 9 * DAY
    document["counseling"] = [{"given_at": iso(at)}]
    for issued_at, state, met in (
        (at - TICK, "dispensed", True),
        (at, "dispensed", False),
        (at + TICK, "dispensed", False),
        (at + TICK, "void", True),
        (NOON + TICK, "dispensed", True),
    ):
        document["authorizations"] = [
            {"issued_at": iso(issued_at), "expires_at": iso(NOON + DAY), "state": state}
        ]
        assert is_met(document, "L-SUR-4") is met


def test_counseling_after_as_of_is_not_known() -> None:
    document = authorize("adult_male")
    document["counseling"] = [{"given_at": iso(NOON + TICK)}]
    assert unmet(document) == ["L-SUR-4"]
    document["counseling"] = [{"given_at": iso(days_before(NOON, 0))}]
    assert unmet(document) == []
