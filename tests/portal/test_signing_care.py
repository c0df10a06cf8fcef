"""Surveys and checklists are signed by who attests them, on the page where they are made."""

import time
from typing import Any
from uuid import uuid4

import pytest
from allauth.utils import get_form_class
from django.test import Client
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.audit.models import Event, Meaning, Signature
from apps.audit.signatures import signatures_of
from apps.core import clock
from apps.core.call import Role
from apps.evidence.models import PatientSurvey, PrescriberSurvey
from apps.oversight.signed_records import is_unchanged
from apps.prescriptions.models import Confirmation, Dispense
from apps.providers import signing
from tests import builders
from tests.browsers import hidden_in
from tests.portal.people import (
    browser_of,
    date_parts,
    instant_parts,
    member,
    people,
    send,
    signed_in,
)
from tests.portal.test_pharmacy_pages import package
from tests.portal.test_prescriber_pages import prescription
from tests.portal.test_supply_pages import late, today
from tests.second_factors import have_components, new_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(cast: builders.Cast) -> Confirmation:
    confirmation = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert confirmation is not None
    return confirmation


def address(held: Confirmation) -> str:
    return reverse("confirmation", args=[held.pk])


def signature(subject: Any) -> Signature:
    """The one signature of a record, which still says what was signed."""
    (found,) = signatures_of(subject)
    assert is_unchanged(found, subject)
    return found


def test_a_request_is_signed_with_the_prescribers_survey(cast: builders.Cast) -> None:
    patient = builders.ready_frp(cast.prescribing)
    browser = browser_of(cast.prescribing)

    url = reverse("request", args=[patient.pk])
    refused = send(browser, url, **prescription(), password="wrong")
    assert not PrescriberSurvey.objects.exists()
    assert "1 capsule daily" in refused.content.decode()
    assert send(browser, url, **prescription()).status_code == 302

    found = signature(PrescriberSurvey.objects.get())
    assert found.meaning == Meaning.PRESCRIBER_SURVEY
    assert found.user_id == cast.prescribing.actor.id
    assert found.patient_id == patient.pk


def test_a_delegate_signs_in_their_own_name_on_behalf_of_the_prescriber(
    cast: builders.Cast,
) -> None:
    everybody = people(cast)
    patient = builders.ready_frp(everybody.cast.prescribing)
    url = reverse("request", args=[patient.pk])
    page = everybody["delegate"].get(url).content.decode()
    assert "I, <strong>Dana Delegate</strong>, sign this survey" in page
    assert "on behalf of Paula Prescriber1" in page

    assert send(everybody["delegate"], url, **prescription()).status_code == 302

    found = signature(PrescriberSurvey.objects.get())
    assert found.printed_name == "Dana Delegate"
    assert found.prescriber_id == everybody.cast.prescriber.pk


def test_a_patients_survey_is_signed_by_who_took_it_down(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    answers = builders.safe_answers("adult_male")
    url = reverse("record", args=[patient.pk, "survey"])

    browser = browser_of(cast.prescribing)
    answer = send(browser, url, **answers, **instant_parts("completed_at", clock.now()))

    assert answer.status_code == 302, answer.content.decode()
    found = signature(PatientSurvey.objects.get())
    assert found.meaning == Meaning.PATIENT_SURVEY
    assert found.user_id == cast.prescribing.actor.id


def test_a_pharmacist_signs_the_checklist_with_one_field_within_the_period(
    cast: builders.Cast, held: Confirmation
) -> None:
    pharmacist = browser_of(cast.dispensing)
    form = pharmacist.get(address(held)).context["form"]
    assert list(form.fields)[-2:] == ["password", "code"]

    assert send(pharmacist, address(held), **package()).status_code == 302

    made = Dispense.objects.get()
    found = signature(made)
    assert (found.meaning, found.method) == (Meaning.COUNSELING_CHECKLIST, "all_components")
    assert found.user_id == cast.dispensing.actor.id
    receipt = pharmacist.get(reverse("receipt", args=[made.pk])).content.decode()
    assert "Signed by <strong>Phil Pharmacist</strong>" in receipt
    assert "Counseling checklist, as the pharmacist" in receipt


def technician(cast: builders.Cast) -> Client:
    """A technician's browser at the counter."""
    return signed_in(member(Role.TECHNICIAN, cast.pharmacy.organization, "tech@pharmacy.example"))


def test_at_a_technicians_screen_the_pharmacist_signs_with_everything_each_time(
    cast: builders.Cast, held: Confirmation
) -> None:
    browser = technician(cast)
    page = browser.get(address(held)).content.decode()
    assert "Password of the one who is named above" in page
    pharmacist = builders.person_of(cast.dispensing)
    have_components(pharmacist)

    # The technician's own components are not the pharmacist's.
    refused = send(browser, address(held), **package(), password=builders.PASSWORD, code="1")
    assert "code" in refused.context["form"].errors
    assert not Dispense.objects.exists()
    proved = {"password": builders.PASSWORD, "code": new_code(pharmacist)}
    answer = send(browser, address(held), **package(), **proved)

    assert answer.status_code == 302, answer.content.decode()
    found = signature(Dispense.objects.get())
    assert (found.user_id, found.printed_name) == (pharmacist.pk, "Phil Pharmacist")
    assert found.method == "all_components"
    assert Event.objects.get(code="dispensed").actor_id != pharmacist.pk
    assert "signed_latest" not in browser.session


def test_ones_own_signature_between_two_tries_at_a_colleagues_ends_no_count(
    cast: builders.Cast, held: Confirmation
) -> None:
    """Else a technician could try a pharmacist's password for hours, and nobody would be told."""
    browser = technician(cast)
    have_components(builders.person_of(cast.dispensing))
    wrong = {"password": "wrong", "code": "000000"}
    for _ in range(2):
        send(browser, address(held), **package(), **wrong)
    # Signed, then refused: as often as one likes.
    own = late(
        held.authorization, counselor="", days_supply="27", **date_parts("dispensed_on", today())
    )
    told = send(browser, reverse("late_dispense"), **own).context["form"].errors
    assert set(told) == {"days_supply"}
    assert not Event.objects.filter(code="signing_misused").exists()

    answer = send(browser, address(held), **package(), **wrong)

    assert answer["Location"] == reverse("account_login")
    assert Event.objects.get(code="signing_misused").data == {"failures": 3}


def test_a_pharmacist_does_not_sign_for_a_colleague(
    cast: builders.Cast, held: Confirmation
) -> None:
    other = accounts.invite_member(
        cast.administrator,
        organization_id=cast.pharmacy.organization_id,
        role=Role.PHARMACIST,
        email="petra@pharmacy.example",
        given_name="Petra",
        family_name="Colleague",
    ).user
    builders.train(builders.pharmacy_call(cast.pharmacy, Role.PHARMACIST, other.pk))
    have_components(User.objects.get(pk=other.pk))
    browser = browser_of(cast.dispensing)

    asked = send(browser, address(held), **package(counselor="Petra Colleague"))

    assert asked.status_code == 200
    assert "code" in asked.context["form"].errors
    assert "I, <strong>Petra Colleague</strong>" in asked.content.decode()
    assert not Dispense.objects.exists()
    proved = {"password": builders.PASSWORD, "code": new_code(other)}
    answer = send(browser, address(held), **package(counselor="Petra Colleague"), **proved)
    assert answer.status_code == 302
    assert signature(Dispense.objects.get()).printed_name == "Petra Colleague"


def at_a_technicians_screen(browser: Client, held: Confirmation, code: str) -> dict[str, Any]:
    """The page of a dispense as the technician's browser sends it, with the pharmacist's code."""
    hidden = hidden_in(browser.get(address(held)).context["form"])
    return {**hidden, **package(), "password": builders.PASSWORD, "code": code}


def test_a_pharmacists_page_sent_twice_at_a_technicians_screen_is_one_dispense_and_no_failure(
    cast: builders.Cast, held: Confirmation
) -> None:
    browser = technician(cast)
    pharmacist = builders.person_of(cast.dispensing)
    have_components(pharmacist)
    page = at_a_technicians_screen(browser, held, new_code(pharmacist))

    answers = [browser.post(address(held), page) for _ in range(4)]

    receipt = reverse("receipt", args=[Dispense.objects.get().pk])
    assert [answer.status_code for answer in answers] == [302] * 4
    assert {answer["Location"] for answer in answers} == {receipt}
    assert not Event.objects.filter(code="signing_failed").exists()
    assert signature(Dispense.objects.get()).user_id == pharmacist.pk


def test_the_same_page_sent_at_the_same_moment_finds_what_the_other_one_proved(
    cast: builders.Cast, held: Confirmation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one has read the session before the first one used the code up."""
    browser = technician(cast)
    pharmacist = builders.person_of(cast.dispensing)
    have_components(pharmacist)
    page = at_a_technicians_screen(browser, held, new_code(pharmacist))
    asked: list[Any] = []
    real: Any = get_form_class

    def overtaken(*which: Any) -> Any:
        """Where the form that checks a code is looked up."""
        asked.append(which)
        if len(asked) == 1:
            browser.post(address(held), page)
        return real(*which)

    monkeypatch.setattr(signing, "get_form_class", overtaken)
    assert browser.post(address(held), page).status_code == 302
    assert Dispense.objects.count() == 1
    assert not Event.objects.filter(code="signing_failed").exists()


@pytest.mark.parametrize(
    "other",
    [
        {"submission": str(uuid4())},
        {"lot_number": "ANOTHER-LOT"},
        {"password": "wrong"},
        {"counselor": "Petra Colleague"},
    ],
    ids=["another page", "other entries", "another password", "another signer"],
)
def test_what_a_pharmacist_proved_at_a_technicians_screen_serves_nothing_else(
    cast: builders.Cast, held: Confirmation, other: dict[str, str]
) -> None:
    colleague = member(Role.PHARMACIST, cast.pharmacy.organization, "petra@pharmacy.example")
    User.objects.filter(pk=colleague.pk).update(given_name="Petra", family_name="Colleague")
    browser = technician(cast)
    for each in (pharmacist := builders.person_of(cast.dispensing), colleague):
        have_components(each)
    page = at_a_technicians_screen(browser, held, new_code(pharmacist))
    assert browser.post(address(held), page).status_code == 302

    answer = browser.post(address(held), {**page, **other})

    assert "Nothing was signed." in answer.content.decode()
    failed = Event.objects.get(code="signing_failed")
    assert failed.data["component"] == ("password" if "password" in other else "code")


def test_what_a_pharmacist_proved_at_a_technicians_screen_ends_with_the_period(
    cast: builders.Cast, held: Confirmation
) -> None:
    browser = technician(cast)
    pharmacist = builders.person_of(cast.dispensing)
    have_components(pharmacist)
    page = at_a_technicians_screen(browser, held, new_code(pharmacist))
    assert browser.post(address(held), page).status_code == 302

    session = browser.session
    ago = signing.period().total_seconds() + 1
    session[signing.PROVEN] = {**session[signing.PROVEN], "at": time.time() - ago}
    session.save()
    assert "Nothing was signed." in browser.post(address(held), page).content.decode()
