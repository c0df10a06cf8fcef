"""A pharmacy's system: what became of a supply, its shipment, and what it reports late."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from apps.core import clock
from apps.core.call import Role
from apps.evidence.models import RuleException
from apps.prescriptions.models import Dispense
from apps.rules.policy import policy_in_force
from tests import builders
from tests.api.clients import System, system
from tests.eligibility.supplies import authorized, confirmed, dispensed_to, man

pytestmark = pytest.mark.django_db


@pytest.fixture
def pharmacy(cast: builders.Cast) -> System:
    return system(cast.pharmacy.organization_id, Role.PHARMACIST)


def late(authorization: Any, **changes: Any) -> dict[str, Any]:
    return {
        "number": authorization.number,
        "born_on": authorization.patient.born_on.isoformat(),
        "dispensed_at": clock.now().isoformat(),
        "product": "lenalidomide",
        "strength_mg": 25,
        "days_supply": 28,
        "quantity": 21,
        "handover": "pickup",
        "lot_number": "LOT-9",
        "ndc": "59572-0425-21",
        "counselor": "Phil Pharmacist",
        "checklist": builders.checklist("adult_male"),
        "medication_guide_given": True,
        "reason": "On paper in an outage",
        **changes,
    }


def test_l_dsp_8_a_system_reports_a_dispense_late_once(
    cast: builders.Cast, pharmacy: System
) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    body, key = late(authorization), str(uuid4())
    first = pharmacy.post("late-dispenses", body, key=key)
    assert first.status_code == 201, first.content
    assert first.json()["authorized"] is True
    assert first.json()["reported_late"] is True
    again = pharmacy.post("late-dispenses", body, key=key)
    assert again.json()["id"] == first.json()["id"]
    assert Dispense.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"dispensed_at": "2026-06-01T08:00:00"}, "/dispensed_at"),
        ({"dispensed_at": None}, "/dispensed_at"),
        ({"dispensed_on": "2026-06-01"}, "/dispensed_at"),
        ({"days_supply": "28"}, "/days_supply"),
        ({"strength_mg": -5}, "/strength_mg"),
        ({"outage_id": str(uuid4())}, "/outage_id"),
        ({"authorized": True}, "/authorized"),
        ({"reason": ""}, "/reason"),
    ],
)
def test_l_dsp_8_what_no_record_can_say_is_refused_by_name(
    cast: builders.Cast, pharmacy: System, changes: dict[str, Any], pointer: str
) -> None:
    answer = pharmacy.post("late-dispenses", late(authorized(cast, man(cast)), **changes))
    assert answer.status_code in {400, 422}, answer.content
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert not Dispense.objects.exists()


def test_l_dsp_7_a_system_says_explicitly_that_it_never_left(
    cast: builders.Cast, pharmacy: System
) -> None:
    made = dispensed_to(cast, man(cast))
    path = f"dispenses/{made.pk}/return"
    for silent in ({"reason": "x"}, {"reason": "x", "never_left_premises": False}):
        assert pharmacy.post(path, silent).status_code in {400, 422}
    sure = {"reason": "Never collected", "never_left_premises": True}
    assert pharmacy.post(path, sure).status_code == 201


def test_l_dsp_9_a_system_records_a_shipment_and_its_loss(
    cast: builders.Cast, pharmacy: System
) -> None:
    made = dispensed_to(cast, man(cast), handover="ship")
    now = clock.now()
    left = {"carrier": "A carrier", "tracking_number": "T-1", "left_at": now.isoformat()}
    pharmacy.make(f"dispenses/{made.pk}/shipment", left)
    right = {"carrier": "A carrier", "tracking_number": "T-2", "reason": "Two digits were mixed"}
    corrected = pharmacy.make(f"dispenses/{made.pk}/shipment/correction", right)
    assert corrected["tracking_number"] == "T-2"
    lost = {"outcome": "lost", "happened_at": clock.now().isoformat()}
    ended = pharmacy.make(f"dispenses/{made.pk}/shipment/outcome", lost)
    assert ended["lost_at"] is not None
    stopped = pharmacy.post(
        f"dispenses/{made.pk}/supply-stop",
        {"kind": "lost", "stopped_on": builders.program_day(now).isoformat(), "reason": "Lost"},
    )
    assert stopped.status_code == 409
    assert "recorded already" in stopped.json()["detail"]


def test_l_dsp_10_no_system_requests_or_grants_an_exception(cast: builders.Cast) -> None:
    patient = man(cast)
    office = system(cast.administrator.actor.own_organization, Role.ADMINISTRATOR)
    body = {
        "program": builders.PROGRAM,
        "rule": "L-DSP-5",
        "expires_at": (clock.now() + timedelta(days=1)).isoformat(),
        "reason": "Travel",
    }
    path = f"patients/{patient.pk}/exception-requests"
    # No scope at all opens it for writing, and there is nothing behind it.
    assert office.post(path, body).status_code in {403, 405}
    assert office.get(path).status_code == 200
    assert not RuleException.objects.exists()


@pytest.mark.parametrize(("handover", "ends_today"), [("pickup", False), ("ship", True)])
def test_l_dsp_9_a_system_is_told_how_long_a_confirmation_serves(
    cast: builders.Cast, pharmacy: System, handover: str, *, ends_today: bool
) -> None:
    authorization = builders.authorized_frp(cast)
    asked = {
        "number": authorization.number,
        "born_on": authorization.patient.born_on.isoformat(),
        "risk_category": "adult_frp",
        "handover": handover,
    }
    told = pharmacy.make("confirmations", asked)["confirmation"]
    issued_at, expires_at, good_until = (
        datetime.fromisoformat(told[name]) for name in ("issued_at", "expires_at", "good_until")
    )
    assert expires_at == issued_at + timedelta(hours=24)
    calendar = policy_in_force(builders.PROGRAM, issued_at).calendar
    that_day = calendar.end_of_day(calendar.day(issued_at))
    assert good_until == (that_day if ends_today else expires_at)
