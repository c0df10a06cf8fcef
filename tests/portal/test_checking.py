"""The page of an answer: who saw it, what it still stands for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.audit.models import Event, Signature
from apps.core import clock
from apps.core.call import Role
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.portal import answers
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from apps.providers import services as providers
from apps.providers.selectors import are_certified, latest_certification
from tests import browsers, builders
from tests.portal.people import send, signed_in
from tests.portal.test_pharmacy_pages import check

pytestmark = pytest.mark.django_db


@pytest.fixture
def authorization(cast: builders.Cast) -> Authorization:
    return builders.authorized_frp(cast)


def seen() -> list[tuple[str, Any]]:
    """Every access event of a page, in order."""
    found = Event.objects.filter(code__in=["page_viewed", "decision_viewed"]).order_by("pk")
    return [(event.code, event.patient_id) for event in found]


def test_a_form_that_comes_back_shows_the_answer_and_leaves_its_event(
    pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)["Location"]

    shown = pharmacist.post(answer, {"days_supply": "none"})

    assert authorization.prescriber.family_name in shown.content.decode()
    assert seen() == [("page_viewed", authorization.patient_id)]
    pharmacist.get(answer)
    assert seen()[1:] == [("decision_viewed", authorization.patient_id)]


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "PATCH", "DELETE"])
def test_a_page_is_got_or_sent_and_nothing_else(
    pharmacist: Client, authorization: Authorization, method: str
) -> None:
    answer = check(pharmacist, authorization)["Location"]
    refused = pharmacist.generic(method, answer)
    assert (refused.status_code, refused.content) == (405, b"")
    assert refused["Allow"] == "GET, HEAD, POST"
    assert seen() == []


def test_an_answer_stands_for_the_date_of_birth_that_was_given_for_it(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)["Location"]
    patient = authorization.patient
    evidence.correct_identity(
        cast.staff, patient_id=patient.pk, given_name=patient.given_name,
        family_name=patient.family_name, born_on=patient.born_on.replace(day=28),
        source_document="Birth certificate", reason="Mistyped",
    )  # fmt: skip

    refused = send(pharmacist, answer, handover="pickup", days_supply="28")

    assert refused.status_code == 404
    assert not Decision.objects.filter(act=Decision.Act.CONFIRM).exists()


def test_a_yes_is_shown_until_something_is_recorded_and_no_longer(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)["Location"]
    assert "Eligible – not yet confirmed" in pharmacist.get(answer).content.decode()

    # An indeterminate result voids nothing, and blocks all the same (L-PT-6).
    builders.pregnancy_test(cast.prescribing, authorization.patient, result="indeterminate")

    page = pharmacist.get(answer).content.decode()
    assert "Eligible" not in page
    assert "Check again" in page
    assert "Get the confirmation" not in page


def test_a_yes_is_not_shown_any_more_once_it_was_dispensed_on(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)["Location"]
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)
    assert "Check again" in pharmacist.get(answer).content.decode()


def test_a_yes_is_not_shown_beyond_its_time(
    pharmacist: Client, authorization: Authorization, settings: LazySettings
) -> None:
    settings.DEMO_CLOCK = True
    answer = check(pharmacist, authorization)["Location"]
    until = answers.holds_until(Decision.objects.get(act=Decision.Act.VERIFY).document)
    assert until is not None
    clock.set_demo_time(until - timedelta(minutes=1))
    assert "Eligible – not yet confirmed" in pharmacist.get(answer).content.decode()

    clock.set_demo_time(until + timedelta(seconds=1))
    page = pharmacist.get(answer).content.decode()
    assert "Eligible" not in page
    assert "Check again" in page


@pytest.fixture(params=["pharmacy", "prescriber"])
def suspend(request: pytest.FixtureRequest, cast: builders.Cast) -> Callable[[], Any]:
    """Suspend one of the two who must be certified."""

    def pharmacy() -> Any:
        return providers.change_pharmacy_standing(
            cast.administrator, pharmacy_id=cast.pharmacy.pk, event="suspend", reason="An audit"
        )

    def prescriber() -> Any:
        return providers.change_prescriber_standing(
            cast.administrator, prescriber_id=cast.prescriber.pk, event="suspend", reason="An audit"
        )

    return pharmacy if request.param == "pharmacy" else prescriber


def test_a_yes_is_not_shown_any_more_once_who_must_be_certified_is_not(
    pharmacist: Client, authorization: Authorization, suspend: Callable[[], Any]
) -> None:
    """Nothing is recorded about the patient then, and the answer would be another one."""
    answer = check(pharmacist, authorization)["Location"]
    suspend()
    page = pharmacist.get(answer).content.decode()
    assert "Eligible" not in page
    assert "Check again" in page
    assert "Get the confirmation" not in page


def test_a_confirmation_says_so_where_who_must_be_certified_is_not_any_more(
    cast: builders.Cast,
    pharmacist: Client,
    authorization: Authorization,
    suspend: Callable[[], Any],
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    address = reverse("confirmation", args=[held.pk])
    assert "Confirmed: hand over by" in pharmacist.get(address).content.decode()
    suspend()
    page = pharmacist.get(address).content.decode()
    assert "Confirmed: hand over by" not in page
    assert "Hand over and ship nothing" in page
    assert reverse("cancel_confirmation", args=[held.pk]) in page


@pytest.fixture
def untrained(cast: builders.Cast) -> Client:
    user = accounts.invite_member(
        cast.administrator,
        organization_id=cast.pharmacy.organization_id,
        role=Role.TECHNICIAN,
        email="new@pharmacy.example",
        given_name="Nina",
        family_name="New",
    ).user
    return signed_in(User.objects.get(pk=user.pk))


@pytest.fixture
def held(cast: builders.Cast, authorization: Authorization) -> Confirmation:
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    return confirmation


def told(browser: Client) -> str:
    """What the training's page says of the form that led there."""
    return " ".join(map(str, browser.get(reverse("training")).context["messages"]))


def test_who_is_untrained_is_led_to_the_training_before_anybody_signs(
    untrained: Client, held: Confirmation
) -> None:
    """A pharmacist's code would be used up for a refusal."""
    address = reverse("confirmation", args=[held.pk])
    page = untrained.get(address).content.decode()
    assert reverse("training") in page
    assert "Record the dispense" not in page

    answer = untrained.post(address, {"password": "wrong", "counselor": "Phil Pharmacist"})
    assert answer["Location"] == reverse("training")
    assert not Event.objects.filter(code="signing_failed").exists()


PACKAGE = {"lot_number": "LOT-7", "ndc": "59572-0425-21", "quantity": "20", "days_supply": "28"}


@pytest.mark.parametrize("button", [{}, {"keep": "1"}], ids=["dispense", "keep"])
def test_what_an_untrained_person_typed_waits_as_a_prepared_package(
    untrained: Client, pharmacist: Client, held: Confirmation, button: dict[str, str]
) -> None:
    """The training's text was renewed while the form stood open: nothing is typed twice."""
    address = reverse("confirmation", args=[held.pk])
    form = untrained.get(address).context["form"]
    typed = {
        **browsers.hidden_in(form),
        **PACKAGE,
        **button,
        "counselor": "Phil Pharmacist",
        "checklist": list(builders.checklist("adult_frp")),
        "password": builders.PASSWORD,
        "code": "123456",
    }
    signatures = Signature.objects.count()

    assert untrained.post(address, typed)["Location"] == reverse("training")

    assert "is kept" in told(untrained)
    form = pharmacist.get(address).context["form"]
    kept = {name: form[name].value() for name in (*PACKAGE, "counselor")}
    assert kept == {**PACKAGE, "counselor": "Phil Pharmacist"}
    assert not form["checklist"].value()
    assert not form["password"].value()
    assert Signature.objects.count() == signatures
    assert not Dispense.objects.exists()
    assert Event.objects.get(code="dispense_prepared").subject_id == str(held.pk)


@pytest.mark.parametrize(
    "typed", [{"ndc": "59572"}, dict.fromkeys(PACKAGE, "")], ids=["wrong", "nothing"]
)
def test_nothing_of_it_is_kept_that_is_no_prepared_package(
    untrained: Client, pharmacist: Client, held: Confirmation, typed: dict[str, str]
) -> None:
    address = reverse("confirmation", args=[held.pk])
    send(pharmacist, address, **PACKAGE, keep="1")
    form = untrained.get(address).context["form"]

    untrained.post(address, {**browsers.hidden_in(form), **PACKAGE, **typed})

    assert "kept" not in told(untrained)
    stands = pharmacist.get(address).context["form"]
    assert {name: stands[name].value() for name in PACKAGE} == PACKAGE
    assert Event.objects.filter(code="dispense_prepared").count() == 1


def test_a_certification_that_ran_out_is_none(cast: builders.Cast) -> None:
    certification = latest_certification(cast.pharmacy)
    assert certification is not None
    last = certification.certified_until
    assert are_certified(
        cast.prescriber, cast.pharmacy.organization_id, now=last - timedelta(microseconds=1)
    )
    assert not are_certified(cast.prescriber, cast.pharmacy.organization_id, now=last)


def test_days_that_were_mistyped_are_corrected_where_the_refusal_stands(
    pharmacist: Client, authorization: Authorization
) -> None:
    answer = check(pharmacist, authorization)["Location"]
    asked = {"handover": "pickup", "days_supply": str(authorization.days_supply + 2)}
    refused = send(pharmacist, answer, **asked)["Location"]
    assert not Confirmation.objects.exists()
    assert "Correct the days’ supply" in pharmacist.get(refused).content.decode()

    asked["days_supply"] = str(authorization.days_supply)
    made = send(pharmacist, refused, **asked)

    assert made["Location"] == reverse("confirmation", args=[Confirmation.objects.get().pk])


def test_a_refusal_for_another_reason_offers_nothing_to_correct(
    pharmacist: Client, authorization: Authorization, cast: builders.Cast
) -> None:
    answer = check(pharmacist, authorization)["Location"]
    evidence.report_bleeding(
        cast.prescribing,
        patient_id=authorization.patient_id,
        kind="missed_period",
        reported_at=clock.now(),
    )
    refused = send(
        pharmacist, answer, handover="pickup", days_supply=str(authorization.days_supply + 2)
    )["Location"]
    assert "Correct the days’ supply" not in pharmacist.get(refused).content.decode()
