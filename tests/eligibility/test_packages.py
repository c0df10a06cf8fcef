"""A slip in lot number or NDC is set right, beside what was signed (L-SRC-3)."""

import pytest

from apps.audit.models import Event
from apps.audit.selectors import changes_of
from apps.audit.signatures import signatures_of
from apps.core.errors import Conflict, InvalidRequest, NotFound, Overtaken
from apps.core.overtaken import mark_of
from apps.eligibility import services as eligibility
from apps.oversight.signed_records import is_unchanged
from apps.prescriptions import selectors
from apps.prescriptions.models import Dispense
from tests import builders
from tests.eligibility.supplies import confirmed, enter_late, man

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def made(cast: builders.Cast) -> Dispense:
    found = builders.dispense(cast.dispensing, confirmed(cast, builders.authorized_frp(cast)))
    assert found.dispense is not None
    return found.dispense


def correct(cast: builders.Cast, made: Dispense, **changed: str) -> Dispense:
    given = {**selectors.package_of(made), "lot_number": "LOT-8", "reason": "Read the other bottle"}
    return eligibility.correct_package(cast.dispensing, dispense_id=made.pk, **(given | changed))


def test_l_src_3_a_wrong_lot_number_is_set_right_and_what_was_signed_stays(
    cast: builders.Cast, made: Dispense
) -> None:
    signed = made.lot_number
    corrected = correct(cast, made)

    assert (corrected.lot_number, corrected.corrected_lot_number) == (signed, "LOT-8")
    assert selectors.package_of(corrected) == {"lot_number": "LOT-8", "ndc": made.ndc}
    (signature,) = signatures_of(made)
    assert is_unchanged(signature, Dispense.objects.get(pk=made.pk))
    event = Event.objects.get(code="package_corrected")
    assert (event.reason, event.data["changed"]) == ("Read the other bottle", ["lot_number"])
    assert event.patient_id == made.patient_id
    (change,) = changes_of("prescriptions_dispense", str(made.pk))
    assert change.before is not None
    assert change.before["corrected_lot_number"] == ""
    # A recall finds it by either
    theirs = selectors.dispenses_visible_to(cast.dispensing.actor)
    for lot in (signed, "lot-8"):
        assert list(selectors.dispenses_numbered(theirs, lot)) == [made]


def test_l_src_3_a_correction_back_to_what_was_signed_is_none_any_more(
    cast: builders.Cast, made: Dispense
) -> None:
    correct(cast, made, ndc="59572-0410-28")
    back = correct(cast, made, lot_number=made.lot_number)
    assert (back.corrected_lot_number, back.corrected_ndc) == ("", "")
    assert len(changes_of("prescriptions_dispense", str(made.pk))) == 2


def test_l_src_3_a_correction_of_a_package_has_a_reason_a_change_and_a_dispense(
    cast: builders.Cast, made: Dispense
) -> None:
    for wrong, fields in (
        ({"reason": " "}, {"reason"}),
        ({"lot_number": " "}, {"lot_number"}),
        ({"ndc": "59572\n0410"}, {"ndc"}),
        ({"lot_number": made.lot_number}, {"lot_number", "ndc"}),
    ):
        with pytest.raises(InvalidRequest) as refused:
            correct(cast, made, **wrong)
        assert set(refused.value.fields) == fields
    other = builders.certified_pharmacy(cast.administrator, 2)
    stranger = builders.pharmacist_call(cast.administrator, other)
    with pytest.raises(NotFound):
        eligibility.correct_package(
            stranger, dispense_id=made.pk, lot_number="A", ndc="B", reason="C"
        )
    seen = mark_of(selectors.package_of(made))
    correct(cast, made)
    with pytest.raises(Overtaken):
        correct(cast, made, lot_number="LOT-9", seen=seen)


def test_l_src_3_what_was_withdrawn_is_not_corrected(cast: builders.Cast) -> None:
    late = enter_late(cast, man(cast))
    eligibility.withdraw_late_dispense(
        cast.administrator, dispense_id=late.pk, reason="Entered by mistake"
    )
    with pytest.raises(Conflict, match="withdrawn"):
        correct(cast, late, ndc="59572-0410-28")
