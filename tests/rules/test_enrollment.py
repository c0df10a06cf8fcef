"""Enrollment and category: L-ENR-1 to L-ENR-5, L-CAT-1, L-CAT-2."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from tests.rules.documents import (
    CATEGORIES,
    DAY,
    NOON,
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
    supply,
    unmet,
)

QUESTIONS = (authorize, dispense)


def sign(document: Document, at: datetime, **changes: object) -> Document:
    """Adds an agreement that both sign at one instant."""
    document["agreements"].append(
        {
            "risk_category": document["patient"]["risk_category"],
            "prescriber": "PR1",
            "signer": "patient",
            "patient_signed_at": iso(at),
            "prescriber_signed_at": iso(at),
            **changes,
        }
    )
    return document


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("status", ["pending", "suspended", "decertified"])
def test_only_a_certified_prescriber_may_prescribe(
    question: Callable[..., Document], status: str
) -> None:
    document = question()
    document["prescriber"]["status"] = status
    assert unmet(document) == ["L-ENR-1"]
    assert requirement(document, "L-ENR-1")["reason"] == f"PRESCRIBER_{status.upper()}"


@pytest.mark.parametrize("status", ["pending", "suspended", "decertified"])
def test_only_a_certified_pharmacy_may_dispense(status: str) -> None:
    document = dispense()
    document["pharmacy"]["status"] = status
    assert unmet(document) == ["L-ENR-2"]


def test_a_pharmacy_is_certified_through_its_last_day() -> None:
    document = dispense("adult_male")
    document["pharmacy"]["certified_until"] = on(NOON)
    closes_at = requirement(document, "L-ENR-2")["closes_at"]
    assert closes_at == iso(end_of(NOON.date())).replace("+00:00", "Z")
    document["pharmacy"]["certified_until"] = on(NOON, 1)
    assert unmet(document) == ["L-ENR-2"]
    document["pharmacy"]["certified_until"] = None
    assert unmet(document) == ["L-ENR-2"]


def test_a_pharmacy_is_not_asked_for_when_authorizing() -> None:
    assert "L-ENR-2" not in unmet(authorize() | {"prescriber": {"id": "X", "status": "pending"}})


@pytest.mark.parametrize("missing", ["patient_signed_at", "prescriber_signed_at"])
def test_an_agreement_needs_both_signatures(missing: str) -> None:
    """L-ENR-3: nothing is authorized before both have signed."""
    document = authorize("adult_male")
    document["agreements"][0][missing] = None
    assert unmet(document) == ["L-ENR-3", "L-ENR-4", "L-ENR-5"]
    document["agreements"][0][missing] = iso(NOON)
    assert unmet(document) == []
    document["agreements"][0][missing] = iso(NOON + TICK)
    assert unmet(document) == ["L-ENR-3", "L-ENR-4", "L-ENR-5"]


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("signer", ["patient", "guardian", "representative"])
def test_the_right_person_signs_for_each_category(category: str, signer: str) -> None:
    document = authorize(category)
    document["agreements"][0]["signer"] = signer
    fits = (signer == "guardian") == category.startswith("child")
    assert is_met(document, "L-ENR-3") is fits


def test_the_latest_agreement_must_be_for_the_present_category() -> None:
    document = sign(authorize("adult_male"), NOON - DAY, risk_category="adult_fnrp")
    assert {"L-ENR-3", "L-ENR-5"} <= set(unmet(document))
    sign(document, NOON - DAY + TICK)
    assert is_met(document, "L-ENR-3")


def test_of_two_agreements_of_one_instant_each_must_fit() -> None:
    at = NOON - DAY
    document = sign(sign(authorize("adult_male"), at), at, risk_category="adult_fnrp")
    assert {"L-ENR-3", "L-ENR-5"} <= set(unmet(document))
    document = sign(sign(authorize("adult_male"), at), at, prescriber="PR2")
    assert unmet(document) == ["L-ENR-5"]
    document["prescriber"]["covers"] = ["PR2"]
    assert unmet(document) == []


@pytest.mark.parametrize(
    ("agreed", "asked", "met"),
    [
        (date(2025, 6, 17), date(2026, 6, 17), True),
        (date(2025, 6, 16), date(2026, 6, 17), False),
        (date(2024, 2, 29), date(2025, 2, 28), True),
        (date(2024, 2, 29), date(2025, 3, 1), False),
        (date(2023, 2, 28), date(2024, 2, 28), True),
        (date(2023, 2, 28), date(2024, 2, 29), False),
        (date(2025, 8, 31), date(2026, 8, 31), True),
    ],
)
def test_the_enrollment_lapses_after_twelve_months(agreed: date, asked: date, met: bool) -> None:
    """L-ENR-4: the last day of the twelve months still counts."""
    for as_of in (start_of(asked), end_of(asked)):
        document = authorize("adult_male", as_of=as_of)
        document["agreements"] = []
        sign(document, start_of(agreed))
        assert is_met(document, "L-ENR-4") is met


def test_a_dispense_keeps_the_enrollment_alive_unless_it_was_returned() -> None:
    document = authorize("adult_male")
    document["agreements"] = []
    sign(document, days_before(NOON, 400))
    document["dispenses"] = [supply(days_before(NOON, 300), "adult_male", authorized=False)]
    assert unmet(document) == []
    document["dispenses"][0]["returned_at"] = iso(days_before(NOON, 299))
    assert unmet(document) == ["L-ENR-4"]
    document["dispenses"][0]["returned_at"] = iso(NOON + TICK)
    assert unmet(document) == []


def test_without_agreement_a_dispense_alone_keeps_the_enrollment_alive() -> None:
    document = authorize("adult_male", "continuing")
    document["agreements"] = []
    assert unmet(document) == ["L-ENR-3", "L-ENR-5"]


def test_a_prescriber_may_act_for_those_whom_they_cover() -> None:
    document = authorize()
    document["prescriber"] = {"id": "PR2", "status": "certified"}
    assert unmet(document) == ["L-ENR-5"]
    document["prescriber"]["covers"] = ["PR3", "PR1"]
    assert unmet(document) == []


@pytest.mark.parametrize(
    ("born", "turns_18_on"),
    [
        ("2008-06-17", date(2026, 6, 17)),
        ("2008-02-29", date(2026, 3, 1)),
        ("2008-03-01", date(2026, 3, 1)),
        ("2008-02-28", date(2026, 2, 28)),
    ],
)
def test_a_child_becomes_an_adult_at_midnight_of_the_birthday(born: str, turns_18_on: date) -> None:
    birthday = start_of(turns_18_on)
    for question in QUESTIONS:
        for as_of, is_child in ((birthday - TICK, True), (birthday, False)):
            for category in ("child_male", "adult_male"):
                document = question(category, as_of=as_of.astimezone(UTC))
                document["patient"]["date_of_birth"] = born
                assert is_met(document, "L-CAT-1") is (is_child == category.startswith("child"))


def test_a_woman_without_reproductive_potential_needs_a_basis() -> None:
    for question in QUESTIONS:
        document = question("adult_fnrp")
        document["patient"]["category_basis"] = None
        assert unmet(document) == ["L-CAT-2"]
        for days, met in ((0, True), (-1, False), (1, True)):
            for kind in ("hysterectomy", "bilateral_oophorectomy"):
                document["patient"]["category_basis"] = {"kind": kind, "on": on(NOON, days)}
                assert is_met(document, "L-CAT-2") is met


@pytest.mark.parametrize(
    ("last_menses", "complete_on"),
    [("2024-06-17", date(2026, 6, 17)), ("2024-02-29", date(2026, 2, 28)),
     ("2024-08-31", date(2026, 8, 31)), ("2022-02-28", date(2024, 2, 28))],
)  # fmt: skip
def test_menopause_counts_after_24_months(last_menses: str, complete_on: date) -> None:
    for as_of, met in ((start_of(complete_on) - TICK, False), (start_of(complete_on), True)):
        document = authorize("adult_fnrp", as_of=as_of.astimezone(UTC))
        document["patient"]["category_basis"] = {"kind": "natural_menopause", "on": last_menses}
        answer = requirement(document, "L-CAT-2")
        assert (answer["met"], answer["params"]["on"]) == (met, last_menses)


@pytest.mark.parametrize(
    ("kind", "opens_at"),
    [
        ("natural_menopause", "2028-06-18T04:00:00Z"),
        ("hysterectomy", "2026-06-18T04:00:00Z"),
        ("bilateral_oophorectomy", "2026-06-18T04:00:00Z"),
    ],
)
def test_a_basis_in_the_future_is_called_so(kind: str, opens_at: str) -> None:
    document = authorize("adult_fnrp")
    document["patient"]["category_basis"] = {"kind": kind, "on": on(NOON, -1)}
    answer = requirement(document, "L-CAT-2")
    assert answer["reason"] == "BASIS_IN_FUTURE"
    assert answer["opens_at"] == opens_at


def test_bleeding_after_the_last_menses_undoes_menopause() -> None:
    document = authorize("adult_fnrp")
    document["patient"]["category_basis"] = {"kind": "natural_menopause", "on": "2020-01-01"}
    report = {"reported_at": "2020-01-01T23:59:59-05:00", "kind": "abnormal_bleeding"}
    document["bleeding_reports"] = [report]
    assert unmet(document) == []
    report["reported_at"] = "2020-01-02T00:00:00-05:00"
    assert unmet(document) == ["L-CAT-2"]
    report["withdrawn_at"] = iso(NOON)
    assert unmet(document) == []
    document["patient"]["category_basis"]["kind"] = "hysterectomy"
    del report["withdrawn_at"]
    assert unmet(document) == []


def test_the_day_is_that_of_the_program_not_that_of_utc() -> None:
    evening = datetime(2026, 6, 17, 23, 30, tzinfo=ZONE)
    document = dispense("adult_male", as_of=evening)
    document["pharmacy"]["certified_until"] = "2026-06-17"
    assert unmet(document) == []
