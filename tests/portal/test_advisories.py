"""Advisories are shown to who prescribes and to who dispenses (§11)."""

import pytest
from django.urls import reverse

from apps.core import clock
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.portal.words import ADVISORY_FLAGS
from apps.rules.policy import policy_in_force
from tests import builders
from tests.portal.people import browser_of, date_parts, send

pytestmark = pytest.mark.django_db


def test_every_flag_that_calls_for_an_advisory_can_be_recorded() -> None:
    """§11"""
    policy = policy_in_force(builders.PROGRAM, clock.now())
    assert {flag for each in policy.advisories for flag in each.flags} <= set(ADVISORY_FLAGS)


def test_who_prescribes_and_who_dispenses_read_the_advisories(cast: builders.Cast) -> None:
    """§11"""
    patient = builders.ready_frp(cast.prescribing)
    evidence.record_health_status(
        cast.prescribing,
        patient_id=patient.pk,
        cycle="regular",
        breastfeeding=False,
        advisory_flags=["digoxin"],
    )
    issued = builders.request(cast.prescribing, patient, "adult_frp")
    assert issued.authorization is not None
    prescriber, pharmacist = browser_of(cast.prescribing), browser_of(cast.dispensing)
    told = "Digoxin is taken as well"
    for page in (
        reverse("patient", args=[patient.pk]),
        reverse("decision", args=[patient.pk, issued.pk]),
    ):
        assert told in prescriber.get(page).content.decode()

    send(
        pharmacist,
        reverse("check"),
        number=str(issued.authorization),
        risk_category="adult_frp",
        **date_parts("born_on", patient.born_on),
    )
    answered = Decision.objects.get(act="verify")
    assert told in pharmacist.get(reverse("answer", args=[answered.pk])).content.decode()
