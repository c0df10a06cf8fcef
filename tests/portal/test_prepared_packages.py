"""A technician prepares the package at one screen; the pharmacist checks and signs at another."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Event, Meaning, Signature
from apps.core.call import Role
from apps.prescriptions.models import Confirmation, Dispense
from tests import builders
from tests.portal.people import browser_of, member, people, send, signed_in

pytestmark = pytest.mark.django_db

PACKAGE = {"lot_number": "LOT-7", "ndc": "59572-0425-21", "quantity": "20", "days_supply": "28"}


@pytest.fixture
def held(cast: builders.Cast) -> Confirmation:
    confirmation = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert confirmation is not None
    return confirmation


@pytest.fixture
def technician(cast: builders.Cast) -> Client:
    email = "technician@pharmacy.example"
    return signed_in(member(Role.TECHNICIAN, cast.pharmacy.organization, email))


def keep(browser: Client, held: Confirmation, **typed: Any) -> Any:
    """Keep the package at this screen, with whatever else was typed."""
    url = reverse("confirmation", args=[held.pk])
    return send(browser, url, **{**PACKAGE, "keep": "1", **typed})


def test_the_pharmacist_checks_and_signs_what_the_technician_prepared(
    held: Confirmation, technician: Client, pharmacist: Client
) -> None:
    kept = keep(technician, held)
    assert kept["Location"] == reverse("confirmations")
    assert not Dispense.objects.exists()

    listed = pharmacist.get(reverse("confirmations")).content.decode()
    assert "Prepared by Robin Example" in listed
    url = reverse("confirmation", args=[held.pk])
    page = pharmacist.get(url)
    assert "Prepared by Robin Example (technician)" in page.content.decode()
    form = page.context["form"]
    assert {name: form[name].value() for name in PACKAGE} == PACKAGE
    # The pharmacist's own: who counseled, the checklist, and the signature
    assert form["counselor"].value() == "Phil Pharmacist"
    assert not form["checklist"].value()

    checklist = list(builders.checklist("adult_frp"))
    counseled = {"counselor": "Phil Pharmacist", "checklist": checklist}
    assert send(pharmacist, url, **PACKAGE, **counseled).status_code == 302
    made = Dispense.objects.get()
    assert (made.lot_number, made.quantity, made.counselor) == ("LOT-7", 20, "Phil Pharmacist")
    # Nothing is left to be signed
    assert technician.get(url).context["prepared"] is None


def test_the_trail_tells_who_prepared_and_who_signed(
    cast: builders.Cast, held: Confirmation, technician: Client, pharmacist: Client
) -> None:
    keep(technician, held)
    prepared = Event.objects.get(code="dispense_prepared")
    assert str(prepared.actor_id) == technician.session["_auth_user_id"]
    assert prepared.patient_id == held.authorization.patient_id
    assert prepared.subject_id == str(held.pk)

    checklist = list(builders.checklist("adult_frp"))
    url = reverse("confirmation", args=[held.pk])
    send(pharmacist, url, **PACKAGE, counselor="Phil Pharmacist", checklist=checklist)
    signature = Signature.objects.get(meaning=Meaning.COUNSELING_CHECKLIST)
    assert signature.user_id == cast.dispensing.actor.id


def test_what_a_technician_keeps_is_never_signed_whatever_they_tick(
    cast: builders.Cast, held: Confirmation, technician: Client, pharmacist: Client
) -> None:
    counselor = builders.person_of(cast.dispensing)
    checklist = list(builders.checklist("adult_frp"))
    signatures = Signature.objects.count()
    typed = {"counselor": str(counselor), "checklist": checklist, "password": builders.PASSWORD}
    assert keep(technician, held, **typed).status_code == 302

    assert not Dispense.objects.exists()
    assert Signature.objects.count() == signatures
    form = technician.get(reverse("confirmation", args=[held.pk])).context["form"]
    assert form["counselor"].value() == str(counselor)
    assert not form["checklist"].value()
    assert not form["password"].value()
    # And a pharmacist who only takes it over as it stands has signed nothing either
    url = reverse("confirmation", args=[held.pk])
    refused = send(pharmacist, url, **PACKAGE, counselor=str(counselor))
    assert "checklist" in refused.context["form"].errors
    assert not Dispense.objects.exists()


def test_a_slip_is_told_to_whoever_types_and_a_gap_is_none(
    held: Confirmation, technician: Client
) -> None:
    refused = keep(technician, held, ndc="59572", lot_number="")
    assert refused.context["form"].errors.keys() == {"ndc"}
    assert refused.context["prepared"] is None
    kept = keep(technician, held, lot_number="", quantity="")
    assert kept.status_code == 302
    form = technician.get(reverse("confirmation", args=[held.pk])).context["form"]
    assert form["ndc"].value() == PACKAGE["ndc"]
    # What was suggested before is suggested again
    assert form["quantity"].value() == held.authorization.quantity


def test_who_prepares_last_counts(
    held: Confirmation, technician: Client, cast: builders.Cast
) -> None:
    keep(technician, held)
    keep(browser_of(cast.dispensing), held, lot_number="LOT-8")
    page = technician.get(reverse("confirmation", args=[held.pk]))
    assert page.context["prepared"].by == "Phil Pharmacist"
    assert page.context["form"]["lot_number"].value() == "LOT-8"
    assert Event.objects.filter(code="dispense_prepared").count() == 2


def test_nobody_of_another_pharmacy_keeps_or_sees_it(cast: builders.Cast) -> None:
    everybody = people(cast)
    held = builders.confirm(everybody.cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    url = reverse("confirmation", args=[held.pk])
    keep(everybody["technician"], held)
    assert everybody["other pharmacist"].get(url).status_code == 404
    assert everybody["other pharmacist"].post(url, {**PACKAGE, "keep": "1"}).status_code == 404
    assert everybody["representative"].post(url, {**PACKAGE, "keep": "1"}).status_code == 403
    assert everybody["pharmacist"].get(url).context["prepared"].lot_number == "LOT-7"


def test_it_ends_with_its_confirmation_and_after_the_time_of_every_draft(
    held: Confirmation, technician: Client, pharmacist: Client
) -> None:
    url = reverse("confirmation", args=[held.pk])
    keep(technician, held)
    Session.objects.filter(expire_date__gt=timezone.now() + timedelta(days=13)).update(
        expire_date=timezone.now()
    )
    assert technician.get(url).context["prepared"] is None

    keep(technician, held)
    send(pharmacist, reverse("cancel_confirmation", args=[held.pk]), reason="Not fetched")
    assert pharmacist.get(url).context["prepared"] is None
    again = technician.post(url, {**PACKAGE, "keep": "1"})
    assert again.status_code == 200
    assert again.context["prepared"] is None
