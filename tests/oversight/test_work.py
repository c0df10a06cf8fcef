"""Who takes what, and how a deviation goes from open to its end (rules §13)."""

from dataclasses import replace
from uuid import uuid4

import pytest
import time_machine

from apps.audit.models import Event, RowChange
from apps.core.call import Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.evidence.models import Deviation
from apps.oversight import services
from apps.oversight.models import Assignment
from tests import builders
from tests.builders import PROGRAM, Cast
from tests.oversight import cases

UNSEEN = "\u200b\u2060"

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def deviation(clock: time_machine.Traveller, cast: Cast) -> Deviation:
    return cases.deviation(builders.enroll(cast.prescribing))


def take(call: Call, deviation: Deviation) -> Assignment:
    return services.take(
        call, program=PROGRAM, kind=f"deviation_{deviation.severity}", subject_id=deviation.pk
    )


def assign(call: Call, deviation: Deviation, to: Call) -> Assignment:
    return services.assign(
        call,
        program=PROGRAM,
        kind=f"deviation_{deviation.severity}",
        subject_id=deviation.pk,
        assignee_id=to.actor.id or uuid4(),
        note="You know the pharmacy",
    )


def assignee(call: Call, deviation: Deviation) -> object:
    (item,) = cases.items(call, f"deviation_{deviation.severity}")
    return item.assignee_id


def test_who_takes_an_item_has_it_until_somebody_gives_it_to_another(
    clock: time_machine.Traveller, cast: Cast, deviation: Deviation
) -> None:
    assert assignee(cast.staff, deviation) is None
    take(cast.staff, deviation)
    assert assignee(cast.staff, deviation) == cast.staff.actor.id
    with pytest.raises(Conflict, match="works on this already"):
        take(cast.administrator, deviation)

    assign(cast.staff, deviation, cast.administrator)
    assert assignee(cast.staff, deviation) == cast.administrator.actor.id

    services.give_back(
        cast.staff,
        program=PROGRAM,
        kind="deviation_major",
        subject_id=deviation.pk,
        note="Called the practice twice",
    )
    assert assignee(cast.staff, deviation) is None
    with pytest.raises(Conflict, match="Nobody has this"):
        services.give_back(
            cast.staff,
            program=PROGRAM,
            kind="deviation_major",
            subject_id=deviation.pk,
            note="Again",
        )
    # Every step of it stays.
    assert Assignment.objects.filter(subject_id=str(deviation.pk)).count() == 3
    codes = Event.objects.filter(subject_id=str(deviation.pk)).order_by("pk")
    assert [event.code for event in codes] == ["item_assigned", "item_assigned", "item_given_back"]


def test_taking_twice_is_no_conflict_for_who_has_it(cast: Cast, deviation: Deviation) -> None:
    take(cast.staff, deviation)
    take(cast.staff, deviation)
    assert assignee(cast.staff, deviation) == cast.staff.actor.id


def test_a_queue_counts_what_the_asker_works_on(cast: Cast, deviation: Deviation) -> None:
    kind = "deviation_major"

    def taken() -> tuple[int, int]:
        return cases.queue(cast.staff, kind).taken, cases.queue(cast.administrator, kind).taken

    assert taken() == (0, 0)
    take(cast.staff, deviation)
    assert taken() == (1, 0)
    assign(cast.staff, deviation, cast.administrator)
    assert taken() == (0, 1)
    assert cases.queue(cast.staff, kind).count == 1


def test_an_administrators_item_goes_to_an_administrator_only(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    grave = cases.deviation(builders.enroll(cast.prescribing), "dispense_without_confirmation")
    with pytest.raises(NotAllowed, match="administrator"):
        take(cast.staff, grave)
    with pytest.raises(InvalidRequest) as refused:
        assign(cast.staff, grave, cast.staff)
    assert "assignee_id" in refused.value.fields
    assign(cast.staff, grave, cast.administrator)
    assert assignee(cast.staff, grave) == cast.administrator.actor.id


def test_an_item_goes_to_nobody_outside_the_program(cast: Cast, deviation: Deviation) -> None:
    for stranger in (cast.prescribing, cast.dispensing):
        with pytest.raises(InvalidRequest):
            assign(cast.staff, deviation, stranger)
        with pytest.raises(NotAllowed):
            take(stranger, deviation)


def test_what_does_not_wait_is_given_to_nobody(cast: Cast, deviation: Deviation) -> None:
    services.start_review(cast.staff, deviation_id=deviation.pk, reason="Calling the practice")
    services.correct_deviation(
        cast.staff, deviation_id=deviation.pk, corrective_action="The practice books tests ahead"
    )
    with pytest.raises(Conflict, match="waits no longer"):
        take(cast.staff, deviation)
    deviation.pk = uuid4()
    with pytest.raises(NotFound):
        take(cast.staff, deviation)
    with pytest.raises(NotFound):
        services.take(cast.staff, program=PROGRAM, kind="gossip", subject_id=deviation.pk)


@pytest.mark.parametrize("note", ["  ", UNSEEN])
def test_an_item_is_given_back_with_a_note(cast: Cast, deviation: Deviation, note: str) -> None:
    take(cast.staff, deviation)
    with pytest.raises(InvalidRequest) as refused:
        services.give_back(
            cast.staff,
            program=PROGRAM,
            kind="deviation_major",
            subject_id=deviation.pk,
            note=note,
        )
    assert set(refused.value.fields) == {"note"}


def test_a_deviation_is_reviewed_and_closed_with_its_corrective_action(
    cast: Cast, deviation: Deviation
) -> None:
    """§13: open → under review → corrected."""
    with pytest.raises(Conflict):
        services.correct_deviation(
            cast.staff, deviation_id=deviation.pk, corrective_action="Too early"
        )
    services.start_review(cast.staff, deviation_id=deviation.pk, reason="Calling the practice")
    with pytest.raises(Conflict):
        services.start_review(cast.staff, deviation_id=deviation.pk, reason="Again")
    assert cases.subjects(cast.staff, "deviation_major") == [deviation.pk]
    with pytest.raises(InvalidRequest):
        services.correct_deviation(cast.staff, deviation_id=deviation.pk, corrective_action=UNSEEN)

    services.correct_deviation(
        cast.staff, deviation_id=deviation.pk, corrective_action=" The practice books ahead "
    )

    deviation.refresh_from_db()
    assert (deviation.state, deviation.corrective_action) == (
        "corrected",
        "The practice books ahead",
    )
    assert cases.subjects(cast.staff, "deviation_major") == []
    events = Event.objects.filter(code="deviation_moved").order_by("pk")
    assert [(event.data["to"], event.reason) for event in events] == [
        ("under_review", "Calling the practice"),
        ("corrected", "The practice books ahead"),
    ]
    assert {event.patient_id for event in events} == {deviation.patient_id}
    changes = RowChange.objects.filter(table_name="evidence_deviation", row_id=str(deviation.pk))
    assert changes.count() == 2
    with pytest.raises(Conflict):
        services.accept_deviation(cast.administrator, deviation_id=deviation.pk, reason="Late")


def test_only_an_administrator_accepts_a_deviation_without_correction(
    cast: Cast, deviation: Deviation
) -> None:
    """§13: open → under review → accepted."""
    services.start_review(cast.staff, deviation_id=deviation.pk, reason="Calling the practice")
    with pytest.raises(NotAllowed):
        services.accept_deviation(cast.staff, deviation_id=deviation.pk, reason="Snow storm")
    services.accept_deviation(cast.administrator, deviation_id=deviation.pk, reason="Snow storm")
    deviation.refresh_from_db()
    assert (deviation.state, deviation.corrective_action) == ("accepted", "Snow storm")


def test_nobody_moves_a_deviation_without_a_word(cast: Cast, deviation: Deviation) -> None:
    with pytest.raises(InvalidRequest):
        services.start_review(cast.staff, deviation_id=deviation.pk, reason=" ")
    services.start_review(cast.staff, deviation_id=deviation.pk, reason="Calling the practice")
    with pytest.raises(InvalidRequest):
        services.correct_deviation(cast.staff, deviation_id=deviation.pk, corrective_action="")
    with pytest.raises(InvalidRequest):
        services.accept_deviation(cast.administrator, deviation_id=deviation.pk, reason=" ")
    deviation.refresh_from_db()
    assert deviation.state == "under_review"


def test_a_critical_deviation_is_closed_by_an_administrator_who_is_not_concerned(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """§13: nobody closes what their own pharmacy broke, or of a patient for whom they prescribe."""
    grave = cases.deviation(
        builders.enroll(cast.prescribing),
        "dispense_without_confirmation",
        organization_id=cast.pharmacy.organization_id,
    )
    services.start_review(cast.staff, deviation_id=grave.pk, reason="Calling the pharmacy")
    concerned = [
        builders.call_of(replace(cast.administrator.actor, id=call.actor.id))
        for call in (cast.dispensing, cast.prescribing)
    ]
    for call in (cast.staff, *concerned):
        with pytest.raises(NotAllowed):
            services.correct_deviation(call, deviation_id=grave.pk, corrective_action="Nothing")
    for call in concerned:
        with pytest.raises(NotAllowed):
            services.accept_deviation(call, deviation_id=grave.pk, reason="Nothing")
    services.correct_deviation(
        cast.administrator, deviation_id=grave.pk, corrective_action="Trained anew"
    )


def test_strangers_and_auditors_work_on_no_deviation(cast: Cast, deviation: Deviation) -> None:
    auditor = builders.office_member(Role.AUDITOR, "auditor@program.example")
    for call in (cast.prescribing, cast.dispensing, auditor):
        with pytest.raises(NotAllowed):
            services.start_review(call, deviation_id=deviation.pk, reason="Curious")
    with pytest.raises(NotFound):
        services.start_review(cast.staff, deviation_id=uuid4(), reason="Which one?")
