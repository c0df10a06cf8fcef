"""The office enters how somebody wishes to be reminded, and sees what became of each message."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.notices.models import Notice
from apps.reminders.models import ReminderPreference
from apps.reminders.tasks import plan_stale_patients
from tests import builders
from tests.backoffice.test_actions import act, said
from tests.reminders import cases

pytestmark = pytest.mark.django_db


def test_the_staff_enter_what_a_caller_wishes(cast: builders.Cast, staff: Client) -> None:
    patient = builders.enroll(cast.prescribing)
    for owner in (patient, cast.prescriber, cast.pharmacy):
        act(staff, owner, "reminders", channels=["email"], language="es", quiet_from="")

    said_by_all = ReminderPreference.objects.values_list("pk", "language")
    assert dict(said_by_all) == dict.fromkeys(
        [patient.pk, cast.prescriber.pk, cast.pharmacy.pk], "es"
    )


def test_what_is_not_optional_is_refused_with_the_reason(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)

    refused = act(staff, patient, "reminders", language="en", opted_out=["weekly_test"])

    assert "Everybody is reminded of this: weekly_test." in said(refused)
    assert not ReminderPreference.objects.exists()


def test_what_waits_stands_first_the_next_due_on_top(cast: builders.Cast, staff: Client) -> None:
    cases.on_therapy(cast)
    plan_stale_patients()
    first = Notice.objects.filter(purpose="reminder").earliest("due_at")
    Notice.objects.filter(pk=first.pk).update(
        state="cancelled", ended_at=first.created_at, ended_reason="no_longer_due"
    )

    shown = staff.get(reverse("admin:notices_notice_changelist")).context["cl"].result_list

    waiting = [each.due_at for each in shown if each.state == "scheduled"]
    assert waiting == sorted(waiting)
    states = [each.state for each in shown]
    assert states == sorted(states, key=lambda state: state != "scheduled")
