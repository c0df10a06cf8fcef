"""Who enrolls patients at random does not learn who is registered (L-PAT-1)."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from django.test import Client

from apps.audit import services as audit
from apps.audit.models import Event
from apps.patients.models import Patient
from apps.patients.showing import SHOWN, SHOWN_ALLOWED
from tests import browsers, builders
from tests.portal.people import date_parts, send
from tests.portal.test_prescriber_pages import IDENTITY, enroll

pytestmark = pytest.mark.django_db

BORN_ON = date(1980, 1, 1)


def registered(cast: builders.Cast) -> Patient:
    """Somebody of another practice, whom the browsers below ask about."""
    other = builders.certified_prescriber(cast.administrator, 5)
    identity = replace(
        builders.IDENTITY,
        given_name=IDENTITY["given_name"],
        family_name=IDENTITY["family_name"],
        born_on=BORN_ON,
    )
    return builders.enroll(builders.prescribing_call(other), "adult_male", identity)


def test_after_many_resemblances_nobody_is_shown_for_an_hour(
    cast: builders.Cast, prescriber: Client
) -> None:
    enroll(prescriber, born_on=date(1980, 1, 1), body="male")
    first = Patient.objects.get()
    asked = enroll(prescriber, born_on=date(1980, 1, 1), body="male")
    assert asked["Location"] == "/enroll/duplicates/"
    for _ in range(SHOWN_ALLOWED):
        audit.record_view(cast.prescribing, SHOWN, patient_ids=[first.pk])
    shown = prescriber.get("/enroll/duplicates/", follow=True)
    assert shown.redirect_chain == [("/enroll/agreement/", 302)]
    assert "Too many new patients" in shown.content.decode()


def shown_to(browser: Client) -> list[list[UUID]]:
    """Whom the events name that count, the latest last."""
    user_id = browser.session["_auth_user_id"]
    events = Event.objects.filter(code=SHOWN, actor_id=user_id).order_by("pk")
    return [each.patient_ids or [] for each in events]


def test_that_somebody_is_registered_is_told_to_nobody_without_trace(
    cast: builders.Cast, prescriber: Client
) -> None:
    """The answer alone counts: no page needs to be followed."""
    suspect = registered(cast)
    for number in range(1, SHOWN_ALLOWED + 1):
        prescriber.post("/enroll/discard/")
        asked = enroll(prescriber, born_on=suspect.born_on, body="male")
        assert asked["Location"] == "/enroll/duplicates/"
        assert shown_to(prescriber) == [[suspect.pk]] * number

    prescriber.post("/enroll/discard/")
    refused = enroll(prescriber, born_on=suspect.born_on, body="male")
    assert "Too many new patients" in refused.content.decode()
    other = enroll(prescriber, born_on=date(1933, 3, 3), body="male")
    assert "Too many new patients" in other.content.decode()


def test_going_on_with_one_patient_counts_once(cast: builders.Cast, prescriber: Client) -> None:
    suspect = registered(cast)
    enroll(prescriber, born_on=suspect.born_on, body="male")
    for _ in range(3):
        assert prescriber.get("/enroll/duplicates/").status_code == 200
    send(prescriber, "/enroll/duplicates/", **{f"same_{suspect.pk}": "no"})

    assert shown_to(prescriber) == [[suspect.pk]]
    again = Event.objects.filter(code="page_viewed", patient_ids=[suspect.pk])
    assert {each.data["page"] for each in again} == {"enroll_duplicates"}

    # Another phone is another question: it would tell whose it is
    send(
        prescriber,
        "/enroll/",
        **{**IDENTITY, "phone": "212-555-0199"},
        **date_parts("born_on", BORN_ON),
    )
    prescriber.get("/enroll/duplicates/")
    assert shown_to(prescriber) == [[suspect.pk]] * 2


def test_a_patient_of_ones_own_is_no_way_to_ask_about_others_without_trace(
    cast: builders.Cast, prescriber: Client
) -> None:
    enroll(prescriber, born_on=BORN_ON, body="male")
    own = Patient.objects.get()
    asked = enroll(prescriber, born_on=BORN_ON, body="male")
    assert asked["Location"] == "/enroll/duplicates/"
    hidden = browsers.hidden_in(prescriber.get("/enroll/duplicates/").context["form"])
    assert len(shown_to(prescriber)) == 1

    # In another draft the decision is sent at once: it is refused where more is to be decided.
    prescriber.post("/enroll/discard/")
    enroll(prescriber, born_on=BORN_ON, body="male", elsewhere="1")
    assert len(shown_to(prescriber)) == 1
    decided = {f"same_{own.pk}": "yes", f"reason_{own.pk}": "The same card"}
    assert prescriber.post("/enroll/duplicates/", {**hidden, **decided}).status_code == 302

    assert shown_to(prescriber) == [[own.pk]] * 2
