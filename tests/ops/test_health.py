"""What an operator's tools are told: alive, ready, degraded; and nothing about people."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from apps.core import clock
from apps.notices.models import Notice

pytestmark = pytest.mark.django_db


def ready() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


def test_alive_asks_nothing_of_the_database(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_names_its_parts() -> None:
    status, answer = ready()
    assert status == 200
    assert answer == {
        "status": "ok",
        "parts": {"database": "ok", "broker": "ok", "policies": "ok", "notices": "ok"},
    }


def test_without_the_broker_it_serves_on_degraded(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    status, answer = ready()
    assert (status, answer["status"]) == (200, "degraded")
    assert answer["parts"]["broker"] == "unreachable"


def test_a_notice_that_is_long_due_shows_that_nothing_sends() -> None:
    now = clock.now()
    Notice.objects.create(
        key="late",
        template="positive_test",
        recipient_kind="staff",
        address="staff@program.example",
        due_at=now - timedelta(minutes=6),
        created_at=now - timedelta(hours=1),
    )
    status, answer = ready()
    assert (status, answer["parts"]["notices"]) == (200, "late")


def test_only_reading_is_answered() -> None:
    for address in ("/livez", "/readyz"):
        assert Client().post(address).status_code == 405
        assert Client().head(address).status_code == 200


def test_without_the_database_it_is_not_ready(own_database: str) -> None:
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "there_is_no_such_database"
    try:
        status, answer = ready()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
    assert (status, answer["status"]) == (503, "unavailable")
    assert answer["parts"]["database"] == "unreachable"
