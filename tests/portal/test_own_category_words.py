"""A page about one patient speaks of that patient's own risk category only."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from apps.patients.services import Identity
from tests import builders
from tests.eligibility.supplies import authorized
from tests.portal.people import send

pytestmark = pytest.mark.django_db

OF_MEN = re.compile(r"\bmales\b|\bsperm\b|\bsemen\b|partner is pregnant", re.IGNORECASE)
OF_WOMEN = re.compile(r"\bher\b|\bmenses\b|\bbecome pregnant, or", re.IGNORECASE)


def words(browser: Client, url: str) -> str:
    """What the page itself says, without the frame and the markup."""
    page = browser.get(url).content.decode()
    return re.sub(r"<[^>]+>", " ", page[page.index("<main") : page.index("</main>")])


@pytest.mark.parametrize("category", ["adult_frp", "adult_fnrp"])
def test_a_womans_page_says_nothing_of_men(
    cast: builders.Cast, prescriber: Client, category: str
) -> None:
    """L-CON-6"""
    patient = builders.enroll(cast.prescribing, category)
    page = words(prescriber, reverse("patient", args=[patient.pk]))
    assert "Attest the obligations of the risk category" in page
    assert OF_MEN.findall(page) == []


def test_a_mans_page_says_nothing_of_women(cast: builders.Cast, prescriber: Client) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    page = words(prescriber, reverse("patient", args=[patient.pk]))
    assert "Attest the obligations of the risk category" in page
    assert OF_WOMEN.findall(page) == []


def test_a_suspected_pregnancy_is_asked_of_whom_it_may_be(
    cast: builders.Cast, pharmacist: Client, prescriber: Client
) -> None:
    """L-PRG-1"""
    hers = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    man = builders.enroll(
        cast.prescribing, "adult_male", Identity("Max", "Manly", date(1970, 2, 3), "60601")
    )
    builders.obligations(cast.prescribing, man)
    builders.counseling(cast.prescribing, man)
    his = builders.confirm(cast.dispensing, authorized(cast, man)).confirmation
    assert hers is not None
    assert his is not None
    for held, whose, told in (
        (hers, "of this patient: at once", "Tell her to stop"),
        (his, "of the patient’s partner: at once", "follow the partner’s pregnancy"),
    ):
        assert whose in words(pharmacist, reverse("confirmation", args=[held.pk]))
        report = reverse("report_pregnancy_when_counseling", args=[held.pk])
        assert told in words(pharmacist, report)

    for held, times in ((hers, 1), (his, 0)):
        entry = reverse("record", args=[held.authorization.patient_id, "pregnancy"])
        assert words(prescriber, entry).count("Tell her to stop taking the capsules") == times

    # A woman's partner is not asked about; a man's page keeps both, should his record be wrong
    own = hers.authorization.patient_id
    form = prescriber.get(reverse("record", args=[own, "pregnancy"])).context["form"]
    assert [value for value, _ in form.fields["subject"].choices] == ["patient"]
    refused = send(prescriber, reverse("record", args=[own, "pregnancy"]), subject="partner")
    assert "subject" in refused.context["form"].errors
    theirs = reverse("record", args=[his.authorization.patient_id, "pregnancy"])
    form = prescriber.get(theirs).context["form"]
    assert [value for value, _ in form.fields["subject"].choices] == ["patient", "partner"]
