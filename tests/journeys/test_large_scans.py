"""A scan that is too large is told when it is chosen; where nothing runs, the way back is open."""

from pathlib import Path

import pytest

from apps.core import clock
from apps.core.call import Role
from apps.core.scan_field import TOO_LARGE
from apps.patients.models import Agreement
from apps.patients.services import Signatures
from tests import builders
from tests.backoffice.test_actions import page
from tests.browsers import signed_in
from tests.journeys.site import Person, Site

pytestmark = pytest.mark.browser

MEGABYTE = 1024**2


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A photo that no page takes, not even to say so beside its field."""
    return written(tmp_path / "large.pdf", 21 * MEGABYTE)


def written(file: Path, size: int) -> Path:
    with file.open("wb") as content:
        content.write(builders.SCAN)
        content.truncate(size)
    return file


@pytest.fixture
def unsigned(site: Site) -> Agreement:
    """An agreement that the patient's side signs on paper."""
    site.at(builders.START)
    cast = builders.cast()
    waiting = Signatures("patient", "Nora New", "", prescriber_signed_at=clock.now())
    return builders.enroll(cast.prescribing, signatures=waiting).agreements.get()


def opened(site: Site, agreement: Agreement) -> Person:
    """The prescriber, on the page of that paper."""
    user = agreement.prescriber.user
    assert user is not None
    person = site.meet(user.email)
    person.go(f"/patients/{agreement.patient_id}/agreements/{agreement.pk}/")
    person.write_instant("When did the patient’s side sign the paper?", clock.now())
    return person


def test_it_is_told_at_once_beside_its_field_and_not_sent(
    site: Site, unsigned: Agreement, large: Path, tmp_path: Path
) -> None:
    person = opened(site, unsigned)
    field = person.page.get_by_label("Scan or photo of the signed paper")
    field.set_input_files(large)
    assert field.get_attribute("aria-invalid") == "true"
    told_by = field.get_attribute("aria-describedby")
    error = person.page.get_by_role("alert")
    assert told_by is not None
    assert error.get_attribute("id") in told_by.split()
    assert TOO_LARGE in error.inner_text()
    assert not person.wrongs("a scan that is too large")

    pages = len(person.loads)
    person.page.get_by_role("button", name="Record the signature").click()
    assert field.evaluate("each => each === document.activeElement")
    assert len(person.loads) == pages

    field.set_input_files(written(tmp_path / "small.pdf", MEGABYTE))
    assert not error.count()
    assert field.get_attribute("aria-invalid") is None
    assert "too_large" not in (field.get_attribute("aria-describedby") or "")
    person.press("Record the signature")
    person.sees("The signature is recorded")


def test_without_a_script_the_browser_leads_back_to_what_was_typed(
    site: Site, unsigned: Agreement, large: Path
) -> None:
    """What the page of the refusal says of it is so: the text is there, a date is not."""
    user = unsigned.prescriber.user
    assert user is not None
    person = site.enter(signed_in(user), javascript=False)
    person.go("/take-over/")
    person.follow("Adult female of reproductive potential")
    person.write("Given name", "Fiona")
    person.write("Why does the patient move to you?", "Moved house")
    born = person.page.get_by_role("group", name="Date of birth")
    born.get_by_label("Year").fill("1986")
    person.page.get_by_label("Scan or photo of the signed paper").set_input_files(large)
    person.press("Sign and take over")
    person.sees("This is too large")
    person.sees("dates, times, passwords and codes are entered anew")
    person.complaints = [line for line in person.complaints if "413" not in line]
    person.page.go_back()
    assert person.page.get_by_label("Given name").input_value() == "Fiona"
    assert person.page.get_by_label("Why does the patient").input_value() == "Moved house"
    assert not born.get_by_label("Year").input_value()


def test_the_administration_tells_it_in_the_same_way(
    site: Site, unsigned: Agreement, large: Path
) -> None:
    builders.office_member(Role.STAFF, "clerk@program.example")
    clerk = site.meet("clerk@program.example")
    clerk.go(page(unsigned.patient, "intake-pregnancy-test"))
    field = clerk.page.get_by_label("Scan")
    field.set_input_files(large)
    error = clerk.page.get_by_role("alert")
    assert TOO_LARGE in error.inner_text()
    assert error.get_attribute("id") in (field.get_attribute("aria-describedby") or "").split()
    assert not clerk.wrongs("a scan that is too large, in the administration")
    pages = len(clerk.loads)
    clerk.page.get_by_role("button", name="By phone, fax or paper").click()
    assert field.evaluate("each => each === document.activeElement")
    assert len(clerk.loads) == pages
