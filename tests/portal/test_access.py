"""Each page × each role: who may open it, and what the others see."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.audit.models import Event
from apps.core.call import Role
from apps.providers.models import Practice
from tests import builders
from tests.portal.people import People, people, signed_in

pytestmark = pytest.mark.django_db

PRESCRIBER_SIDE = {"owner", "delegate", "colleague", "other prescriber"}
OWN_PRESCRIBER = {"owner", "delegate"}
COUNTER = {"pharmacist", "technician", "other pharmacist"}
OWN_COUNTER = {"pharmacist", "technician"}
REPRESENTATIVE = {"representative"}
OFFICE = {"staff", "administrator", "auditor"}
READERS = PRESCRIBER_SIDE | COUNTER | REPRESENTATIVE | OFFICE


def pages(everybody: People) -> dict[str, tuple[str, set[str], set[str]]]:
    """Each page: its address, who sees it, and in whose role it exists at all."""
    cast = everybody.cast
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    asked = authorization.decisions.get()
    confirmed = builders.confirm(cast.dispensing, authorization)
    assert confirmed.confirmation is not None
    dispensed = builders.dispense(cast.dispensing, confirmed.confirmation)
    assert dispensed.dispense is not None
    test = patient.pregnancytest_set.latest("collected_at")
    agreement = patient.agreements.get()
    dispense, confirmation = dispensed.dispense, confirmed.confirmation
    patients_pages = {
        reverse("patient", args=[patient.pk]),
        reverse("record", args=[patient.pk, "pregnancy-test"]),
        reverse("record", args=[patient.pk, "survey"]),
        reverse("renew_agreement", args=[patient.pk]),
        reverse("change_category", args=[patient.pk]),
        reverse("say", args=[patient.pk, "discontinue"]),
        reverse("name_representative", args=[patient.pk]),
        reverse("correct_contact", args=[patient.pk]),
        reverse("patient_reminders", args=[patient.pk]),
        reverse("patient_reminder_preferences", args=[patient.pk]),
        reverse("sign_agreement", args=[patient.pk, agreement.pk]),
        reverse("withdraw_test", args=[patient.pk, test.pk]),
        reverse("withdraw_entry", args=[patient.pk, "agreement", agreement.pk]),
        reverse("request", args=[patient.pk]),
        reverse("decision", args=[patient.pk, asked.pk]),
        reverse("cancel_authorization", args=[patient.pk, authorization.pk]),
    }
    counter_pages = {
        reverse("answer", args=[confirmed.pk]),
        reverse("confirmation", args=[confirmation.pk]),
        reverse("cancel_confirmation", args=[confirmation.pk]),
        reverse("return_to_stock", args=[dispense.pk]),
        reverse("stop_supply", args=[dispense.pk]),
        reverse("ship", args=[dispense.pk]),
        reverse("end_shipment", args=[dispense.pk]),
        reverse("report_pregnancy", args=[dispense.pk]),
    }
    pharmacy, listed = COUNTER | REPRESENTATIVE, OWN_COUNTER | REPRESENTATIVE
    return {
        **{url: (url, OWN_PRESCRIBER, PRESCRIBER_SIDE) for url in patients_pages},
        **{url: (url, OWN_COUNTER, COUNTER) for url in counter_pages},
        "my_patients": ("/patients/", PRESCRIBER_SIDE, PRESCRIBER_SIDE),
        "enroll": ("/enroll/", PRESCRIBER_SIDE, PRESCRIBER_SIDE),
        "check": ("/check/", COUNTER, COUNTER),
        "late dispense": ("/dispenses/late/", COUNTER, COUNTER),
        "confirmations": ("/confirmations/", pharmacy, pharmacy),
        "dispenses": ("/dispenses/", pharmacy, pharmacy),
        "receipt": (reverse("receipt", args=[dispense.pk]), listed, pharmacy),
        "messages": ("/messages/", READERS, READERS),
        "reminder preferences": (
            "/reminder-preferences/",
            PRESCRIBER_SIDE | REPRESENTATIVE,
            PRESCRIBER_SIDE | REPRESENTATIVE,
        ),
        "certification": (
            "/certification/",
            PRESCRIBER_SIDE - {"delegate"} | REPRESENTATIVE,
            PRESCRIBER_SIDE - {"delegate"} | REPRESENTATIVE,
        ),
    }


def test_each_page_opens_for_the_fitting_role_and_for_nobody_else() -> None:
    everybody = people()
    wrong = []
    for url, allowed, roles in pages(everybody).values():
        for name, browser in everybody.browsers.items():
            expected = 200 if name in allowed else 404 if name in roles else 403
            if name == "nobody":
                expected = 302
            status = browser.get(url).status_code
            if status != expected:
                wrong.append((url, name, status, expected))
    assert wrong == []


def test_who_is_not_signed_in_goes_to_the_sign_in_and_comes_back() -> None:
    answer = Client().get("/patients/?name=x")

    assert answer["Location"] == "/accounts/login/?next=/patients/%3Fname%3Dx"


@pytest.mark.parametrize(
    ("name", "first_page"),
    [
        ("owner", "/patients/"),
        ("delegate", "/patients/"),
        ("pharmacist", "/check/"),
        ("technician", "/check/"),
        ("representative", "/certification/"),
    ],
)
def test_the_start_leads_each_role_to_its_page(name: str, first_page: str) -> None:
    assert people()[name].get("/")["Location"] == first_page


def test_the_office_starts_at_its_links_and_a_patient_is_told_whom_to_ask() -> None:
    everybody = people()
    for name in OFFICE:
        assert "Administration" in everybody[name].get("/").content.decode()
    refused = everybody["patient"].get("/")
    assert refused.status_code == 403
    assert "ask the person who manages" in refused.content.decode()


def test_colleagues_who_cover_each_other_see_each_others_patients() -> None:
    everybody = people()
    patient = builders.enroll(everybody.cast.prescribing)
    url = reverse("patient", args=[patient.pk])
    assert everybody["colleague"].get(url).status_code == 404

    Practice.objects.filter(pk=everybody.cast.prescriber.practice_id).update(
        members_cover_each_other=True
    )
    assert everybody["colleague"].get(url).status_code == 200


def test_who_acts_in_several_roles_chooses_one_and_can_switch() -> None:
    cast = builders.cast()
    user = cast.prescriber.user
    assert user is not None
    Membership.objects.create(
        user=user, organization=cast.pharmacy.organization, role=Role.PHARMACIST.value
    )
    browser = signed_in(user)

    asked = browser.get("/patients/")
    assert asked["Location"] == "/role/?next=%2Fpatients%2F"
    choices = browser.get(asked["Location"]).context["choices"]
    assert [choice.role for choice in choices] == ["Pharmacist", "Prescriber"]

    chosen = browser.post("/role/", {"acting": choices[0].key, "next": "/check/"})
    assert chosen["Location"] == "/check/"
    assert browser.get("/check/").status_code == 200
    assert browser.get("/patients/").status_code == 403
    assert "Switch role" in browser.get("/check/").content.decode()

    browser.post("/role/", {"acting": choices[1].key, "next": "/"})
    assert browser.get("/patients/").status_code == 200


def test_the_choice_of_a_role_leads_to_no_other_site() -> None:
    cast = builders.cast()
    assert cast.prescriber.user is not None
    browser = signed_in(cast.prescriber.user)
    key = browser.get("/role/").context["choices"][0].key

    assert (
        browser.post("/role/", {"acting": key, "next": "https://evil.example/"})["Location"] == "/"
    )


def test_an_ended_membership_opens_nothing_from_the_next_page_on() -> None:
    everybody = people()
    browser = everybody["technician"]
    assert browser.get("/check/").status_code == 200

    Membership.objects.filter(user__email="technician@pharmacy.example").update(
        ended_at=builders.START
    )
    assert browser.get("/check/").status_code == 403


def test_seeing_a_patient_leaves_a_trace() -> None:
    everybody = people()
    patient = builders.enroll(everybody.cast.prescribing)

    everybody["delegate"].get(reverse("patient", args=[patient.pk]))

    seen = Event.objects.get(code="patient_viewed")
    assert (seen.patient_id, seen.role) == (patient.pk, "delegate")
    assert seen.prescriber_id == everybody.cast.prescriber.pk
