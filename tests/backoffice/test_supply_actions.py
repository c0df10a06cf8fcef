"""What the office records about supplies and outages: actions with the services' own objections."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event
from apps.core import clock
from apps.eligibility import services as eligibility
from apps.evidence.models import Deviation
from apps.prescriptions.models import Dispense, Outage, OutageCheck, Shipment, SupplyStop
from tests import builders
from tests.backoffice.conftest import signed_in
from tests.backoffice.test_actions import act, said, send
from tests.eligibility.supplies import authorized, confirmed, dispensed_to, enter_late, man
from tests.portal.people import NEW_YORK

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_counted_sign_ins() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def at(name: str, instant: Any) -> dict[str, str]:
    local = instant.astimezone(NEW_YORK)
    return {f"{name}_0": f"{local:%Y-%m-%d}", f"{name}_1": f"{local:%H:%M:%S}"}


def test_l_dsp_5_the_office_records_a_loss(cast: builders.Cast, staff: Client) -> None:
    made = dispensed_to(cast, man(cast))
    day = timedelta(days=1)
    early = {"kind": "lost", "reason": "Told by the pharmacy"}
    refused = act(staff, made, "stop", stopped_on=f"{builders.today() - 3 * day}", **early)
    assert "Choose a day from" in said(refused)
    today = made.dispensed_at.astimezone(NEW_YORK).strftime("%Y-%m-%d")
    assert act(staff, made, "stop", stopped_on=today, **early).status_code == 302
    assert SupplyStop.objects.get(dispense=made).kind == "lost"
    assert act(staff, made, "withdraw-end", reason="Found again").status_code == 302
    assert SupplyStop.objects.get(dispense=made).withdrawal_reason == "Found again"


def test_l_dsp_9_the_office_records_a_shipment_and_its_end(
    cast: builders.Cast, staff: Client
) -> None:
    made = dispensed_to(cast, man(cast), handover="ship")
    left = {"carrier": "A carrier", "tracking_number": "T-1", **at("left_at", clock.now())}
    assert act(staff, made, "ship", **left).status_code == 302
    right = {"carrier": "A carrier", "tracking_number": "T-2", "reason": "The pharmacy called"}
    assert act(staff, made, "correct-shipment", **right).status_code == 302
    assert Shipment.objects.get().tracking_number == "T-2"
    right = {"lot_number": "LOT-8", "ndc": made.ndc, "reason": "The pharmacy called"}
    assert act(staff, made, "correct-package", **right).status_code == 302
    assert Dispense.objects.get().corrected_lot_number == "LOT-8"
    ended = {"outcome": "came_back", **at("happened_at", clock.now())}
    assert act(staff, made, "end-shipment", **ended).status_code == 302
    assert Shipment.objects.get().came_back_at is not None
    assert SupplyStop.objects.get().kind == "handed_back"
    assert "already" in said(act(staff, made, "end-shipment", **ended))


def test_l_dsp_8_the_office_enters_and_withdraws_a_late_dispense(
    cast: builders.Cast, staff: Client
) -> None:
    patient = man(cast)
    entered = {
        "program": builders.PROGRAM,
        "unknown_pharmacy": "Harbor Drugs, Lisbon",
        "dispensed_on": f"{builders.today() - timedelta(days=3)}",
        "product": "lenalidomide",
        "strength_mg": "25",
        "days_supply": "60",
        "quantity": "42",
        "handover": "pickup",
        "reason": "The patient brought the receipt",
    }
    assert act(staff, patient, "late-dispense", **entered).status_code == 302
    made = Dispense.objects.get()
    assert not made.authorized
    assert made.only_day_is_known
    assert Deviation.objects.filter(kind="dispense_over_days_supply").exists()
    again = act(staff, patient, "late-dispense", **entered)
    assert "another dispense" in said(again)
    assert act(staff, made, "withdraw", reason="Another person").status_code == 302
    made.refresh_from_db()
    assert made.withdrawn_at is not None


def test_l_dsp_6_the_office_says_that_a_paper_record_is_complete(
    cast: builders.Cast, staff: Client
) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    entered = {
        "program": builders.PROGRAM,
        "pharmacy": str(cast.pharmacy.pk),
        "number": authorization.number,
        **at("dispensed_at", clock.now() + timedelta(minutes=1)),
        "product": "lenalidomide",
        "strength_mg": "25",
        "days_supply": "28",
        "quantity": "21",
        "handover": "pickup",
        "lot_number": "L1",
        "ndc": "59572-0425-21",
        "counselor": str(builders.person_of(cast.dispensing)),
        "reason": "On paper in an outage",
        "is_complete": "on",
    }
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        refused = act(staff, authorization.patient, "late-dispense", **entered)
        assert "the category whose checklist" in said(refused)
        entered["risk_category"] = "adult_male"
        answer = act(staff, authorization.patient, "late-dispense", **entered)
        assert answer.status_code == 302
    made = Dispense.objects.get()
    assert made.medication_guide_given
    assert made.checklist == list(builders.checklist("adult_male"))
    assert made.authorized
    assert not Deviation.objects.exists()


def test_an_outage_is_declared_ended_and_reconciled(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    began = clock.now() - timedelta(hours=1)
    add = reverse("admin:prescriptions_outage_add")
    assert staff.get(add).status_code == 403
    answer = send(
        administrator,
        add,
        parts=["pages", "api"],
        description="The network is down",
        **at("from_at", began),
    )
    assert answer.status_code == 302
    outage = Outage.objects.get()
    late = enter_late(cast, authorization.patient, dispensed_at=began + timedelta(minutes=5))
    assert act(administrator, outage, "end", **at("until_at", clock.now())).status_code == 302
    report = reverse("admin:prescriptions_outage_reconciliation", args=[outage.pk])
    shown = staff.get(report).content.decode()
    assert "1 still to be checked" in shown
    assert "No authorization and no confirmation ran out" in shown
    entry = f"prescriptions.dispense:{late.pk}"
    own = act(staff, outage, "check", entry=entry, note="Compared")
    assert "Another person" in said(own)
    seen = Event.objects.filter(code="record_viewed").latest("pk")
    assert seen.patient_ids == [authorization.patient_id]
    assert act(administrator, outage, "check", entry=entry, note="Compared").status_code == 302
    assert OutageCheck.objects.get().subject_id == late.pk
    assert "Nothing waits to be checked" in staff.get(report).content.decode()


def test_what_ran_out_in_an_outage_is_listed_with_what_to_do(
    cast: builders.Cast, administrator: Client
) -> None:
    authorization = authorized(cast, man(cast))
    outage = eligibility.declare_outage(
        cast.administrator, from_at=clock.now(), parts=["pages"], description="No sign-in"
    )
    with time_machine.travel(authorization.expires_at + timedelta(hours=1), tick=True):
        browser = signed_in("administrator@program.example")
        report = reverse("admin:prescriptions_outage_reconciliation", args=[outage.pk])
        shown = browser.get(report).content.decode()
    assert str(authorization) in shown
    assert "asks for a new authorization" in shown
