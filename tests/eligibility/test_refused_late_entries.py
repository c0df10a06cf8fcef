"""A late entry that is refused tells whom it is about, and what is dispensed already (L-DSP-8)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine

from apps.audit.models import Event
from apps.core.errors import CommandError, Conflict, InvalidRequest, NotFound
from apps.eligibility import services as eligibility
from tests import builders
from tests.eligibility.supplies import authorized, dispensed_to, late_record, man, report_late

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


def told() -> list[Any]:
    """Of whom refusals told, and to whom."""
    found = Event.objects.filter(code="late_dispense_refused").order_by("pk")
    return list(found.values_list("patient_id", "actor_id"))


def test_what_is_dispensed_already_is_told_to_nobody_without_trace(cast: builders.Cast) -> None:
    """Day by day, a pharmacy could have learned what another one dispensed."""
    made = dispensed_to(cast, man(cast))
    assert made.authorization is not None
    with pytest.raises(Conflict):
        report_late(cast.dispensing, made.authorization)
    assert told() == [(made.patient_id, cast.dispensing.actor.id)]


@pytest.mark.parametrize(
    "changes",
    [{"days_supply": 27}, {"dispensed_on": date(1900, 1, 2)}],
    ids=["its days", "the year of birth"],
)
def test_what_the_prescription_says_is_told_to_nobody_without_trace(
    cast: builders.Cast, changes: dict[str, Any]
) -> None:
    authorization = authorized(cast, man(cast))
    with pytest.raises(InvalidRequest):
        report_late(cast.dispensing, authorization, **changes)
    assert told() == [(authorization.patient_id, cast.dispensing.actor.id)]


def test_a_miss_and_an_entry_leave_no_such_event(cast: builders.Cast) -> None:
    authorization = authorized(cast, man(cast))
    with pytest.raises(NotFound):
        eligibility.report_late_dispense(
            cast.dispensing,
            number=authorization.number,
            born_on=date(1999, 1, 1),
            record=late_record(),
        )
    with pytest.raises(CommandError):
        eligibility.report_late_dispense(
            cast.dispensing,
            number="0" * 12,
            born_on=authorization.patient.born_on,
            record=late_record(reason=""),
        )
    report_late(cast.dispensing, authorization)
    assert not told()
