"""Where each role starts, how a person chooses one, and what ends it. Each page: test_scope.py."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.audit.models import Event
from apps.core.call import Role
from apps.providers.models import Practice
from tests import builders
from tests.browsers import signed_in
from tests.portal.people import people

pytestmark = pytest.mark.django_db

OFFICE = {"staff", "administrator", "auditor"}


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
def test_the_start_leads_each_role_to_its_page(
    name: str, first_page: str, cast: builders.Cast
) -> None:
    assert people(cast)[name].get("/")["Location"] == first_page


def test_the_office_starts_at_its_links_and_a_patient_is_told_whom_to_ask(
    cast: builders.Cast,
) -> None:
    everybody = people(cast)
    for name in OFFICE:
        assert "Administration" in everybody[name].get("/").content.decode()
    refused = everybody["patient"].get("/")
    assert refused.status_code == 403
    assert "ask the person who manages" in refused.content.decode()


def test_colleagues_who_cover_each_other_see_each_others_patients(cast: builders.Cast) -> None:
    everybody = people(cast)
    patient = builders.enroll(everybody.cast.prescribing)
    url = reverse("patient", args=[patient.pk])
    assert everybody["colleague"].get(url).status_code == 404

    Practice.objects.filter(pk=everybody.cast.prescriber.practice_id).update(
        members_cover_each_other=True
    )
    assert everybody["colleague"].get(url).status_code == 200


def test_who_acts_in_several_roles_chooses_one_and_can_switch(cast: builders.Cast) -> None:
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


def test_the_choice_of_a_role_leads_to_no_other_site(cast: builders.Cast) -> None:
    assert cast.prescriber.user is not None
    browser = signed_in(cast.prescriber.user)
    key = browser.get("/role/").context["choices"][0].key

    assert (
        browser.post("/role/", {"acting": key, "next": "https://evil.example/"})["Location"] == "/"
    )
    # What is no address at all is not looked up as the name of one.
    assert browser.post("/role/", {"acting": key, "next": "no page\n"}).status_code == 302


def test_an_ended_membership_opens_nothing_from_the_next_page_on(cast: builders.Cast) -> None:
    everybody = people(cast)
    browser = everybody["technician"]
    assert browser.get("/check/").status_code == 200

    Membership.objects.filter(user__email="technician@pharmacy.example").update(
        ended_at=builders.START
    )
    assert browser.get("/check/").status_code == 403


def test_seeing_a_patient_leaves_a_trace(cast: builders.Cast) -> None:
    everybody = people(cast)
    patient = builders.enroll(everybody.cast.prescribing)

    everybody["delegate"].get(reverse("patient", args=[patient.pk]))

    seen = Event.objects.get(code="patient_viewed")
    assert (seen.patient_id, seen.role) == (patient.pk, "delegate")
    assert seen.prescriber_id == everybody.cast.prescriber.pk
