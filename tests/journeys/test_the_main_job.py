"""The main job in a browser, from enrollment to dispense, as people at work would tell it."""

from datetime import date, timedelta

import pytest

from apps.core import clock
from apps.prescriptions.models import Dispense
from tests import builders
from tests.journeys.site import Person, Site
from tests.journeys.steps import (
    attest_contraception,
    attest_obligations,
    check,
    counsel_and_dispense,
    enroll_man,
    enroll_woman,
    get_confirmation,
    record_counseling,
    record_survey,
    record_test,
    request_authorization,
    today,
)

pytestmark = pytest.mark.browser


def people_at_work(site: Site, *, javascript: bool = True) -> tuple[Person, Person]:
    """Given a certified prescriber and a certified pharmacy's pharmacist, both signed in."""
    site.at(builders.START)
    cast = builders.cast()
    prescriber = site.sign_in(cast.prescriber.email, javascript=javascript)
    pharmacist = site.sign_in(
        f"pharmacist.{cast.pharmacy.npi}@pharmacy.example", javascript=javascript
    )
    return prescriber, pharmacist


def test_a_woman_on_the_pregnancy_path_over_three_cycles(site: Site) -> None:
    prescriber, pharmacist = people_at_work(site)
    born_on = date(1986, 4, 5)

    # Given she is enrolled, with contraception for four weeks to come and a first test in its time
    enroll_woman(prescriber, born_on=born_on)
    prescriber.sees("Not ready yet")
    attest_contraception(prescriber, since=today())
    attest_obligations(prescriber)
    site.later(days=16)
    record_test(prescriber, "Negative")
    site.later(days=12)
    record_test(prescriber, "Negative")

    for cycle in (1, 2, 3):
        # When everything that this cycle needs is recorded
        if cycle > 1:
            record_test(prescriber, "Negative")
        if cycle > 1:
            attest_contraception(prescriber, since=None)
        record_survey(prescriber)
        record_counseling(prescriber)
        prescriber.portrays("prescriber-patient", height=1200)
        number = request_authorization(prescriber, quantity=21)

        # Then the pharmacy finds it eligible, confirms, counsels and dispenses
        check(pharmacist, number, born_on, "Adult female of reproductive potential")
        pharmacist.sees("Eligible – not yet confirmed")
        get_confirmation(pharmacist, "Pick-up at the pharmacy")
        counsel_and_dispense(pharmacist)
        pharmacist.sees("Dispensed")
        assert Dispense.objects.count() == cycle

        # And the same number opens nothing twice
        check(pharmacist, number, born_on, "Adult female of reproductive potential")
        pharmacist.sees("Do not dispense")

        # And between the supplies she is tested as the schedule asks
        if cycle == 1:
            for _ in range(3):
                site.later(days=7)
                record_test(prescriber, "Negative")
            site.later(days=3)
        else:
            site.later(days=26)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_man(site: Site, javascript: bool) -> None:
    prescriber, pharmacist = people_at_work(site, javascript=javascript)
    born_on = date(1960, 2, 29)

    # Given he is enrolled and nothing else is recorded
    enroll_man(prescriber, born_on=born_on)

    # When the prescriber enters counseling and obligations with the request itself
    number = request_authorization(
        prescriber,
        quantity=21,
        fill_in={
            "Counseling given today": None,
            "What the patient promises today": None,
        },
    )

    # Then he gets his supply
    check(pharmacist, number, born_on, "Adult male")
    pharmacist.sees("Eligible – not yet confirmed")
    get_confirmation(pharmacist, "Shipment")
    counsel_and_dispense(pharmacist)
    pharmacist.sees("Dispensed")

    # And a wrong date of birth reads like an unknown number
    check(pharmacist, number, born_on + timedelta(days=1), "Adult male")
    pharmacist.sees("No authorization matches this number and date of birth.")
    assert clock.now() > builders.START
