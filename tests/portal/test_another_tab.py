"""A page in one tab while another tab changes what it is about: nothing is signed unseen."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from apps.audit.models import Signature
from apps.core import clock
from apps.core.overtaken import SHOWS_ANOTHER
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.patients.models import CategoryChange, Patient, RiskCategory
from apps.patients.services import Signatures
from tests import browsers, builders
from tests.portal.people import date_parts, people, proof, send
from tests.portal.test_prescriber_pages import prescription

pytestmark = pytest.mark.django_db

ALPHA, BETA = ("Alpha", "First", date(1980, 1, 1)), ("Beta", "Second", date(1985, 2, 2))


def enrolling_as(given_name: str, family_name: str) -> dict[str, Any]:
    """The first step but for the date of birth."""
    return {
        "given_name": given_name,
        "family_name": family_name,
        "postal_code": "10001",
        "phone": "",
        "email": "",
        "time_zone": "America/New_York",
    }


def begin(browser: Client, who: tuple[str, str, date], **answers: Any) -> None:
    """The first two steps of enrolling somebody."""
    given_name, family_name, born_on = who
    identity = enrolling_as(given_name, family_name)
    send(browser, "/enroll/", **identity, **date_parts("born_on", born_on))
    send(browser, "/enroll/category/", **{"body": "male", **answers})


def opened(browser: Client, url: str, **typed: Any) -> dict[str, Any]:
    """A page as it is open in a tab, with what is typed there and what signs it."""
    form = browser.get(url).context["form"]
    return {**browsers.hidden_in(form), **proof(browser, form), **typed}


def signer(name: str) -> dict[str, Any]:
    """Who signs an agreement for the patient."""
    return {
        "signer": "patient",
        "signer_name": name,
        "how": "paper",
        "signer_relationship": "",
    }


def refused(answer: Any) -> str:
    """The page that says that it shows something else by now."""
    assert answer.status_code == 200
    page: str = answer.content.decode()
    assert SHOWS_ANOTHER in page
    return page


@pytest.mark.parametrize("who", ["owner", "delegate"])
def test_an_agreement_is_not_signed_for_another_patient_than_its_page_shows(
    cast: builders.Cast, who: str
) -> None:
    browser = people(cast)[who]
    begin(browser, ALPHA)
    tab = opened(browser, "/enroll/agreement/", **signer("Alpha First"))
    begin(browser, BETA)
    signed = Signature.objects.count()

    answer = browser.post("/enroll/agreement/", tab)

    page = refused(answer)
    assert "Enroll Beta Second" in page
    assert 'value="Alpha First"' in page
    assert not Patient.objects.exists()
    assert Signature.objects.count() == signed
    # Nor does the other patient's draft learn of it, also where typing paused.
    assert browser.post("/enroll/agreement/", {**tab, "keep": "1"}).status_code == 204
    assert "Alpha" not in browser.get("/enroll/agreement/").content.decode()

    form = answer.context["form"]
    again = {**tab, **browsers.hidden_in(form), **proof(browser, form), **signer("Beta Second")}
    assert browser.post("/enroll/agreement/", again).status_code == 302
    assert str(Patient.objects.get()) == "Beta Second"


def test_the_password_is_not_tried_for_a_page_that_shows_something_else(prescriber: Client) -> None:
    begin(prescriber, ALPHA)
    tab = opened(prescriber, "/enroll/agreement/", **signer("Alpha First"))
    begin(prescriber, BETA)

    answer = prescriber.post("/enroll/agreement/", {**tab, "password": "wrong"})

    assert set(answer.context["form"].errors) == {"__all__"}


def test_an_agreement_is_not_signed_of_another_category_than_its_page_shows(
    prescriber: Client,
) -> None:
    begin(prescriber, ALPHA)
    tab = opened(prescriber, "/enroll/agreement/", **signer("Alpha First"))
    send(prescriber, "/enroll/category/", body="fertile")

    refused(prescriber.post("/enroll/agreement/", tab))

    assert not Patient.objects.exists()


def test_answers_are_not_kept_for_another_patient_than_their_page_shows(
    prescriber: Client,
) -> None:
    begin(prescriber, ALPHA)
    tab = opened(prescriber, "/enroll/category/", body="fertile")
    begin(prescriber, BETA)

    assert "Enroll Beta Second" in refused(prescriber.post("/enroll/category/", tab))

    assert prescriber.get("/enroll/category/").context["form"]["body"].value() == "male"


def test_a_decision_about_likely_duplicates_is_one_about_the_patient_shown(
    prescriber: Client,
) -> None:
    begin(prescriber, ALPHA)
    send(prescriber, "/enroll/agreement/", **signer("Alpha First"))
    first = Patient.objects.get()
    begin(prescriber, ALPHA)
    send(prescriber, "/enroll/agreement/", **signer("Alpha First"))
    decided = {f"same_{first.pk}": "no", f"reason_{first.pk}": "A twin; compared the cards"}
    tab = opened(prescriber, "/enroll/duplicates/", **decided)
    send(prescriber, "/enroll/category/", body="fertile")

    page = refused(prescriber.post("/enroll/duplicates/", tab))

    assert f"Risk category: {escape(RiskCategory.ADULT_FRP.label)}" in page
    assert Patient.objects.count() == 1


def test_what_was_answered_for_one_patient_is_not_filled_in_for_the_next(
    prescriber: Client,
) -> None:
    removed = {"body": "hysterectomy", **date_parts("basis_on", date(2015, 5, 5))}
    begin(prescriber, ALPHA, **removed)
    typed = opened(prescriber, "/enroll/agreement/", **signer("Gina Guardian"), elsewhere="1")
    prescriber.post("/enroll/agreement/", typed)
    assert "Gina Guardian" in prescriber.get("/enroll/agreement/").content.decode()

    # Of the same person everything stays, also with another address
    born = date_parts("born_on", ALPHA[2])
    same = {**enrolling_as(*ALPHA[:2]), "postal_code": "10002", "given_name": " alpha", **born}
    send(prescriber, "/enroll/", **same)
    assert "Gina Guardian" in prescriber.get("/enroll/agreement/").content.decode()

    send(prescriber, "/enroll/", **{**same, **date_parts("born_on", date(1980, 1, 2))})
    assert prescriber.get("/enroll/agreement/")["Location"] == "/enroll/category/"
    shown = prescriber.get("/enroll/category/")
    assert not shown.context["form"]["body"].value()
    assert "2015" not in shown.content.decode()

    send(prescriber, "/enroll/category/", **removed)
    assert "Gina Guardian" not in prescriber.get("/enroll/agreement/").content.decode()

    # Also where another name was only begun
    other = opened(prescriber, "/enroll/", **{**same, "given_name": "Delta"}, keep="1")
    assert prescriber.post("/enroll/", other).status_code == 204
    assert not prescriber.get("/enroll/category/").context["form"]["body"].value()


def test_a_change_of_category_is_signed_as_its_page_shows_it(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    steps = [reverse(each, args=[patient.pk]) for each in ("change_category", "category_agreement")]
    said = {"said_by": "The patient", "reason": "Entered wrongly"}
    send(prescriber, steps[0], body="fertile", **said)
    tab = opened(prescriber, steps[1], **signer(str(patient)))
    removed = date_parts("basis_on", date(2015, 5, 5))
    send(prescriber, steps[0], body="hysterectomy", **removed, **said)

    answer = prescriber.post(steps[1], tab)

    refused(answer)
    assert not CategoryChange.objects.exists()
    tab |= signer(str(patient))
    again = {**tab, **browsers.hidden_in(answer.context["form"])}
    assert prescriber.post(steps[1], again).status_code == 302
    assert CategoryChange.objects.get().risk_category == "adult_fnrp"


def test_an_agreement_is_renewed_for_the_category_that_its_page_shows(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    url = reverse("renew_agreement", args=[patient.pk])
    tab = opened(prescriber, url, **signer(str(patient)))
    now = clock.now()
    evidence.change_category(
        cast.prescribing,
        patient_id=patient.pk,
        program="lenalidomide",
        risk_category="adult_frp",
        basis=None,
        reason="Entered wrongly",
        said_by="The patient",
        signatures=Signatures("patient", str(patient), "", now, now),
    )
    agreements = patient.agreements.count()

    refused(prescriber.post(url, tab))

    assert patient.agreements.count() == agreements


def test_a_request_is_not_signed_for_another_record_than_its_page_shows(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    url = reverse("request", args=[patient.pk])
    tab = opened(prescriber, url, **prescription())
    assert "cycle: irregular" not in prescriber.get(url).content.decode()
    evidence.record_health_status(
        cast.prescribing, patient_id=patient.pk, cycle="irregular", breastfeeding=False,
        advisory_flags=[],
    )  # fmt: skip

    answer = prescriber.post(url, {**tab, "password": "wrong"})

    assert "cycle: irregular" in refused(answer)
    assert set(answer.context["form"].errors) == {"__all__"}
    assert not Decision.objects.exists()
    again = {**tab, **browsers.hidden_in(answer.context["form"])}
    assert prescriber.post(url, again).status_code == 302
    assert Decision.objects.count() == 1
