"""Requesting on one page: two page loads, nothing typed twice, everything missing entered there."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.eligibility.models import Decision
from apps.evidence.models import ContraceptionAttestation, PatientSurvey, PregnancyTest
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization
from tests import browsers, builders
from tests.portal.people import instant_parts, proof, send
from tests.portal.test_prescriber_pages import prescription

pytestmark = pytest.mark.django_db


def lacking_all_but_time(cast: builders.Cast) -> Patient:
    """Enrolled, four weeks of contraception, the first test in its time; nothing for today."""
    patient = builders.enroll(cast.prescribing)
    long_ago = clock.now() - timedelta(days=33)
    builders.contraception(
        cast.prescribing, patient, since=builders.program_day(long_ago), attested_at=long_ago
    )  # It is too old by now.
    builders.negative_test(cast.prescribing, patient, ago=timedelta(days=11))
    return patient


def of_today(**answers: str) -> dict[str, Any]:
    """What is asked beside the prescription."""
    return {
        "result": "negative", "specimen": "serum", "sensitivity_miu_ml": "25",
        **instant_parts("collected_at", clock.now() - timedelta(hours=1)),
        "methods": ["iud", "male_condom"], "lapse": "no",
        "topics": ["contraception", "emergency_contraception"],
        "promises": ["no_blood_donation", "no_sharing"],
        **builders.safe_answers("adult_frp"), **answers,
    }  # fmt: skip


def test_a_complete_record_needs_two_page_loads_and_the_next_request_types_nothing_again(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    url = reverse("request", args=[patient.pk])

    # The first page load: the checklist is ticked, and nothing is asked that the record shows
    page = prescriber.get(url)
    form = page.context["form"]
    assert form.blocks == {}
    assert page.context["met"] == len(page.context["requirements"])
    assert "Not possible" not in page.content.decode()

    # The second one: the answer to the form leads to the number and its expiry
    data = {**prescription(), **proof(prescriber, form), **browsers.hidden_in(form)}
    answer = prescriber.post(url, data, follow=True)
    assert len(answer.redirect_chain) == 1
    issued = Authorization.objects.get()
    assert str(issued) in answer.content.decode()
    assert "It expires" in answer.content.decode()

    # When it is cancelled to be replaced, the page returns, filled in as before
    waiting = prescriber.get(url)
    assert waiting.context["open"] == issued
    cancel = reverse("cancel_authorization", args=[patient.pk, issued.pk])
    assert f"{cancel}?to=request" in waiting.content.decode()
    assert send(prescriber, f"{cancel}?to=request", reason="Wrong strength")["Location"] == url
    again = prescriber.get(url).context["form"]
    assert again.initial["copied_from"] == issued.issued_at
    for name in ("product", "directions", "indication"):
        assert again[name].value() == getattr(issued, name)
    assert (again["strength_mg"].value(), again["quantity"].value()) == ("25", 21)


def test_everything_that_is_missing_is_entered_on_the_page_of_the_request(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = lacking_all_but_time(cast)
    url = reverse("request", args=[patient.pk])
    asked = prescriber.get(url).context["form"]
    assert set(asked.blocks) == {"test", "contraception", "survey", "counseling", "obligations"}
    assert asked.lacking.is_all
    # What is attested is read where it is attested
    assert "latest test negative, collected" in asked.fields["survey"].help_text
    assert "cycle: not recorded" in asked.fields["survey"].help_text

    # What would have made the request fail in vain is asked for, and nothing is recorded
    refused = send(prescriber, url, **prescription())
    for name in ("result", "lapse", "topics", "promises", "may_be_pregnant"):
        assert name in refused.context["form"].errors
    without = send(prescriber, url, **prescription(), **{**of_today(), "methods": []})
    assert "Choose the methods" in str(without.context["form"].errors["methods"])
    assert not Decision.objects.exists()

    send(prescriber, url, **prescription(), **of_today())

    assert Authorization.objects.get().patient == patient
    assert PregnancyTest.objects.count() == 2
    assert ContraceptionAttestation.objects.count() == 2
    assert PatientSurvey.objects.get().operation.channel == "portal"


def test_a_page_sent_twice_asks_once_though_its_entries_changed_the_record(
    cast: builders.Cast, prescriber: Client
) -> None:
    url = reverse("request", args=[lacking_all_but_time(cast).pk])
    form = prescriber.get(url).context["form"]
    sent = {**browsers.hidden_in(form), **proof(prescriber, form), **prescription(), **of_today()}

    first, second = prescriber.post(url, sent), prescriber.post(url, sent)

    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert Authorization.objects.count() == 1


def test_an_answer_that_tells_of_a_risk_leads_to_what_to_do_and_nothing_is_requested(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = lacking_all_but_time(cast)
    url = reverse("request", args=[patient.pk])
    led = send(prescriber, url, **prescription(), **of_today(shared_drug="yes"))

    survey = PatientSurvey.objects.get()
    assert led["Location"] == reverse("survey_guidance", args=[patient.pk, survey.pk])
    assert "Nothing was requested" in prescriber.get(led["Location"]).content.decode()
    assert not Decision.objects.exists()


def test_what_must_wait_may_be_left_out_and_the_page_says_from_when(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, patient, since=builders.program_day(clock.now()))
    url = reverse("request", args=[patient.pk])
    page = prescriber.get(url)
    assert "Not possible before" in page.content.decode()
    assert not page.context["form"].lacking.is_all

    # A test that is begun must be complete; one that is left out is not asked for
    begun = send(prescriber, url, **prescription(), **{**of_today(), "specimen": ""})
    assert "specimen" in begun.context["form"].errors
    kept = {"topics": ["contraception"], "promises": ["no_sharing"]}
    send(prescriber, url, **prescription(), **kept)
    assert not Decision.objects.get().allowed
    assert not PregnancyTest.objects.exists()


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ({"specimen": "serum", "sensitivity_miu_ml": "25"}, "result"),
        ({"collected_at_time": "8:05"}, "result"),
        ({"methods": ["iud", "male_condom"]}, "lapse"),
        ({"abstinence": "on"}, "lapse"),
    ],
)
def test_what_is_begun_is_asked_for_whole_also_where_it_may_be_left_out(
    cast: builders.Cast, prescriber: Client, typed: dict[str, Any], asked: str
) -> None:
    """What somebody typed is never dropped without a word."""
    patient = builders.enroll(cast.prescribing)
    url = reverse("request", args=[patient.pk])
    assert not prescriber.get(url).context["form"].lacking.is_all
    kept = {"topics": ["contraception"], "promises": ["no_sharing"]}

    begun = send(prescriber, url, **prescription(), **kept, **typed)

    errors = begun.context["form"].errors
    assert asked in errors
    # In the portal's own words, also beside fields that this record alone adds
    assert "This field is required." not in str(errors)
    assert not Decision.objects.exists()
