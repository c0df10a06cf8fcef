"""The pages beside the main job, each visited by somebody who works with it and inspected."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from apps.accounts.models import Membership
from apps.core import clock
from apps.core.call import Role
from apps.providers import services as providers
from tests import builders
from tests.journeys.site import NEW_YORK, Person, Site
from tests.journeys.steps import enroll_man, write_identity

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(site: Site) -> builders.Cast:
    site.at(builders.START)
    return builders.cast()


@pytest.fixture
def prescriber(site: Site, cast: builders.Cast) -> Person:
    return site.meet(cast.prescriber.email)


@pytest.fixture
def pharmacist(site: Site, cast: builders.Cast) -> Person:
    return site.meet(f"pharmacist.{cast.pharmacy.npi}@pharmacy.example")


def test_a_woman_with_a_positive_test_is_on_hold_and_everybody_sees_why(
    site: Site, cast: builders.Cast, prescriber: Person, pharmacist: Person
) -> None:
    # Given a supply that is authorized and confirmed
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    confirmed = builders.confirm(cast.dispensing, authorization)
    assert confirmed.confirmation is not None
    confirmation = reverse("confirmation", args=[confirmed.confirmation.pk])
    pharmacist.go(confirmation)
    pharmacist.sees("Confirmed: hand over by")

    # When a test turns out positive
    builders.pregnancy_test(cast.prescribing, patient, result="positive")

    # Then the pharmacy's page and the prescriber's pages say so
    pharmacist.go(confirmation)
    pharmacist.sees("This confirmation is over")
    pharmacist.go("/confirmations/")
    pharmacist.sees("No confirmation is valid now")
    prescriber.go("/patients/")
    prescriber.sees("On hold")
    prescriber.go(reverse("patient", args=[patient.pk]))
    prescriber.sees("Void: A pregnancy was suspected.")
    prescriber.sees("The program’s staff:")

    # And nothing can be dispensed on the form that was printed
    prescriber.go(reverse("prescription", args=[patient.pk, authorization.pk]))
    prescriber.sees("This authorization is void: nothing can be dispensed on this form.")


def test_each_page_that_records_something(cast: builders.Cast, prescriber: Person) -> None:
    patient = builders.ready_frp(cast.prescribing)
    test = patient.pregnancytest_set.latest("collected_at")
    for kind in ("pregnancy-test", "contraception", "obligations", "counseling", "survey",
                 "health", "bleeding", "pregnancy"):  # fmt: skip
        prescriber.go(reverse("record", args=[patient.pk, kind]))
    prescriber.go(reverse("renew_agreement", args=[patient.pk]))
    prescriber.go(reverse("sign_agreement", args=[patient.pk, patient.agreements.get().pk]))
    prescriber.go(reverse("withdraw_test", args=[patient.pk, test.pk]))
    agreement = patient.agreements.get()
    prescriber.go(reverse("withdraw_entry", args=[patient.pk, "agreement", agreement.pk]))

    # And one sent empty says what is wrong, first of all and beside each field
    prescriber.go(reverse("record", args=[patient.pk, "bleeding"]))
    prescriber.press("Report it")
    prescriber.sees("There is a problem")
    assert prescriber.page.title().startswith("Error: ")
    focused = prescriber.page.evaluate("document.activeElement.getAttribute('role')")
    assert focused == "alert"


def test_a_refused_request_and_a_cancelled_authorization(
    cast: builders.Cast, prescriber: Person
) -> None:
    waiting = builders.enroll(cast.prescribing)
    refused = builders.request(cast.prescribing, waiting, "adult_frp")
    prescriber.go(reverse("decision", args=[waiting.pk, refused.pk]))
    prescriber.sees("No authorization")

    man = builders.enroll(cast.prescribing, "adult_male", identity=replace(
        builders.IDENTITY, given_name="Max", family_name="Mustermann", born_on=date(1950, 1, 1),
        postal_code="60601", phone="", email="",
    ))  # fmt: skip
    builders.prepare(cast.prescribing, man, "adult_male")
    issued = builders.request(cast.prescribing, man, "adult_male").authorization
    assert issued is not None
    prescriber.go(reverse("cancel_authorization", args=[man.pk, issued.pk]))
    prescriber.write("Reason", "Wrong strength")
    prescriber.press("Cancel the authorization")
    prescriber.sees("Void: Wrong strength")


def test_a_likely_duplicate(prescriber: Person) -> None:
    enroll_man(prescriber, born_on=date(1960, 2, 29))
    prescriber.go("/enroll/")
    write_identity(prescriber, "Matthew", date(1960, 2, 29))
    prescriber.tick("Born with a penis and testicles")
    prescriber.press("Continue")
    prescriber.choose("Who signs for the patient?", "The patient")
    prescriber.write("Name of who signs", "Matthew Journey")
    prescriber.sign()
    prescriber.press("Enroll the patient")
    prescriber.sees("Is Matthew Journey registered already?")
    prescriber.choose("1. A patient of", "Yes, the same person")
    prescriber.write("1. How do you know?", "The same identity card")
    prescriber.press("Decide and go on")
    prescriber.sees("This patient is registered already")


def test_the_pharmacys_other_pages(cast: builders.Cast, site: Site, pharmacist: Person) -> None:
    authorization = builders.authorized_frp(cast)
    pharmacist.go("/dispenses/")
    pharmacist.sees("Nothing dispensed yet")
    confirmed = builders.confirm(cast.dispensing, authorization)
    assert confirmed.confirmation is not None
    pharmacist.go("/confirmations/")
    pharmacist.go(reverse("cancel_confirmation", args=[confirmed.confirmation.pk]))
    dispense = builders.dispense(cast.dispensing, confirmed.confirmation).dispense
    assert dispense is not None
    site.later(hours=1)
    pharmacist.go(reverse("return_to_stock", args=[dispense.pk]))
    pharmacist.tick("It never left the pharmacy")
    pharmacist.write("Reason", "Not picked up")
    pharmacist.press("Return to stock")
    pharmacist.sees("Returned to stock")
    pharmacist.go("/dispenses/")
    pharmacist.sees("Returned to stock")


def test_what_becomes_of_a_supply(cast: builders.Cast, site: Site, pharmacist: Person) -> None:
    authorization = builders.authorized_frp(cast)
    confirmed = builders.confirm(cast.dispensing, authorization, handover="ship")
    assert confirmed.confirmation is not None
    dispense = builders.dispense(cast.dispensing, confirmed.confirmation).dispense
    assert dispense is not None
    site.later(hours=1)
    pharmacist.go(reverse("receipt", args=[dispense.pk]))
    pharmacist.follow("Record the shipment")
    pharmacist.write("Carrier", "A carrier")
    pharmacist.write("Tracking number", "T-17")
    pharmacist.press("Record the shipment")
    pharmacist.sees("T-17")
    pharmacist.follow("Correct the shipment")
    pharmacist.write("Tracking number", "T-71")
    pharmacist.write("Reason", "Two digits were mixed up")
    pharmacist.press("Correct it")
    pharmacist.sees("T-71")
    pharmacist.follow("Correct the lot number or the NDC")
    pharmacist.write("Lot number", "LOT-8")
    pharmacist.write("Reason", "Read from the other bottle")
    pharmacist.press("Correct it")
    pharmacist.sees("LOT-8 (corrected; signed as ")
    pharmacist.follow("How the shipment ended")
    pharmacist.choose("How did it end?", "Delivered")
    pharmacist.write_instant("When?", clock.now())
    pharmacist.press("Record it")
    pharmacist.sees("delivered")
    pharmacist.follow("Lost, destroyed or handed back")
    pharmacist.choose("What became of it?", "Lost")
    pharmacist.press("Record it")
    pharmacist.sees("There is a problem")
    pharmacist.write_date("On which day?", dispense.dispensed_at.astimezone(NEW_YORK))
    pharmacist.write("Reason", "Left on the train")
    pharmacist.press("Record it")
    pharmacist.sees("Left on the train")


def test_a_late_dispense(cast: builders.Cast, pharmacist: Person) -> None:
    authorization = builders.authorized_frp(cast)
    pharmacist.go("/dispenses/")
    pharmacist.follow("Enter a late dispense")
    pharmacist.sign()
    pharmacist.press("Enter the dispense")
    pharmacist.sees("There is a problem")
    pharmacist.write("Authorization number", str(authorization))
    pharmacist.write_date("Patient’s date of birth", authorization.patient.born_on)
    pharmacist.choose(
        "Risk category on the prescription", authorization.get_risk_category_display()
    )
    pharmacist.write_date("If only the day is known", authorization.issued_at.astimezone(NEW_YORK))
    pharmacist.write("Strength (mg)", "25")
    pharmacist.write("Quantity (capsules)", "21")
    pharmacist.write("Days’ supply", "28")
    pharmacist.choose("How did the patient get it?", "Pick-up at the pharmacy")
    pharmacist.write("Why was it not recorded then?", "The network was down")
    pharmacist.sign()
    pharmacist.press("Enter the dispense")
    pharmacist.sees("Dispensed outside the rules")


def test_certification_roles_and_refusals(cast: builders.Cast, site: Site) -> None:
    representative = site.meet("representative1@pharmacy.example")
    representative.sees("Certified until")
    representative.go("/confirmations/")

    pending = providers.register_prescriber(
        cast.administrator, npi=builders.npi(7), given_name="Pia", family_name="Pending",
        specialty="Hematology", phone="212-555-0100", email="pia@practice.example",
        practice_name="Practice",
    )  # fmt: skip
    pia = site.meet(pending.email)
    pia.sees("Not certified yet")
    pia.tick_all("I attest each point")
    pia.sign()
    pia.press("Sign all points")
    pia.sees("Waiting for approval")

    assert pending.user is not None
    Membership.objects.create(
        user=pending.user, organization=cast.pharmacy.organization, role=Role.TECHNICIAN.value
    )
    both = site.meet(pending.email)
    both.sees("In which role do you act now?")


def test_the_office_and_the_demos_clock(cast: builders.Cast, site: Site) -> None:
    staff = site.meet("staff@program.example")
    staff.sees("Program office")
    staff.page.get_by_label("Move it forward by").select_option("7d")
    staff.press("Move")
    staff.sees("8 June 2026")
    staff.follow("Demo clock")
    staff.write_instant("Move the program’s time to", builders.START + timedelta(days=30))
    staff.press("Move the time")
    staff.sees("1 July 2026")
