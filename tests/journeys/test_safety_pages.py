"""A risky answer and a pregnancy case, as the prescriber meets them; each page inspected."""

import pytest
from django.urls import reverse

from apps.core import clock
from apps.evidence import services as evidence
from tests import builders
from tests.journeys.site import Person, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def cast(site: Site) -> builders.Cast:
    site.at(builders.START)
    return builders.cast()


@pytest.fixture
def prescriber(site: Site, cast: builders.Cast) -> Person:
    return site.meet(cast.prescriber.email)


def test_a_risky_answer_says_what_to_do_and_the_case_is_followed_up(
    cast: builders.Cast, prescriber: Person
) -> None:
    # Given a patient who may be pregnant, by her own answer
    patient = builders.enroll(cast.prescribing)
    survey = evidence.record_patient_survey(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers("adult_frp"), "may_be_pregnant": "yes"},
    )
    case = patient.pregnancycase_set.get()

    # Then the page says what she must be told, and the case shows what is owed by when
    prescriber.go(reverse("survey_guidance", args=[patient.pk, survey.pk]))
    prescriber.sees("Stop taking the capsules now.")
    prescriber.follow("The patient was told: back to the record")
    prescriber.go(reverse("pregnancy_case", args=[patient.pk, case.pk]))
    prescriber.sees("Referral to a specialist in reproductive toxicity")
    prescriber.follow("Record what is known")
    prescriber.write("Notes", "Confirmed by ultrasound")
    prescriber.press("Record it")
    prescriber.sees("What is known is recorded.")
    prescriber.sees("Confirmed by ultrasound")


def test_breastfeeding_is_reported_on_a_page_of_its_own(
    cast: builders.Cast, prescriber: Person
) -> None:
    patient = builders.enroll(cast.prescribing)
    prescriber.go(reverse("record", args=[patient.pk, "breastfeeding"]))
    prescriber.press("She breastfeeds: report it")
    prescriber.sees("Breastfeeding is recorded.")
