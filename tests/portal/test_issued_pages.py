"""An issued authorization on the prescriber's pages: at hand, who asked for it, why it is void."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock, numbers
from apps.eligibility import services as eligibility
from apps.eligibility.models import Decision
from apps.prescriptions.models import Authorization
from apps.rules.documents import document
from tests import builders
from tests.portal.people import instant_parts, people, send

pytestmark = pytest.mark.django_db


def test_an_open_authorization_is_at_hand_on_the_patients_page_until_it_is_cancelled(
    cast: builders.Cast, prescriber: Client
) -> None:
    issued = builders.authorized_frp(cast)
    args = [issued.patient_id, issued.pk]
    page = reverse("patient", args=[issued.patient_id])
    top = prescriber.get(page).content.decode().split("Timeline")[0]
    assert numbers.grouped(issued.number) in top
    for name in ("prescription", "cancel_authorization"):
        assert reverse(name, args=args) in top

    eligibility.cancel_authorization(
        cast.prescribing, authorization_id=issued.pk, reason="A wrong strength"
    )
    assert prescriber.get(page).context["open_authorization"] is None
    decision = Decision.objects.get(authorization=issued, act="authorize")
    answer = reverse("decision", args=[issued.patient_id, decision.pk])
    for url in (answer, reverse("prescription", args=args)):
        shown = prescriber.get(url).content.decode()
        assert "A wrong strength" in shown
        assert reverse("cancel_authorization", args=args) not in shown
        assert "Text to paste" not in shown


def test_what_a_delegate_asked_for_says_so_to_the_prescriber(cast: builders.Cast) -> None:
    everybody = people(cast)
    patient = builders.ready_frp(cast.prescribing)
    answer = send(
        everybody["delegate"],
        reverse("request", args=[patient.pk]),
        product="lenalidomide",
        strength_mg="25",
        days_supply="28",
        quantity="21",
        directions="1 capsule daily on days 1 to 21 of 28",
        survey=sorted(document(builders.PROGRAM, "prescriber_survey", "adult_frp").codes),
    )
    issued = Authorization.objects.get()
    owner = everybody["owner"]
    for url in (answer["Location"], reverse("prescription", args=[patient.pk, issued.pk])):
        page = owner.get(url).content.decode()
        assert f"Dana Delegate, on behalf of {cast.prescriber.full_name}" in page


def test_a_positive_test_says_what_it_did_and_leads_to_its_case(
    cast: builders.Cast, prescriber: Client
) -> None:
    issued = builders.authorized_frp(cast)
    at = clock.now().replace(second=0, microsecond=0) - timedelta(minutes=1)
    answer = send(
        prescriber,
        reverse("record", args=[issued.patient_id, "pregnancy-test"]),
        result="positive",
        specimen="serum",
        sensitivity_miu_ml="25",
        **instant_parts("collected_at", at),
        **instant_parts("resulted_at", at),
    )
    page = prescriber.get(answer["Location"]).content.decode()
    assert "Tell the patient now to stop taking the capsules" in page
    case = issued.patient.pregnancycase_set.get()
    top = page.split("Timeline")[0]
    assert reverse("pregnancy_case", args=[issued.patient_id, case.pk]) in top


def test_an_authorization_is_cancelled_with_a_reason(
    cast: builders.Cast, prescriber: Client
) -> None:
    authorization = builders.authorized_frp(cast)
    url = reverse("cancel_authorization", args=[authorization.patient_id, authorization.pk])

    assert "reason" in send(prescriber, url, reason="").context["form"].errors
    send(prescriber, url, reason="Wrong strength")

    authorization.refresh_from_db()
    assert (authorization.state, authorization.ended_reason) == ("void", "Wrong strength")
