"""The staff register a patient from a faxed or mailed form, and enter its signatures (L-SRC-1)."""

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock
from apps.evidence.models import Intake
from apps.patients.models import Patient
from apps.patients.showing import SHOWN
from tests import builders
from tests.portal.people import date_parts, send
from tests.portal.test_prescriber_pages import IDENTITY

pytestmark = pytest.mark.django_db

BORN = date(1980, 1, 31)
UNTIL_NOW = timedelta(days=1)


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def who(staff: Client, prescriber: str, **changed: str) -> Any:
    typed = {**IDENTITY, **date_parts("born_on", BORN), "channel": "fax", "prescriber": prescriber}
    return send(staff, reverse("enroll"), **{**typed, **changed})


def register(staff: Client, prescriber: str, *, body: str = "fertile", **signer: str) -> Any:
    """The three steps; the answer to the last one."""
    assert who(staff, prescriber)["Location"] == reverse("enroll_body")
    send(staff, reverse("enroll_body"), body=body)
    defaults = {"signer": "patient", "signer_name": "", "signer_relationship": ""}
    return send(staff, reverse("enroll_agreement"), **{**defaults, **signer})


def test_from_the_form_to_a_complete_agreement_by_two_persons(
    staff: Client, administrator: Client, prescriber: Client, cast: builders.Cast
) -> None:
    assert reverse("enroll") in text(staff.get(reverse("home")))
    begun = text(staff.get(reverse("enroll")))
    assert "Enroll a patient from a form" in begun
    assert "with the patient beside you" not in begun
    assert who(staff, cast.prescriber.npi)["Location"] == reverse("enroll_body")
    category = text(staff.get(reverse("enroll_body")))
    send(staff, reverse("enroll_body"), body="fertile")
    signing = text(staff.get(reverse("enroll_agreement")))
    for shown in (category, signing):
        assert f"{cast.prescriber}, Practice 1, came by fax" in shown
    assert "it must be this agreement" in signing
    assert "patient_signed_at" not in signing

    registered = register(staff, cast.prescriber.npi)
    patient = Patient.objects.get()
    agreement = patient.agreements.get()
    assert (patient.prescriber, patient.categories.get().risk_category) == (
        cast.prescriber, "adult_frp",
    )  # fmt: skip
    assert (agreement.patient_signed_at, agreement.prescriber_signed_at) == (None, None)
    assert agreement.signer_name == "Nora New"
    listed = text(prescriber.get(reverse("my_patients")))
    assert "New, Nora" in listed
    assert "An agreement still lacks a signature" in listed

    entry = registered["Location"]
    assert entry.startswith(
        reverse("admin:patients_patient_do", args=[patient.pk, "intake-agreement-signature"])
    )
    asked = staff.get(entry)
    assert "nothing is signed yet" in text(asked)
    form = asked.context["form"]
    known = {
        name: form[name].value()
        for name in ("submission", "channel", "told_by", "told_by_name", "prescriber_id")
    }
    assert list(known.values())[1:] == [
        "fax", "prescriber", cast.prescriber.full_name, str(cast.prescriber.pk),
    ]  # fmt: skip
    signed_on = builders.program_day(clock.now() - UNTIL_NOW).isoformat()
    entered = staff.post(
        entry,
        {
            **known,
            "agreement_id": str(agreement.pk),
            "patient_signed_on": signed_on,
            "prescriber_signed_on": signed_on,
            "scan": SimpleUploadedFile("form.pdf", b"%PDF-1.7 a synthetic form"),
        },
    )
    assert entered.status_code == 302, entered.context["form"].errors
    intake = Intake.objects.get()
    assert (intake.state, intake.channel) == ("waiting", "fax")

    accept = reverse("admin:evidence_intake_do", args=[intake.pk, "accept"])
    asked = administrator.get(accept)
    administrator.post(accept, {"submission": asked.context["form"]["submission"].value()})
    agreement.refresh_from_db()
    assert agreement.patient_signed_at
    assert agreement.prescriber_signed_at


def test_the_prescriber_is_found_by_npi_or_by_a_name_that_one_has(
    staff: Client, cast: builders.Cast
) -> None:
    other = builders.certified_prescriber(cast.administrator, serial=2)
    for sought in (cast.prescriber.npi, "Prescriber1", "paula prescriber1"):
        assert who(staff, sought)["Location"] == reverse("enroll_body")
        assert str(cast.prescriber) in text(staff.get(reverse("enroll_body")))
    several = text(who(staff, "Paula"))
    assert "enter the NPI" in several
    assert str(cast.prescriber) in several
    assert str(other) in several
    for unknown in ("Nobody", "1234567893", " ", "%"):
        assert "<title>Error:" in text(who(staff, unknown))
    assert not Patient.objects.exists()


def test_a_likely_duplicate_is_named_to_the_staff_and_decided(
    staff: Client, cast: builders.Cast
) -> None:
    register(staff, cast.prescriber.npi, body="male")
    first = Patient.objects.get()
    asked = register(staff, cast.prescriber.npi, body="male")
    assert asked["Location"] == reverse("enroll_duplicates")
    shown = text(staff.get(reverse("enroll_duplicates")))
    assert "Nora New, born 31 January 1980, of Practice 1: the same person?" in shown
    assert Event.objects.filter(code=SHOWN).latest("pk").patient_ids == [first.pk]
    twin = {f"same_{first.pk}": "no", f"reason_{first.pk}": "A twin, by the form"}
    decided = send(staff, reverse("enroll_duplicates"), **twin)
    second = Patient.objects.exclude(pk=first.pk).get()
    assert str(second.pk) in decided["Location"]
    assert second.not_duplicate_of.get().resembles == first


def test_who_is_registered_already_is_not_enrolled_again(
    staff: Client, cast: builders.Cast
) -> None:
    register(staff, cast.prescriber.npi)
    first = Patient.objects.get()
    register(staff, cast.prescriber.npi)
    same = {f"same_{first.pk}": "yes", f"reason_{first.pk}": "The same card"}
    led = send(staff, reverse("enroll_duplicates"), **same)
    assert led["Location"] == reverse("contact", args=[first.pk])
    assert Patient.objects.count() == 1


def test_a_page_sent_twice_registers_once(staff: Client, cast: builders.Cast) -> None:
    who(staff, cast.prescriber.npi)
    send(staff, reverse("enroll_body"), body="fertile")
    form = staff.get(reverse("enroll_agreement")).context["form"]
    typed = {name: form[name].value() for name in ("submission", "seen")} | {"signer": "patient"}
    staff.post(reverse("enroll_agreement"), typed)
    again = staff.post(reverse("enroll_agreement"), typed)
    assert again["Location"] == reverse("contact", args=[Patient.objects.get().pk])


def test_a_draft_is_kept_and_left(staff: Client, cast: builders.Cast) -> None:
    left = who(staff, cast.prescriber.npi, elsewhere="1")
    assert left["Location"] == reverse("find_caller")
    assert "You had begun" in text(staff.get(reverse("enroll")))


def test_the_prescriber_who_works_in_the_office_registers_nobody_for_themselves(
    cast: builders.Cast, staff: Client
) -> None:
    person = builders.person_of(cast.staff)
    cast.prescriber.user = person
    cast.prescriber.save()
    refused = register(staff, cast.prescriber.npi)
    assert refused.status_code == 403
    assert "You prescribe for this patient yourself" in text(refused)
    assert not Patient.objects.exists()
