"""A day at the practice: why a request was refused, one page for all of it, a kept draft."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from apps.core import clock
from apps.providers import services as providers
from tests import builders
from tests.journeys.site import Site, set_on
from tests.journeys.steps import request_with_all_that_is_missing, write_identity

pytestmark = pytest.mark.browser


def test_a_delegate_finds_out_why_and_the_prescriber_requests_on_one_page(site: Site) -> None:
    # Given a practice with a delegate, and a woman for whom nothing but the waiting is done
    site.at(builders.START)
    cast = builders.cast()
    providers.name_delegate(
        cast.prescribing,
        email="dana@practice.example",
        given_name="Dana",
        family_name="Delegate",
    )
    dana = site.meet("dana@practice.example")
    dana.sees("No patients yet")
    woman = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, woman, since=builders.today())

    # When the delegate asks for an authorization on the day of the enrollment
    dana.go("/patients/")
    dana.leave_by(dana.page.locator("tbody th a").first)
    dana.follow("Request an authorization")
    dana.sees("Not possible before")

    # Then each thing that is missing says who acts, and why it is asked for
    dana.sees("Who acts:")
    dana.page.get_by_text("Why?", exact=True).first.click()
    dana.sees("Source:")
    dana.go("/why/")
    dana.sees("A single test can come too early to show a pregnancy.")
    dana.sees("the drug’s US prescribing information, section 5.1")

    # And what somebody begins to type about another patient is kept
    dana.go("/enroll/")
    write_identity(dana, "Nora", date(1980, 1, 31))
    dana.press("Sign out")
    dana = site.meet("dana@practice.example")
    dana.sees("You began to enroll a patient")
    dana.follow("Go on with it")
    assert dana.page.get_by_label("Given name").input_value() == "Nora"
    dana.press("Discard what was entered and begin anew")

    # When the four weeks have passed, with a first test in its time
    site.later(days=20)
    builders.negative_test(cast.prescribing, woman)
    site.later(days=12)
    paula = site.meet(cast.prescriber.email)
    paula.go(reverse("request", args=[woman.pk]))

    # Then the prescriber enters all that is missing on one page, and gets the number
    number = request_with_all_that_is_missing(paula)
    assert number
    paula.sees("It expires")

    # And nothing is typed again when it is cancelled for another strength
    paula.go(reverse("request", args=[woman.pk]))
    paula.sees("An authorization is open already")
    paula.follow("Cancel it and ask for another")
    paula.write("Reason", "Another strength")
    paula.press("Cancel the authorization")
    paula.sees("filled in as in the authorization of")
    set_on(paula.page.get_by_label("10 mg", exact=True))
    paula.tick_all("Prescriber survey")
    paula.sign()
    paula.press("Request the authorization")
    paula.sees("10 mg, 21 capsules for 28 days")
    assert clock.now() - builders.START >= timedelta(days=32)

    # And the list shows her among those whose authorization is open
    paula.go("/patients/")
    paula.follow("Upcoming (1)")
    paula.sees("Authorization is open: the pharmacy dispenses")
