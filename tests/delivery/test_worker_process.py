"""A real worker: it ends in peace, and its log lines bear the ids of task and request."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_structlog.middlewares import RequestMiddleware
from psycopg import sql
from structlog.contextvars import get_contextvars

from apps.core.models import SweepRun
from tests import databases
from tests.delivery.plant import PATIENCE_SECONDS, Plant

pytestmark = pytest.mark.services

SWEEP = "notices.sweep_due"
OUTBOX = "notices_notice"


@pytest.fixture
def plant(own_database: str, tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(tmp_path)
    plant.lose_broker_data()
    try:
        yield plant
    finally:
        plant.stop()


def as_owner(name: str) -> psycopg.Connection:
    return psycopg.connect(databases.url_of(databases.owner_url(), name))


def waits_for_a_lock(database: psycopg.Connection) -> bool:
    found = database.execute(
        "SELECT FROM pg_locks WHERE NOT granted AND relation = %s::regclass", [OUTBOX]
    )
    return found.fetchone() is not None


def test_a_worker_that_is_told_to_end_finishes_the_task_under_way(
    plant: Plant, own_database: str
) -> None:
    worker = plant.worker()
    with as_owner(own_database) as holding:
        holding.execute(sql.SQL("LOCK TABLE {}").format(sql.Identifier(OUTBOX)))
        plant.start_task(SWEEP)
        plant.wait_for(lambda: waits_for_a_lock(holding), "The task's beginning")
        worker.send_signal(signal.SIGTERM)
        with pytest.raises(Exception, match="timed out"):
            worker.wait(timeout=2)
        holding.rollback()
    assert worker.wait(PATIENCE_SECONDS) == 0
    assert SweepRun.objects.filter(pk=SWEEP).exists()


def test_what_a_request_started_is_logged_under_its_id(plant: Plant, own_database: str) -> None:
    seen: dict[str, Any] = {}

    def answer(_request: HttpRequest) -> HttpResponse:
        seen.update(get_contextvars(), task_id=plant.start_task(SWEEP))
        return HttpResponse()

    with as_owner(own_database) as owner:
        revoke = sql.SQL("REVOKE SELECT ON {} FROM {}")
        role = databases.application_role()
        owner.execute(revoke.format(sql.Identifier(OUTBOX), sql.Identifier(role)))
    RequestMiddleware(answer)(RequestFactory().get("/?name=Fiona"))
    plant.worker()
    plant.wait_for(lambda: bool(failures(plant)), "The task's failure")

    (line,) = failures(plant)
    assert (line["request_id"], line["task_id"]) == (seen["request_id"], seen["task_id"])
    assert line["kind"] == "ProgrammingError"
    assert line["dropped"] == ["error", "exception"]
    assert "permission denied" not in plant.logs()


def failures(plant: Plant) -> list[dict[str, Any]]:
    return [line for line in plant.said() if line["event"] == "task_failed"]
