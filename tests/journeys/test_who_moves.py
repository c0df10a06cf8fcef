"""People who come and go, in a browser: staff and training, sites, delegates, moving patients."""

from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.core import clock
from apps.providers.models import Delegation
from tests import builders
from tests.journeys.site import Site
from tests.journeys.steps import write_the_paper

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(site: Site) -> builders.Cast:
    site.at(builders.START)
    return builders.cast()


def test_a_pharmacys_people(cast: builders.Cast, site: Site) -> None:
    """L-ENR-2, L-ENR-6."""
    boss = site.meet("representative1@pharmacy.example")
    boss.follow("My sites")
    boss.sees("Elm Street Pharmacy 1")
    boss.follow("Staff and training")
    boss.follow("Add a colleague")
    boss.press("Add")
    boss.sees("There is a problem")
    boss.choose("Role", "Technician")
    boss.write("Given name", "Tess")
    boss.write("Family name", "Technician")
    boss.write("E-mail address", "tess@pharmacy.example")
    boss.press("Add")
    boss.sees("missing: dispenses nothing until then")
    boss.follow("Record the signed training of somebody without an account")
    boss.write("Name", "Pat Paper")
    boss.choose("Role", "Technician")
    boss.write_instant("When did they sign the training?", clock.now() - timedelta(days=1))
    boss.sign()
    boss.press("Record")
    boss.sees("Pat Paper")

    tess = site.meet("tess@pharmacy.example")
    tess.sees("Not acknowledged yet")
    tess.tick_all("I know and will follow each point")
    tess.sign()
    tess.press("Sign and acknowledge")
    tess.sees("You can confirm and dispense.")

    boss.go("/successor/")
    boss.write("E-mail address of your successor", "tess@pharmacy.example")
    boss.write("Their family name", "Technician")
    boss.press("Name this successor")
    boss.sees("Tess Technician is named since")
    tess.follow("Training")
    tess.follow("Take over the representation of Elm Street Pharmacy 1")
    tess.tick_all("I attest each point")
    tess.sign()
    tess.press("Sign and take over")
    tess.sees("You represent Elm Street Pharmacy 1 from now on")


def test_a_delegate_comes_and_goes(cast: builders.Cast, site: Site) -> None:
    """L-SUR-1."""
    owner = site.meet(cast.prescriber.email)
    owner.follow("My delegates")
    before = Delegation.objects.count()
    owner.write("Given name", "Dora")
    owner.write("Family name", "Desk")
    owner.write("E-mail address", "dora@practice.example")
    owner.press("Name this delegate")
    owner.sees("Dora Desk")
    assert Delegation.objects.count() == before + 1
    ends = Delegation.objects.get(delegate=User.objects.get(email="dora@practice.example"))
    owner.go(f"/delegates/{ends.pk}/end/")
    owner.write("Reason", "Left the practice")
    owner.press("End the delegation")
    owner.sees("Dora Desk acts for you no longer")


def test_a_patient_moves_to_another_prescriber(cast: builders.Cast, site: Site) -> None:
    """L-ENR-5."""
    patient = builders.ready_frp(cast.prescribing)
    other = builders.certified_prescriber(cast.administrator, serial=8)
    site.later(hours=1)
    new = site.meet(other.email)
    new.follow("Take over a patient")
    new.follow("Adult female of reproductive potential")
    new.press("Sign and take over")
    new.sees("There is a problem")
    new.write("Given name", "Fiona")
    new.write("Family name", "Stranger")
    new.write_date("Date of birth", patient.born_on)
    new.write("ZIP code", patient.postal_code)
    new.write("Why does the patient move to you?", "Moved house")
    new.choose("Who signs for the patient?", "The patient")
    new.write("Name of who signs", "Fiona Synthetic")
    write_the_paper(new)
    new.sign()
    new.press("Sign and take over")
    new.sees("Nobody in the program fits all of this")
    new.write("Family name", patient.family_name)
    write_the_paper(new)
    new.sign()
    new.press("Sign and take over")
    new.sees("The patient is yours now")

    old = site.meet(cast.prescriber.email)
    old.follow("Former patients")
    old.follow("Fiona Synthetic")
    old.sees("below is what was entered on your side")
