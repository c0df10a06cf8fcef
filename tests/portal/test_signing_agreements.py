"""The prescriber signs agreements electronically; the patient's side on paper, with its date."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event, Meaning, Signature
from apps.audit.signatures import signatures_of
from apps.core import clock
from apps.core.scan_field import TOO_LARGE
from apps.core.scans import MAX_SCAN_BYTES
from apps.oversight.signed_records import is_unchanged
from apps.patients.models import Agreement, AgreementScan, CategoryChange, Patient
from tests import builders
from tests.browsers import hidden_in
from tests.portal.people import (
    browser_of,
    date_parts,
    instant_parts,
    people,
    send,
    signed_paper,
)

pytestmark = pytest.mark.django_db


def sides(agreement: Agreement) -> dict[str, tuple[str, str]]:
    """Who signed an agreement, by what it meant: name and method."""
    return {
        each.meaning: (each.printed_name, each.method)
        for each in signatures_of(agreement)
        if is_unchanged(each, agreement)
    }


def both(name: str = "Nora New", **signed: Any) -> dict[str, Any]:
    """What the end of an agreement asks for."""
    return {
        "signer": "patient",
        "signer_name": name,
        "how": "paper",
        "signer_relationship": "",
        **signed,
    }


def begin(browser: Client) -> None:
    """The first two steps of enrolling a man."""
    send(
        browser,
        "/enroll/",
        given_name="Nora",
        family_name="New",
        postal_code="10001",
        phone="212-555-0300",
        email="",
        time_zone="America/New_York",
        **date_parts("born_on", date(1980, 1, 1)),
    )
    send(browser, "/enroll/category/", body="male")


def test_enrolling_is_signed_by_the_prescriber_here_and_by_the_patient_on_paper(
    cast: builders.Cast, prescriber: Client
) -> None:
    begin(prescriber)
    page = prescriber.get("/enroll/agreement/").content.decode()
    assert "sign this Patient–Prescriber Agreement as the prescriber" in page
    assert "Error:" not in page

    asked = send(prescriber, "/enroll/agreement/", **both())
    agreement = Agreement.objects.get()
    assert set(sides(agreement)) == {Meaning.AGREEMENT_AS_PRESCRIBER}
    signed_at = clock.now() - timedelta(minutes=2)
    assert send(prescriber, asked["Location"], **signed_paper(signed_at)).status_code == 302

    agreement.refresh_from_db()
    name = str(builders.person_of(cast.prescribing))
    assert sides(agreement) == {
        Meaning.AGREEMENT_AS_PRESCRIBER: (name, "all_components"),
        Meaning.AGREEMENT_AS_PATIENT: ("Nora New", "paper"),
    }
    by_patient = signatures_of(agreement).get(meaning=Meaning.AGREEMENT_AS_PATIENT)
    assert by_patient.signed_at == agreement.patient_signed_at
    shown = prescriber.get(reverse("patient", args=[agreement.patient_id])).content.decode()
    assert f"Signed by <strong>{name}</strong>" in shown
    assert "Signed by <strong>Nora New</strong>" in shown
    scan = reverse("agreement_scan", args=[agreement.patient_id, agreement.pk])
    assert scan in shown
    downloaded = prescriber.get(scan)
    assert (downloaded.content, downloaded["Content-Type"]) == (builders.SCAN, "application/pdf")
    assert downloaded["Content-Disposition"].startswith("attachment")
    assert Event.objects.filter(
        code="agreement_scan_viewed", patient_id=agreement.patient_id
    ).exists()


def test_l_src_1_a_paper_counts_with_its_scan_alone(prescriber: Client) -> None:
    begin(prescriber)
    url = send(prescriber, "/enroll/agreement/", **both())["Location"]
    at = instant_parts("patient_signed_at", clock.now())
    agreement = Agreement.objects.get()

    for attached, said in (
        ({}, "Choose a file."),
        ({"scan": SimpleUploadedFile("a.pdf", b"<html>")}, "Attach a PDF, PNG or JPEG."),
        ({"scan": SimpleUploadedFile("a.pdf", b"")}, "The submitted file is empty."),
        (
            {"scan": SimpleUploadedFile("a.pdf", b"%PDF-" + bytes(MAX_SCAN_BYTES))},
            TOO_LARGE,
        ),
    ):
        refused = send(prescriber, url, **at, **attached)
        assert refused.context["form"].errors["scan"] == [said]
        assert f'value="{clock.now():%Y}"' in refused.content.decode()
    undated = send(prescriber, url, scan=SimpleUploadedFile("a.pdf", builders.SCAN))
    assert "patient_signed_at" in undated.context["form"].errors
    agreement.refresh_from_db()
    assert agreement.patient_signed_at is None
    assert not AgreementScan.objects.exists()

    page = send(prescriber, url, **at, scan=SimpleUploadedFile("a.png", b"\x89PNG\r\n\x1a\n."))
    assert page.status_code == 302
    assert AgreementScan.objects.get().content_type == "image/png"


def test_one_paper_is_entered_once_and_another_one_not_under_its_key(
    prescriber: Client,
) -> None:
    begin(prescriber)
    url = send(prescriber, "/enroll/agreement/", **both())["Location"]
    tab = hidden_in(prescriber.get(url).context["form"])
    paper = signed_paper(clock.now())
    again = {**paper, "scan": SimpleUploadedFile("b.pdf", builders.SCAN)}
    other = {**paper, "scan": SimpleUploadedFile("b.pdf", builders.SCAN + b"!")}

    assert prescriber.post(url, {**tab, **paper}).status_code == 302
    assert prescriber.post(url, {**tab, **again}).status_code == 302
    refused = prescriber.post(url, {**tab, **other})
    assert "sent before with other entries" in refused.content.decode()
    assert bytes(AgreementScan.objects.get().content) == builders.SCAN


def test_a_wrong_password_keeps_the_agreement_as_typed_and_enrolls_nobody(
    prescriber: Client,
) -> None:
    begin(prescriber)

    refused = send(prescriber, "/enroll/agreement/", **both(), password="wrong")

    assert "password" in refused.context["form"].errors
    assert 'value="Nora New"' in refused.content.decode()
    assert not Patient.objects.exists()


def test_the_draft_of_an_agreement_keeps_no_password(prescriber: Client) -> None:
    begin(prescriber)
    send(prescriber, "/enroll/agreement/", **both())
    begin(prescriber)
    asked = send(prescriber, "/enroll/agreement/", **both())
    assert asked["Location"] == "/enroll/duplicates/"

    kept = " ".join(str(session.get_decoded()) for session in Session.objects.all())
    assert "Nora" in kept
    assert "password" not in kept
    assert "correct" not in kept


def test_a_decision_about_a_likely_duplicate_is_signed_once_more(prescriber: Client) -> None:
    begin(prescriber)
    send(prescriber, "/enroll/agreement/", **both())
    first = Patient.objects.get()
    begin(prescriber)
    send(prescriber, "/enroll/agreement/", **both())
    decided = {f"same_{first.pk}": "no", f"reason_{first.pk}": "A twin; compared the cards"}

    refused = send(prescriber, "/enroll/duplicates/", **decided, password="wrong")
    assert "password" in refused.context["form"].errors
    assert send(prescriber, "/enroll/duplicates/", **decided).status_code == 302

    assert Patient.objects.count() == 2
    of_prescriber = Signature.objects.filter(meaning=Meaning.AGREEMENT_AS_PRESCRIBER)
    assert set(of_prescriber.values_list("method", flat=True)) == {
        "all_components",
        "one_component",
    }


def test_the_record_that_there_is_is_opened_without_a_signature(prescriber: Client) -> None:
    begin(prescriber)
    send(prescriber, "/enroll/agreement/", **both())
    first = Patient.objects.get()
    begin(prescriber)
    send(prescriber, "/enroll/agreement/", **both())

    same = {f"same_{first.pk}": "yes", f"reason_{first.pk}": "The same card", "password": ""}
    assert send(prescriber, "/enroll/duplicates/", **same).status_code == 302
    assert Patient.objects.count() == 1


def test_a_delegate_signs_nothing_and_the_prescriber_adds_the_signature_later(
    cast: builders.Cast,
) -> None:
    everybody = people(cast)
    begin(everybody["delegate"])
    page = everybody["delegate"].get("/enroll/agreement/")
    assert "password" not in page.context["form"].fields
    asked = send(everybody["delegate"], "/enroll/agreement/", **both())
    send(everybody["delegate"], asked["Location"], **signed_paper(clock.now()))
    agreement = Agreement.objects.get()
    assert set(sides(agreement)) == {Meaning.AGREEMENT_AS_PATIENT}

    url = reverse("sign_agreement", args=[agreement.patient_id, agreement.pk])
    owner = everybody["owner"]
    shown = owner.get(url).content.decode()
    assert "Signed by <strong>Nora New</strong>" in shown
    assert "prescriber_signs" not in owner.get(url).context["form"].fields
    assert "password" in send(owner, url, password="wrong").context["form"].errors
    assert send(owner, url).status_code == 302

    agreement.refresh_from_db()
    assert set(sides(agreement)) == {
        Meaning.AGREEMENT_AS_PATIENT,
        Meaning.AGREEMENT_AS_PRESCRIBER,
    }
    # From another tab, or by somebody else: nothing is missing any more.
    late = send(everybody["delegate"], url, **signed_paper(clock.now()))
    assert late.context["form"].non_field_errors() == [
        "Both signatures of this agreement are on record already."
    ]


def test_renewing_and_changing_the_category_are_signed(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")

    renewed = send(prescriber, reverse("renew_agreement", args=[patient.pk]), **both())
    send(prescriber, renewed["Location"], **signed_paper(clock.now()))
    latest = patient.agreements.latest("recorded_at")
    assert len(sides(latest)) == 2

    send(
        prescriber,
        reverse("change_category", args=[patient.pk]),
        body="fertile",
        said_by="The patient",
        reason="Entered wrongly",
    )
    changed = send(
        prescriber,
        reverse("category_agreement", args=[patient.pk]),
        **both(),
    )
    change = CategoryChange.objects.get()
    assert change.state == "pending"
    send(prescriber, changed["Location"], **signed_paper(clock.now()))
    assert len(sides(CategoryChange.objects.get().agreement)) == 2


def test_a_guardian_and_a_representative_sign_as_what_they_are(cast: builders.Cast) -> None:
    child = builders.enroll(cast.prescribing, "child_male")
    (agreement,) = child.agreements.all()
    assert sides(agreement)[Meaning.AGREEMENT_AS_GUARDIAN] == ("Gail Guardian", "paper")


def test_taking_a_patient_over_is_signed(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    other = builders.certified_prescriber(cast.administrator, 5)
    browser = browser_of(builders.prescribing_call(other))
    identity = builders.IDENTITY

    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
        answer = send(
            browser,
            reverse("sign_take_over", args=["adult_male"]),
            given_name=identity.given_name,
            family_name=identity.family_name,
            postal_code=identity.postal_code,
            phone="",
            reason="Moved house",
            **date_parts("born_on", identity.born_on),
            **both("Fiona Synthetic"),
            **signed_paper(clock.now()),
        )

    assert answer.status_code == 302, answer.content.decode()
    assert len(sides(patient.agreements.latest("recorded_at"))) == 2
