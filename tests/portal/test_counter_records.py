"""What the counter finds again: by number, why it is over, until when it leaves, what is next."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.core import clock
from apps.core.call import Role
from apps.eligibility import services as eligibility
from apps.notices.models import Notice
from apps.prescriptions.models import Authorization, Confirmation
from tests import builders
from tests.portal.people import browser_of, date_parts, send, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def authorization(cast: builders.Cast) -> Authorization:
    return builders.authorized_frp(cast)


@pytest.mark.parametrize("by", ["authorization", "confirmation", "lot"])
def test_a_dispense_is_found_by_its_numbers_and_no_address_tells_them(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization, by: str
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    made = builders.dispense(cast.dispensing, held).dispense
    assert made is not None
    typed = {
        "authorization": str(authorization).lower(),
        "confirmation": held.number,
        "lot": f" {made.lot_number.lower()} ",
    }[by]
    found = pharmacist.post("/dispenses/", {"sought": typed})
    assert found["Location"] == reverse("receipt", args=[made.pk])

    other = builders.certified_pharmacy(cast.administrator, 2)
    stranger = browser_of(builders.pharmacist_call(cast.administrator, other))
    found = stranger.post("/dispenses/", {"sought": typed})
    assert typed.strip() not in found["Location"]
    page = stranger.get(found["Location"]).content.decode()
    assert "No dispense of this pharmacy has this number" in page


def test_a_number_that_was_confirmed_and_not_dispensed_leads_to_its_confirmations(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    first = builders.confirm(cast.dispensing, authorization).confirmation
    assert first is not None
    found = pharmacist.post("/confirmations/", {"sought": str(first)})
    assert found["Location"] == reverse("confirmation", args=[first.pk])
    eligibility.reverse_confirmation(
        cast.dispensing, confirmation_id=first.pk, reason="The patient did not come"
    )
    second = builders.confirm(cast.dispensing, authorization).confirmation
    found = pharmacist.post("/dispenses/", {"sought": str(authorization)})
    page = pharmacist.get(found["Location"]).content.decode()
    assert "Nothing was dispensed on this number here" in page
    assert str(first) in page
    assert str(second) in page
    assert pharmacist.post("/dispenses/", {"sought": " "})["Location"] == "/dispenses/"


def test_a_search_that_is_forgotten_says_so(pharmacist: Client) -> None:
    page = pharmacist.get("/dispenses/?q=forgotten").content.decode()
    assert "This search is no longer known" in page


def test_a_confirmation_that_is_void_or_cancelled_says_why_on_every_page_that_shows_it(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    first = builders.confirm(cast.dispensing, authorization).confirmation
    assert first is not None
    eligibility.reverse_confirmation(
        cast.dispensing, confirmation_id=first.pk, reason="The patient did not come"
    )
    second = builders.confirm(cast.dispensing, authorization).confirmation
    assert second is not None
    builders.pregnancy_test(cast.prescribing, authorization.patient, result="positive")

    for held, why in (
        (first, "The patient did not come"),
        (second, "A pregnancy was suspected."),
    ):
        page = pharmacist.get(reverse("confirmation", args=[held.pk])).content.decode()
        assert "This confirmation is over" in page
        assert why in page
        assert str(authorization) in page
        assert why in pharmacist.get("/confirmations/").content.decode()


def test_a_confirmation_that_was_dispensed_leads_to_the_dispense(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    made = builders.dispense(cast.dispensing, held).dispense
    assert made is not None
    page = pharmacist.get(reverse("confirmation", args=[held.pk])).content.decode()
    assert reverse("receipt", args=[made.pk]) in page
    assert "This confirmation is over" not in page


def test_who_is_not_trained_is_led_to_the_training_before_the_first_confirmation(
    cast: builders.Cast, authorization: Authorization
) -> None:
    user = builders.user("new@pharmacy.example")
    Membership.objects.create(
        user=user, organization=cast.pharmacy.organization, role=Role.PHARMACIST.value
    )
    newcomer = signed_in(user)
    answer = send(
        newcomer,
        "/check/",
        number=str(authorization),
        risk_category=authorization.risk_category,
        **date_parts("born_on", authorization.patient.born_on),
    )
    page = newcomer.get(answer["Location"]).content.decode()
    assert "Read and acknowledge the training" in page
    assert "Get the confirmation</button>" not in page

    refused = send(newcomer, answer["Location"], handover="pickup", days_supply="28")
    assert refused["Location"] == reverse("training")
    assert not Confirmation.objects.exists()


def test_the_message_of_a_void_number_leads_to_the_confirmation_that_was_held(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    eligibility.cancel_authorization(
        cast.prescribing, authorization_id=authorization.pk, reason="A wrong strength"
    )
    (notice,) = Notice.objects.filter(
        template="authorization_voided", recipient_kind="pharmacy", channel="email"
    )
    Notice.objects.filter(pk=notice.pk).update(state="sent", sent_at=clock.now())
    page = pharmacist.get(reverse("message", args=[notice.pk])).content.decode()
    assert reverse("confirmation", args=[held.pk]) in page
    assert held.number not in page
