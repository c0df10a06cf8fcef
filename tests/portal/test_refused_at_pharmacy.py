"""A pharmacy was refused: the prescriber reads why on the patient's page, and what to do."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock
from apps.eligibility.models import Decision
from apps.prescriptions.models import Authorization
from tests import builders
from tests.portal.people import browser_of
from tests.portal.test_pharmacy_pages import check

pytestmark = pytest.mark.django_db


@pytest.fixture
def authorization(cast: builders.Cast) -> Authorization:
    return builders.authorized_frp(cast)


@pytest.fixture
def refusal(pharmacist: Client, authorization: Authorization) -> Decision:
    """The prescription bears another category than the patient's."""
    check(pharmacist, authorization, risk_category="adult_fnrp")
    return Decision.objects.get(act=Decision.Act.VERIFY, allowed=False)


def page_of(refusal: Decision) -> str:
    return reverse("decision", args=[refusal.patient_id, refusal.pk])


def test_the_patients_page_tells_of_the_refusal_and_leads_to_its_reasons(
    cast: builders.Cast, prescriber: Client, refusal: Decision
) -> None:
    shown = prescriber.get(reverse("patient", args=[refusal.patient_id]))

    assert shown.context["refused"]["url"] == page_of(refusal)
    assert shown.content.decode().count(page_of(refusal)) == 2  # On top, and in the record.
    answer = prescriber.get(page_of(refusal)).content.decode()
    assert "Refused at a pharmacy" in answer
    assert "L-DSP-4" in answer
    assert "cancel it" not in answer.lower()
    # Whom to call: the pharmacy that was refused, by name and phone
    refused = cast.pharmacy
    assert refused.name in answer
    assert f"tel:{refused.phone}" in answer
    viewed = Event.objects.get(code="decision_viewed", subject_id=str(refusal.pk))
    assert viewed.patient_id == refusal.patient_id


def test_the_list_names_who_was_refused_until_a_pharmacy_has_the_number(
    cast: builders.Cast, prescriber: Client, refusal: Decision, authorization: Authorization
) -> None:
    shown = prescriber.get(reverse("my_patients"))

    (told,) = shown.context["refused"]
    assert (told["patient"], told["url"]) == (refusal.patient, page_of(refusal))
    assert "Refused at a pharmacy" in shown.content.decode()
    assert page_of(refusal) in shown.content.decode()
    listed = Event.objects.filter(code="patients_listed").latest("pk")
    assert listed.patient_ids == [refusal.patient_id]
    other = builders.certified_prescriber(cast.administrator, serial=8)
    browser = browser_of(builders.prescribing_call(other))
    assert browser.get(reverse("my_patients")).context["refused"] == []

    assert builders.confirm(cast.dispensing, authorization).allowed
    assert prescriber.get(reverse("my_patients")).context["refused"] == []


def test_a_refusal_is_not_told_on_top_once_a_pharmacy_was_answered_yes(
    pharmacist: Client, prescriber: Client, refusal: Decision, authorization: Authorization
) -> None:
    page = reverse("patient", args=[refusal.patient_id])
    check(pharmacist, authorization)
    assert Decision.objects.filter(act=Decision.Act.VERIFY, allowed=True).exists()
    assert prescriber.get(reverse("my_patients")).context["refused"] == []
    assert prescriber.get(page).context["refused"] is None
    assert page_of(refusal) in prescriber.get(page).content.decode()
    # Another no is told again
    check(pharmacist, authorization, risk_category="adult_fnrp")
    assert prescriber.get(page).context["refused"]
    assert len(prescriber.get(reverse("my_patients")).context["refused"]) == 1


def test_while_a_number_is_open_the_next_survey_is_not_asked_for_first(
    prescriber: Client, authorization: Authorization
) -> None:
    shown = prescriber.get(reverse("patient", args=[authorization.patient_id]))

    assert [each.who for each in shown.context["steps"]] == ["the prescriber"]
    assert [list(each.reasons) for each in shown.context["later_steps"]] == [
        ["PATIENT_SURVEY_MISSING"]
    ]
    assert "For the authorization after this one" in shown.content.decode()


def test_a_number_that_was_confirmed_since_is_not_told_as_refused_on_top(
    cast: builders.Cast, prescriber: Client, refusal: Decision, authorization: Authorization
) -> None:
    assert builders.confirm(cast.dispensing, authorization).allowed

    shown = prescriber.get(reverse("patient", args=[refusal.patient_id]))

    assert shown.context["refused"] is None
    assert page_of(refusal) in shown.content.decode()


def test_what_a_pharmacy_was_answered_yes_is_no_page_of_the_prescribers(
    pharmacist: Client, prescriber: Client, authorization: Authorization
) -> None:
    check(pharmacist, authorization)
    asked = Decision.objects.get(act=Decision.Act.VERIFY)
    assert asked.allowed
    assert prescriber.get(page_of(asked)).status_code == 404


def test_another_prescriber_reads_no_refusal(cast: builders.Cast, refusal: Decision) -> None:
    stranger = builders.certified_prescriber(cast.administrator, serial=8)
    browser = browser_of(builders.prescribing_call(stranger))
    assert browser.get(page_of(refusal)).status_code == 404


def test_with_supply_left_the_page_does_not_say_that_the_pharmacy_can_dispense(
    cast: builders.Cast, prescriber: Client, authorization: Authorization
) -> None:
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation
    assert builders.dispense(cast.dispensing, confirmation).allowed
    patient = authorization.patient
    builders.counseling(cast.prescribing, patient)
    builders.survey(cast.prescribing, patient, "adult_frp")
    again = builders.request(cast.prescribing, patient, "adult_frp")
    assert again.allowed

    status = prescriber.get(reverse("patient", args=[patient.pk])).context["status"]

    assert status.kind == "waiting"
    assert status.until > clock.now()
