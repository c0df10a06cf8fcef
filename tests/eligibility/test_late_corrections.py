"""Late entries that were mistakes: withdrawn, and the right one judged for itself (L-SRC-3)."""

from collections.abc import Iterator

import pytest
import time_machine

from apps.core import clock
from apps.core.errors import Conflict
from apps.eligibility import services as eligibility
from apps.evidence.models import Deviation
from tests import builders
from tests.eligibility.supplies import (
    DAY,
    authorized,
    confirmed,
    dispensed_to,
    enter_late,
    man,
    next_supply,
    report_late,
)
from tests.eligibility.test_late_dispenses import broken, supplies

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


def test_l_src_3_a_late_entry_that_was_a_mistake_is_no_supply_any_more(
    cast: builders.Cast,
) -> None:
    patient = man(cast)
    made = enter_late(cast, patient)
    eligibility.withdraw_late_dispense(cast.staff, dispense_id=made.pk, reason="Wrong patient")
    # What it seemed to break was never broken: nobody has to work that any more. But what is grave
    # does not vanish by one word of the staff (§13).
    of_it = Deviation.objects.filter(occurrence__startswith=f"{made.pk}:")
    grave = of_it.filter(severity="critical")
    assert set(grave.values_list("state", "corrective_action")) == {("under_review", "")}
    said = of_it.exclude(severity="critical").values_list("state", "corrective_action")
    assert set(said) <= {("corrected", "The entry was withdrawn: Wrong patient")}
    other = enter_late(cast, patient)
    eligibility.withdraw_late_dispense(cast.administrator, dispense_id=other.pk, reason="Wrong day")
    of_it = Deviation.objects.filter(occurrence__startswith=f"{other.pk}:")
    said = of_it.values_list("state", "corrective_action")
    assert set(said) == {("corrected", "The entry was withdrawn: Wrong day")}
    assert supplies(patient) == []
    with pytest.raises(Conflict, match="already"):
        eligibility.withdraw_late_dispense(cast.staff, dispense_id=made.pk, reason="Again")
    regular = dispensed_to(cast, patient)
    with pytest.raises(Conflict, match="it happened"):
        eligibility.withdraw_late_dispense(cast.staff, dispense_id=regular.pk, reason="No")


# --- The signature ------------------------------------------------------------------------------


@pytest.mark.parametrize("cancelled", [False, True])
def test_l_src_3_the_right_entry_after_a_mistake_is_judged_as_if_that_had_never_been(
    cast: builders.Cast, cancelled: bool
) -> None:
    """One wrong character sends no patient back to the beginning, and nothing is let through."""
    patient = man(cast)
    authorization = authorized(cast, patient)
    confirmed(cast, authorization)
    if cancelled:
        eligibility.cancel_authorization(
            cast.prescribing, authorization_id=authorization.pk, reason="Another strength"
        )
    handed_out = clock.now()
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        wrong = report_late(
            cast.dispensing, authorization, dispensed_at=handed_out, lot_number="TOL-9"
        )
        eligibility.withdraw_late_dispense(cast.staff, dispense_id=wrong.pk, reason="Wrong lot")
        right = report_late(cast.dispensing, authorization, dispensed_at=handed_out)
        assert broken(right) == broken(wrong)
        assert (wrong.authorized, right.authorized) == (not cancelled, not cancelled)
        assert right.confirmation_id == wrong.confirmation_id
        again = report_late(
            cast.dispensing, authorization, dispensed_at=handed_out, is_another=True
        )
        assert not again.authorized
    if not cancelled:
        with time_machine.travel(builders.START + 22 * DAY, tick=True):
            eligibility.withdraw_late_dispense(cast.staff, dispense_id=again.pk, reason="Twice")
            assert next_supply(cast, patient).document["path"] == "continuing"
