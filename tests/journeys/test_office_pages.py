"""The office's pages, each visited by somebody who works with it and inspected."""

import pytest
from django.urls import reverse

from apps.patients.models import Patient
from apps.portal.tasks import make_record_copy
from tests import builders
from tests.journeys.site import Person, Site
from tests.oversight import cases

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(site: Site) -> builders.Cast:
    site.at(builders.START)
    return builders.cast()


@pytest.fixture
def staff(site: Site, cast: builders.Cast) -> Person:
    cases.deviation(builders.enroll(cast.prescribing))
    return site.meet("staff@program.example")


def test_the_staff_work_a_deviation_from_its_queue(site: Site, staff: Person) -> None:
    staff.follow("Queues")
    staff.sees("Major deviations")
    site.later(days=8)
    staff.go("/office/queues/")
    staff.sees("1 late")
    staff.follow("Major deviations")
    staff.sees("nobody yet")
    staff.follow("A scheduled pregnancy test was missed (L-PT-4, open)")
    staff.sees("Late")
    staff.press("Take it")
    staff.sees("You work on this now.")
    staff.follow("Give it back to the queue")
    staff.press("Give back to the queue")
    staff.sees("Enter this.")
    staff.write("Note", "Called the practice twice")
    staff.press("Give back to the queue")
    staff.follow("A scheduled pregnancy test was missed (L-PT-4, open)")
    staff.follow("Assign it to somebody")
    staff.press("Assign")
    staff.sees("Choose one.")
    staff.follow("Back, and do nothing")
    staff.follow("Open the record")
    staff.follow("Start the review")
    staff.write("Reason", "Calling the practice")
    staff.press("Start the review")
    staff.sees("The deviation is under review.")
    staff.follow("Close with a corrective action")
    staff.write("Corrective action", "The practice books tests ahead")
    staff.press("Close with a corrective action")
    staff.sees("The practice books tests ahead")
    staff.go("/office/queues/deviation_major/")
    staff.sees("Nothing waits here")


def test_the_staff_read_the_report_and_copy_a_record_for_an_inspector(staff: Person) -> None:
    staff.follow("Assessment report")
    staff.sees("Deviations by rule, kind, severity and state")
    staff.sees("A scheduled pregnancy test was missed")
    staff.write_date("To, included", builders.START.date().replace(year=2099))
    staff.press("Show these days")
    staff.sees("the rest is to come")

    # When an inspector asks for all that is kept of a patient
    staff.go(reverse("ask_for_record", args=[Patient.objects.get().pk]))
    staff.press("Make the copy")
    staff.sees("Enter this.")
    staff.write("Legal reason", "Inspection 26-1107, letter of 1 March 2026")
    staff.press("Make the copy")

    # Then it is made meanwhile, and the page shows by itself that it is ready
    staff.sees("Only you can open it.")
    staff.sees("It begins in some seconds.")
    staff.follow("Look again")
    staff.sees("It begins in some seconds.")
    assert make_record_copy() == 1
    staff.page.get_by_role("heading", name="The copy is ready").wait_for()
    assert staff.page.locator("[aria-live=polite]").inner_text() == "The copy is ready."
    staff.sees("The record as JSON")
