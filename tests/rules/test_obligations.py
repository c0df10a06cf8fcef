"""What falls due says by which rule, who must act and when, to the day on which it begins or ends.

The schedule at large is test_schedule.py's.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from apps.rules import obligation as kinds
from apps.rules.decision import decide
from apps.rules.facts import parse_facts
from apps.rules.obligation import Obligation
from apps.rules.schedule import obligations, therapy_started_on
from tests.rules.documents import (
    DAY,
    NOON,
    TICK,
    Document,
    adequate,
    authorize,
    days_before,
    end_of,
    iso,
    negative_test,
    on,
    start_of,
    supply,
)
from tests.rules.retinoid import CANNOT
from tests.rules.retinoid import POLICY as RETINOID
from tests.rules.retinoid import request as retinoid_request

TODAY = NOON.date()


def due(document: Document, *, discontinued_on: date | None = None) -> dict[str, Obligation]:
    found = obligations(parse_facts(document), discontinued_on=discontinued_on)
    return {each.kind: each for each in found}


def ago(days: int) -> date:
    return date.fromisoformat(on(NOON, days))


def initiation(*tests: int, attested: int = 60, agreed: int = 89) -> Document:
    """A woman before her first supply, tested, attested and agreed so many days ago."""
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, days)) for days in tests]
    document["contraception"] = [adequate(days_before(NOON, attested))]
    document["agreements"][0]["patient_signed_at"] = iso(days_before(NOON, agreed))
    document["agreements"][0]["prescriber_signed_at"] = iso(days_before(NOON, agreed))
    return document


def supplied(*days_ago: int, category: str = "adult_frp") -> Document:
    document = authorize(category)
    document["dispenses"] = [supply(days_before(NOON, days), category) for days in days_ago]
    return document


def obliged(kind: str, rule: str, anchor: str, who: str = "patient", **instants: Any) -> Obligation:
    params = instants.pop("params")
    return Obligation(kind=kind, rule=rule, anchor=anchor, who=who, params=params, **instants)


CHILD = authorize("child_male") | {
    "patient": {
        "date_of_birth": "2008-07-01",
        "risk_category": "child_male",
        "breastfeeding": False,
    }
}
OPEN = authorize("adult_male") | {
    "authorizations": [
        {"issued_at": iso(NOON - DAY), "expires_at": iso(NOON + DAY), "state": "issued"}
    ]
}
EXPECTED = [
    (
        initiation(attested=3),
        obliged(
            "first_test_window",
            "L-PT-1",
            "2026-06-28",
            opens_at=start_of(date(2026, 6, 28)),
            closes_at=end_of(date(2026, 7, 2)),
            params={
                "window_from": date(2026, 6, 28),
                "window_until": date(2026, 7, 2),
                "authorization_from": date(2026, 7, 12),
            },
        ),
    ),
    (
        initiation(2),
        obliged(
            "second_test_window",
            "L-PT-2",
            "2026-06-15",
            opens_at=start_of(date(2026, 6, 25)),
            closes_at=end_of(date(2026, 6, 29)),
            params={
                "collected_on": date(2026, 6, 15),
                "window_from": date(2026, 6, 25),
                "window_until": date(2026, 6, 29),
            },
        ),
    ),
    (
        supplied(2),
        obliged(
            "weekly_test",
            "L-PT-4",
            "2026-06-17",
            due_at=end_of(date(2026, 6, 24)),
            params={"due_on": date(2026, 6, 24), "tested_on": date(2026, 6, 17)},
        ),
    ),
    (
        initiation(),
        obliged(
            "contraception_attestation_due",
            "L-CON-3",
            "2026-04-18/2026-05-18",
            due_at=end_of(date(2026, 5, 18)),
            params={"due_on": date(2026, 5, 18)},
        ),
    ),
    (
        authorize("adult_male"),
        obliged(
            "obligations_attestation_due",
            "L-CON-6",
            "2026-05-28/2027-05-28",
            due_at=end_of(date(2027, 5, 28)),
            params={"due_on": date(2027, 5, 28)},
        ),
    ),
    (
        {**authorize("adult_male", "continuing"), "patient_surveys": []},
        obliged(
            "patient_survey_due",
            "L-SUR-2",
            "2026-06-22",
            opens_at=start_of(date(2026, 6, 15)),
            due_at=end_of(date(2026, 6, 22)),
            params={"due_on": date(2026, 6, 22)},
        ),
    ),
    (
        OPEN,
        obliged(
            "authorization_expires",
            "L-AUT-4",
            "2026-06-16T16:00:00Z",
            due_at=NOON + DAY,
            params={"expires_at": NOON + DAY},
        ),
    ),
    (
        supplied(23, category="adult_male"),
        obliged(
            "supply_ends",
            "L-DSP-5",
            "2026-06-22",
            "prescriber",
            opens_at=start_of(date(2026, 6, 15)),
            due_at=end_of(date(2026, 6, 21)),
            closes_at=end_of(date(2026, 7, 20)),
            params={"run_out_on": date(2026, 6, 22)},
        ),
    ),
    (
        authorize("adult_male"),
        obliged(
            "agreement_lapses",
            "L-ENR-4",
            "2027-03-20",
            "prescriber",
            due_at=end_of(date(2027, 3, 20)),
            params={"lapses_on": date(2027, 3, 20)},
        ),
    ),
    (
        CHILD,
        obliged(
            "comes_of_age",
            "L-CAT-1",
            "2026-07-01",
            "prescriber",
            opens_at=start_of(date(2026, 5, 2)),
            due_at=end_of(date(2026, 6, 30)),
            params={"adult_on": date(2026, 7, 1)},
        ),
    ),
]


@pytest.mark.parametrize(
    ("document", "expected"), EXPECTED, ids=[each.kind for _, each in EXPECTED]
)
def test_what_falls_due_says_who_must_act_and_by_which_rule(
    document: Document, expected: Obligation
) -> None:
    assert due(document)[expected.kind] == expected


def test_what_outlives_therapy_says_so_too() -> None:
    """L-CON-5, L-PT-9."""
    ended_on = date(2026, 6, 7)
    assert due(supplied(20), discontinued_on=ended_on) == {
        "obligations_end": obliged(
            "obligations_end",
            "L-CON-5",
            "2026-06-07",
            due_at=end_of(date(2026, 7, 5)),
            params={"until": date(2026, 7, 5)},
        ),
        "end_of_treatment_test": obliged(
            "end_of_treatment_test",
            "L-PT-9",
            "2026-06-07",
            due_at=end_of(date(2026, 7, 5)),
            params={"due_on": date(2026, 7, 5)},
        ),
    }


def test_therapy_is_over_from_the_day_of_its_end_on() -> None:
    assert "end_of_treatment_test" in due(supplied(20), discontinued_on=TODAY)
    assert "end_of_treatment_test" not in due(supplied(20), discontinued_on=TODAY + DAY)


def test_obligations_last_to_the_end_of_their_28th_day() -> None:
    """L-CON-5."""
    assert "obligations_end" in due(supplied(50), discontinued_on=ago(28))
    assert "obligations_end" not in due(supplied(50), discontinued_on=ago(29))


@pytest.mark.parametrize(("tested", "still_due"), [(3, True), (2, False)])
def test_the_last_test_is_made_28_days_after_the_end_or_later(
    tested: int, *, still_due: bool
) -> None:
    """L-PT-9."""
    document = supplied(50) | {"pregnancy_tests": [negative_test(days_before(NOON, tested))]}
    assert ("end_of_treatment_test" in due(document, discontinued_on=ago(30))) is still_due


# --- The two tests of an initiation -----------------------------------------------------------


def test_on_the_first_day_of_its_window_a_second_test_that_was_made_is_not_asked_for() -> None:
    made = initiation(10) | {"pregnancy_tests": [negative_test(days_before(NOON, 10))]}
    assert kinds.SECOND_TEST_WINDOW in due(made)
    made["pregnancy_tests"].append(negative_test(NOON))
    assert kinds.SECOND_TEST_WINDOW not in due(made)


@pytest.mark.parametrize(("attested", "second"), [(16, True), (15, False)])
def test_a_first_test_serves_if_contraception_is_ready_by_its_last_day(
    attested: int, *, second: bool
) -> None:
    """L-PT-1, L-CON-2: tested two days ago, the window ends in twelve days."""
    found = due(initiation(2, attested=attested))
    assert (kinds.SECOND_TEST_WINDOW in found) is second
    assert (kinds.FIRST_TEST_WINDOW in found) is not second
    if second:
        window = found[kinds.SECOND_TEST_WINDOW]
        assert (window.opens_at, window.closes_at) == (start_of(ago(-12)), end_of(ago(-12)))


def test_a_first_test_is_spent_on_the_fifteenth_day() -> None:
    window = due(initiation(15))[kinds.FIRST_TEST_WINDOW]
    assert window.opens_at == start_of(TODAY)
    assert window.params["authorization_from"] == TODAY + 10 * DAY


def test_nobody_is_asked_for_a_first_test_before_the_agreement() -> None:
    """Contraception was ready long before it."""
    window = due(initiation(attested=89, agreed=4))[kinds.FIRST_TEST_WINDOW]
    assert window.opens_at == start_of(ago(4))
    assert window.params["authorization_from"] == ago(4) + 10 * DAY


def test_what_is_due_and_what_is_decided_never_disagree_about_the_first_test() -> None:
    for tested in range(20):
        document = initiation(tested)
        window = due(document).get(kinds.SECOND_TEST_WINDOW)
        is_open = window is not None and window.opens_at is not None and window.opens_at <= NOON
        assert is_open is not ("L-PT-1" in decide(parse_facts(document)).unmet)


# --- The present therapy ----------------------------------------------------------------------


def started(document: Document) -> date | None:
    return therapy_started_on(parse_facts(document))


def test_who_was_never_supplied_has_no_therapy_and_no_routine_of_tests() -> None:
    assert started(authorize()) is None
    assert not kinds.SCHEDULED_TESTS & set(due(authorize()))


def test_without_a_counting_test_the_first_one_is_due_a_week_after_the_start() -> None:
    """L-PT-4."""
    document = supplied(2) | {"pregnancy_tests": []}
    assert due(document)[kinds.WEEKLY_TEST].due_at == end_of(ago(2) + 7 * DAY)


def test_supplies_add_up_before_therapy_counts_as_interrupted() -> None:
    """L-AUT-1: two supplies on two days last 56 days; what was stopped does not."""
    assert started(supplied(100, 99, 20)) == ago(100)
    stopped = supplied(100, 99, 20)
    stopped["dispenses"][1]["stopped_on"] = on(NOON, 80)
    assert started(stopped) == ago(20)


@pytest.mark.parametrize(("after", "start"), [(-TICK, 23), (0 * TICK, 23), (TICK, 51)])
def test_a_restart_at_the_instant_of_a_dispense_comes_before_it(
    after: timedelta, start: int
) -> None:
    """L-AUT-1: the dispense of that instant is the first one of a new therapy."""
    document = supplied(51, 23)
    lapse_at = days_before(NOON, 23) + after
    document["contraception"].append(adequate(days_before(NOON, 30), lapse=True))
    document["contraception"][-1]["recorded_at"] = iso(lapse_at)
    assert started(document) == ago(start)


@pytest.mark.parametrize(("after", "start"), [(-TICK, 23), (0 * TICK, 23), (TICK, 51)])
def test_an_agreement_off_the_path_at_the_instant_of_a_dispense_comes_before_it(
    after: timedelta, start: int
) -> None:
    """L-AUT-1: she was off the pregnancy path since the supply before it."""
    document = supplied(51, 23)
    signed_at = iso(days_before(NOON, 23) + after)
    off_path = {**document["agreements"][0], "risk_category": "adult_fnrp"}
    off_path |= {"patient_signed_at": signed_at, "prescriber_signed_at": signed_at}
    document["agreements"].insert(0, off_path)
    document["agreements"][1]["prescriber_signed_at"] = iso(NOON)
    assert started(document) == ago(start)


@pytest.mark.parametrize(("days", "asked"), [(56, True), (57, False)])
def test_the_next_supply_is_asked_for_until_therapy_would_begin_anew(
    days: int, *, asked: bool
) -> None:
    """L-AUT-1: 28 days after the supply ran out it is a re-initiation."""
    assert (kinds.SUPPLY_ENDS in due(supplied(days, category="adult_male"))) is asked


# --- The patient's survey ---------------------------------------------------------------------


def test_a_survey_is_asked_for_only_after_an_authorization_was_dispensed() -> None:
    """L-SUR-2: a supply without one, such as a late entry, asks for none."""
    document = supplied(23, category="adult_male") | {"patient_surveys": []}
    assert kinds.PATIENT_SURVEY_DUE not in due(document)
    issued_at = days_before(NOON, 24)
    document["authorizations"] = [
        {"issued_at": iso(issued_at), "expires_at": iso(NOON), "state": "dispensed"}
    ]
    assert kinds.PATIENT_SURVEY_DUE in due(document)


def test_who_is_never_surveyed_owes_no_survey() -> None:
    assert RETINOID.categories[CANNOT].patient_survey == "never"
    document = retinoid_request(CANNOT)
    dispensed_at: datetime = days_before(NOON, 20)
    document["dispenses"] = [supply(dispensed_at, CANNOT)]
    document["authorizations"] = [
        {"issued_at": iso(dispensed_at), "expires_at": iso(dispensed_at), "state": "dispensed"}
    ]
    found = obligations(parse_facts(document, RETINOID), RETINOID)
    assert kinds.SUPPLY_ENDS in {each.kind for each in found}
    assert kinds.PATIENT_SURVEY_DUE not in {each.kind for each in found}
