"""Obligations become notices once, and lose them when they are met or change."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.evidence import services as evidence
from apps.evidence.models import ContraceptionAttestation, Deviation
from apps.notices.models import Notice
from apps.patients import services as patients
from apps.patients.models import Patient
from apps.reminders import planning, sending
from apps.reminders.models import Plan
from apps.reminders.tasks import plan_stale_patients
from tests import builders
from tests.builders import Cast
from tests.reminders import cases

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

# Quiet hours end at eight in New York.
MORNING = 12


def morning(month: int, day: int) -> datetime:
    return datetime(2026, month, day, MORNING, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(builders.START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(clock: time_machine.Traveller, cast: Cast) -> Cast:
    return cast


def test_the_windows_of_both_first_tests_are_told(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, patient, since=builders.START.date())
    plan_stale_patients()

    # Contraception is long enough on June 29: the first test lies 10 to 14 days before.
    opens_on = [each.due_at for each in cases.reminders("first_test_window")]
    assert opens_on == [morning(6, 13), morning(6, 15), morning(6, 15), morning(6, 18)]

    clock.move_to(morning(6, 16))
    builders.negative_test(cast.prescribing, patient)
    plan_stale_patients()
    assert {fate for fate, _ in cases.fates("first_test_window")} == {"cancelled"}
    assert cases.scheduled("second_test_window") == [
        ("patient", morning(6, 27)),
        ("patient", morning(6, 29)),
        ("prescriber", morning(6, 29)),
        ("prescriber", morning(6, 29)),
        ("staff", morning(6, 30)),
    ]


def test_the_weekly_test_is_told_and_a_test_in_time_ends_it_and_plans_the_next(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    assert cases.scheduled("weekly_test") == [
        ("patient", morning(6, 7)),
        ("patient", morning(6, 8)),
        ("prescriber", morning(6, 9)),
        ("staff", morning(6, 11)),
    ]

    clock.move_to(morning(6, 6))
    builders.negative_test(cast.prescribing, patient)
    plan_stale_patients()

    assert cases.fates("weekly_test")[:4] == [("cancelled", "no_longer_due")] * 4
    assert [due_at for _, due_at in cases.scheduled("weekly_test")] == [
        morning(6, 12), morning(6, 13), morning(6, 14), morning(6, 16),
    ]  # fmt: skip


def test_an_authorization_about_to_expire_is_told(cast: Cast) -> None:
    builders.authorized_frp(cast)
    plan_stale_patients()

    assert [kind for kind, _ in cases.scheduled("authorization_expires")] == [
        "patient",
        "prescriber",
    ]


def test_planning_again_changes_nothing(cast: Cast) -> None:
    patient = cases.on_therapy(cast)
    assert plan_stale_patients() == 1
    planned = list(Notice.objects.order_by("key").values())
    assert plan_stale_patients() == 0

    Plan.objects.update(replan_at=builders.START)
    assert plan_stale_patients() == 1

    assert list(Notice.objects.order_by("key").values()) == planned
    assert Plan.objects.get().planned_for == Patient.objects.get(pk=patient.pk).latest_recorded_at


def test_time_alone_makes_a_plan_stale(clock: time_machine.Traveller, cast: Cast) -> None:
    cases.on_therapy(cast)
    plan_stale_patients()

    clock.shift(timedelta(hours=11, minutes=59))
    assert plan_stale_patients() == 0
    clock.shift(timedelta(minutes=1))
    assert plan_stale_patients() == 1


def test_a_step_that_was_sent_is_never_planned_again(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(morning(6, 7))
    for reminder in sending.due(limit=10):
        assert sending.send(reminder)

    builders.counseling(cast.prescribing, patient)
    Plan.objects.update(replan_at=morning(6, 7))
    plan_stale_patients()

    assert cases.fates("weekly_test") == [("sent", "")] + [("scheduled", "")] * 3


def test_what_came_back_is_planned_again(clock: time_machine.Traveller, cast: Cast) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(morning(6, 6))
    test = builders.negative_test(cast.prescribing, patient)
    plan_stale_patients()

    evidence.withdraw_pregnancy_test(cast.prescribing, test_id=test.pk, reason="Another person")
    plan_stale_patients()

    assert cases.scheduled("weekly_test")[0] == ("patient", morning(6, 7))


def test_on_a_pregnancy_hold_no_routine_test_is_asked_for(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(morning(6, 6))
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    plan_stale_patients()

    assert cases.scheduled("weekly_test") == []


def test_a_corrected_address_takes_the_scheduled_steps_along(cast: Cast) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    patients.correct_contact(
        cast.prescribing,
        patient_id=patient.pk,
        postal_code=patient.postal_code,
        phone="",
        email="moved@patients.example",
        time_zone=patient.time_zone,
    )
    plan_stale_patients()

    told = cases.reminders("weekly_test", recipient_kind="patient")
    assert {(each.address, each.state) for each in told} == {
        (patient.email, "cancelled"),
        ("moved@patients.example", "scheduled"),
    }
    assert {each.ended_reason for each in told if each.state == "cancelled"} == {"changed"}


def test_a_step_that_no_address_took_is_planned_again_for_another_address(cast: Cast) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    Notice.objects.filter(recipient_kind="patient").update(
        state="undeliverable", ended_at=builders.START, ended_reason="not_handed_over"
    )
    Plan.objects.update(replan_at=builders.START)
    plan_stale_patients()
    assert not Notice.objects.filter(recipient_kind="patient", state="scheduled").exists()

    Patient.objects.filter(pk=patient.pk).update(email="right@patients.example")
    Plan.objects.update(replan_at=builders.START)
    plan_stale_patients()

    again = cases.reminders("weekly_test", recipient_kind="patient", state="scheduled")
    assert [each.address for each in again] == ["right@patients.example"] * 2


def test_steps_that_had_passed_before_they_could_be_planned_make_one_message(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    cases.on_therapy(cast)
    clock.move_to(morning(6, 8) + timedelta(hours=1))
    plan_stale_patients()

    assert cases.scheduled("weekly_test")[0] == ("patient", morning(6, 8) + timedelta(hours=1))
    assert len(cases.reminders("weekly_test", recipient_kind="patient")) == 1


def test_steps_that_wait_in_the_outbox_are_all_kept(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(morning(6, 8) + timedelta(hours=1))
    plan_stale_patients()

    assert [kind for kind, _ in cases.scheduled("weekly_test")[:2]] == ["patient", "patient"]


def test_what_is_planned_by_night_waits_for_the_morning(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    cases.on_therapy(cast)
    clock.move_to(datetime(2026, 6, 9, 2, tzinfo=UTC))
    plan_stale_patients()

    assert cases.scheduled("weekly_test")[0] == ("patient", morning(6, 9))


def test_a_test_that_was_missed_is_a_deviation_once(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(datetime(2026, 6, 9, 3, 59, 59, tzinfo=UTC))
    plan_stale_patients()
    assert not Deviation.objects.exists()

    for _ in range(3):
        clock.shift(timedelta(days=1))
        plan_stale_patients()

    deviation = Deviation.objects.get()
    assert (deviation.patient_id, deviation.rule) == (patient.pk, "L-PT-4")
    assert (deviation.kind, deviation.state) == ("missed_test", "open")
    assert deviation.occurred_at == datetime(2026, 6, 9, 3, 59, 59, 999999, tzinfo=UTC)
    # Reminders go on to climb.
    assert [kind for kind, _ in cases.scheduled("weekly_test")][-1] == "staff"


def test_what_was_missed_while_nothing_was_planned_is_found_afterwards(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """L-PT-4: after an outage of weeks, every due date that passed is a deviation, once."""
    patient = cases.on_therapy(cast)
    for day in (10, 24):
        clock.move_to(datetime(2026, 6, day, 16, tzinfo=UTC))
        builders.negative_test(cast.prescribing, patient)
    clock.move_to(datetime(2026, 7, 20, 16, tzinfo=UTC))

    for _ in range(2):
        plan_stale_patients()
        clock.shift(timedelta(days=1))

    found = Deviation.objects.filter(kind="missed_test").order_by("occurred_at")
    # The tests of June 1, 10 and 24 set these dates; the one of June 24 was never followed.
    assert [each.occurrence for each in found] == [
        "lenalidomide:2026-06-01",
        "lenalidomide:2026-06-10",
        "lenalidomide:2026-06-24",
    ]
    ends = [(each.occurred_at - timedelta(hours=4)).date().isoformat() for each in found]
    assert ends == ["2026-06-08", "2026-06-17", "2026-07-01"]


def test_a_record_that_cannot_be_read_keeps_back_nobody_else(cast: Cast) -> None:
    broken = cases.on_therapy(cast, serial=1)
    sound = cases.on_therapy(cast, serial=2)
    attested = ContraceptionAttestation.objects.filter(patient=broken).get()
    ContraceptionAttestation.objects.create(
        patient=broken,
        attested_at=attested.attested_at,
        abstinence=False,
        methods=["wishful_thinking"],
        in_use_since=None,
        lapse=False,
        recorded_at=attested.recorded_at,
        operation=attested.operation,
    )

    with pytest.raises(planning.NotPlanned, match=f"{broken.pk}: InvalidFacts"):
        plan_stale_patients()

    assert planned_patients() == {sound.pk}
    with pytest.raises(planning.NotPlanned):
        plan_stale_patients()


def planned_patients() -> set[UUID | None]:
    return {each.patient_id for each in Notice.objects.filter(purpose="reminder")}


def test_the_statements_do_not_grow_with_the_patients(cast: Cast) -> None:
    def statements() -> int:
        Plan.objects.update(replan_at=builders.START)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            plan_stale_patients()
        return len(captured)

    cases.on_therapy(cast, serial=1)
    plan_stale_patients()
    for_one = statements()
    for serial in (2, 3, 4):
        cases.on_therapy(cast, serial=serial)
    plan_stale_patients()

    assert statements() == for_one
