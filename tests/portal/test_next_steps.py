"""What is next leads to its page, and what is first told of contraception is whole."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.patients.services import Signatures
from tests import builders
from tests.portal.people import date_parts, instant_parts, send

pytestmark = pytest.mark.django_db


def test_a_next_step_leads_to_the_page_on_which_it_is_done(
    cast: builders.Cast, prescriber: Client
) -> None:
    waiting = Signatures("patient", "Nora New", "", prescriber_signed_at=clock.now())
    patient = builders.enroll(cast.prescribing, signatures=waiting)
    page = prescriber.get(reverse("patient", args=[patient.pk]))
    told = {step.what: step.url for step in page.context["steps"]}
    assert told["Counsel the patient and record it."].endswith("/record/counseling/")
    assert told["Answer the patient survey."].endswith("/record/survey/")
    # Of an agreement that waits for a signature, to that one
    sign = reverse("sign_agreement", args=[patient.pk, patient.agreements.get().pk])
    assert [step.url for step in page.context["steps"]][:2] == [sign, sign]


def test_the_first_attestation_of_contraception_says_since_when(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("record", args=[patient.pk, "contraception"])
    typed = {
        "methods": ["hormonal_implant", "male_condom"],
        "lapse": "no",
        **instant_parts("attested_at", clock.now()),
    }
    refused = send(prescriber, url, **typed)
    assert "in_use_since" in refused.context["form"].errors
    asked = prescriber.get(reverse("request", args=[patient.pk])).context["form"]
    assert asked.fields["in_use_since"].required

    long = builders.program_day(clock.now()) - timedelta(days=40)
    send(prescriber, url, **typed, **date_parts("in_use_since", long))
    assert patient.contraceptionattestation_set.get().in_use_since == long

    # From then on it may be unchanged; and a lapse has no day since when it was none
    send(prescriber, url, **typed)
    assert patient.contraceptionattestation_set.count() == 2


def test_a_first_attestation_that_tells_of_a_lapse_has_no_beginning(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    url = reverse("record", args=[patient.pk, "contraception"])
    send(prescriber, url, lapse="yes", **instant_parts("attested_at", clock.now()))
    assert patient.contraceptionattestation_set.get().lapse
