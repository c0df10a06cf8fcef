"""Missed tests, worked out from the whole history (L-PT-4)."""

from datetime import date, datetime, timedelta

import pytest

from apps.rules.facts import parse_facts
from apps.rules.missed_tests import missed_tests
from tests.rules.documents import (
    DAY,
    NOON,
    TICK,
    Document,
    authorize,
    case,
    days_before,
    end_of,
    iso,
    negative_test,
    supply,
)
from tests.rules.documents import a_test as pregnancy_test


def agreement(category: str, signed_at: datetime) -> Document:
    return {
        "risk_category": category,
        "prescriber": "PR1",
        "patient_signed_at": iso(signed_at),
        "signer": "patient",
        "prescriber_signed_at": iso(signed_at),
    }


START = 100
"""The day of the first dispense, so many days before the evaluation."""
TODAY = NOON.date()
WEEKLY = (100, 93, 86, 79)


def document(*tests: int, supplies: tuple[int, ...] = (START,), as_of: datetime = NOON) -> Document:
    """A woman on therapy, tested and supplied so many days before `as_of`."""
    made = authorize(as_of=as_of)
    made["pregnancy_tests"] = [negative_test(days_before(as_of, ago)) for ago in tests]
    made["dispenses"] = [supply(days_before(as_of, ago)) for ago in supplies]
    made["agreements"] = [agreement("adult_frp", days_before(as_of, 200))]
    return made


def missed(made: Document, **known: object) -> list[int]:
    """How many days before NOON each missed test was due."""
    found = missed_tests(parse_facts(made), **known)  # type: ignore[arg-type]
    today = NOON.date()
    due = [each.params["due_on"] for each in found]
    for each, on in zip(found, due, strict=True):
        assert isinstance(on, date)
        assert each.due_at == end_of(on)
        assert each.rule == "L-PT-4"
    return [(today - on).days for on in due if isinstance(on, date)]


def test_who_was_tested_each_time_missed_nothing() -> None:
    assert missed(document(*WEEKLY, 72, 44, 16)) == []


def test_every_due_date_that_passed_is_found_in_retrospect_and_once() -> None:
    """L-PT-4: nothing had to be planned meanwhile; each test sets the next date anew."""
    assert missed(document(100, 92, 86, 79, 72, 40)) == [93, 44, 12]


def test_a_test_on_the_due_day_is_in_time_and_one_a_day_later_is_not() -> None:
    assert missed(document(*WEEKLY, 72, 44, 16)) == []
    assert missed(document(*WEEKLY, 72, 43, 16)) == [44]
    # The interval before it is weekly while the test lies before the 28th day.
    assert missed(document(*WEEKLY, 71, 43, 15)) == [72]


def test_a_test_is_missed_when_its_day_is_over_and_not_before() -> None:
    """L-PT-4: a due date is the whole day."""
    assert missed(document(7, supplies=(7,))) == []
    assert missed(document(8, supplies=(8,))) == [1]


def test_without_any_test_the_first_day_of_therapy_sets_the_first_date() -> None:
    assert missed(document()) == [93]


def test_nobody_misses_a_test_before_therapy_begins() -> None:
    assert missed(document(80, supplies=())) == []


def test_a_test_that_is_withdrawn_or_not_sensitive_enough_does_not_count() -> None:
    made = document(*WEEKLY, 72, 44, 16)
    made["pregnancy_tests"][4]["withdrawn_at"] = iso(days_before(NOON, 3))
    assert missed(made) == [72]
    made = document(*WEEKLY, 72, 44, 16)
    made["pregnancy_tests"][5]["sensitivity_miu_ml"] = 51
    assert missed(made) == [44]


def test_it_goes_on_through_interruptions_and_starts_weekly_again_with_the_reinitiation() -> None:
    """L-PT-4: the supply ran out 72 days ago; therapy began again 10 days ago."""
    assert missed(document(*WEEKLY, 72, supplies=(100,))) == [44]
    again = document(*WEEKLY, 72, 44, 16, 10, 3, supplies=(100, 10))
    assert missed(again) == []
    assert missed(document(*WEEKLY, 72, 44, 16, 11, supplies=(100, 10))) == [4]


def test_the_cycle_that_was_recorded_then_sets_the_date() -> None:
    made = document(*WEEKLY, 72, 58, 30, 2)
    made["patient"]["cycle"] = "irregular"
    today = NOON.date()
    assert missed(made) == [44, 16]
    regular_then = [(today - 150 * DAY, "regular"), (today - 40 * DAY, "irregular")]
    assert missed(made, cycles=regular_then) == [16]
    assert missed(made, cycles=[(today - 5 * DAY, "irregular")]) == []


def test_nothing_is_due_after_the_end_of_therapy_until_a_later_dispense() -> None:
    """L-PT-4, L-END-1: discontinuation ends the schedule."""
    made = document(*WEEKLY, 72)
    due_on = NOON.date() - 44 * DAY
    assert missed(made, ended_on=[due_on]) == []
    assert missed(made, ended_on=[due_on + DAY]) == [44]
    again = document(*WEEKLY, 72, 20, supplies=(100, 20))
    assert missed(again, ended_on=[due_on]) == [13]


def test_the_routine_of_tests_rests_during_a_pregnancy_hold() -> None:
    made = document(*WEEKLY, 72)
    made["pregnancy_cases"] = [case(days_before(NOON, 60))]
    assert missed(made) == []
    # Closed without lifting: it is on hold still. Lifted before the due date: the test was owed.
    made["pregnancy_cases"] = [
        case(days_before(NOON, 60), closed_at=days_before(NOON, 50), outcome="unknown")
    ]
    assert missed(made) == []
    made["pregnancy_cases"] = [
        case(days_before(NOON, 60), closed_at=days_before(NOON, 50), outcome="not_pregnant")
    ]
    assert missed(made) == [44]
    made["pregnancy_cases"] = []
    made["pregnancy_tests"].append(pregnancy_test(days_before(NOON, 60), "positive"))
    assert missed(made) == []


def test_nothing_is_due_off_the_pregnancy_path() -> None:
    made = document(*WEEKLY, 72)
    made["agreements"].append(agreement("adult_fnrp", days_before(NOON, 50)))
    made["patient"] |= {
        "risk_category": "adult_fnrp",
        "category_basis": {"kind": "hysterectomy", "on": "2026-04-01"},
    }
    assert missed(made) == []
    made["agreements"][-1] = agreement("adult_fnrp", days_before(NOON, 40))
    assert missed(made) == [44]


def test_the_same_dates_are_found_at_whatever_later_time_one_looks() -> None:
    """L-PT-4: recorded once, for the occurrence keeps its name."""
    made = document(100, 92, 86, 79, 72, 40)
    names = [each.anchor for each in missed_tests(parse_facts(made))]
    made["as_of"] = iso(NOON + timedelta(days=300))
    later = [each.anchor for each in missed_tests(parse_facts(made))]
    assert later == names


def test_a_cycle_recorded_on_the_day_of_a_test_sets_the_next_date() -> None:
    made = document(*WEEKLY, 72, 44, 30, 2)
    for ago, expected in ((30, [16]), (29, [])):
        cycles = [(TODAY - 150 * DAY, "regular"), (TODAY - ago * DAY, "irregular")]
        assert missed(made, cycles=cycles) == expected


def test_what_was_not_due_when_therapy_began_anew_is_due_as_the_new_beginning_says() -> None:
    """L-PT-4: before it the next test was four weeks away; now it is weekly again."""
    before = (200, 193, 186, 179, 172, 144, 116)
    assert missed(document(*before, 100, 99, supplies=(200, 100))) == [92]
    assert missed(document(*before, 103, supplies=(200, 100))) == [96]
    # Of three beginnings each sets its own dates.
    twice = document(*before, 100, 99, 93, 86, 79, 72, 20, 19, supplies=(200, 100, 20))
    assert missed(twice) == [44, 12]


def at_the_end_of_the_due_day(made: Document, name: str, at: datetime) -> Document:
    """Something that happened then; the test was due 44 days ago."""
    happened: dict[str, tuple[str, Document]] = {
        "off the path": ("agreements", agreement("adult_fnrp", at)),
        "a case": ("pregnancy_cases", case(at)),
        "a positive result": (
            "pregnancy_tests",
            pregnancy_test(days_before(NOON, 60), "positive", resulted_at=iso(at)),
        ),
        "lifted": ("pregnancy_cases", case(days_before(NOON, 60), at, "not_pregnant")),
        "closed": ("pregnancy_cases", case(days_before(NOON, 60), at, "unknown")),
    }
    key, entry = happened[name]
    return {**made, key: [*made.get(key, []), entry]}


@pytest.mark.parametrize(
    ("name", "then", "a_microsecond_later"),
    [
        ("off the path", [], [44]),
        ("a case", [], [44]),
        ("a positive result", [], [44]),
        ("lifted", [44], []),
        ("closed", [], []),
    ],
)
def test_a_test_is_owed_as_things_stand_at_the_last_instant_of_its_day(
    name: str, then: list[int], a_microsecond_later: list[int]
) -> None:
    made, at = document(*WEEKLY, 72), end_of(TODAY - 44 * DAY)
    assert missed(at_the_end_of_the_due_day(made, name, at)) == then
    assert missed(at_the_end_of_the_due_day(made, name, at + TICK)) == a_microsecond_later


def test_a_dispense_on_the_due_day_takes_therapy_up_and_one_on_the_day_of_its_end_does_not() -> (
    None
):
    """L-END-1."""
    ended = [TODAY - 50 * DAY]
    assert missed(document(*WEEKLY, 72, supplies=(100, 50)), ended_on=ended) == []
    assert missed(document(*WEEKLY, 72, supplies=(100, 49)), ended_on=ended) == [44]
    assert missed(document(*WEEKLY, 72, supplies=(100, 44)), ended_on=ended) == [44]


def test_without_an_agreement_the_present_category_says_whether_tests_are_owed() -> None:
    assert missed(document(*WEEKLY, 72) | {"agreements": []}) == [44]
    off_path = document(*WEEKLY, 72) | {"agreements": []}
    off_path["patient"]["risk_category"] = "adult_fnrp"
    assert missed(off_path) == []
