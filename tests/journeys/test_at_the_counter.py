"""A pharmacy's day in a browser: why one was refused, who signs, who may work here."""

import pytest

from apps.core import clock
from apps.core.call import Role
from apps.evidence import services as evidence
from tests import builders
from tests.builders import PASSWORD
from tests.journeys.site import Person, Site
from tests.journeys.steps import check, get_confirmation, pack_and_tick
from tests.portal.people import member

pytestmark = pytest.mark.browser

FRP = "Adult female of reproductive potential"
TECHNICIAN = "technician@pharmacy.example"


@pytest.fixture
def cast(site: Site) -> builders.Cast:
    site.at(builders.START)
    return builders.cast()


def test_a_technician_finds_out_why_one_was_refused_and_a_pharmacist_signs(
    cast: builders.Cast, site: Site
) -> None:
    # Given a prescription for a woman who has reported a missed period
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    member(Role.TECHNICIAN, cast.pharmacy.organization, TECHNICIAN)
    technician = site.meet(TECHNICIAN)
    report = evidence.report_bleeding(
        cast.prescribing,
        patient_id=patient.pk,
        reported_at=clock.now(),
        kind="missed_period",
    )

    # When the technician checks it, then the page says no, why, and who acts
    check(technician, str(authorization), patient.born_on, FRP)
    technician.sees("Do not dispense")
    why = technician.page.locator(".rp-requirements").first
    assert why.get_by_text("Missed period or bleeding evaluated").is_visible()
    assert why.get_by_text("Who acts:").first.is_visible()
    technician.sees("Who does what next")

    # And a wrong category on the prescription is a reason of its own
    check(technician, str(authorization), patient.born_on, "Adult male")
    technician.sees("Category on the prescription")

    # When it turns out that nothing was missed, then it is eligible, and can be confirmed
    evidence.withdraw_bleeding_report(
        cast.prescribing, report_id=report.pk, reason="Entered for another patient"
    )
    check(technician, str(authorization), patient.born_on, FRP)
    technician.sees("Eligible – not yet confirmed")
    get_confirmation(technician, "Pick-up at the pharmacy")
    technician.sees(" left")

    # And the pharmacist who counseled signs, at the technician's screen
    pharmacist = site.meet(f"pharmacist.{cast.pharmacy.npi}@pharmacy.example")
    technician.page.get_by_label("Pharmacist who counseled").select_option("Phil Pharmacist")
    pack_and_tick(technician)
    technician.write("Password of", PASSWORD)
    technician.write("Code of", pharmacist.code())
    technician.press("Record the dispense")
    technician.sees("Dispensed")
    technician.sees("Counseling checklist of Phil Pharmacist")


def test_a_pharmacist_signs_at_another_computer_what_a_technician_prepared(
    cast: builders.Cast, site: Site
) -> None:
    # Given a confirmation, and a technician with the package in hand
    authorization = builders.authorized_frp(cast)
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    member(Role.TECHNICIAN, cast.pharmacy.organization, TECHNICIAN)
    technician = site.meet(TECHNICIAN)
    technician.follow("Confirmations")
    technician.sees("Not prepared yet")
    technician.follow(str(held))

    # When the technician keeps what was typed
    technician.write("Lot number", "LOT-7")
    technician.write("NDC", "59572-0425-21")
    technician.press("Keep the package for the pharmacist to sign")
    technician.sees("Kept, and not signed")

    # Then the pharmacist finds it, sees who prepared it, ticks and signs, and types nothing again
    pharmacist = site.meet(f"pharmacist.{cast.pharmacy.npi}@pharmacy.example")
    pharmacist.follow("Confirmations")
    pharmacist.sees("not signed yet")
    pharmacist.follow(str(held))
    pharmacist.sees("Prepared, not signed")
    assert pharmacist.page.get_by_label("Lot number").input_value() == "LOT-7"
    pharmacist.tick_all("Counseling checklist")
    pharmacist.sign()
    pharmacist.press("Record the dispense")
    pharmacist.sees("Counseling checklist of Phil Pharmacist")


def test_a_representative_renews_and_adds_a_colleague(cast: builders.Cast, site: Site) -> None:
    # Given a pharmacy whose certification ends in three weeks
    site.later(days=345)
    representative = site.meet("representative1@pharmacy.example")
    representative.sees("It can be renewed now")

    # When its representative signs the form anew, then it is certified for another year
    representative.tick_all("I attest each point")
    representative.sign()
    representative.press("Sign all points")
    representative.sees("Certified until 1 June 2028")
    representative.sees("Can be renewed")

    # When a colleague is added, then they are not to dispense before their training
    representative.follow("Staff and training")
    representative.follow("Add a colleague")
    representative.choose("Role", "Technician")
    representative.write("Given name", "Tess")
    representative.write("Family name", "Technician")
    representative.write("E-mail address", TECHNICIAN)
    representative.press("Add")
    representative.sees("Tess Technician")
    colleague = site.meet(TECHNICIAN)
    colleague.follow("Training")
    colleague.sees("Not acknowledged yet")
    acknowledge(colleague)

    # And the representative sees that it is done
    representative.go("/sites/")
    representative.sees("nobody")


def acknowledge(colleague: Person) -> None:
    """The training, point by point, signed."""
    colleague.tick_all("I know and will follow each point")
    colleague.sign()
    colleague.press("Sign and acknowledge")
    colleague.sees("Acknowledged")
