"""What Prometheus is told, and who may ask."""

import re
import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings as product
from django.db import connection
from django.test import Client

from apps.core import clock, sweeps
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.notices.models import Notice
from tests import builders, databases

TOKEN = "a-token-of-thirty-two-characters-or-more"


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def figures() -> dict[str, float]:
    """Every sample by its name and labels."""
    answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    samples = re.findall(r"^(remsportal_\S+) (\S+)$", answer.content.decode(), re.MULTILINE)
    return {name: float(value) for name, value in samples}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ä"]
)
def test_without_the_token_nobody_is_told_anything(sent: str) -> None:
    answer = Client().get("/metrics", headers={"authorization": sent} if sent else {})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db
def test_where_no_token_is_set_the_address_is_not_there(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    for sent in ("Bearer ", "Bearer", f"Bearer {TOKEN}"):
        assert Client().get("/metrics", headers={"authorization": sent}).status_code == 404


@pytest.mark.django_db
def test_requests_are_counted_by_route_never_by_address() -> None:
    before = figures()
    Client().get("/livez")
    Client().get("/patients/4b6b2c4e-3d9c-4a4b-9a52-4c7b7b2b6a11/?name=Fiona")
    Client().get("/no-such-place-as-Fiona")
    after = figures()
    counted = {name for name in after if after[name] != before.get(name, 0)}
    assert 'remsportal_requests_total{method="GET",route="livez",status="200"}' in counted
    patient = "patients/<uuid:patient_id>/"
    assert f'remsportal_requests_total{{method="GET",route="{patient}",status="302"}}' in counted
    assert 'remsportal_requests_total{method="GET",route="unmatched",status="404"}' in counted
    assert 'remsportal_request_seconds_count{route="livez"}' in counted
    assert not [name for name in after if "Fiona" in name or "4b6b2c4e" in name]


def test_decisions_are_counted_once_they_are_kept(own_database: str) -> None:
    before = figures()
    cast = builders.cast()
    authorization = builders.authorized_frp(cast)
    refused = builders.request(cast.prescribing, authorization.patient, "adult_frp")
    assert not refused.allowed
    after = figures()

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    assert more('remsportal_decisions_total{question="authorize",result="allowed"}') == 1
    assert more('remsportal_decisions_total{question="authorize",result="refused"}') == 1
    for rule in refused.document["unmet"]:
        name = f'remsportal_refusal_reasons_total{{question="authorize",rule="{rule}"}}'
        assert more(name) == 1


def test_a_check_is_counted(own_database: str) -> None:
    cast = builders.cast()
    authorization = builders.authorized_frp(cast)
    before = figures()
    eligibility.verify(
        cast.dispensing,
        pharmacy_id=cast.pharmacy.pk,
        number=authorization.number,
        born_on=authorization.patient.born_on,
        prescription=Prescription(risk_category="adult_frp"),
    )
    name = 'remsportal_decisions_total{question="verify",result="allowed"}'
    assert figures()[name] - before.get(name, 0) == 1


@pytest.mark.django_db
def test_notices_sweeps_and_clocks_have_figures() -> None:
    now = clock.now()
    Notice.objects.create(
        key="late", template="positive_test", recipient_kind="staff", created_at=now,
        address="staff@program.example", due_at=now - timedelta(minutes=6),
    )  # fmt: skip
    sweeps.note_end("notices.sweep_due")
    told = figures()
    assert told[f'remsportal_build_info{{version="{product.VERSION}"}}'] == 1
    assert told["remsportal_database_up"] == 1
    assert told['remsportal_notices_waiting{purpose="event"}'] == 1
    assert 359 < told['remsportal_notice_lag_seconds{purpose="event"}'] < 420
    assert told['remsportal_notice_lag_seconds{purpose="reminder"}'] == 0
    assert told["remsportal_notices_undeliverable"] == 0
    assert 0 <= told['remsportal_sweep_age_seconds{sweep="notices.sweep_due"}'] < 60
    assert told['remsportal_sweep_age_seconds{sweep="reminders.sweep_due"}'] == float("inf")
    assert told["remsportal_clock_skew_seconds"] < 2
    assert told["remsportal_lock_waits"] == 0
    assert "remsportal_deadlocks_total" in told


def test_one_who_waits_for_a_lock_is_seen(own_database: str) -> None:
    url = databases.url_of(databases.owner_url(), own_database)

    def wait() -> None:
        with psycopg.connect(url) as waiting:
            waiting.execute("SELECT pg_advisory_lock(1)")

    with psycopg.connect(url) as holding:
        holding.execute("SELECT pg_advisory_lock(1)")
        thread = threading.Thread(target=wait)
        thread.start()
        try:
            assert any(figures()["remsportal_lock_waits"] == 1 for _ in range(200))
        finally:
            holding.execute("SELECT pg_advisory_unlock(1)")
            holding.commit()
            thread.join()


def test_without_the_database_the_figures_say_so(own_database: str) -> None:
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "there_is_no_such_database"
    try:
        assert figures()["remsportal_database_up"] == 0
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
