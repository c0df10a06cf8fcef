"""Preferences, a patient's reminders and messages, as systems see them."""

import pytest

from apps.core import clock
from apps.core.call import Role
from apps.evidence import services as evidence
from apps.patients.models import Patient
from apps.reminders.tasks import plan_stale_patients
from tests.api.clients import System, system
from tests.builders import Cast
from tests.reminders import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return cases.on_therapy(cast)


@pytest.fixture
def owner(cast: Cast) -> System:
    """The system of the patient's practice."""
    return system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)


def test_preferences_are_the_policy_s_until_some_are_set(owner: System, patient: Patient) -> None:
    path = f"patients/{patient.pk}/reminder-preferences"
    assert owner.get(path).json()["set_at"] is None

    made = owner.post(path, {"channels": ["email"], "quiet_from": "20:00", "quiet_until": "07:00"})
    assert made.status_code == 201, made.content
    shown = owner.get(path).json()
    assert (shown["id"], shown["channels"]) == (str(patient.pk), ["email"])
    assert (shown["quiet_from"], shown["quiet_until"], shown["language"]) == (
        "20:00",
        "07:00",
        "en",
    )


def test_nobody_opts_out_of_what_is_safe(owner: System, patient: Patient) -> None:
    path = f"patients/{patient.pk}/reminder-preferences"

    refused = owner.post(path, {"opted_out": ["weekly_test"]})

    assert refused.status_code == 422
    assert "weekly_test" in refused.content.decode()


def test_a_patients_reminders_tell_their_fate_but_no_address(
    cast: Cast, owner: System, patient: Patient
) -> None:
    evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="patient",
        reported_at=clock.now(),
        source="The patient called",
    )
    plan_stale_patients()

    shown = owner.get(f"patients/{patient.pk}/reminders")

    rows = shown.json()["results"]
    assert {row["state"] for row in rows} <= {"scheduled", "sent", "cancelled", "undeliverable"}
    # Some are the patient's and some the staff's.
    assert {"supply_ends", "case_follow_up"} <= {row["obligation"] for row in rows}
    assert {"obligation", "channel", "passed_over", "ended_reason", "due_at"} <= set(rows[0])
    assert "@" not in shown.content.decode()
