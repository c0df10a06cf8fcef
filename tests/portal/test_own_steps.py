"""The next steps on a patient's own pages: whose they are, and nobody sent where they get a no."""

import pytest
from django.urls import reverse

from apps.patients import reaching
from tests import builders
from tests.portal.people import browser_of
from tests.visitors import send, visitor

pytestmark = pytest.mark.django_db

AT_THE_PHARMACY = "your pharmacy can give them to you"


def test_nobody_on_a_hold_is_sent_to_the_pharmacy(cast: builders.Cast) -> None:
    patient = builders.authorized_frp(cast).patient
    browser = visitor(cast.prescribing, patient)
    assert AT_THE_PHARMACY in browser.get("/my/").content.decode()
    send(browser, "own_report", kind="missed_period")
    held = browser.get("/my/").content.decode()
    assert "Something needs action now." in held
    assert AT_THE_PHARMACY not in held
    theirs = browser_of(cast.prescribing).get(reverse("patient", args=[patient.pk]))
    assert "Cannot be dispensed now" in [row[2] for row in theirs.context["obligations"]]


def test_who_speaks_for_a_patient_reads_whose_next_steps_these_are(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    reaching.name_representative(
        cast.prescribing, patient_id=patient.pk, kind="guardian", name="Gail Guardian",
        relationship="mother",
    )  # fmt: skip
    theirs = "These are the next steps of"
    speaking = visitor(cast.prescribing, patient, for_representative=True)
    assert f"{theirs} {patient}" in speaking.get("/my/").content.decode()
    assert theirs not in visitor(cast.prescribing, patient).get("/my/").content.decode()
