"""A reminder leaves only while its obligation stands, and not at night."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db.models.functions import Now

from apps.evidence.models import Deviation
from apps.notices import sending as outbox
from apps.notices.models import Notice
from apps.reminders.models import Plan
from apps.reminders.tasks import plan_stale_patients, sweep_due
from tests import builders
from tests.builders import Cast
from tests.reminders import cases

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

FIRST_STEP = datetime(2026, 6, 7, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(builders.START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(clock: time_machine.Traveller, cast: Cast) -> Cast:
    return cast


def test_a_due_reminder_is_sent_once(clock: time_machine.Traveller, cast: Cast) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    assert sweep_due() == 0

    clock.move_to(FIRST_STEP)
    assert [sweep_due(), sweep_due()] == [1, 0]

    assert [message.to for message in mail.outbox] == [[patient.email]]
    assert "Monday, 8 June 2026" in str(mail.outbox[0].body)


def test_what_was_met_a_second_ago_is_not_reminded_of_though_no_planner_has_come(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(FIRST_STEP)
    builders.negative_test(cast.prescribing, patient)
    clock.shift(timedelta(seconds=1))

    assert sweep_due() == 0

    assert mail.outbox == []
    assert cases.fates("weekly_test")[0] == ("cancelled", "no_longer_due")


def test_a_missed_test_that_a_sender_sees_first_is_still_recorded(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(FIRST_STEP + timedelta(days=2))
    assert sweep_due() == 3

    plan_stale_patients()

    assert Deviation.objects.get().kind == "missed_test"


def test_what_fell_due_by_day_waits_when_the_sweep_comes_by_night(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(FIRST_STEP + timedelta(hours=14))
    assert sweep_due() == 0

    clock.move_to(FIRST_STEP + timedelta(days=1))
    assert sweep_due() == 2


def test_one_being_handed_over_while_its_obligation_is_met_is_looked_at_again(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(FIRST_STEP)
    reminder = cases.reminders("weekly_test")[0]
    claimed = outbox.claim(reminder.pk, Notice.Purpose.REMINDER)
    assert claimed is not None
    builders.negative_test(cast.prescribing, patient)
    plan_stale_patients()
    reminder.refresh_from_db()
    assert reminder.state == "scheduled"

    # The sender died: nobody hands the reminder over again, as nothing is due any more.
    Notice.objects.filter(pk=reminder.pk).update(lease_until=Now() - timedelta(seconds=1))
    clock.shift(timedelta(minutes=1))
    assert sweep_due() == 0
    assert mail.outbox == []
    reminder.refresh_from_db()
    assert reminder.state == "cancelled"
    assert Plan.objects.get().replan_at is not None
