"""Pregnancy tests, reports and cases: L-PT-1 to L-PT-8, L-PRG-1."""

from datetime import date, datetime, timedelta

import pytest

from tests.rules.documents import (
    DAY,
    FEMALE,
    HOUR,
    NOON,
    PREGNANCY_PATH,
    TICK,
    ZONE,
    Document,
    a_test,
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
    unmet,
)

SPRING = datetime(2026, 3, 15, 12, tzinfo=ZONE)
AUTUMN = datetime(2026, 11, 8, 12, tzinfo=ZONE)
LEAP = datetime(2028, 3, 10, 12, tzinfo=ZONE)
TWO_DAYS = timedelta(hours=48)


def with_tests(document: Document, *tests: Document) -> Document:
    return {**document, "pregnancy_tests": list(tests)}


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN, LEAP])
@pytest.mark.parametrize(("days", "met"), [(9, False), (10, True), (14, True), (15, False)])
def test_the_first_test_is_10_to_14_calendar_days_old(
    as_of: datetime, days: int, met: bool
) -> None:
    day = date.fromisoformat(on(as_of, days))
    for collected_at in (start_of(day), end_of(day)):
        document = authorize(as_of=as_of)
        document["pregnancy_tests"][0] = negative_test(collected_at)
        assert is_met(document, "L-PT-1") is met
        assert unmet(document) == ([] if met else ["L-PT-1"])


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
def test_the_window_of_the_first_test_opens_and_closes_with_its_days(as_of: datetime) -> None:
    document = authorize(as_of=as_of)
    collected = date.fromisoformat(on(as_of, 3))
    document["pregnancy_tests"] = [negative_test(start_of(collected))]
    answer = requirement(document, "L-PT-1")
    opens, closes = start_of(collected + 10 * DAY), end_of(collected + 14 * DAY)
    assert datetime.fromisoformat(answer["opens_at"]) == opens
    assert datetime.fromisoformat(answer["closes_at"]) == closes
    assert answer["reason"] == "FIRST_TEST_TOO_RECENT"
    for at, met in ((opens - TICK, False), (opens, True), (closes, True), (closes + TICK, False)):
        assert is_met({**document, "as_of": iso(at)}, "L-PT-1") is met


def test_a_recent_test_opens_the_window_when_an_older_one_has_expired() -> None:
    tests = [negative_test(days_before(NOON, days)) for days in (40, 15, 9, 1)]
    answer = requirement(with_tests(authorize(), *tests), "L-PT-1")
    assert answer["params"]["collected_on"] == on(NOON, 9)
    assert answer["params"]["window_from"] == on(NOON, -1)
    assert answer["params"]["window_until"] == on(NOON, -5)


def test_windows_that_touch_are_one() -> None:
    tests = [negative_test(days_before(NOON, days)) for days in (14, 9)]
    answer = requirement(with_tests(authorize(), *tests), "L-PT-1")
    assert answer["met"]
    assert answer["params"]["window_until"] == on(NOON, -5)


def test_the_first_test_is_not_asked_of_who_continues() -> None:
    document = with_tests(authorize(path="continuing"), negative_test(NOON - HOUR))
    assert unmet(document) == []


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(
    ("age", "met"),
    [(timedelta(0), True), (24 * HOUR, True), (24 * HOUR + TICK, False), (24 * HOUR - TICK, True)],
)
def test_the_second_test_is_at_most_24_hours_old(
    as_of: datetime, age: timedelta, met: bool
) -> None:
    """L-PT-2: elapsed hours, an instant equal to the limit included."""
    document = authorize(as_of=as_of)
    instant = datetime.fromisoformat(document["as_of"])
    document["pregnancy_tests"][1] = negative_test(instant - age)
    assert unmet(document) == ([] if met else ["L-PT-2"])


def test_a_second_test_whose_result_is_still_to_come_is_not_known() -> None:
    document = authorize()
    document["pregnancy_tests"][1]["resulted_at"] = iso(NOON + TICK)
    assert unmet(document) == ["L-PT-2"]
    document["pregnancy_tests"][1]["resulted_at"] = iso(NOON)
    assert unmet(document) == []


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(("days", "met"), [(0, True), (7, True), (8, False)])
def test_a_test_of_the_last_seven_days_is_needed_to_go_on_and_to_dispense(
    as_of: datetime, days: int, met: bool
) -> None:
    """L-PT-3: calendar days, from the first to the last instant of each."""
    day = date.fromisoformat(on(as_of, days))
    for collected_at in (start_of(day), min(end_of(day), as_of)):
        for document in (authorize(path="continuing", as_of=as_of), dispense(as_of=as_of)):
            changed = with_tests(document, negative_test(collected_at))
            assert unmet(changed) == ([] if met else ["L-PT-3"])


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"sensitivity_miu_ml": 50}, True),
        ({"sensitivity_miu_ml": 50.0}, True),
        ({"sensitivity_miu_ml": 50.1}, False),
        ({"sensitivity_miu_ml": 51}, False),
        ({"specimen": "urine"}, True),
        ({"result": "indeterminate"}, False),
        ({"result": "positive"}, False),
        ({"withdrawn_at": iso(NOON)}, False),
        ({"withdrawn_at": iso(NOON + TICK)}, True),
    ],
)
def test_a_test_counts_when_negative_sensitive_and_not_withdrawn(
    changes: Document, counts: bool
) -> None:
    document = with_tests(dispense(), negative_test(NOON - HOUR) | changes)
    assert is_met(document, "L-PT-3") is counts


@pytest.mark.parametrize("outcome", ["not_pregnant", "pregnancy_ended"])
@pytest.mark.parametrize(("after", "cleared"), [(-TICK, False), (0 * DAY, False), (TICK, True)])
def test_a_test_must_be_later_than_the_closure_that_lifted_the_hold(
    outcome: str, after: timedelta, cleared: bool
) -> None:
    document = dispense()
    closed_at = NOON - 6 * HOUR
    document["pregnancy_cases"] = [case(NOON - DAY, closed_at, outcome)]
    document["pregnancy_tests"] = [negative_test(closed_at + after)]
    assert is_met(document, "L-PT-3") is cleared


def test_after_a_false_positive_the_first_test_may_be_older_than_the_closure() -> None:
    document = authorize()
    document["pregnancy_cases"] = [case(NOON - 9 * DAY, NOON - 8 * DAY, "not_pregnant")]
    assert unmet(document) == []
    document["pregnancy_cases"][0]["outcome"] = "pregnancy_ended"
    assert unmet(document) == ["L-CON-2", "L-PT-1"]


@pytest.mark.parametrize(("after", "met"), [(-TICK, False), (0 * DAY, False), (TICK, True)])
def test_the_first_test_must_be_later_than_every_restart(after: timedelta, met: bool) -> None:
    document = authorize()
    collected_at = days_before(NOON, 12)
    document["pregnancy_tests"][0] = negative_test(collected_at + after)
    document["contraception"].append(adequate(collected_at, lapse=True))
    assert is_met(document, "L-PT-1") is met


@pytest.mark.parametrize("category", ["adult_frp", "adult_fnrp", "child_fnrp", "adult_male"])
def test_a_positive_test_holds_until_a_closure_at_or_after_its_result(category: str) -> None:
    for question in (authorize, dispense):
        document = question(category)
        resulted_at = NOON - 30 * HOUR
        positive = a_test(NOON - 40 * HOUR, "positive", resulted_at=iso(resulted_at))
        document.setdefault("pregnancy_tests", []).append(positive)
        assert not is_met(document, "L-PT-5")
        for closed_at, met in ((resulted_at - TICK, False), (resulted_at, True)):
            document["pregnancy_cases"] = [case(NOON - 2 * DAY, closed_at, "not_pregnant")]
            assert is_met(document, "L-PT-5") is met
        for outcome in ("lost_to_follow_up", "unknown"):
            document["pregnancy_cases"] = [case(NOON - 2 * DAY, resulted_at, outcome)]
            assert not is_met(document, "L-PT-5")


def test_a_later_negative_test_does_not_lift_a_positive_one_but_a_withdrawal_does() -> None:
    document = authorize()
    positive = a_test(NOON - 2 * DAY, "positive", sensitivity_miu_ml=100)
    document["pregnancy_tests"].append(positive)
    assert unmet(document) == ["L-PT-5"]
    positive["withdrawn_at"] = iso(NOON + TICK)
    assert unmet(document) == ["L-PT-5"]
    positive["withdrawn_at"] = iso(NOON)
    assert unmet(document) == []


def test_the_closure_of_a_partners_case_lifts_nothing() -> None:
    document = dispense("adult_frp")
    document["pregnancy_tests"].append(a_test(NOON - DAY, "positive"))
    document["pregnancy_cases"] = [case(NOON - DAY, NOON - HOUR, "not_pregnant", "partner")]
    assert unmet(document) == ["L-PT-5"]


@pytest.mark.parametrize("late_first", [True, False])
def test_a_closure_resolves_only_the_positive_tests_known_by_then(late_first: bool) -> None:
    """L-PT-5: the one whose result came last decides, whichever was collected or entered first."""
    known = a_test(NOON - 9 * DAY, "positive")
    late = a_test(NOON - 10 * DAY, "positive", resulted_at=iso(NOON - 2 * DAY))
    document = dispense()
    document["pregnancy_cases"] = [case(NOON - 9 * DAY, NOON - 3 * DAY, "not_pregnant")]
    document["pregnancy_tests"] += [late, known] if late_first else [known, late]
    assert requirement(document, "L-PT-5")["params"] == {"collected_on": "2026-06-07"}
    assert not is_met(document, "L-PT-5")
    late["resulted_at"] = iso(NOON - 3 * DAY)
    assert is_met(document, "L-PT-5")


@pytest.mark.parametrize(("second", "closes_on"), [(9, 22), (8, 17)])
def test_windows_of_first_tests_that_touch_are_one_and_a_day_between_parts_them(
    second: int, closes_on: int
) -> None:
    """L-PT-1: the first test serves until today; the second from tomorrow, or the day after."""
    document = authorize()
    document["pregnancy_tests"] += [negative_test(days_before(NOON, days)) for days in (14, second)]
    del document["pregnancy_tests"][0]
    answer = requirement(document, "L-PT-1")
    assert (answer["met"], answer["reason"]) == (True, "FIRST_TEST_IN_WINDOW")
    assert answer["closes_at"] == iso(end_of(date(2026, 6, closes_on))).replace("+00:00", "Z")


def test_an_indeterminate_test_can_be_repeated_from_its_48th_hour_on() -> None:
    """L-PT-6: from then on there is nothing left to wait for."""
    for after, waits in ((-TICK, True), (0 * HOUR, False)):
        document = dispense()
        collected_at = datetime.fromisoformat(document["as_of"]) - 48 * HOUR - after
        document["pregnancy_tests"] = [a_test(collected_at, "indeterminate")]
        answer = requirement(document, "L-PT-6")
        assert (answer["met"], answer["opens_at"] is not None) == (False, waits)


def test_only_the_latest_test_answers_a_report() -> None:
    """L-PT-8: however many there were before it."""
    document = dispense()
    document["bleeding_reports"] = [{"reported_at": iso(NOON - 7 * HOUR), "kind": "missed_period"}]
    for before in (0, 1, 2, 3):
        earlier = [negative_test(NOON - (8 + each) * HOUR) for each in range(before)]
        document["pregnancy_tests"] = [*earlier, negative_test(NOON - 6 * HOUR)]
        assert is_met(document, "L-PT-8")
        document["pregnancy_tests"] = earlier
        assert not is_met(document, "L-PT-8")


def test_after_a_restart_a_test_is_missing_where_there_is_none_at_all() -> None:
    """L-PT-1: only a test that counted can lie before the restart."""
    document = authorize()
    document["contraception"].insert(1, adequate(NOON - 9 * HOUR, lapse=True))
    document["pregnancy_tests"] = []
    assert requirement(document, "L-PT-1")["reason"] == "FIRST_TEST_MISSING"
    document["pregnancy_tests"] = [negative_test(NOON - DAY)]
    assert requirement(document, "L-PT-1")["reason"] == "FIRST_TEST_BEFORE_RESTART"


def test_when_no_negative_test_counts_the_reason_says_why() -> None:
    flawed = [
        negative_test(NOON - HOUR, sensitivity_miu_ml=50.5),
        negative_test(NOON - 2 * HOUR, withdrawn_at=iso(NOON)),
        negative_test(NOON - 12 * DAY, withdrawn_at=iso(NOON), sensitivity_miu_ml=99),
    ]
    for document, answers in (
        (authorize(), {"L-PT-1": "FIRST_TEST", "L-PT-2": "SECOND_TEST"}),
        (authorize(path="continuing"), {"L-PT-3": "RECENT_TEST"}),
        (dispense(), {"L-PT-3": "RECENT_TEST"}),
    ):
        for rule, name in answers.items():
            document["pregnancy_tests"] = [
                *flawed,
                a_test(NOON - DAY, "indeterminate", sensitivity_miu_ml=99),
            ]
            answer = requirement(document, rule)
            assert answer["reason"] == f"{name}_NOT_COUNTING"
            assert answer["params"].items() >= {
                "insensitive": 1, "withdrawn": 2, "limit_miu_ml": 50
            }.items()  # fmt: skip
            assert answer["message"] == (
                "No negative test counts: 1 with a sensitivity worse than 50 mIU/mL, 2 withdrawn."
            )
            document["pregnancy_tests"] = [a_test(NOON - DAY, "indeterminate")]
            assert requirement(document, rule)["reason"] == f"{name}_MISSING"


@pytest.mark.parametrize("as_of", [NOON, SPRING, AUTUMN])
@pytest.mark.parametrize(("after", "met"), [(-TICK, False), (0 * DAY, True), (TICK, True)])
def test_an_indeterminate_test_needs_a_negative_one_48_hours_later(
    as_of: datetime, after: timedelta, met: bool
) -> None:
    """L-PT-6: in any female category."""
    for category in FEMALE:
        document = dispense(category, as_of=as_of)
        last = datetime.fromisoformat(document["as_of"]) - HOUR
        document["pregnancy_tests"] = [
            a_test(last - TWO_DAYS - after, "indeterminate"),
            negative_test(last),
        ]
        assert unmet(document) == ([] if met else ["L-PT-6"])


def test_every_indeterminate_test_is_followed_and_a_males_is_not_asked() -> None:
    document = dispense("adult_frp")
    document["pregnancy_tests"] += [
        a_test(NOON - 9 * DAY, "indeterminate"),
        a_test(NOON - DAY, "indeterminate"),
    ]
    answer = requirement(document, "L-PT-6")
    assert not answer["met"]
    assert datetime.fromisoformat(answer["opens_at"]) == NOON + DAY
    document["pregnancy_tests"][-1]["withdrawn_at"] = iso(NOON)
    assert unmet(document) == []
    male = dispense("adult_male")
    male["pregnancy_tests"] = [a_test(NOON - DAY, "indeterminate")]
    assert unmet(male) == []


@pytest.mark.parametrize("category", PREGNANCY_PATH)
@pytest.mark.parametrize("kind", ["missed_period", "abnormal_bleeding"])
def test_a_report_is_followed_by_a_test_and_by_counseling(category: str, kind: str) -> None:
    for question in (authorize, dispense):
        document = question(category)
        report = {"reported_at": iso(NOON - 6 * HOUR), "kind": kind}
        document["bleeding_reports"] = [report]
        assert unmet(document) == ["L-PT-8"]
        assert requirement(document, "L-PT-8")["reason"] == "BLEEDING_NOT_TESTED"
        report["reported_at"] = iso(NOON - 6 * HOUR - TICK)
        assert unmet(document) == []
        document["counseling"][0]["given_at"] = report["reported_at"]
        assert unmet(document) == ["L-PT-8"]
        assert requirement(document, "L-PT-8")["reason"] == "BLEEDING_NOT_COUNSELED"
        report["withdrawn_at"] = iso(NOON)
        assert unmet(document) == []


def test_the_topics_of_the_counseling_after_a_report_do_not_matter() -> None:
    document = dispense()
    document["bleeding_reports"] = [{"reported_at": iso(NOON - 7 * HOUR), "kind": "missed_period"}]
    document["counseling"] = [{"given_at": iso(NOON - 2 * HOUR)}]
    assert unmet(document) == []


@pytest.mark.parametrize("category", ["adult_fnrp", "child_fnrp"])
def test_off_the_pregnancy_path_a_report_asks_for_a_new_agreement(category: str) -> None:
    for question in (authorize, dispense):
        document = question(category)
        signed_at = datetime.fromisoformat(document["agreements"][0]["prescriber_signed_at"])
        for reported_at, met in ((signed_at, False), (signed_at - TICK, True)):
            document["bleeding_reports"] = [
                {"reported_at": iso(reported_at), "kind": "missed_period"}
            ]
            assert unmet(document) == ([] if met else ["L-PT-8"])


@pytest.mark.parametrize(
    ("outcome", "asked"),
    [("pregnancy_ended", True), ("not_pregnant", False), ("unknown", False)],
)
def test_off_the_pregnancy_path_a_pregnancy_asks_for_a_new_agreement(
    outcome: str, asked: bool
) -> None:
    document = authorize("adult_fnrp")
    document["pregnancy_cases"] = [case(NOON - 9 * DAY, NOON - 8 * DAY, outcome)]
    assert ("L-PT-8" in unmet(document)) is asked
    if asked:
        document["agreements"][0]["patient_signed_at"] = iso(NOON - 8 * DAY + TICK)
        assert is_met(document, "L-PT-8")


@pytest.mark.parametrize("category", ["adult_frp", "adult_fnrp", "adult_male"])
def test_an_open_case_of_the_patient_holds_and_a_partners_does_not(category: str) -> None:
    for question in (authorize, dispense):
        document = question(category)
        document["pregnancy_cases"] = [case(NOON - HOUR, subject="partner")]
        assert unmet(document) == []
        document["pregnancy_cases"] = [case(NOON)]
        assert unmet(document) == ["L-PRG-1"]
        document["pregnancy_cases"] = [case(NOON + TICK)]
        assert unmet(document) == []


def test_a_closure_after_as_of_leaves_the_case_open() -> None:
    document = dispense("adult_fnrp")
    document["pregnancy_cases"] = [case(NOON - 99 * DAY, NOON + TICK, "not_pregnant")]
    assert unmet(document) == ["L-PRG-1"]
    document["pregnancy_cases"] = [case(NOON - 99 * DAY, NOON - 98 * DAY, "not_pregnant")]
    assert unmet(document) == []


def test_a_case_lost_to_follow_up_holds_until_another_is_closed_with_certainty() -> None:
    document = authorize("adult_male")
    lost_at = NOON - 9 * DAY
    document["pregnancy_cases"] = [case(lost_at - DAY, lost_at, "lost_to_follow_up")]
    assert unmet(document) == ["L-PRG-1"]
    for closed_at, met in ((lost_at - TICK, False), (lost_at, True), (lost_at + TICK, True)):
        other = case(lost_at - DAY, closed_at, "not_pregnant")
        changed = {**document, "pregnancy_cases": [*document["pregnancy_cases"], other]}
        assert unmet(changed) == ([] if met else ["L-PRG-1"])
