"""Supply that was lost, destroyed, handed back or returned to stock (L-DSP-5, L-DSP-7)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine

from apps.core import clock
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import services as eligibility
from apps.notices.models import Notice
from apps.prescriptions.models import Dispense, SupplyStop
from apps.prescriptions.selectors import supplies_of
from tests import builders
from tests.eligibility.supplies import DAY, dispensed_to, enter_late, man, next_supply, shipped

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

TODAY = date(2026, 6, 1)
WRONG = "Another patient's capsules"


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


def stop(call: Any, made: Dispense, on: date = TODAY, **changes: Any) -> SupplyStop:
    asked: dict[str, Any] = {"kind": "lost", "reason": "Left on the train", **changes}
    return eligibility.stop_supply(call, dispense_id=made.pk, stopped_on=on, **asked)


# --- L-DSP-5: what was lost, destroyed or handed back no longer counts ----------------------------


def test_l_dsp_5_what_was_lost_no_longer_counts_for_the_next_supply(cast: builders.Cast) -> None:
    patient = man(cast)
    made = dispensed_to(cast, patient)
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        refused = next_supply(cast, patient)
        assert "L-DSP-5" in refused.document["unmet"]
        entry = stop(cast.dispensing, made, TODAY + 2 * DAY)
        assert entry.kind == "lost"
        again = builders.confirm(cast.dispensing, patient.authorizations.latest("issued_at"))
        assert again.allowed, again.document["unmet"]


def test_l_dsp_5_the_prescriber_is_told_that_a_supply_ended(cast: builders.Cast) -> None:
    stop(cast.dispensing, dispensed_to(cast, man(cast)), kind="handed_back")
    told = Notice.objects.get(template="supply_stopped")
    assert told.address == cast.prescriber.email


def test_l_dsp_5_a_supply_ends_between_its_dispense_and_today(cast: builders.Cast) -> None:
    made = dispensed_to(cast, man(cast))
    for on in (TODAY - DAY, TODAY + DAY):
        with pytest.raises(InvalidRequest) as refusal:
            stop(cast.dispensing, made, on)
        assert set(refusal.value.fields) == {"stopped_on"}
    # The program's day: at 1 in the night of UTC it is still the first of June in New York.
    with time_machine.travel(builders.START.replace(day=2, hour=1), tick=True):
        with pytest.raises(InvalidRequest):
            stop(cast.dispensing, made, TODAY + DAY)
        assert stop(cast.dispensing, made, TODAY).stopped_on == TODAY


def test_l_dsp_5_one_stop_ends_a_dispense_with_a_reason_and_by_its_own_pharmacy(
    cast: builders.Cast,
) -> None:
    made = dispensed_to(cast, man(cast))
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    stranger = builders.pharmacist_call(cast.administrator, other)
    with pytest.raises(NotFound):
        stop(stranger, made)
    with pytest.raises(NotAllowed):
        stop(cast.prescribing, made)
    with pytest.raises(InvalidRequest):
        stop(cast.dispensing, made, reason=" ")
    with pytest.raises(InvalidRequest):
        stop(cast.dispensing, made, kind="eaten")
    stop(cast.dispensing, made, kind="destroyed")
    with pytest.raises(Conflict, match=r"destroyed.*does not count from 1 June 2026 on"):
        stop(cast.dispensing, made)


@pytest.mark.parametrize(
    ("days", "needs_staff"), [(1, True), (183, True), (184, False)], ids=["soon", "edge", "later"]
)
def test_l_dsp_5_a_second_loss_within_six_months_needs_the_staff(
    cast: builders.Cast, days: int, needs_staff: bool
) -> None:
    """Six months from the first of June run to the first of December, 183 days later."""
    patient = man(cast)
    stop(cast.dispensing, dispensed_to(cast, patient))
    with time_machine.travel(builders.START + days * DAY, tick=True):
        # What matters is the day of the loss, whenever its supply was dispensed.
        second = enter_late(cast, patient)
        on = TODAY + days * DAY
        if needs_staff:
            with pytest.raises(Conflict, match="recorded by the program's staff"):
                stop(cast.dispensing, second, on)
            assert stop(cast.staff, second, on).kind == "lost"
        else:
            assert stop(cast.dispensing, second, on).kind == "lost"


def test_l_dsp_5_what_was_destroyed_or_handed_back_is_no_loss(cast: builders.Cast) -> None:
    patient = man(cast)
    stop(cast.dispensing, dispensed_to(cast, patient), kind="handed_back")
    with time_machine.travel(builders.START + DAY, tick=True):
        assert stop(cast.dispensing, enter_late(cast, patient), TODAY + DAY).kind == "lost"


# --- L-SRC-3: what was recorded by mistake is withdrawn, and the right thing recorded -------------


def test_l_src_3_a_stop_that_was_a_mistake_is_withdrawn_and_the_supply_counts_again(
    cast: builders.Cast,
) -> None:
    """Without that, the wrong patient's next supply would come on top of a full one."""
    patient = man(cast)
    made = dispensed_to(cast, patient)
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        stop(cast.dispensing, made, TODAY + 2 * DAY)
        assert next_supply(cast, patient).allowed
        with pytest.raises(NotAllowed):
            take_back(cast.dispensing, made)
        with pytest.raises(InvalidRequest):
            take_back(cast.staff, made, " ")
        take_back(cast.staff, made)
        confirmed = patient.authorizations.latest("issued_at").confirmations.get()
        refused = builders.dispense(cast.dispensing, confirmed)
        assert refused.document["unmet"] == ["L-DSP-5"]
        with pytest.raises(Conflict):
            take_back(cast.staff, made)
        # What really became of it, and no loss before it: the first one never happened.
        assert stop(cast.dispensing, made, TODAY + DAY).kind == "lost"
    assert [each.withdrawal_reason for each in made.stops.order_by("recorded_at")] == [WRONG, ""]
    told = Notice.objects.get(template="supply_end_withdrawn")
    assert told.address == cast.prescriber.email


def test_l_src_3_a_return_that_was_a_mistake_is_withdrawn_and_the_therapy_goes_on(
    cast: builders.Cast,
) -> None:
    patient = man(cast)
    made = dispensed_to(cast, patient)
    give_back(cast, made)
    assert not supplies_of(patient.pk, builders.PROGRAM)
    take_back(cast.staff, made)
    assert list(supplies_of(patient.pk, builders.PROGRAM)) == [made]
    with time_machine.travel(builders.START + 21 * DAY, tick=True):
        next_one = next_supply(cast, patient)
        assert next_one.allowed
        assert next_one.document["path"] == "continuing"
        assert stop(cast.dispensing, made, kind="destroyed").kind == "destroyed"


def test_l_src_3_a_lost_shipment_that_arrived_after_all_counts_again(cast: builders.Cast) -> None:
    patient = man(cast)
    made = shipped(cast, patient)
    eligibility.record_shipment_outcome(
        cast.dispensing, dispense_id=made.pk, outcome="lost", happened_at=clock.now()
    )
    take_back(cast.staff, made)
    with time_machine.travel(builders.START + DAY, tick=True):
        assert next_supply(cast, patient).document["unmet"] == ["L-DSP-5"]


# --- L-DSP-7: only what never left goes back to stock ---------------------------------------------


def test_l_dsp_7_only_what_never_left_the_premises_goes_back_to_stock(cast: builders.Cast) -> None:
    made = dispensed_to(cast, man(cast))
    with pytest.raises(InvalidRequest) as refusal:
        give_back(cast, made, never_left_premises=False)
    assert set(refusal.value.fields) == {"never_left_premises"}
    assert give_back(cast, made).never_left_premises


def test_l_dsp_7_what_a_carrier_took_is_only_destroyed(cast: builders.Cast) -> None:
    made = shipped(cast, man(cast))
    with pytest.raises(Conflict, match="destroyed, never restocked"):
        give_back(cast, made)
    assert stop(cast.dispensing, made, kind="handed_back").kind == "handed_back"


def test_l_dsp_7_what_was_handed_back_is_never_restocked(cast: builders.Cast) -> None:
    made = dispensed_to(cast, man(cast))
    stop(cast.dispensing, made, kind="handed_back")
    with pytest.raises(Conflict, match="handed back"):
        give_back(cast, made)


def test_l_dsp_7_what_is_back_in_stock_cannot_be_lost(cast: builders.Cast) -> None:
    made = dispensed_to(cast, man(cast))
    give_back(cast, made)
    with pytest.raises(Conflict, match="returned to stock"):
        stop(cast.dispensing, made)


def take_back(call: Any, made: Dispense, reason: str = WRONG) -> Dispense:
    return eligibility.withdraw_supply_end(call, dispense_id=made.pk, reason=reason)


def give_back(cast: builders.Cast, made: Dispense, *, never_left_premises: bool = True) -> Any:
    return eligibility.return_to_stock(
        cast.dispensing,
        dispense_id=made.pk,
        never_left_premises=never_left_premises,
        reason="Never collected",
    )
