"""With a real worker, beat and broker: the copy of a record is made, whatever dies on the way."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.oversight import services as oversight
from apps.oversight.models import RecordCopy
from tests import builders
from tests.delivery import points
from tests.delivery.plant import Plant

pytestmark = [pytest.mark.services, pytest.mark.usefixtures("own_database")]


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(tmp_path)
    plant.lose_broker_data()
    try:
        yield plant
    finally:
        plant.stop()


def is_made() -> bool:
    return RecordCopy.objects.filter(made_at__isnull=False).exists()


def test_a_worker_that_is_killed_and_a_broker_that_forgets_lose_no_copy(plant: Plant) -> None:
    cast = builders.cast()
    patient = builders.enroll(cast.prescribing)
    plant.beat()
    worker = plant.worker()
    plant.fail_at(points.BEFORE_KEEPING, points.WHOLE_WORKER)
    oversight.ask_for_record(cast.staff, patient_id=patient.pk, reason="An inspection")
    plant.wait_for(plant.has_failed, "Death of the worker")
    plant.wait_for(lambda: worker.poll() is not None, "Its end")
    assert not is_made()

    plant.lose_broker_data()
    plant.worker()
    plant.wait_for(is_made, "The copy")
    copy = RecordCopy.objects.get()
    assert copy.attempts == 2
    assert hashlib.sha256(bytes(copy.pdf or b"")).hexdigest() == copy.pdf_sha256
    assert bytes(copy.pdf or b"").startswith(b"%PDF")
    assert not [sign for sign in (patient.family_name, str(patient.pk)) if sign in plant.logs()]
