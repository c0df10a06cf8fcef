"""Planners, senders and commands on connections of their own: nothing twice, nothing stuck."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail

from apps.core import clock
from apps.core.call import Role
from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.providers import services as providers
from apps.providers.models import PharmacyCertification
from apps.reminders.models import Plan
from apps.reminders.tasks import plan_stale_patients, plan_stale_pharmacies, sweep_due
from apps.rules.documents import document
from tests import builders
from tests.builders import Cast
from tests.concurrency.racing import race
from tests.reminders import cases

pytestmark = pytest.mark.usefixtures("own_database")

FIRST_STEP = datetime(2026, 6, 7, 12, 0, 1, tzinfo=UTC)
ROUNDS = 5


@pytest.fixture
def cast(own_database: str, settings: Any) -> Cast:
    """A program whose clock moves for every connection."""
    settings.DEMO_CLOCK = True
    clock.set_demo_time(builders.START)
    return builders.cast()


def live_keys() -> Counter[str]:
    found = Notice.objects.filter(purpose="reminder").exclude(state="cancelled")
    return Counter(found.values_list("key", flat=True))


def test_two_planners_and_a_command_leave_each_step_planned_once(cast: Cast) -> None:
    women = [cases.on_therapy(cast, serial) for serial in (1, 2, 3)]
    plan_stale_patients()
    expected = live_keys()

    for _ in range(ROUNDS):
        Plan.objects.update(replan_at=builders.START)
        commands = [partial(builders.obligations, cast.prescribing, woman) for woman in women]
        for outcome in race(plan_stale_patients, plan_stale_patients, *commands):
            outcome.value()
        plan_stale_patients()

        assert set(live_keys().values()) == {1}
        assert len(live_keys()) == len(expected)
        assert not behind().exists()


def behind() -> Any:
    """The patients whose plan does not know of their latest record."""
    return Patient.objects.exclude(
        pk__in=[
            each.pk
            for each in Plan.objects.select_related("patient")
            if each.patient and each.planned_for == each.patient.latest_recorded_at
        ]
    )


def test_senders_and_planners_at_once_send_each_reminder_once(cast: Cast) -> None:
    women = [cases.on_therapy(cast, serial) for serial in (1, 2, 3)]
    plan_stale_patients()
    clock.set_demo_time(FIRST_STEP)

    outcomes = race(sweep_due, sweep_due, sweep_due, plan_stale_patients, plan_stale_patients)

    assert sum(outcome.value() for outcome in outcomes[:3]) == len(women)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(w.email for w in women)


def test_a_reminder_and_the_test_that_meets_it_never_wait_for_each_other(cast: Cast) -> None:
    women = [cases.on_therapy(cast, serial) for serial in (1, 2, 3)]
    plan_stale_patients()
    clock.set_demo_time(FIRST_STEP)

    tests = [partial(builders.negative_test, cast.prescribing, woman) for woman in women]
    for outcome in race(sweep_due, sweep_due, *tests):
        outcome.value()
    sweep_due()

    fates = Counter(each.state for each in cases.reminders("weekly_test", due_at__lte=FIRST_STEP))
    assert fates["sent"] + fates["cancelled"] == len(women)
    assert fates["sent"] == len(mail.outbox)


def test_two_planners_and_a_signature_leave_each_step_of_a_pharmacy_planned_once(
    cast: Cast,
) -> None:
    """§12, L-ENR-2: met while it is being planned, it is cancelled in the end, and never twice."""
    latest = PharmacyCertification.objects.latest("certified_until")
    clock.set_demo_time(latest.certified_until - timedelta(days=30))
    sign = partial(
        providers.sign_pharmacy_enrollment,
        builders.pharmacy_call(cast.pharmacy, Role.REPRESENTATIVE, cast.pharmacy.representative_id),
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "pharmacy_enrollment").codes,
    )

    for outcome in race(plan_stale_pharmacies, plan_stale_pharmacies):
        outcome.value()
    assert len(live_keys()) == 4
    assert set(live_keys().values()) == {1}
    for outcome in race(plan_stale_pharmacies, sign, plan_stale_pharmacies):
        outcome.value()
    plan_stale_pharmacies()

    assert not live_keys()
