"""Preferences, a patient's reminders and messages, as systems see them."""

import pytest

from apps.reminders.tasks import plan_stale_patients
from tests.api.world import world

pytestmark = pytest.mark.django_db


def test_preferences_are_the_policy_s_until_some_are_set() -> None:
    place = world()
    path = f"patients/{place.paths['patient_id']}/reminder-preferences"
    owner = place.systems["owner"]
    assert owner.get(path).json()["set_at"] is None

    made = owner.post(path, {"channels": ["email"], "quiet_from": "20:00", "quiet_until": "07:00"})
    assert made.status_code == 201, made.content
    shown = owner.get(path).json()
    assert (shown["id"], shown["channels"]) == (place.paths["patient_id"], ["email"])
    assert (shown["quiet_from"], shown["quiet_until"], shown["language"]) == (
        "20:00",
        "07:00",
        "en",
    )


def test_nobody_opts_out_of_what_is_safe() -> None:
    place = world()
    path = f"patients/{place.paths['patient_id']}/reminder-preferences"

    refused = place.systems["owner"].post(path, {"opted_out": ["weekly_test"]})

    assert refused.status_code == 422
    assert "weekly_test" in refused.content.decode()


def test_a_patients_reminders_tell_their_fate_but_no_address() -> None:
    place = world()
    plan_stale_patients()

    shown = place.systems["owner"].get(f"patients/{place.paths['patient_id']}/reminders")

    rows = shown.json()["results"]
    assert {row["state"] for row in rows} <= {"scheduled", "sent", "cancelled", "undeliverable"}
    assert {"obligation", "channel", "passed_over", "ended_reason", "due_at"} <= set(rows[0])
    assert "@" not in shown.content.decode()
