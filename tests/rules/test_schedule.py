"""Obligations: what falls due when (L-PT-4, L-PT-9, L-CON-5 and the expiries of other rules)."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings

from apps.rules import obligation as kinds
from apps.rules.decision import decide
from apps.rules.facts import parse_facts
from apps.rules.obligation import KINDS, SCHEDULED_TESTS, Obligation
from apps.rules.policy import policy_by_version
from apps.rules.schedule import next_test_due, obligations, therapy_started_on
from tests.rules.documents import (
    DAY,
    NOON,
    Document,
    a_test,
    adequate,
    authorize,
    case,
    days_before,
    end_of,
    iso,
    negative_test,
    on,
    start_of,
    supply,
)
from tests.rules.generated import documents

POLICY = policy_by_version("lenalidomide-2026-01")


def due(document: Document, *, discontinued_on: date | None = None) -> dict[str, Obligation]:
    found = obligations(parse_facts(document), discontinued_on=discontinued_on)
    return {each.kind: each for each in found}


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("tested", "cycle", "expected"),
    [
        (date(2026, 6, 28), "regular", date(2026, 7, 5)),
        (date(2026, 6, 28), "irregular", date(2026, 7, 5)),
        (date(2026, 6, 29), "regular", date(2026, 7, 27)),
        (date(2026, 6, 29), "none", date(2026, 7, 27)),
        (date(2026, 6, 29), None, date(2026, 7, 27)),
        (date(2026, 6, 29), "irregular", date(2026, 7, 13)),
        (date(2026, 5, 31), None, date(2026, 6, 7)),
    ],
)
def test_tests_are_weekly_for_four_weeks_and_then_follow_the_cycle(
    tested: date, cycle: str | None, expected: date
) -> None:
    assert next_test_due(tested, date(2026, 6, 1), cycle, POLICY) == expected


@pytest.mark.parametrize(
    ("cycle", "kind", "days"),
    [("regular", kinds.FOUR_WEEKLY_TEST, 28), ("irregular", kinds.TWO_WEEKLY_TEST, 14)],
)
def test_a_patient_on_therapy_has_her_next_test(cycle: str, kind: str, days: int) -> None:
    document = authorize(path="continuing")
    document["patient"]["cycle"] = cycle
    tested = day(on(datetime.fromisoformat(document["pregnancy_tests"][1]["collected_at"])))
    test = due(document)[kind]
    assert test.due_at == end_of(tested + days * DAY)
    assert test.anchor == tested.isoformat()
    assert test.rule == "L-PT-4"


def test_the_first_four_weeks_are_weekly_and_a_missed_test_stays_due() -> None:
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 10))]
    document["dispenses"] = [supply(days_before(NOON, 10))]
    test = due(document)[kinds.WEEKLY_TEST]
    assert test.due_at == end_of(day(on(NOON, 3)))
    assert test.due_at is not None
    assert test.due_at < NOON


def test_testing_goes_on_through_an_interruption() -> None:
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 40))]
    document["dispenses"] = [supply(days_before(NOON, days)) for days in (120, 92)]
    found = due(document)
    assert found[kinds.FOUR_WEEKLY_TEST].due_at == end_of(day(on(NOON, 12)))
    assert kinds.SUPPLY_ENDS not in found


def test_the_weekly_phase_begins_again_with_a_reinitiation() -> None:
    document = authorize(path="continuing")
    document["dispenses"] = [supply(days_before(NOON, days)) for days in (120, 92, 20)]
    facts = parse_facts(document)
    assert therapy_started_on(facts) == day(on(NOON, 20))
    assert kinds.WEEKLY_TEST in due(document)
    document["dispenses"][1] = supply(days_before(NOON, 76))
    document["dispenses"].append(supply(days_before(NOON, 48)))
    assert therapy_started_on(parse_facts(document)) == day(on(NOON, 120))


def test_a_restart_begins_the_weekly_phase_at_the_next_dispense() -> None:
    document = authorize(path="continuing")
    started = day(on(NOON, 51))
    assert therapy_started_on(parse_facts(document)) == started
    document["contraception"].append(adequate(days_before(NOON, 30), lapse=True))
    assert therapy_started_on(parse_facts(document)) == day(on(NOON, 23))


def test_before_therapy_the_first_test_falls_10_to_14_days_before_contraception_is_ready() -> None:
    document = authorize()
    document["pregnancy_tests"] = []
    document["contraception"] = [adequate(days_before(NOON, 3))]
    window = due(document)[kinds.FIRST_TEST_WINDOW]
    ready = day(on(NOON, 3 - 28))
    assert window.opens_at == start_of(ready - 14 * DAY)
    assert window.closes_at == end_of(ready - 10 * DAY)
    assert window.params["authorization_from"] == ready


def test_the_window_of_the_first_test_keeps_its_anchor_while_time_passes() -> None:
    document = authorize()
    document["pregnancy_tests"] = []
    document["contraception"] = [adequate(days_before(NOON, 3))]
    anchors = set()
    for later in range(0, 40, 5):
        changed = {**document, "as_of": iso(NOON + later * DAY)}
        anchors.add(due(changed)[kinds.FIRST_TEST_WINDOW].anchor)
    assert len(anchors) == 1


def test_after_a_first_test_the_second_has_its_window() -> None:
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 2))]
    found = due(document)
    assert kinds.FIRST_TEST_WINDOW not in found
    window = found[kinds.SECOND_TEST_WINDOW]
    assert window.opens_at == start_of(day(on(NOON, -8)))
    assert window.closes_at == end_of(day(on(NOON, -12)))
    assert window.anchor == on(NOON, 2)


def test_a_second_test_meets_its_window_for_24_hours_only() -> None:
    document = authorize()
    tested_at = NOON - timedelta(hours=24)
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 11)), negative_test(tested_at)]
    assert kinds.SECOND_TEST_WINDOW not in due(document)
    document["as_of"] = iso(NOON + timedelta(microseconds=1))
    assert kinds.SECOND_TEST_WINDOW in due(document)


def test_an_open_authorization_asks_for_no_test_of_the_initiation_until_it_ends() -> None:
    document = authorize()
    document["authorizations"] = [
        {"issued_at": iso(NOON - DAY), "expires_at": iso(NOON), "state": "issued"}
    ]
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 11))]
    assert kinds.SECOND_TEST_WINDOW not in due(document)
    document["as_of"] = iso(NOON + timedelta(microseconds=1))
    assert kinds.SECOND_TEST_WINDOW in due(document)


def test_the_second_window_waits_for_contraception_too() -> None:
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 2))]
    document["contraception"] = [adequate(days_before(NOON, 18))]
    window = due(document)[kinds.SECOND_TEST_WINDOW]
    assert window.opens_at == start_of(day(on(NOON, -10)))
    document["contraception"] = [adequate(days_before(NOON, 14))]
    found = due(document)
    assert kinds.SECOND_TEST_WINDOW not in found
    assert found[kinds.FIRST_TEST_WINDOW].opens_at == start_of(day(on(NOON, 0)))


def test_a_spent_first_test_opens_a_new_window() -> None:
    document = authorize()
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 20))]
    window = due(document)[kinds.FIRST_TEST_WINDOW]
    assert window.opens_at == start_of(day(on(NOON, 5)))


def test_nobody_off_the_pregnancy_path_is_asked_for_a_test_or_contraception() -> None:
    for category in ("adult_male", "adult_fnrp", "child_fnrp", "child_male"):
        for path in ("initiation", "continuing"):
            found = due(authorize(category, path))
            asked = {kinds.FIRST_TEST_WINDOW, kinds.SECOND_TEST_WINDOW, *SCHEDULED_TESTS}
            assert not asked & set(found)
            assert kinds.CONTRACEPTION_ATTESTATION_DUE not in found


def test_a_pregnancy_hold_stops_the_routine_of_tests() -> None:
    for name, entry in (
        ("pregnancy_tests", a_test(NOON, "positive")),
        ("pregnancy_cases", case(NOON)),
    ):
        document = authorize(path="continuing")
        document[name] = [*document.get(name, []), entry]
        assert not SCHEDULED_TESTS & set(due(document))


def test_supply_ends_and_opens_the_next_supply_seven_days_before() -> None:
    document = authorize("adult_male", "continuing")
    end = due(document)[kinds.SUPPLY_ENDS]
    assert end.opens_at == start_of(day(on(NOON, -5 + 7)))
    assert end.due_at == end_of(day(on(NOON, -5 + 1)))  # the last day with supply
    assert end.closes_at == end_of(day(on(NOON, -5 - 28)))


def test_attestations_are_due_before_they_are_too_old() -> None:
    found = due(authorize())
    assert found[kinds.CONTRACEPTION_ATTESTATION_DUE].due_at == end_of(day(on(NOON, -30)))
    assert found[kinds.OBLIGATIONS_ATTESTATION_DUE].due_at == end_of(date(2027, 5, 28))


def test_a_missing_or_inadequate_attestation_is_due_at_once() -> None:
    document = authorize()
    document["obligations"] = []
    document["contraception"].append(adequate(NOON, lapse=True))
    found = due(document)
    agreed = day(on(NOON, 89))
    assert found[kinds.OBLIGATIONS_ATTESTATION_DUE].due_at == end_of(agreed)
    assert found[kinds.CONTRACEPTION_ATTESTATION_DUE].due_at == end_of(NOON.date())


def test_who_has_no_agreement_is_asked_for_nothing() -> None:
    document = {**authorize(), "agreements": [], "contraception": [], "obligations": []}
    assert due(document) == {}


def test_a_patient_survey_is_due_for_the_next_supply_unless_one_waits() -> None:
    document = authorize("adult_male", "continuing")
    assert kinds.PATIENT_SURVEY_DUE not in due(document)
    document["patient_surveys"] = []
    survey = due(document)[kinds.PATIENT_SURVEY_DUE]
    assert survey.opens_at == start_of(day(on(NOON, -5 + 7)))
    assert survey.due_at == end_of(day(on(NOON, -5)))
    assert kinds.PATIENT_SURVEY_DUE not in due(
        {**authorize("adult_male", "initiation"), "patient_surveys": []}
    )


@pytest.mark.parametrize("path", ["initiation", "continuing"])
def test_an_open_authorization_asks_for_no_survey_of_the_next_one(path: str) -> None:
    document = {**authorize("adult_frp", path), "patient_surveys": []}
    assert kinds.PATIENT_SURVEY_DUE in due(document)
    issued = {"issued_at": iso(NOON - DAY), "expires_at": iso(NOON), "state": "confirmed"}
    document["authorizations"] = [*document.get("authorizations", []), issued]
    assert kinds.PATIENT_SURVEY_DUE not in due(document)


def test_on_the_pregnancy_path_the_first_survey_is_due_in_the_second_window() -> None:
    document = {**authorize(), "patient_surveys": []}
    document["pregnancy_tests"] = [negative_test(days_before(NOON, 11))]
    found = due(document)
    window, survey = found[kinds.SECOND_TEST_WINDOW], found[kinds.PATIENT_SURVEY_DUE]
    assert (survey.opens_at, survey.due_at) == (window.opens_at, window.closes_at)


def test_a_periodic_survey_is_due_six_months_after_the_last() -> None:
    survey = due(authorize("adult_fnrp", "continuing"))[kinds.PATIENT_SURVEY_DUE]
    assert survey.due_at == end_of(date(2026, 12, 16))


def test_an_open_authorization_and_an_agreement_say_when_they_end() -> None:
    document = authorize("adult_male")
    document["authorizations"] = [
        {"issued_at": iso(NOON - DAY), "expires_at": iso(NOON + DAY), "state": "issued"}
    ]
    found = due(document)
    assert found[kinds.AUTHORIZATION_EXPIRES].due_at == NOON + DAY
    assert found[kinds.AGREEMENT_LAPSES].due_at == end_of(date(2027, 3, 20))
    document["authorizations"][0]["state"] = "void"
    assert kinds.AUTHORIZATION_EXPIRES not in due(document)


def test_after_the_end_of_treatment_one_test_is_due_and_obligations_last_28_days() -> None:
    document = authorize(path="continuing")
    ended = day(on(NOON, 10))
    found = due(document, discontinued_on=ended)
    assert set(found) == {kinds.END_OF_TREATMENT_TEST, kinds.OBLIGATIONS_END}
    assert found[kinds.END_OF_TREATMENT_TEST].due_at == end_of(ended + 28 * DAY)
    later = {**document, "as_of": iso(NOON + 30 * DAY)}
    assert set(due(later, discontinued_on=ended)) == {kinds.END_OF_TREATMENT_TEST}
    later["pregnancy_tests"].append(negative_test(NOON + 19 * DAY))
    assert due(later, discontinued_on=ended) == {}
    assert set(due(document, discontinued_on=NOON.date() + DAY)) == set(due(document))


@given(documents())
@settings(max_examples=150, deadline=None)
def test_obligations_are_well_formed_for_any_facts(document: Document) -> None:
    facts = parse_facts(document)
    found = obligations(facts)
    keys = [(each.kind, each.anchor) for each in found]
    for each in found:
        assert each.kind in KINDS
        assert each.kind in POLICY.reminders.steps
        assert each.due_at is not None or each.opens_at is not None
        instants = [at for at in (each.opens_at, each.due_at, each.closes_at) if at is not None]
        assert all(at.utcoffset() == timedelta(0) for at in instants)
        assert instants == sorted(instants)
    repeated = [key for key in keys if key[0] != kinds.AUTHORIZATION_EXPIRES]
    assert len(repeated) == len(set(repeated))


@given(documents())
@settings(max_examples=100, deadline=None)
def test_the_second_window_is_when_the_first_test_and_contraception_decide_yes(
    document: Document,
) -> None:
    """The schedule and the decision never disagree about the same patient."""
    facts = parse_facts(document)
    window = next((o for o in obligations(facts) if o.kind == kinds.SECOND_TEST_WINDOW), None)
    if window is None or facts.question == "dispense":
        return
    assert window.opens_at is not None
    is_open = window.opens_at <= facts.as_of
    unmet = decide(facts).unmet
    assert is_open is not ({"L-PT-1", "L-CON-2"} & set(unmet) != set())
