"""The main jobs by keyboard alone: how many pages, how many keys beside what is typed or ticked."""

import pytest

from tests import builders, costs
from tests.journeys.site import Person, Site
from tests.journeys.steps import request_authorization

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(site: Site) -> builders.Cast:
    site.at(builders.START)
    return builders.cast()


def test_a_pharmacist_dispenses_in_three_pages(cast: builders.Cast, site: Site) -> None:
    authorization = builders.authorized_frp(cast)
    pharmacist = site.meet(f"pharmacist.{cast.pharmacy.npi}@pharmacy.example")
    pharmacist.go("/check/")
    pharmacist.loads.clear()

    # The number's field has the focus; then month by name, day, year, the first category
    pharmacist.type(str(authorization), "Tab", "04", "Tab", "5", "Tab", "1986", "Tab", "Space")
    pharmacist.send_by_enter()
    pharmacist.sees("Eligible – not yet confirmed")
    pharmacist.portrays("pharmacy-check")

    # The answer has the focus, so that it is read first; pick-up and the days stand there already
    pharmacist.type("Tab")
    pharmacist.send_by_enter()
    pharmacist.sees("Confirmed: hand over by")

    # The lot's field has the focus; quantity, days and counselor stand there already
    pharmacist.type("LOT-7", "Tab", "59572-0425-21")
    boxes = pharmacist.page.get_by_role("checkbox").count()
    pharmacist.type(*["Tab", "Space"] * boxes)
    # The first signature of the day: the next ones take the password alone
    pharmacist.type("Tab", builders.PASSWORD, "Tab", pharmacist.code())
    pharmacist.send_by_enter()
    pharmacist.sees("Dispensed")
    spent(pharmacist, "dispense", costs.COUNTER_LOADS)


def test_a_prescriber_requests_for_a_complete_record_in_two_pages(
    cast: builders.Cast, site: Site
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    prescriber = site.meet(cast.prescriber.email)
    prescriber.go(f"/patients/{patient.pk}/")
    prescriber.loads.clear()
    request_authorization(prescriber, quantity=21)
    spent(prescriber, "request", costs.REQUEST_LOADS)


def spent(person: Person, job: str, loads: int) -> None:
    """So many pages at most were loaded; a tick is what a person says, as a letter is."""
    keys = [key for key in person.presses if key != "Space"]
    costs.leave("jobs", [job, len(person.loads), len(keys)])
    assert len(person.loads) <= loads
    assert len(keys) <= costs.KEYS
