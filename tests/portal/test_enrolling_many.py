"""Who enrolls patients at random does not learn who is registered (L-PAT-1)."""

from datetime import date

import pytest
from django.test import Client

from apps.audit import services as audit
from apps.patients.models import Patient
from apps.patients.showing import SHOWN, SHOWN_ALLOWED
from tests import builders
from tests.portal.test_prescriber_pages import enroll

pytestmark = pytest.mark.django_db


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
