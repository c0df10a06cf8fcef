"""Pregnancy cases: reported by anyone, followed up to the last step, closed by an administrator."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.core import clock
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence import services as evidence
from apps.evidence.models import CaseStep, Deviation, PregnancyCase
from apps.evidence.selectors import case_steps_due
from apps.evidence.services import Details
from apps.patients.models import Patient
from apps.patients.services import Identity
from apps.rules.follow_up import FollowUp
from apps.rules.policy import policy_in_force
from tests import builders
from tests.builders import PROGRAM, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

START = datetime(2026, 6, 1, 16, tzinfo=UTC)
REPORTED_ON = date(2026, 6, 1)
# The policy's days after the report, with conception assumed 28 days before it.
AT_FIRST = {
    "specialist_referral": date(2026, 6, 8),
    "medwatch_report": date(2026, 6, 16),
    "first_trimester": date(2026, 7, 20),
    "second_trimester": date(2026, 10, 26),
    "third_trimester": date(2027, 1, 11),
    "birth": date(2027, 2, 8),
    "one_year": date(2028, 1, 25),
}
MAN = Identity("Max", "Manly", date(1970, 2, 3), "60601")


@pytest.fixture
def traveller() -> Any:
    with time_machine.travel(START) as travelling:
        yield travelling


@pytest.fixture
def cast(traveller: time_machine.Traveller, cast: Cast) -> Cast:
    return cast


def report(cast: Cast, patient: Patient, **fields: Any) -> PregnancyCase:
    defaults: dict[str, Any] = {
        "subject": "patient",
        "reported_at": clock.now(),
        "source": "The patient called",
    }
    made: PregnancyCase = evidence.report_pregnancy(
        fields.pop("call", cast.prescribing), patient_id=patient.pk, **{**defaults, **fields}
    )
    return made


def follow_up() -> FollowUp:
    return policy_in_force(PROGRAM, START).follow_up


def open_steps(case: PregnancyCase) -> dict[str, date]:
    return dict(case.steps.filter(ended_at=None).values_list("kind", "due_on"))


# --- The calendar of a follow-up (pure) -----------------------------------------------------------


def test_the_policy_names_every_step_that_the_rule_names() -> None:
    """L-PRG-2: specialist, MedWatch, each trimester, birth, one year."""
    assert [step.kind for step in follow_up().steps] == list(AT_FIRST)
    assert all(step.source.startswith(("choice", "label")) for step in follow_up().steps)


def test_the_days_count_from_report_conception_and_birth() -> None:
    """L-PRG-2"""
    days = follow_up().due_on
    assert days(reported_on=REPORTED_ON) == AT_FIRST
    conceived_on = date(2026, 4, 1)
    birth_on = conceived_on + timedelta(days=266)
    by_conception = days(reported_on=REPORTED_ON, conceived_on=conceived_on)
    assert by_conception == days(reported_on=REPORTED_ON, birth_on=birth_on)
    assert by_conception["first_trimester"] == conceived_on + timedelta(days=77)
    assert by_conception["birth"] == birth_on + timedelta(days=14)
    assert by_conception["medwatch_report"] == AT_FIRST["medwatch_report"]
    both = days(reported_on=REPORTED_ON, conceived_on=conceived_on, birth_on=date(2026, 12, 1))
    assert both["first_trimester"] == by_conception["first_trimester"]
    assert both["one_year"] == date(2027, 12, 1)


@pytest.mark.parametrize(("days", "is_late"), [(0, False), (1, False), (2, True)])
def test_a_report_is_late_after_the_policys_days(days: int, is_late: bool) -> None:
    known_on = REPORTED_ON - timedelta(days=days)
    assert follow_up().is_late(known_on=known_on, reported_on=REPORTED_ON) is is_late


# --- Reporting ------------------------------------------------------------------------------------


def test_anyone_in_the_program_reports_and_the_hold_is_there_at_once(cast: Cast) -> None:
    """L-PRG-1: prescriber's side, pharmacy and staff."""
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    for call in (cast.dispensing, cast.prescribing, cast.staff, cast.administrator):
        case = report(cast, authorization.patient, call=call)
        assert open_steps(case) == AT_FIRST
    refused = builders.request(cast.prescribing, authorization.patient, "adult_frp")
    assert "L-PRG-1" in refused.document["unmet"]


def test_a_partners_case_is_followed_up_and_blocks_nothing(cast: Cast) -> None:
    """L-PRG-1, L-PRG-2"""
    man = builders.enroll(cast.prescribing, "adult_male", identity=MAN)
    case = report(cast, man, subject="partner")
    assert open_steps(case) == AT_FIRST
    builders.obligations(cast.prescribing, man)
    builders.counseling(cast.prescribing, man)
    assert builders.request(cast.prescribing, man, "adult_male").allowed


@pytest.mark.parametrize(("hours", "count"), [(0, 0), (24, 0), (48, 1)])
def test_a_late_report_is_stored_and_is_a_deviation_of_who_knew(
    cast: Cast, hours: int, count: int
) -> None:
    """L-PRG-2, §13"""
    patient = builders.enroll(cast.prescribing)
    known_at = clock.now() - timedelta(hours=hours)
    case = report(cast, patient, reported_at=known_at)
    found = Deviation.objects.filter(kind="late_pregnancy_report")
    assert found.count() == count
    for deviation in found:
        assert (deviation.rule, deviation.occurrence) == ("L-PRG-1", str(case.pk))
        assert deviation.organization_id == cast.prescriber.practice_id


def test_a_positive_result_that_was_entered_late_is_a_late_report(cast: Cast) -> None:
    """L-PT-5, L-PRG-2"""
    patient = builders.enroll(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, patient, result="positive", ago=timedelta(days=3))
    case = patient.pregnancycase_set.get()
    assert Deviation.objects.get(kind="late_pregnancy_report").occurrence == str(case.pk)


# --- Following up ---------------------------------------------------------------------------------


def test_new_dates_move_the_open_steps_and_what_was_owed_stays_shown(
    cast: Cast, traveller: time_machine.Traveller
) -> None:
    """L-PRG-2"""
    patient = builders.enroll(cast.prescribing)
    case = report(cast, patient)
    referral = case.steps.get(kind="specialist_referral")
    evidence.complete_case_step(cast.staff, step_id=referral.pk, note="Referred to Dr. Tera Tox")
    traveller.shift(timedelta(days=20))
    born_on = date(2026, 12, 24)

    evidence.record_case_details(
        cast.prescribing, case_id=case.pk, details=Details(birth_expected_on=born_on)
    )

    expected = follow_up().due_on(reported_on=REPORTED_ON, birth_on=born_on)
    assert open_steps(case) == {
        kind: day for kind, day in expected.items() if kind != "specialist_referral"
    }
    moved = case.steps.filter(ended_as="rescheduled")
    assert {step.kind: step.due_on for step in moved} == {
        kind: day for kind, day in AT_FIRST.items() if expected[kind] != day
    }
    # Nothing changes where the dates say the same again.
    evidence.record_case_details(
        cast.prescribing,
        case_id=case.pk,
        details=Details(birth_expected_on=born_on, root_cause="contraception_failed"),
    )
    assert case.steps.filter(ended_as="rescheduled").count() == moved.count()
    assert case.details.count() == 2


def test_the_birth_as_it_was_sets_the_last_step(
    cast: Cast, traveller: time_machine.Traveller
) -> None:
    case = report(cast, builders.enroll(cast.prescribing))
    traveller.shift(timedelta(days=230))
    born_on = date(2027, 1, 10)
    evidence.record_case_details(
        cast.staff,
        case_id=case.pk,
        details=Details(pregnancy_ended_on=born_on, pregnancy_outcome="live_birth"),
    )
    assert open_steps(case)["one_year"] == born_on + timedelta(days=365)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"pregnancy_outcome": "fine"}, "pregnancy_outcome"),
        ({"root_cause": "fate"}, "root_cause"),
        ({"conceived_on": date(2027, 1, 1)}, "conceived_on"),
        ({"exposed_from": date(2027, 1, 1)}, "exposed_from"),
        ({"conceived_on": date.min}, "conceived_on"),
        ({"birth_expected_on": date.min}, "birth_expected_on"),
        ({"birth_expected_on": date.max}, "birth_expected_on"),
        ({"exposed_from": date(2026, 5, 2), "exposed_until": date(2026, 5, 1)}, "exposed_until"),
        (
            {"conceived_on": date(2026, 5, 1), "birth_expected_on": date(2026, 5, 1)},
            "birth_expected_on",
        ),
        (
            {"conceived_on": date(2026, 5, 2), "pregnancy_ended_on": date(2026, 5, 1)},
            "pregnancy_ended_on",
        ),
    ],
)
def test_details_that_cannot_be_right_are_refused(
    cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    case = report(cast, builders.enroll(cast.prescribing))
    with pytest.raises(InvalidRequest) as refusal:
        evidence.record_case_details(cast.staff, case_id=case.pk, details=Details(**wrong))
    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize("name", ["exposed_from", "conceived_on", "pregnancy_ended_on"])
def test_a_day_of_a_case_lies_in_the_future_by_the_programs_calendar(cast: Cast, name: str) -> None:
    case = report(cast, builders.enroll(cast.prescribing))
    too_late: dict[str, Any] = {name: date(2026, 6, 2)}
    today: dict[str, Any] = {name: REPORTED_ON}
    with time_machine.travel(datetime(2026, 6, 2, 3, 30, tzinfo=UTC)):  # 23:30 in New York.
        with pytest.raises(InvalidRequest) as refusal:
            evidence.record_case_details(cast.staff, case_id=case.pk, details=Details(**too_late))
        assert list(refusal.value.fields) == [name]
        known = Details(**today)
        made = evidence.record_case_details(cast.staff, case_id=case.pk, details=known)
        assert getattr(made, name) == REPORTED_ON


def test_a_step_ends_once_done_by_the_staff_or_waived_by_an_administrator(cast: Cast) -> None:
    """L-PRG-2"""
    case = report(cast, builders.enroll(cast.prescribing))
    step = case.steps.get(kind="birth")
    with pytest.raises(InvalidRequest):
        evidence.complete_case_step(cast.staff, step_id=step.pk, note=" ")
    with pytest.raises(NotAllowed):
        evidence.complete_case_step(cast.prescribing, step_id=step.pk, note="Seen")
    with pytest.raises(NotAllowed):
        evidence.waive_case_step(cast.staff, step_id=step.pk, reason="Moved abroad")
    done = evidence.complete_case_step(cast.staff, step_id=step.pk, note="A healthy child")
    assert (done.ended_as, done.note) == ("done", "A healthy child")
    with pytest.raises(Conflict):
        evidence.complete_case_step(cast.staff, step_id=step.pk, note="Again")
    with pytest.raises(Conflict):
        evidence.waive_case_step(cast.administrator, step_id=step.pk, reason="Again")
    with pytest.raises(NotFound):
        evidence.complete_case_step(cast.staff, step_id=case.pk, note="Nothing")


def test_a_prescriber_of_another_practice_learns_nothing_of_a_case(cast: Cast) -> None:
    case = report(cast, builders.enroll(cast.prescribing))
    stranger = builders.prescribing_call(
        builders.certified_prescriber(cast.administrator, serial=2)
    )
    with pytest.raises(NotFound):
        evidence.record_case_details(stranger, case_id=case.pk, details=Details())


def test_the_steps_that_are_due_are_found_with_those_overdue_first(
    cast: Cast, traveller: time_machine.Traveller
) -> None:
    """L-PRG-2: the calendar that reminders and queues read."""
    case = report(cast, builders.enroll(cast.prescribing))
    assert list(case_steps_due(until=date(2026, 6, 7))) == []
    due = case_steps_due(until=date(2026, 6, 16))
    assert [step.kind for step in due] == ["specialist_referral", "medwatch_report"]
    evidence.complete_case_step(
        cast.staff, step_id=case.steps.get(kind="specialist_referral").pk, note="Referred"
    )
    assert [step.kind for step in case_steps_due(until=date(2026, 6, 16))] == ["medwatch_report"]


# --- Closing --------------------------------------------------------------------------------------


def close(cast: Cast, case: PregnancyCase, outcome: str, **fields: Any) -> PregnancyCase:
    made: PregnancyCase = evidence.close_pregnancy_case(
        cast.administrator, case_id=case.pk, outcome=outcome, reason="Adjudicated", **fields
    )
    return made


@pytest.mark.parametrize("outcome", ["pregnancy_ended", "lost_to_follow_up", "unknown"])
def test_a_case_with_open_steps_closes_only_with_a_reason_for_each(
    cast: Cast, outcome: str
) -> None:
    """L-PRG-3"""
    case = report(cast, builders.enroll(cast.prescribing))
    done = case.steps.get(kind="medwatch_report")
    evidence.complete_case_step(cast.staff, step_id=done.pk, note="Sent")
    with pytest.raises(InvalidRequest):
        close(cast, case, outcome, waiver="\u200b")
    with pytest.raises(InvalidRequest) as refusal:
        close(cast, case, outcome)
    assert "Outcome of the birth" in refusal.value.fields["waiver"]
    assert "MedWatch" not in refusal.value.fields["waiver"]
    case.refresh_from_db()
    assert case.closed_at is None
    close(cast, case, outcome, waiver="An early loss: there is nothing more to follow")
    assert open_steps(case) == {}
    waived = case.steps.filter(ended_as="waived")
    assert waived.count() == len(AT_FIRST) - 1
    assert {step.note for step in waived} == {"An early loss: there is nothing more to follow"}


def test_a_false_positive_ends_the_follow_up_by_its_finding(cast: Cast) -> None:
    """L-PRG-3, L-PT-7"""
    case = report(cast, builders.enroll(cast.prescribing))
    close(cast, case, "not_pregnant")
    assert {step.ended_as for step in case.steps.all()} == {CaseStep.End.WAIVED}


def test_a_case_is_not_closed_against_what_is_known_of_it(cast: Cast) -> None:
    """L-PRG-3: a pregnancy that was is no false positive; one that goes on has not ended."""
    case = report(cast, builders.enroll(cast.prescribing))
    for known, refused in (
        (Details(pregnancy_outcome="ongoing"), ("not_pregnant", "pregnancy_ended")),
        (Details(pregnancy_outcome="live_birth"), ("not_pregnant",)),
        (Details(pregnancy_ended_on=REPORTED_ON), ("not_pregnant",)),
    ):
        evidence.record_case_details(cast.staff, case_id=case.pk, details=known)
        for outcome in refused:
            with pytest.raises(InvalidRequest) as wrong:
                close(cast, case, outcome, waiver="Nothing to follow")
            assert "outcome" in wrong.value.fields
    evidence.record_case_details(
        cast.staff, case_id=case.pk, details=Details(pregnancy_outcome="not_pregnant")
    )
    close(cast, case, "not_pregnant")


def test_only_an_administrator_closes_a_case(cast: Cast) -> None:
    """L-PRG-3"""
    case = report(cast, builders.enroll(cast.prescribing))
    for call in (cast.staff, cast.prescribing, cast.dispensing):
        with pytest.raises(NotAllowed):
            evidence.close_pregnancy_case(
                call, case_id=case.pk, outcome="not_pregnant", reason="Adjudicated"
            )


def test_nobody_lifts_the_hold_of_their_own_patient(cast: Cast) -> None:
    """L-PRG-3, L-PT-7: also as an administrator, the prescriber does not adjudicate."""
    patient = builders.enroll(cast.prescribing)
    test = builders.pregnancy_test(cast.prescribing, patient, result="positive")
    case = PregnancyCase.objects.get(test=test)
    in_office = builders.call_of(replace(cast.administrator.actor, id=cast.prescribing.actor.id))
    with pytest.raises(NotAllowed, match="prescribe for this patient yourself"):
        evidence.close_pregnancy_case(
            in_office, case_id=case.pk, outcome="not_pregnant", reason="Adjudicated"
        )
    with pytest.raises(NotAllowed, match="prescribe for this patient yourself"):
        evidence.withdraw_pregnancy_test(in_office, test_id=test.pk, reason="Mistyped")


def test_a_case_lost_to_follow_up_keeps_the_hold_until_another_is_closed_with_a_finding(
    cast: Cast, traveller: time_machine.Traveller
) -> None:
    """L-PRG-3"""
    patient = builders.ready_frp(cast.prescribing)
    close(cast, report(cast, patient), "lost_to_follow_up", waiver="Nobody can be reached")
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert "L-PRG-1" in refused.document["unmet"]
    traveller.shift(timedelta(hours=1))
    close(cast, report(cast, patient), "not_pregnant")
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert "L-PRG-1" not in refused.document["unmet"]
    # It counts as a possible pregnancy: back to initiation.
    assert {"L-CON-2", "L-PT-1", "L-PT-2"} <= set(refused.document["unmet"])


def test_a_withdrawn_positive_test_leaves_its_case_until_it_is_adjudicated(cast: Cast) -> None:
    """L-PT-7"""
    patient = builders.ready_frp(cast.prescribing)
    test = builders.pregnancy_test(cast.prescribing, patient, result="positive")
    for call in (cast.staff, cast.prescribing):
        with pytest.raises(NotAllowed):
            evidence.withdraw_pregnancy_test(call, test_id=test.pk, reason="Another patient's")
    evidence.withdraw_pregnancy_test(
        cast.administrator, test_id=test.pk, reason="Serum hCG negative; the laboratory mixed up"
    )
    case = patient.pregnancycase_set.get()
    assert case.closed_at is None
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert refused.document["unmet"] == ["L-PRG-1"]
    close(cast, case, "not_pregnant")
    builders.negative_test(cast.prescribing, patient)
    assert builders.request(cast.prescribing, patient, "adult_frp").allowed


# --- Breastfeeding and bleeding -------------------------------------------------------------------


def test_a_report_of_breastfeeding_blocks_at_once_and_keeps_the_rest(cast: Cast) -> None:
    """L-CON-7"""
    authorization = builders.authorized_frp(cast)
    evidence.record_health_status(
        cast.prescribing,
        patient_id=authorization.patient_id,
        cycle="irregular",
        breastfeeding=False,
        advisory_flags=["digoxin"],
    )
    status = evidence.report_breastfeeding(cast.staff, patient_id=authorization.patient_id)
    assert (status.cycle, status.advisory_flags) == ("irregular", ["digoxin"])
    refused = builders.confirm(cast.dispensing, authorization)
    assert refused.document["unmet"] == ["L-CON-7"]


def test_no_man_is_reported_to_breastfeed_or_to_have_missed_a_period(cast: Cast) -> None:
    man = builders.enroll(cast.prescribing, "adult_male", identity=MAN)
    with pytest.raises(InvalidRequest):
        evidence.report_breastfeeding(cast.prescribing, patient_id=man.pk)
    with pytest.raises(InvalidRequest):
        evidence.report_bleeding(
            cast.prescribing, patient_id=man.pk, reported_at=clock.now(), kind="missed_period"
        )
