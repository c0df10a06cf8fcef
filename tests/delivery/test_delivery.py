"""With a real worker, beat and broker: each notice is sent, and once, whatever dies on the way."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from django.db import connection

from apps.core import clock
from apps.notices.messages import message_id
from apps.notices.models import Notice
from apps.reminders.models import Plan
from tests import builders
from tests.delivery import points
from tests.delivery.plant import LEASE_SECONDS, SWEEP_SECONDS, Plant
from tests.notices import outbox
from tests.reminders import cases

pytestmark = [pytest.mark.services, pytest.mark.usefixtures("own_database")]

# The first step of the weekly test's ladder, after two women began therapy at START.
FIRST_STEP = datetime(2026, 6, 7, 12, 0, 1, tzinfo=UTC)


# Celery notices after seconds that a process of its pool died: meanwhile the others work.
PROCESSES = 3
DEATHS = [
    (points.BEFORE_CLAIM, points.ONE_PROCESS),
    (points.IN_CLAIM, points.WHOLE_WORKER),
    (points.BEFORE_HAND_OVER, points.ONE_PROCESS),
    (points.IN_HAND_OVER, points.NOBODY),
    (points.AFTER_HAND_OVER, points.WHOLE_WORKER),
    (points.AFTER_MARK, points.ONE_PROCESS),
]


@pytest.fixture
def plant(tmp_path: Path, settings: Any) -> Iterator[Plant]:
    settings.DEMO_CLOCK = True
    plant = Plant(tmp_path)
    plant.lose_broker_data()
    try:
        yield plant
    finally:
        plant.stop()


def everything_due_is_sent() -> bool:
    due = Notice.objects.filter(state="scheduled", due_at__lte=clock.now())
    return not due.exists()


def has_ended(process: Popen[bytes]) -> bool:
    return process.poll() is not None


def sent() -> list[Notice]:
    return list(Notice.objects.filter(state="sent"))


def end_other_sessions() -> None:
    """As when the database server restarts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )


def test_due_reminders_go_out_once_each(plant: Plant) -> None:
    clock.set_demo_time(builders.START)
    cast = builders.cast()
    reminded = [cases.on_therapy(cast, serial) for serial in (1, 2, 3)]
    tested = cases.on_therapy(cast, serial=4)
    plant.beat()
    plant.worker(processes=2)
    plant.wait_for(lambda: Plan.objects.filter(patient__isnull=False).count() == 4, "Planning")
    assert plant.messages() == []

    plant.lose_broker_data()
    end_other_sessions()
    clock.set_demo_time(FIRST_STEP - timedelta(hours=1))
    builders.negative_test(cast.prescribing, tested)
    clock.set_demo_time(FIRST_STEP)
    plant.wait_for(lambda: len(sent()) == 3, "Sending")
    plant.wait_for(everything_due_is_sent, "Sending all")
    time.sleep(4 * SWEEP_SECONDS)

    assert plant.copies() == {message_id(notice): 1 for notice in sent()}
    addresses = {message["To"] for message in plant.messages()}
    assert addresses == {patient.email for patient in reminded}
    assert not any(address in plant.logs() for address in addresses)


def test_no_death_of_a_worker_loses_a_notice_or_repeats_another_one(plant: Plant) -> None:
    clock.set_demo_time(builders.START)
    patient = cases.on_therapy(builders.cast())
    plant.beat()
    worker = plant.worker(processes=PROCESSES)
    plant.fail_at(points.PLANNING, points.ONE_PROCESS)
    plant.wait_for(plant.has_failed, "Death while planning")
    may_repeat: set[str] = set()

    for point, victim in DEATHS:
        plant.fail_at(point, victim)
        outbox.notice()
        plant.wait_for(plant.has_failed, f"Death {point}")
        if victim == points.WHOLE_WORKER:
            plant.wait_for(partial(has_ended, worker), "Death of the whole worker")
            # Nobody can know that what left without a mark did leave.
            may_repeat |= set(plant.copies()) - {message_id(each) for each in sent()}
            worker = plant.worker(processes=PROCESSES)
        plant.lose_broker_data()
    plant.wait_for(everything_due_is_sent, "Sending all")
    time.sleep(LEASE_SECONDS)

    assert Notice.objects.filter(patient_id=patient.pk, state="scheduled").exists()
    assert len(sent()) == len(DEATHS)
    assert len(may_repeat) == 1
    assert plant.copies() == {
        message_id(each): 2 if message_id(each) in may_repeat else 1 for each in sent()
    }
