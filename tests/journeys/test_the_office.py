"""The office, as its people would tell it: a call, an intervention, a refusal explained."""

import pytest

from apps.patients.models import Agreement
from tests import builders
from tests.journeys import steps
from tests.journeys.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(site: Site) -> builders.Cast:
    site.at(builders.START)
    return builders.cast()


def test_the_staff_take_a_call_and_resolve_what_comes_of_it(
    cast: builders.Cast, site: Site
) -> None:
    """L-SRC-1, L-SUR-3: a lapse told by phone counts at once, and somebody follows it up."""
    # Given a patient who could be authorized today
    patient = builders.ready_frp(cast.prescribing)
    sam = site.meet("staff@program.example")

    # When she calls, and says that she went without contraception
    steps.find_who_calls(sam, patient)
    steps.verify_by_questions(sam, "Fiona Synthetic")
    sam.sees("An authorization can be requested")
    steps.enter_a_lapse(sam)

    # Then nothing can be authorized any more
    sam.sees("It is in effect.")
    sam.sees("On hold")

    # And the intervention waits in its queue, until somebody resolves it in writing
    steps.open_the_only_item(sam, "Interventions")
    sam.press("Take it")
    sam.sees("You work on this now.")
    sam.follow("Open the record")
    steps.resolve(sam, "Called her: two methods again from today")
    sam.go("/office/queues/intervention/")
    sam.sees("Nothing waits here")


def test_the_staff_enroll_a_patient_from_a_faxed_form(cast: builders.Cast, site: Site) -> None:
    """L-SRC-1, L-ENR-3: one registers and enters the signatures, another accepts them."""
    # Given a form that came by fax, of one of two prescribers of the same name
    builders.certified_prescriber(cast.administrator, serial=2)
    sam = site.meet("staff@program.example")

    # When Sam registers the patient, who resembles nobody, for the prescriber who signed it
    steps.enroll_from_a_form(sam, cast.prescriber.npi)
    enrolled = sam.page.url

    # And again, as when a fax is sent twice, is shown whom the form resembles
    sam.go("/office/calls/")
    steps.enroll_from_a_form(sam, "Prescriber1", sees="Is Fiona Journey registered already?")
    sam.sees("Fiona Journey, born 5 April 1986, of Practice 1: the same person?")
    sam.choose("1. Fiona Journey", "Yes, the same person")
    sam.write("1. How do you know?", "The same fax, sent twice")
    sam.press("Decide and go on")
    sam.sees("This patient is registered already")
    sam.page.goto(enrolled)

    # Then nothing is signed before the scan is entered, and somebody else has looked at it
    steps.enter_the_signatures(sam)
    complete = Agreement.objects.filter(
        patient_signed_at__isnull=False, prescriber_signed_at__isnull=False
    )
    assert not complete.exists()
    ada = site.meet("administrator@program.example")
    steps.open_the_only_item(ada, "Entries from phone, fax and paper")
    ada.follow("Open the record")
    ada.follow("Accept this")
    ada.press("Accept this")
    ada.sees("It is accepted and on record.")
    assert complete.get().patient.prescriber == cast.prescriber


def test_the_auditor_finds_out_why_a_request_was_refused(cast: builders.Cast, site: Site) -> None:
    """§1: what was decided can be decided again, from the same facts."""
    # Given a request that was refused, for want of tests
    patient = builders.enroll(cast.prescribing)
    assert not builders.request(cast.prescribing, patient, "adult_frp").allowed
    steps.join_as_auditor("judith@program.example")

    # When the auditor follows the number of refusals to the list, and one refusal to its reasons
    judith = site.meet("judith@program.example")
    judith.sees("Refusals by reason")
    steps.follow_the_list(judith, "refusals")
    judith.follow("Request for an authorization")

    # Then each reason says who had to do what, and the same facts give the same answer again
    judith.sees("There is no negative test that could be the first one.")
    judith.sees("It replays to itself.")

    # And nothing can be changed here
    judith.go("/office/queues/")
    assert not judith.page.get_by_role("button", name="Take it").count()
