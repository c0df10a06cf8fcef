"""The prescriber's pages of a pregnancy case, and what a risky answer calls for at once."""

from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import HealthStatus, PatientSurvey, PregnancyCase
from apps.patients.models import Patient
from apps.rules.documents import document
from tests import builders
from tests.portal.people import date_parts, instant_parts, people, send

pytestmark = pytest.mark.django_db


def reported(cast: builders.Cast, patient: Patient) -> PregnancyCase:
    made: PregnancyCase = evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="patient",
        reported_at=clock.now(),
        source="The patient called",
    )
    return made


def answered(browser: Client, patient: Patient, **answers: str) -> Any:
    return send(
        browser,
        reverse("record", args=[patient.pk, "survey"]),
        **{**builders.safe_answers("adult_frp"), **answers},
        **instant_parts("completed_at", clock.now() - timedelta(minutes=2)),
    )


def test_a_dangerous_answer_leads_at_once_to_what_the_patient_must_do(
    cast: builders.Cast, prescriber: Client
) -> None:
    """L-SUR-3"""
    patient = builders.enroll(cast.prescribing)
    sent = answered(prescriber, patient, unprotected_contact="yes")
    survey = PatientSurvey.objects.get()
    assert sent["Location"] == reverse("survey_guidance", args=[patient.pk, survey.pk])
    shown = unescape(prescriber.get(sent["Location"]).content.decode())
    sentences = {
        item.code: item.text for item in document(builders.PROGRAM, "patient_guidance").items
    }
    for code in ("stop_capsules", "call_prescriber", "emergency_contraception", "what_next"):
        assert sentences[code] in shown
    assert sentences["partner_pregnant"] not in shown
    assert Event.objects.filter(code="survey_guidance_viewed", patient_id=patient.pk).exists()


def test_safe_answers_lead_back_to_the_patient_and_to_no_guidance(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    assert answered(prescriber, patient)["Location"] == reverse("patient", args=[patient.pk])
    page = reverse("survey_guidance", args=[patient.pk, PatientSurvey.objects.get().pk])
    assert prescriber.get(page).status_code == 404


def test_a_case_shows_its_follow_up_and_takes_what_becomes_known(
    cast: builders.Cast, prescriber: Client
) -> None:
    """L-PRG-2"""
    patient = builders.enroll(cast.prescribing)
    case = reported(cast, patient)
    page = reverse("pregnancy_case", args=[patient.pk, case.pk])
    assert page in prescriber.get(reverse("patient", args=[patient.pk])).content.decode()
    shown = prescriber.get(page)
    assert [row[1] for row in shown.context["steps"]] == [
        step.title for step in case.steps.order_by("due_on")
    ]
    assert "Only an administrator closes a case" in shown.content.decode()

    details = reverse("case_details", args=[patient.pk, case.pk])
    today = builders.today()
    sent = send(
        prescriber,
        details,
        **date_parts("birth_expected_on", today + timedelta(days=200)),
        root_cause="contraception_failed",
        notes="Condom broke",
    )
    assert sent["Location"] == page
    again = prescriber.get(page)
    assert ("Root cause", "Contraception failed") in again.context["facts"]
    assert again.context["moved"]
    # The form begins with what is known.
    known = prescriber.get(details).context["form"].initial
    assert (known["root_cause"], known["notes"]) == ("contraception_failed", "Condom broke")


def test_details_that_cannot_be_right_are_told_beside_their_fields(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    case = reported(cast, patient)
    refused = send(
        prescriber,
        reverse("case_details", args=[patient.pk, case.pk]),
        **date_parts("conceived_on", date(2090, 1, 1)),
    )
    assert "in the future" in str(refused.context["form"].errors["conceived_on"])
    assert not case.details.exists()


def test_breastfeeding_is_reported_with_one_press(cast: builders.Cast, prescriber: Client) -> None:
    """L-CON-7"""
    patient = builders.enroll(cast.prescribing)
    send(prescriber, reverse("record", args=[patient.pk, "breastfeeding"]))
    assert HealthStatus.objects.get().breastfeeding


def test_these_pages_are_for_the_patients_own_prescriber_only(cast: builders.Cast) -> None:
    everybody = people(cast)
    cast = everybody.cast
    patient = builders.enroll(cast.prescribing)
    case = reported(cast, patient)
    answered(everybody["owner"], patient, shared_drug="yes")
    survey = PatientSurvey.objects.get()
    pages = [
        reverse("pregnancy_case", args=[patient.pk, case.pk]),
        reverse("case_details", args=[patient.pk, case.pk]),
        reverse("survey_guidance", args=[patient.pk, survey.pk]),
    ]
    for name, browser in everybody.browsers.items():
        expected = {"owner": 200, "delegate": 200, "colleague": 404, "other prescriber": 404}
        wanted = expected.get(name, 302 if name == "nobody" else 403)
        assert [browser.get(page).status_code for page in pages] == [wanted] * 3, name
