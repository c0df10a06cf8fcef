"""Contraception and obligations: L-CON-1 to L-CON-3, L-CON-6, L-CON-7."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.rules.documents import (
    DAY,
    FEMALE,
    HOUR,
    MALE,
    NOON,
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
    on,
    requirement,
    start_of,
    unmet,
)

SPRING = datetime(2026, 3, 20, 12, tzinfo=ZONE)
AUTUMN = datetime(2026, 11, 20, 12, tzinfo=ZONE)


def attested(*attestations: Document, as_of: datetime = NOON) -> Document:
    return {**authorize(as_of=as_of), "contraception": list(attestations)}


@pytest.mark.parametrize(
    ("methods", "is_adequate"),
    [
        (["iud", "male_condom"], True),
        (["tubal_ligation", "diaphragm"], True),
        (["partner_vasectomy", "cervical_cap"], True),
        (["hormonal_implant", "male_condom", "withdrawal"], True),
        (["iud", "hormonal_combined_pill"], False),
        (["male_condom", "diaphragm"], False),
        (["iud"], False),
        (["male_condom"], False),
        ([], False),
        (["progestin_only_pill", "male_condom"], False),
        (["progesterone_iud", "male_condom"], False),
        (["iud", "female_condom"], False),
        (["iud", "cervical_shield"], False),
        (["iud", "spermicide_alone"], False),
        (["iud", "fertility_awareness"], False),
        (["iud", "breastfeeding"], False),
    ],
)
def test_two_methods_are_needed_one_of_each_kind(methods: list[str], is_adequate: bool) -> None:
    for question in (authorize, dispense):
        document = question()
        document["contraception"].append(adequate(NOON - TICK, methods=methods))
        assert is_met(document, "L-CON-1") is is_adequate


def test_abstinence_is_adequate_and_a_lapse_never_is() -> None:
    document = dispense()
    document["contraception"][1] |= {"abstinence": True, "methods": None}
    assert unmet(document) == []
    document["contraception"][1]["lapse"] = True
    assert "L-CON-1" in unmet(document)


def test_the_latest_attestation_decides_and_of_several_each() -> None:
    document = dispense()
    later = datetime.fromisoformat(document["contraception"][1]["attested_at"])
    document["contraception"].append(adequate(later, methods=["iud"]))
    assert not is_met(document, "L-CON-1")
    document["contraception"][-1]["withdrawn_at"] = iso(NOON)
    assert is_met(document, "L-CON-1")
    document["contraception"] = []
    assert unmet(document) == ["L-CON-1"]


def test_an_attestation_recorded_after_as_of_is_not_known() -> None:
    document = attested(adequate(days_before(NOON, 28), recorded_at=iso(NOON + TICK)))
    assert unmet(document) == ["L-CON-1", "L-CON-2", "L-CON-3"]
    document["contraception"][0]["recorded_at"] = iso(NOON)
    assert unmet(document) == []


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(("days", "met"), [(27, False), (28, True), (29, True)])
def test_contraception_begins_28_calendar_days_before(
    as_of: datetime, days: int, met: bool
) -> None:
    """L-CON-2: the unbroken run began at least four weeks before."""
    day = date.fromisoformat(on(as_of, days))
    for attested_at in (start_of(day), end_of(day)):
        document = attested(adequate(attested_at), as_of=as_of)
        assert is_met(document, "L-CON-2") is met
    document = attested(adequate(as_of - HOUR, on(as_of, days)), as_of=as_of)
    assert unmet(document) == ([] if met else ["L-CON-2"])


def test_the_window_opens_at_the_start_of_the_28th_day() -> None:
    began = date(2026, 2, 22)
    document = attested(adequate(start_of(began)), as_of=SPRING)
    opens_at = datetime.fromisoformat(requirement(document, "L-CON-2")["opens_at"])
    assert opens_at == start_of(date(2026, 3, 22))
    assert opens_at - start_of(began) == timedelta(days=28) - HOUR


def days_of(*events: Document) -> str | None:
    """Since when the present run counts."""
    document = attested(*events)
    answer = requirement(document, "L-CON-2")
    since: str | None = answer["params"].get("since")
    return since


def test_a_run_starts_with_the_first_adequate_attestation() -> None:
    first, second = adequate(days_before(NOON, 50)), adequate(days_before(NOON, 20))
    assert days_of(first, second) == on(NOON, 50)
    assert days_of(second) == on(NOON, 20)


def test_a_run_breaks_when_an_inadequate_attestation_is_recorded_whatever_date_it_bears() -> None:
    first = adequate(days_before(NOON, 50))
    late = adequate(days_before(NOON, 49), methods=[], recorded_at=iso(days_before(NOON, 10)))
    again = adequate(days_before(NOON, 5), on(NOON, 30))
    assert days_of(first, late) is None
    assert days_of(first, late, again) == on(NOON, 10)
    between = adequate(days_before(NOON, 20))
    assert days_of(first, late, between) is None


def test_at_one_instant_the_break_comes_last() -> None:
    at = days_before(NOON, 40)
    broken = adequate(at, lapse=True)
    assert days_of(adequate(at), broken) is None
    assert days_of(adequate(at + TICK), broken) == on(NOON, 40)


def test_a_run_never_begins_before_the_break() -> None:
    broken = adequate(days_before(NOON, 20), lapse=True)
    assert days_of(broken, adequate(days_before(NOON, 10), on(NOON, 60))) == on(NOON, 20)
    assert days_of(broken, adequate(days_before(NOON, 10), on(NOON, 15))) == on(NOON, 15)
    assert days_of(broken, adequate(days_before(NOON, 10))) == on(NOON, 10)


@pytest.mark.parametrize(("days", "opens_at"), [(27, "2026-06-18T04:00:00Z"), (28, None)])
def test_after_a_break_what_is_attested_now_may_have_begun_with_it(
    days: int, opens_at: str | None
) -> None:
    """L-CON-2: once the break is 28 days old, there is nothing left to wait for."""
    document = attested(adequate(days_before(NOON, days), lapse=True))
    answer = requirement(document, "L-CON-2")
    assert (answer["reason"], answer["opens_at"]) == ("CONTRACEPTION_BROKEN", opens_at)


@pytest.mark.parametrize("outcome", ["pregnancy_ended", "lost_to_follow_up", "unknown"])
def test_the_end_of_a_pregnancy_breaks_a_run(outcome: str) -> None:
    document = attested(adequate(days_before(NOON, 90)))
    document["pregnancy_cases"] = [case(NOON - 60 * DAY, NOON - 50 * DAY, outcome)]
    assert not is_met(document, "L-CON-2")
    document["contraception"].append(adequate(days_before(NOON, 1), on(NOON, 60)))
    assert requirement(document, "L-CON-2")["params"]["since"] == on(NOON, 50)
    document["pregnancy_cases"][0]["outcome"] = "not_pregnant"
    assert requirement(document, "L-CON-2")["params"]["since"] == on(NOON, 60)


@pytest.mark.parametrize(
    ("since", "start"),
    [(None, 50), (31, 50), (30, 50), (29, 29), (5, 5), (50, 50), (60, 50)],
)
def test_new_methods_count_from_the_day_that_they_were_taken_up(
    since: int | None, start: int
) -> None:
    first, second = adequate(days_before(NOON, 50)), adequate(days_before(NOON, 30))
    third = adequate(days_before(NOON, 2), None if since is None else on(NOON, since))
    assert days_of(first, second, third) == on(NOON, start)


def test_of_two_attestations_of_one_instant_the_later_start_counts() -> None:
    at = days_before(NOON, 10)
    assert days_of(adequate(at, on(NOON, 40)), adequate(at, on(NOON, 20))) == on(NOON, 20)
    first = adequate(days_before(NOON, 60))
    assert days_of(first, adequate(at), adequate(at, on(NOON, 20))) == on(NOON, 20)


def test_a_withdrawn_attestation_neither_breaks_nor_starts_a_run() -> None:
    first = adequate(days_before(NOON, 50))
    lapse = adequate(days_before(NOON, 20), lapse=True, withdrawn_at=iso(NOON))
    assert days_of(first, lapse) == on(NOON, 50)
    assert days_of({**first, "withdrawn_at": iso(NOON)}) is None
    lapse["withdrawn_at"] = iso(NOON + TICK)
    assert days_of(first, lapse) is None


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(("days", "met"), [(30, True), (31, False)])
def test_an_attestation_is_at_most_30_days_old(as_of: datetime, days: int, met: bool) -> None:
    day = date.fromisoformat(on(as_of, days))
    for attested_at in (start_of(day), end_of(day)):
        document = attested(adequate(attested_at), as_of=as_of)
        assert unmet(document) == ([] if met else ["L-CON-3"])


def test_dispensing_does_not_ask_for_the_age_of_the_attestation() -> None:
    document = dispense()
    document["contraception"] = [adequate(days_before(NOON, 99))]
    assert unmet(document) == []


@pytest.mark.parametrize(
    ("changes", "female_met", "male_met"),
    [
        ({}, True, True),
        ({"no_blood_donation": False}, False, False),
        ({"no_sharing": False}, False, False),
        ({"no_sperm_donation": False}, True, False),
        ({"condom": False}, True, False),
        ({"condom": False, "abstinence": True}, True, True),
    ],
)
def test_each_sex_promises_what_it_must(
    changes: dict[str, Any], female_met: bool, male_met: bool
) -> None:
    full = {"no_sperm_donation": True, "condom": True}
    for question in (authorize, dispense):
        for category, met in (*((c, female_met) for c in FEMALE), *((c, male_met) for c in MALE)):
            document = question(category)
            document["obligations"][0] |= {**full, **changes}
            assert unmet(document) == ([] if met else ["L-CON-6"])


@pytest.mark.parametrize(
    ("attested_on", "last_day"),
    [
        (date(2025, 6, 17), date(2026, 6, 17)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2025, 8, 31), date(2026, 8, 31)),
    ],
)
def test_obligations_are_renewed_within_twelve_months(attested_on: date, last_day: date) -> None:
    for as_of, met in ((end_of(last_day), True), (end_of(last_day) + TICK, False)):
        document = dispense("adult_male", as_of=as_of)
        document["obligations"][0]["attested_at"] = iso(start_of(attested_on))
        assert unmet(document) == ([] if met else ["L-CON-6"])


def test_the_latest_attestation_of_obligations_decides_and_of_several_each() -> None:
    document = dispense("adult_male")
    good = document["obligations"][0]
    bad = {**good, "no_sharing": False}
    document["obligations"] = [bad, good]
    assert unmet(document) == ["L-CON-6"]
    later = {**good, "attested_at": iso(NOON - TICK)}
    document["obligations"] = [bad, later]
    assert unmet(document) == []
    document["obligations"] = [good, {**bad, "attested_at": iso(NOON + TICK)}]
    assert unmet(document) == []
    document["obligations"] = []
    assert unmet(document) == ["L-CON-6"]


def test_a_female_does_not_breastfeed_and_a_male_is_not_asked() -> None:
    for question in (authorize, dispense):
        for category in (*FEMALE, *MALE):
            document = question(category)
            document["patient"]["breastfeeding"] = True
            assert unmet(document) == (["L-CON-7"] if category in FEMALE else [])
