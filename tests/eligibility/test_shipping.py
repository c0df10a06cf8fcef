"""Shipments: in time, late, delivered, lost, brought back (L-DSP-9)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.audit.models import Event
from apps.audit.selectors import changes_of
from apps.core import clock
from apps.core.errors import Conflict, InvalidRequest, NotFound, Overtaken
from apps.core.overtaken import mark_of
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.models import Deviation
from apps.notices.models import Notice
from apps.prescriptions.models import Dispense, Shipment, SupplyStop
from apps.prescriptions.selectors import traced_by, under_way_to
from tests import builders
from tests.eligibility.supplies import DAY, HOUR, confirmed, dispensed_to, enter_late, man, shipped

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


def woman(cast: builders.Cast) -> Dispense:
    """Her supply, dispensed on the day of its confirmation, to be shipped."""
    authorization = builders.authorized_frp(cast)
    confirmation = confirmed(cast, authorization, handover="ship")
    made = builders.dispense(cast.dispensing, confirmation).dispense
    assert made is not None
    return made


def ship(cast: builders.Cast, made: Dispense, left_at: datetime | None = None) -> Shipment:
    return eligibility.record_shipment(
        cast.dispensing,
        dispense_id=made.pk,
        carrier="A carrier",
        tracking_number="T-1",
        left_at=left_at or clock.now(),
    )


def end(call: Any, made: Dispense, outcome: str, at: datetime | None = None) -> Shipment:
    return eligibility.record_shipment_outcome(
        call, dispense_id=made.pk, outcome=outcome, happened_at=at or clock.now()
    )


@pytest.mark.parametrize(
    ("left_at", "is_late"),
    [
        # New York's midnight is four hours after that of UTC in June.
        (datetime(2026, 6, 2, 3, 59, 59, 999999, tzinfo=UTC), False),
        (datetime(2026, 6, 2, 4, tzinfo=UTC), True),
    ],
    ids=["the last instant of the day", "the next day"],
)
def test_l_dsp_9_a_shipment_leaves_on_the_day_of_its_confirmation_or_is_a_deviation(
    cast: builders.Cast, left_at: datetime, is_late: bool
) -> None:
    made = woman(cast)
    with time_machine.travel(builders.START + DAY, tick=True):
        assert ship(cast, made, left_at).left_at == left_at
    found = Deviation.objects.filter(kind="shipped_late", rule="L-DSP-9")
    assert found.exists() is is_late
    if is_late:
        assert found.get().occurred_at == left_at
        assert found.get().organization_id == cast.pharmacy.organization_id


def test_l_dsp_9_a_shipment_leaves_no_earlier_than_the_day_of_its_confirmation(
    cast: builders.Cast,
) -> None:
    """It may have left before it was recorded as dispensed, but not before that day."""
    made = woman(cast)
    first = datetime(2026, 6, 1, 4, tzinfo=UTC)
    with time_machine.travel(builders.START + DAY, tick=True):
        with pytest.raises(InvalidRequest) as refusal:
            ship(cast, made, first - timedelta(microseconds=1))
        assert set(refusal.value.fields) == {"left_at"}
        assert "1 June 2026" in refusal.value.fields["left_at"]  # Since when it can have left.
        assert ship(cast, made, first).left_at == first


@pytest.mark.parametrize(
    ("before", "is_broken"),
    [(timedelta(0), False), (timedelta(minutes=1), True), (timedelta(hours=6), True)],
    ids=["in the minute of the confirmation", "the minute before", "that morning"],
)
def test_l_dsp_2_a_shipment_that_left_before_its_confirmation_is_a_deviation(
    cast: builders.Cast, before: timedelta, *, is_broken: bool
) -> None:
    """Nobody had said then that it may: it is stored, and the staff look into it."""
    made = dispensed_to(cast, man(cast), handover="ship")
    assert made.confirmation is not None
    minute = made.confirmation.issued_at.replace(second=0, microsecond=0)
    assert ship(cast, made, minute - before).left_at == minute - before
    found = Deviation.objects.filter(kind="dispense_without_confirmation", rule="L-DSP-2")
    assert found.exists() is is_broken
    if is_broken:
        assert found.get().severity == "critical"
        assert found.get().occurred_at == minute - before
        assert found.get().organization_id == cast.pharmacy.organization_id


def test_l_dsp_9_off_the_pregnancy_path_a_shipment_may_leave_later(cast: builders.Cast) -> None:
    made = dispensed_to(cast, man(cast), handover="ship")
    with time_machine.travel(builders.START + DAY, tick=True):
        ship(cast, made)
    assert not Deviation.objects.filter(kind="shipped_late").exists()


def test_l_dsp_9_a_shipment_can_be_traced_left_in_the_past_and_left_once(
    cast: builders.Cast,
) -> None:
    made = woman(cast)
    for wrong, field in (
        ({"carrier": " "}, "carrier"),
        ({"tracking_number": ""}, "tracking_number"),
        ({"left_at": clock.now() + HOUR}, "left_at"),
        ({"left_at": clock.now() - DAY}, "left_at"),
        ({"carrier": "A\u202eB"}, "carrier"),
        ({"tracking_number": "T\n1"}, "tracking_number"),
    ):
        asked: dict[str, Any] = {"carrier": "A", "tracking_number": "T", "left_at": clock.now()}
        with pytest.raises(InvalidRequest) as refusal:
            eligibility.record_shipment(cast.dispensing, dispense_id=made.pk, **{**asked, **wrong})
        assert set(refusal.value.fields) == {field}
    ship(cast, made)
    with pytest.raises(Conflict, match="recorded already"):
        ship(cast, made)


def test_l_dsp_9_a_delivery_is_recorded_once(cast: builders.Cast) -> None:
    made = shipped(cast, man(cast))
    with pytest.raises(InvalidRequest) as refusal:
        end(cast.dispensing, made, "delivered", clock.now() - DAY)
    assert set(refusal.value.fields) == {"happened_at"}
    assert end(cast.dispensing, made, "delivered").delivered_at is not None
    with pytest.raises(Conflict, match="already"):
        end(cast.dispensing, made, "lost")
    assert not SupplyStop.objects.exists()


def test_l_dsp_9_only_what_left_can_arrive_and_only_its_pharmacy_says_so(
    cast: builders.Cast,
) -> None:
    made = dispensed_to(cast, man(cast), handover="ship")
    with pytest.raises(Conflict, match="No shipment"):
        end(cast.dispensing, made, "delivered")
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    with pytest.raises(NotFound):
        end(builders.pharmacist_call(cast.administrator, other), made, "delivered")


@pytest.mark.parametrize(("outcome", "kind"), [("lost", "lost"), ("came_back", "handed_back")])
def test_l_dsp_9_what_never_arrived_is_no_supply_from_the_day_it_left(
    cast: builders.Cast, outcome: str, kind: str
) -> None:
    made = shipped(cast, man(cast))
    with time_machine.travel(builders.START + 5 * DAY, tick=True):
        end(cast.dispensing, made, outcome)
    stop = SupplyStop.objects.get(dispense=made)
    assert (stop.kind, stop.stopped_on) == (kind, date(2026, 6, 1))


def test_l_dsp_5_a_carriers_loss_counts_and_the_second_one_waits_for_the_staff(
    cast: builders.Cast,
) -> None:
    """The loss itself is stored: it happened. Its supply counts until the staff stop it."""
    patient = man(cast)
    end(cast.dispensing, shipped(cast, patient), "lost")
    with time_machine.travel(builders.START + 30 * DAY, tick=True):
        second = enter_late(cast, patient, handover="ship")
        ship(cast, second)
        assert end(cast.dispensing, second, "lost").lost_at is not None
        assert not SupplyStop.objects.filter(dispense=second).exists()
        told = Notice.objects.get(template="second_loss_reported")
        assert told.address == "administrator@program.example"
        with pytest.raises(Conflict, match="program's staff"):
            eligibility.stop_supply(
                cast.dispensing,
                dispense_id=second.pk,
                kind="lost",
                stopped_on=date(2026, 7, 1),
                reason="Lost by the carrier",
            )
        eligibility.stop_supply(
            cast.staff,
            dispense_id=second.pk,
            kind="lost",
            stopped_on=date(2026, 7, 1),
            reason="The carrier confirms it",
        )


def test_l_dsp_9_a_pick_up_happens_within_the_twenty_four_hours(cast: builders.Cast) -> None:
    confirmation = confirmed(cast, builders.authorized_frp(cast))
    with time_machine.travel(builders.START + timedelta(hours=25), tick=True):
        late = builders.dispense(cast.dispensing, confirmation)
    assert not late.allowed
    assert "L-DSP-3" in late.document["unmet"]


def recalled() -> list[tuple[str, str]]:
    """Which pharmacies were told to stop a shipment, and of which dispense."""
    found = Notice.objects.filter(template="shipment_to_recall", recipient_kind="pharmacy")
    return [(each.address, each.params["dispense"]) for each in found]


def suspect(cast: builders.Cast, made: Dispense, subject: str = "patient") -> None:
    evidence.report_pregnancy(
        cast.staff,
        patient_id=made.patient_id,
        subject=subject,
        source="A caller",
        reported_at=clock.now(),
    )


def test_l_pt_5_a_positive_test_tells_the_pharmacy_whose_shipment_is_under_way_to_stop_it(
    cast: builders.Cast,
) -> None:
    made = woman(cast)
    ship(cast, made)
    builders.pregnancy_test(cast.prescribing, made.patient, result="positive")
    assert recalled() == [(cast.pharmacy.email, str(made.pk))]


def test_l_prg_1_so_does_a_suspected_pregnancy_also_before_the_parcel_left(
    cast: builders.Cast,
) -> None:
    made = woman(cast)
    suspect(cast, made)
    suspect(cast, made)  # Another report is another case: it is said again.
    assert recalled() == [(cast.pharmacy.email, str(made.pk))] * 2


@pytest.mark.parametrize("outcome", ["delivered", "lost", "came_back"])
def test_nobody_is_told_to_stop_a_shipment_that_has_ended(
    cast: builders.Cast, outcome: str
) -> None:
    made = woman(cast)
    ship(cast, made)
    end(cast.dispensing, made, outcome)
    suspect(cast, made)
    assert not recalled()


def test_what_was_handed_over_is_not_under_way(cast: builders.Cast) -> None:
    made = dispensed_to(cast, man(cast))
    assert not under_way_to(made.patient_id, clock.now())


def test_what_never_left_or_was_long_ago_is_not_under_way(cast: builders.Cast) -> None:
    back = woman(cast)
    assert under_way_to(back.patient_id, clock.now()) == [back]
    assert not under_way_to(back.patient_id, clock.now() + 28 * DAY)
    eligibility.return_to_stock(
        cast.dispensing, dispense_id=back.pk, never_left_premises=True, reason="Not called for"
    )
    assert not under_way_to(back.patient_id, clock.now())


def test_a_partners_pregnancy_stops_no_shipment(cast: builders.Cast) -> None:
    made = shipped(cast, man(cast))
    suspect(cast, made, subject="partner")
    assert not recalled()


def correct(cast: builders.Cast, made: Dispense, **changed: str) -> Shipment:
    given = {"carrier": "A carrier", "tracking_number": "T-2", "reason": "Two digits mixed up"}
    return eligibility.correct_shipment(cast.dispensing, dispense_id=made.pk, **(given | changed))


def test_l_dsp_9_a_slip_in_the_tracking_number_is_set_right_and_what_stood_there_is_kept(
    cast: builders.Cast,
) -> None:
    made = woman(cast)
    before = ship(cast, made)

    corrected = correct(cast, made)

    assert (corrected.carrier, corrected.tracking_number) == ("A carrier", "T-2")
    assert corrected.left_at == before.left_at
    (change,) = changes_of("prescriptions_shipment", str(before.pk))
    assert change.before is not None
    assert change.before["tracking_number"] == "T-1"
    event = Event.objects.get(code="shipment_corrected")
    assert (event.reason, event.data["changed"]) == ("Two digits mixed up", ["tracking_number"])
    assert event.patient_id == made.patient_id
    # Also once it has ended: then the carrier is asked by it what became of the parcel.
    end(cast.dispensing, made, "lost")
    assert correct(cast, made, carrier="Another carrier").carrier == "Another carrier"


def test_l_dsp_9_a_correction_has_a_reason_a_change_and_a_shipment(cast: builders.Cast) -> None:
    made = woman(cast)
    with pytest.raises(Conflict, match="No shipment"):
        correct(cast, made)
    ship(cast, made)
    for wrong, fields in (
        ({"reason": " "}, {"reason"}),
        ({"tracking_number": " "}, {"tracking_number"}),
        ({"tracking_number": "T\n2"}, {"tracking_number"}),
        ({"tracking_number": "T-1"}, {"carrier", "tracking_number"}),
    ):
        with pytest.raises(InvalidRequest) as refused:
            correct(cast, made, **wrong)
        assert set(refused.value.fields) == fields
    other = builders.certified_pharmacy(cast.administrator, 2)
    stranger = builders.pharmacist_call(cast.administrator, other)
    with pytest.raises(NotFound):
        eligibility.correct_shipment(
            stranger, dispense_id=made.pk, carrier="A", tracking_number="B", reason="C"
        )


def test_a_correction_that_a_colleague_overtook_changes_nothing(cast: builders.Cast) -> None:
    made = woman(cast)
    seen = mark_of(traced_by(ship(cast, made)))
    correct(cast, made)
    with pytest.raises(Overtaken):
        correct(cast, made, tracking_number="T-3", seen=seen)
