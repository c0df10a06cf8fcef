"""The pharmacy's pages about a supply: back to stock, stopped, shipped, reported late."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from apps.core import clock
from apps.eligibility import services as eligibility
from apps.prescriptions.models import Authorization, Dispense, Shipment, SupplyStop
from apps.prescriptions.selectors import good_until
from tests import builders
from tests.papers.reading import flowing
from tests.portal.people import NEW_YORK, browser_of, date_parts, instant_parts, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def authorization(cast: builders.Cast) -> Authorization:
    return builders.authorized_frp(cast)


@pytest.fixture
def made(cast: builders.Cast, authorization: Authorization) -> Dispense:
    confirmed = builders.confirm(cast.dispensing, authorization, handover="ship").confirmation
    assert confirmed is not None
    dispense = builders.dispense(cast.dispensing, confirmed).dispense
    assert dispense is not None
    return dispense


def today() -> date:
    return clock.now().astimezone(NEW_YORK).date()


def page(browser: Client, answer: Any) -> str:
    """The page that a form leads to."""
    assert answer.status_code == 302, answer.content.decode()
    content: str = browser.get(answer["Location"]).content.decode()
    return content


def words_of(content: str) -> str:
    """What a page says, wherever its lines break."""
    return " ".join(strip_tags(content).split())


def test_a_lost_supply_is_recorded_and_shown(pharmacist: Client, made: Dispense) -> None:
    url = reverse("stop_supply", args=[made.pk])
    answer = send(
        pharmacist,
        url,
        kind="lost",
        reason="Left on the train",
        **date_parts("stopped_on", today()),
    )
    shown = page(pharmacist, answer)
    assert "Left on the train" in shown
    assert "<title>Lost" in shown
    assert "no longer counts as supply" in shown
    assert SupplyStop.objects.get().kind == "lost"
    assert "Lost" in pharmacist.get("/dispenses/").content.decode()
    again = send(pharmacist, url, kind="lost", reason="Again", **date_parts("stopped_on", today()))
    assert "recorded already" in again.content.decode()


def test_a_day_before_the_dispense_is_told_beside_its_field(
    pharmacist: Client, made: Dispense
) -> None:
    answer = send(
        pharmacist,
        reverse("stop_supply", args=[made.pk]),
        kind="lost",
        reason="Lost",
        **date_parts("stopped_on", today() - timedelta(days=1)),
    )
    assert answer.context["form"].errors["stopped_on"]


def test_what_may_have_left_does_not_go_back_to_stock(pharmacist: Client, made: Dispense) -> None:
    answer = send(pharmacist, reverse("return_to_stock", args=[made.pk]), reason="Not collected")
    assert "record it as handed back" in answer.content.decode()


def test_a_shipment_and_its_end_are_recorded(pharmacist: Client, made: Dispense) -> None:
    now = clock.now().replace(second=0, microsecond=0)
    answer = send(
        pharmacist,
        reverse("ship", args=[made.pk]),
        carrier="A carrier",
        tracking_number="T-17",
        **instant_parts("left_at", now),
    )
    assert "T-17" in page(pharmacist, answer)
    answer = send(
        pharmacist,
        reverse("end_shipment", args=[made.pk]),
        outcome="lost",
        **instant_parts("happened_at", now),
    )
    assert "Lost by the carrier." in page(pharmacist, answer)
    assert Shipment.objects.get().lost_at == now
    assert SupplyStop.objects.get().kind == "lost"


@pytest.mark.parametrize("name", ["stop_supply", "ship", "return_to_stock"])
def test_a_form_says_which_dispense_it_is_about(
    pharmacist: Client, made: Dispense, name: str
) -> None:
    content = words_of(pharmacist.get(reverse(name, args=[made.pk])).content.decode())
    assert f"{made.quantity} capsules · lot {made.lot_number} · authorization" in content
    assert str(made.authorization) in content


def test_a_parcel_that_left_before_its_confirmation_says_that_a_rule_was_broken(
    cast: builders.Cast, authorization: Authorization
) -> None:
    noon = datetime.combine(today() + timedelta(days=1), time(12), NEW_YORK)
    with time_machine.travel(noon):
        held = builders.confirm(cast.dispensing, authorization, handover="ship").confirmation
        assert held is not None
        made = builders.dispense(cast.dispensing, held).dispense
        assert made is not None
        pharmacist = browser_of(cast.dispensing)
        answer = send(
            pharmacist,
            reverse("ship", args=[made.pk]),
            carrier="A carrier",
            tracking_number="T-17",
            **instant_parts("left_at", noon - timedelta(minutes=5)),
        )
        content = words_of(page(pharmacist, answer))
    assert "Something was outside the rules" in content
    assert "Rules broken" in content
    assert "(L-DSP-2)" in content


@pytest.mark.parametrize(
    ("outcome", "known"), [("lost", "known to be lost since"), ("came_back", "came back")]
)
def test_a_parcel_that_never_arrived_tells_both_days_apart(
    cast: builders.Cast, made: Dispense, outcome: str, known: str
) -> None:
    """Nothing of it counts from the day on which it left; that was known four days later."""
    left_at, left_on = clock.now().replace(second=0, microsecond=0), today()
    eligibility.record_shipment(
        cast.dispensing,
        dispense_id=made.pk,
        carrier="A carrier",
        tracking_number="T-17",
        left_at=left_at,
    )
    with time_machine.travel(clock.now() + timedelta(days=5), tick=True):
        browser = browser_of(cast.dispensing)
        ended = send(
            browser,
            reverse("end_shipment", args=[made.pk]),
            outcome=outcome,
            **instant_parts("happened_at", left_at + timedelta(days=4)),
        )
        shown = words_of(page(browser, ended))
        patient = reverse("patient", args=[made.patient_id])
        record = words_of(browser_of(cast.prescribing).get(patient).content.decode())
    left, later = f"{left_on:%-d %B %Y}", f"{left_on + timedelta(days=4):%-d %B %Y}"
    assert f"Nothing of it counts as supply from {left} on." in shown
    assert f"{known} {later}" in shown
    assert f"what was left does not count from {left} on" in record
    for said in (shown, record):
        assert f"Lost {left}" not in said
        assert f"Lost on {left}" not in said
    assert "It never reached the patient" in shown


def test_a_shipment_that_must_not_arrive_says_so_until_its_end_is_recorded(
    cast: builders.Cast, pharmacist: Client, made: Dispense
) -> None:
    receipt = reverse("receipt", args=[made.pk])
    before = pharmacist.get(receipt).content.decode()
    assert "The shipment is not recorded yet" in before
    assert "Stop this shipment" not in before

    builders.pregnancy_test(cast.prescribing, made.patient, result="positive")
    shown = pharmacist.get(receipt).content.decode()
    assert "Stop this shipment" in shown
    assert "The shipment is not recorded yet" not in shown

    send(
        pharmacist,
        reverse("return_to_stock", args=[made.pk]),
        never_left_premises="on",
        reason="It had not left",
    )
    after = pharmacist.get(receipt).content.decode()
    assert "Returned to stock" in after
    assert "Stop this shipment" not in after


@pytest.mark.parametrize(("handover", "offered"), [("ship", True), ("pickup", False)])
def test_a_receipt_offers_the_shipment_of_what_is_shipped(
    pharmacist: Client,
    cast: builders.Cast,
    authorization: Authorization,
    handover: str,
    offered: bool,
) -> None:
    confirmed = builders.confirm(cast.dispensing, authorization, handover=handover).confirmation
    assert confirmed is not None
    dispense = builders.dispense(cast.dispensing, confirmed).dispense
    assert dispense is not None
    receipt = pharmacist.get(reverse("receipt", args=[dispense.pk])).content.decode()
    assert ("Record the shipment" in receipt) is offered
    # Whoever left the choice at pick-up says so here: a late one is seen (L-DSP-9).
    assert ("Shipped after all" in receipt) is not offered
    assert "How the shipment ended" not in receipt


def late(authorization: Authorization, **typed: Any) -> dict[str, Any]:
    """What the paper says."""
    return {
        "number": str(authorization),
        "risk_category": authorization.risk_category,
        "product": "lenalidomide",
        "strength_mg": "25",
        "quantity": "21",
        "days_supply": "28",
        "handover": "pickup",
        "lot_number": "LOT-9",
        "ndc": "59572-0425-21",
        "counselor": "Phil Pharmacist",
        "is_complete": "on",
        "reason": "The network was down",
        **date_parts("born_on", authorization.patient.born_on),
        **typed,
    }


def test_a_late_dispense_within_the_rules_is_entered(
    cast: builders.Cast, pharmacist: Client, authorization: Authorization
) -> None:
    confirmed = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmed is not None
    outage = eligibility.declare_outage(
        cast.administrator, from_at=clock.now(), parts=["pages"], description="No sign-in"
    )
    # Typed to the minute: the minute after the confirmation would lie in the future.
    answer = send(
        pharmacist,
        "/dispenses/late/",
        **late(authorization, outage=str(outage.pk), **date_parts("dispensed_on", today())),
    )
    shown = page(pharmacist, answer)
    assert "Entered late" in shown
    assert "in an outage" in shown
    made = Dispense.objects.get()
    assert made.outage_id == outage.pk
    # No text was read to sign a late entry.
    paper = flowing(pharmacist.get(reverse("checklist_pdf", args=[made.pk])).content)
    assert "Signed by" in paper
    assert "as read in" not in paper
    listed = pharmacist.get("/dispenses/").content.decode()
    assert "entered late" in listed


def test_a_late_dispense_outside_the_rules_is_entered_and_marked(
    pharmacist: Client, authorization: Authorization
) -> None:
    at = clock.now().replace(second=0, microsecond=0)
    answer = send(
        pharmacist, "/dispenses/late/", **late(authorization, **instant_parts("dispensed_at", at))
    )
    shown = page(pharmacist, answer)
    assert "Dispensed outside the rules" in shown
    assert "the program’s staff are told" in shown
    # What was broken, and why it is late, are read again afterwards.
    again = pharmacist.get(answer["Location"]).content.decode()
    assert "The network was down" in again
    assert "Rules broken" in again
    assert "without a confirmation" in again.lower() or "L-DSP-2" in again


def test_a_late_dispense_has_its_time_or_only_its_day_and_not_both(
    pharmacist: Client, authorization: Authorization
) -> None:
    at = clock.now().replace(second=0, microsecond=0)
    typed = late(
        authorization,
        **instant_parts("dispensed_at", at),
        **date_parts("dispensed_on", today() - timedelta(days=1)),
    )
    answer = send(pharmacist, "/dispenses/late/", **typed)
    assert answer.status_code == 200
    assert "or only its day" in answer.context["form"].errors["dispensed_at"][0]
    assert not Dispense.objects.exists()


def test_a_number_that_opens_nothing_says_who_can_enter_it(
    pharmacist: Client, authorization: Authorization
) -> None:
    typed = late(authorization, **date_parts("dispensed_on", today()))
    typed |= date_parts("born_on", date(1999, 1, 1))
    answer = send(pharmacist, "/dispenses/late/", **typed)
    assert "they can enter it" in str(answer.context["form"].non_field_errors())


def parcels(browser: Client) -> str:
    content: str = browser.get(reverse("parcels")).content.decode()
    return content


def test_a_parcel_is_listed_with_its_next_form_until_its_end_is_recorded(
    cast: builders.Cast, pharmacist: Client, made: Dispense
) -> None:
    """L-DSP-9: on the pregnancy path it leaves on the day of its confirmation."""
    assert reverse("parcels") in pharmacist.get(reverse("dispenses")).content.decode()
    waiting = parcels(pharmacist)
    assert reverse("ship", args=[made.pk]) in waiting
    assert "Late: shipment not recorded" not in waiting
    now = clock.now()
    eligibility.record_shipment(
        cast.dispensing, dispense_id=made.pk, carrier="UPS", tracking_number="T-17", left_at=now
    )
    under_way = parcels(pharmacist)
    assert reverse("end_shipment", args=[made.pk]) in under_way
    assert "UPS, T-17" in under_way
    eligibility.record_shipment_outcome(
        cast.dispensing, dispense_id=made.pk, outcome="delivered", happened_at=now
    )
    assert "No parcel is under way" in parcels(pharmacist)
    assert reverse("parcels") not in pharmacist.get(reverse("dispenses")).content.decode()


def test_a_parcel_that_did_not_leave_in_time_is_late(
    pharmacist: Client, made: Dispense, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made.confirmation is not None
    later = good_until(made.confirmation) + timedelta(microseconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Late: shipment not recorded" in parcels(pharmacist)


def test_another_pharmacys_parcel_is_not_listed(
    cast: builders.Cast, pharmacist: Client, made: Dispense
) -> None:
    elsewhere = builders.certified_pharmacy(cast.administrator, serial=7)
    stranger = browser_of(builders.pharmacist_call(cast.administrator, elsewhere))
    assert "No parcel is under way" in parcels(stranger)
    assert str(made.authorization) in parcels(pharmacist)
