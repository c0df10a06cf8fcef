"""Papers and lists from where their records are shown: complete, in the trail, and no formula."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from apps.audit.models import Event, Signature
from apps.core import numbers
from apps.eligibility import services as eligibility
from apps.patients.models import Agreement
from tests import builders
from tests.papers.reading import flowing
from tests.portal.people import browser_of, date_parts, send, signed_in
from tests.visitors import visitor

pytestmark = pytest.mark.django_db

# What a spreadsheet would run, were it the beginning of a cell.
FORMULA = '=HYPERLINK("http://evil.example")'


def printed(browser: Client, name: str, *args: Any) -> str:
    """The text of a paper, which must be a PDF that no cache keeps."""
    answer = browser.get(reverse(name, args=args))
    assert answer.status_code == 200, name
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Cache-Control"] == "no-store"
    return flowing(answer.content)


def rows(browser: Client, name: str) -> list[dict[str, str]]:
    """A list as a spreadsheet reads it."""
    answer: Any = browser.get(reverse(name))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture
def one_minute() -> Iterator[None]:
    """A paper bears the minute in which it was printed: here all are printed in one."""
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield


def test_the_prescription_form_says_the_same_on_the_page_as_text_and_as_pdf(
    cast: builders.Cast,
    prescriber: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    authorization = builders.authorized_frp(cast)
    args = [authorization.patient_id, authorization.pk]
    with django_assert_max_num_queries(12):
        page = prescriber.get(reverse("prescription", args=args))
    pdf = printed(prescriber, "prescription_pdf", *args)

    number, text = numbers.grouped(authorization.number), page.context["text"]
    said = {
        f"Authorization number: {number}",
        f"Risk category: {authorization.get_risk_category_display()}",
        f"Directions: {authorization.directions}",
        f"Quantity: {authorization.quantity} capsules",
        "Days’ supply: 28 days (calendar days covered, rest days included)",
        "Refills: None: no refills. Each supply needs a new authorization.",
        f"Patient’s name: {authorization.patient}",
        f"Prescriber’s NPI: {cast.prescriber.npi}",
    }
    assert said <= set(text.splitlines())
    assert "\nIssued: " in text
    assert text.index(number) < text.index("Risk category:") < text.index("Directions:")
    for line in said:
        value = line.split(": ", 1)[1]
        assert value in page.content.decode()
        assert value in pdf
    assert cast.prescriber.npi in text
    # What the record does not have is left to be written, on the form only.
    assert "Diagnosis" in pdf
    assert "Address" in pdf
    assert "Address" not in text
    assert "nothing can be dispensed" not in pdf
    seen = Event.objects.filter(code="prescription_viewed", patient_id=authorization.patient_id)
    assert seen.count() == 2

    eligibility.cancel_authorization(
        cast.prescribing, authorization_id=authorization.pk, reason="A wrong strength"
    )
    assert "is void: nothing can be dispensed" in printed(prescriber, "prescription_pdf", *args)


@pytest.mark.usefixtures("one_minute")
def test_agreement_checklist_and_certification_are_printed_empty_and_as_signed(
    cast: builders.Cast, prescriber: Client, pharmacist: Client, staff: Client
) -> None:
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    made = builders.dispense(cast.dispensing, confirmation).dispense
    assert made is not None
    agreement = Agreement.objects.get(patient=authorization.patient)
    visit = visitor(cast.prescribing, authorization.patient)

    empty = printed(prescriber, "empty_agreement_pdf", "adult_male")
    assert "I will not donate sperm" in empty
    assert "Patient or representative: printed name" in empty
    assert "Signed by" not in empty
    assert prescriber.get(reverse("empty_agreement_pdf", args=["nobody"])).status_code == 404
    assert "Told: no breastfeeding." in printed(pharmacist, "empty_checklist_pdf", "adult_frp")

    assert cast.pharmacy.representative is not None
    representative = signed_in(cast.pharmacy.representative)
    papers = {
        agreement.pk: printed(prescriber, "agreement_pdf", agreement.patient_id, agreement.pk),
        made.pk: printed(pharmacist, "checklist_pdf", made.pk),
        cast.prescriber.enrollments.get().pk: printed(prescriber, "certification_pdf"),
        cast.pharmacy.enrollments.get().pk: printed(representative, "certification_pdf"),
    }
    of_office: dict[str, Any] = {"prescribers": cast.prescriber, "pharmacys": cast.pharmacy}
    for name, party in of_office.items():
        found = printed(staff, f"{name}_certification_pdf", party.pk)
        assert found == papers[party.enrollments.get().pk]
    for subject, text in papers.items():
        kept = Signature.objects.filter(subject_id=str(subject))
        assert kept
        for signature in kept:
            assert f"Signed by {signature.printed_name}" in text
            assert signature.get_meaning_display() in text
            assert signature.content_digest in text
    assert "Told: no breastfeeding." in papers[made.pk]
    assert str(authorization.patient) not in papers[made.pk], "a pharmacy knows the number only"
    assert printed(visit, "own_agreement_pdf") == papers[agreement.pk]
    assert printed(staff, "checklist_pdf", made.pk) == papers[made.pk]
    assert Event.objects.filter(code="agreement_printed").count() == 2

    lists(cast, prescriber, pharmacist)


def lists(cast: builders.Cast, prescriber: Client, pharmacist: Client) -> None:
    """The lists of the same world; one name in it is a formula."""
    named = replace(builders.IDENTITY, family_name=FORMULA, given_name="-2+3")
    identity = replace(named, born_on=named.born_on.replace(year=1971), phone="", email="")
    evil = builders.enroll(cast.prescribing, identity=identity)
    patients = rows(prescriber, "my_patients_csv")
    assert len(patients) == 2
    (found,) = [each for each in patients if "HYPERLINK" in each["Family name"]]
    assert (found["Family name"], found["Given name"]) == (f"'{FORMULA}", "'-2+3")
    assert found["Born"] == evil.born_on.isoformat()
    seen = Event.objects.get(code="list_exported")
    assert evil.pk in (seen.patient_ids or [])
    assert str(evil.pk) in seen.data["ids"]

    (confirmed,), (dispensed,) = (
        rows(pharmacist, f"{name}_csv") for name in ("confirmations", "dispenses")
    )
    assert confirmed["State"] == "Dispensed"
    assert confirmed["Confirmation"] == dispensed["Confirmation"]
    assert dispensed["State"] == "Counts"
    assert Event.objects.filter(data__list="dispenses", patient_ids__len=1).count() == 1
    other = builders.certified_pharmacy(cast.administrator, 2)
    outsider = browser_of(builders.pharmacist_call(cast.administrator, other))
    assert rows(outsider, "dispenses_csv") == rows(outsider, "confirmations_csv") == []


def test_papers_to_be_signed_by_hand_bear_what_is_known(
    cast: builders.Cast, prescriber: Client, pharmacist: Client
) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    to_sign = printed(prescriber, "agreement_to_sign_pdf", patient.pk, "adult_frp")
    assert str(patient) in to_sign
    assert str(cast.prescriber) in to_sign
    assert "Patient or representative: printed name" in to_sign

    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    counter = printed(pharmacist, "counter_checklist_pdf", held.pk)
    assert numbers.grouped(held.number) in counter
    assert numbers.grouped(authorization.number) in counter
    assert patient.family_name not in counter
    assert "nothing can be dispensed" not in counter

    # Printed then, it would look as good as one of a confirmation that is valid.
    eligibility.reverse_confirmation(cast.dispensing, confirmation_id=held.pk, reason="Not fetched")
    counter = printed(pharmacist, "counter_checklist_pdf", held.pk)
    assert "cancelled by the pharmacy: nothing can be dispensed on it" in counter


NEWCOMER = {
    "given_name": "Nora",
    "family_name": "Newcomer",
    "postal_code": "10001",
    "time_zone": "America/New_York",
}


def test_the_paper_of_an_enrollment_bears_the_names_and_no_address_tells_them(
    prescriber: Client,
) -> None:
    assert prescriber.get("/enroll/agreement.pdf")["Location"] == "/enroll/"
    send(prescriber, "/enroll/", **NEWCOMER, **date_parts("born_on", date(1980, 1, 31)))
    send(prescriber, "/enroll/category/", body="fertile")
    assert "/enroll/agreement.pdf" in prescriber.get("/enroll/agreement/").content.decode()
    paper = flowing(prescriber.get("/enroll/agreement.pdf").content)
    assert NEWCOMER["family_name"] in paper
    assert "31 January 1980" in paper
    assert "I will not breastfeed" in paper
