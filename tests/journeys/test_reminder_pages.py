"""Messages, preferences and a patient's reminders, each visited and inspected."""

import pytest

from apps.notices.models import Notice
from apps.reminders.tasks import plan_stale_patients
from tests import builders
from tests.journeys.site import Site
from tests.reminders import cases

pytestmark = pytest.mark.browser


def test_a_prescriber_reads_a_message_and_says_how_to_be_reminded(site: Site) -> None:
    site.at(builders.START)
    cast = builders.cast()
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    told = Notice.objects.filter(recipient_kind="prescriber").earliest("due_at")
    Notice.objects.filter(pk=told.pk).update(state="sent", sent_at=builders.START)
    paula = site.meet(cast.prescriber.email)

    paula.follow("Messages")
    paula.follow("Something falls due for a person in your care")
    paula.press("Mark as read")
    paula.sees("Read")
    paula.follow("Reminder preferences")
    paula.write("Leave me in peace from", "20:00")
    paula.press("Record these preferences")
    paula.sees("Give both ends of the quiet hours")
    paula.write("Until", "07:00")
    paula.press("Record these preferences")
    paula.sees("The preferences are recorded.")
    paula.go(f"/patients/{patient.pk}/reminders/")
    paula.sees("Weekly pregnancy test")
    paula.follow("Change how the patient is reminded")
    paula.press("Record these preferences")
    paula.sees("The preferences are recorded.")
