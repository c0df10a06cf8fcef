"""What guards the machine: the share of each client, and failures that tell nothing."""

import logging
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError
from django.test import override_settings

from apps.api.throttling import ClientThrottle
from apps.api.views.patients import Patients
from apps.core import clock
from apps.core.call import Role
from apps.evidence import services as evidence
from tests import builders
from tests.api.clients import System, system

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> System:
    call = builders.office_member(Role.STAFF, "staff@program.example")
    assert call.actor.organization_id is not None
    return system(call.actor.organization_id, Role.STAFF)


@override_settings(API_CALLS_PER_MINUTE=3)
def test_a_client_beyond_its_share_waits_and_another_does_not(office: System) -> None:
    twin = system(office.client.organization_id, Role.STAFF)
    answers = [office.get("patients") for _ in range(8)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "too_many_requests"
    assert 0 < int(answers[-1]["Retry-After"]) <= 61
    assert twin.get("patients").status_code == 200


def test_without_its_cache_the_throttle_lets_calls_pass(
    office: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "unix:///nonexistent/redis.sock",
    }
    monkeypatch.setattr(ClientThrottle, "cache_is_away_until", 0.0)
    with override_settings(CACHES={"default": gone, "throttle": gone}, API_CALLS_PER_MINUTE=1):
        assert [office.get("patients").status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("error", "status"),
    [(OperationalError("connection of Fiona refused"), 503), (KeyError("Fiona"), 500)],
)
def test_a_failure_tells_neither_the_caller_nor_the_log_what_it_was_about(
    office: System,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    status: int,
) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(Patients, "page", fail)
    with caplog.at_level(logging.ERROR):
        answer = office.get("patients")
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert "Fiona" not in answer.content.decode()
    assert "Fiona" not in caplog.text
    assert type(error).__name__ in caplog.text
    assert (answer.get("Retry-After") is not None) == (status == 503)


# --- Repeated calls -----------------------------------------------------------------------------


def test_a_repeated_call_shows_nothing_of_a_patient_who_has_moved(cast: builders.Cast) -> None:
    of_before = system(cast.prescriber.practice_id, Role.PRESCRIBER, prescriber=cast.prescriber.pk)
    new = builders.certified_prescriber(cast.administrator, 2)
    signed_at = clock.now().isoformat()
    contact = {
        "postal_code": "10001",
        "phone": "212-555-0300",
        "email": "nora@patients.example",
        "time_zone": "America/New_York",
    }
    enrollment = {
        **contact,
        "program": builders.PROGRAM,
        "given_name": "Nora",
        "family_name": "Newcomer",
        "born_on": "1970-01-01",
        "risk_category": "adult_frp",
        "signer": "patient",
        "signer_name": "Nora Newcomer",
        "patient_signed_at": signed_at,
        "prescriber_signed_at": signed_at,
    }
    made = of_before.post("patients", enrollment, key="enrollment")
    assert made.status_code == 201, made.content
    patient_id = made.json()["id"]
    calls = [
        ("patients", enrollment, "enrollment"),
        (f"patients/{patient_id}/contact", contact, "the-contact"),
    ]
    for _ in range(2):
        assert [of_before.post(*c[:2], key=c[2]).json()["id"] for c in calls] == [patient_id] * 2

    evidence.hand_over_patients(
        cast.staff,
        from_prescriber_id=cast.prescriber.pk,
        to_prescriber_id=new.pk,
        patient_ids=[UUID(patient_id)],
        reason="Asked for it",
    )
    assert [of_before.post(*call[:2], key=call[2]).status_code for call in calls] == [404, 404]
