"""Two people open one form: who sends it second is told what the first changed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.core.errors import Overtaken
from apps.core.overtaken import mark_of
from apps.evidence import services as evidence
from apps.evidence.services import Details
from apps.patients import services as patients
from apps.patients.models import Patient
from apps.patients.selectors import contact_of
from tests import browsers, builders
from tests.portal.people import date_parts

pytestmark = pytest.mark.django_db


def opened(browser: Client, url: str) -> dict[str, Any]:
    """A form as it is opened, ready to be sent with what it says."""
    form = browser.get(url).context["form"]
    typed = {bound.html_name: bound.value() or "" for bound in form.visible_fields()}
    return {**typed, **browsers.hidden_in(form)}


def correct_phone(call: Any, patient: Patient, phone: str) -> None:
    now = contact_of(Patient.objects.get(pk=patient.pk))
    patients.correct_contact(call, patient_id=patient.pk, **{**now, "phone": phone})


def test_who_sends_contact_data_second_is_told_what_the_first_changed(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("correct_contact", args=[patient.pk])
    sent = {**opened(prescriber, url), "postal_code": "10002"}
    correct_phone(cast.staff, patient, "212-555-0142")

    told = prescriber.post(url, sent)

    patient.refresh_from_db()
    assert told.status_code == 200
    assert "Somebody has changed this since" in told.content.decode()
    errors = told.context["form"].errors
    assert errors["phone"] == ["On record by now: 212-555-0142."]
    assert "postal_code" not in errors
    assert (patient.phone, patient.postal_code) != (sent["phone"], "10002")
    assert patient.phone == "212-555-0142"

    again = {**sent, **browsers.hidden_in(told.context["form"]), "phone": "212-555-0142"}
    assert prescriber.post(url, again).status_code == 302
    patient.refresh_from_db()
    assert (patient.phone, patient.postal_code) == ("212-555-0142", "10002")


def test_a_contact_form_without_its_mark_is_incomplete(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("correct_contact", args=[patient.pk])
    sent = opened(prescriber, url)
    sent.pop("seen")
    assert "seen" in prescriber.post(url, sent).context["form"].errors


def test_case_details_that_a_colleague_added_are_not_replaced_unseen(
    cast: builders.Cast, prescriber: Client
) -> None:
    """L-PRG-2"""
    patient = builders.enroll(cast.prescribing)
    case = evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="patient",
        reported_at=clock.now(),
        source="The patient called",
    )
    url = reverse("case_details", args=[patient.pk, case.pk])
    hidden = browsers.hidden_in(prescriber.get(url).context["form"])
    theirs = builders.START.date() - timedelta(days=40)
    evidence.record_case_details(
        cast.staff,
        case_id=case.pk,
        details=Details(conceived_on=theirs, pregnancy_outcome="spontaneous_abortion"),
    )

    told = prescriber.post(url, {**hidden, "notes": "Called the patient"})

    assert told.status_code == 200
    assert case.details.count() == 1
    errors = told.context["form"].errors
    assert "On record by now" in errors["conceived_on"][0]
    assert "Spontaneous abortion" in errors["pregnancy_outcome"][0]
    assert "notes" not in errors

    again = {
        **browsers.hidden_in(told.context["form"]),
        **date_parts("conceived_on", theirs),
        "pregnancy_outcome": "spontaneous_abortion",
        "notes": "Called the patient",
    }
    assert prescriber.post(url, again).status_code == 302
    assert case.details.latest("recorded_at").conceived_on == theirs


def test_a_caller_without_a_mark_replaces_knowingly(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    before = contact_of(patient)
    correct_phone(cast.staff, patient, "212-555-0142")
    with pytest.raises(Overtaken) as raised:
        patients.correct_contact(
            cast.prescribing, patient_id=patient.pk, **before, seen=mark_of(before)
        )
    assert raised.value.names == ("phone",)
    patients.correct_contact(cast.prescribing, patient_id=patient.pk, **before)
    patient.refresh_from_db()
    assert contact_of(patient) == before
