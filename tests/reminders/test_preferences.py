"""How somebody wishes to be reminded, what cannot be wished away, and what becomes of messages."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from apps.audit.models import Event
from apps.core.call import Role
from apps.core.errors import InvalidRequest, NotAllowed, NotFound
from apps.notices.models import Notice
from apps.patients import reaching
from apps.patients.models import UndeliverableAddress
from apps.reminders import messages, preferences
from apps.reminders.models import ReminderPreference
from apps.reminders.preferences import Wishes
from apps.reminders.tasks import (
    list_failing_addresses,
    plan_stale_patients,
    plan_stale_pharmacies,
    sweep_due,
)
from tests import builders
from tests.builders import Cast
from tests.reminders import cases

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(builders.START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(clock: time_machine.Traveller, cast: Cast) -> Cast:
    return cast


def hers(**filters: Any) -> list[Notice]:
    return cases.reminders("weekly_test", recipient_kind="patient", **filters)


def test_wishes_change_what_is_planned_and_what_it_was_stays_visible(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.shift(timedelta(minutes=1))
    wishes = Wishes(quiet_from=time(20), quiet_until=time(9), language="es")
    preferences.set_patient_preferences(cast.staff, patient_id=patient.pk, wishes=wishes)
    assert plan_stale_patients() == 1

    assert {(each.state, each.ended_reason) for each in hers(language="en")} == {
        ("cancelled", "changed")
    }
    assert {(each.state, each.due_at.hour) for each in hers(language="es")} == {("scheduled", 13)}
    assert Event.objects.filter(code="reminder_preferences_set", patient_id=patient.pk).exists()


def test_wishes_said_again_are_one_row_with_its_history(cast: Cast) -> None:
    for language in ("es", "en"):
        preferences.set_prescriber_preferences(
            cast.prescribing,
            prescriber_id=cast.prescriber.pk,
            wishes=Wishes(language=language, channels=("portal",)),
        )

    said = ReminderPreference.objects.get()
    assert (said.pk, said.language, said.channels) == (cast.prescriber.pk, "en", ["portal"])


def test_a_prescribers_wishes_reach_the_plans_of_all_their_patients(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    cases.on_therapy(cast)
    plan_stale_patients()
    clock.shift(timedelta(minutes=1))
    preferences.set_prescriber_preferences(
        cast.prescribing,
        prescriber_id=cast.prescriber.pk,
        wishes=Wishes(channels=("sms", "portal")),
    )
    assert plan_stale_patients() == 1

    (told,) = cases.reminders("weekly_test", recipient_kind="prescriber", state="scheduled")
    assert (told.channel, told.address, told.passed_over) == ("portal", "", "sms: not available")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"opted_out": ("weekly_test",)}, "opted_out"),
        ({"opted_out": ("supply_ends", "obligations_end")}, "opted_out"),
        ({"channels": ("pigeon",)}, "channels"),
        ({"channels": ("email", "email")}, "channels"),
        ({"language": "tlh"}, "language"),
        ({"quiet_from": time(21)}, "quiet_until"),
        ({"quiet_from": time(21), "quiet_until": time(21)}, "quiet_until"),
        ({"quiet_from": time(21), "quiet_until": time(20)}, "quiet_until"),
    ],
)
def test_what_cannot_be_wished_is_refused_beside_its_field(
    cast: Cast, wrong: dict[str, Any], field: str
) -> None:
    """§12: nobody opts out of what is safe."""
    with pytest.raises(InvalidRequest) as refused:
        preferences.set_pharmacy_preferences(
            cast.staff, pharmacy_id=cast.pharmacy.pk, wishes=Wishes(**wrong)
        )

    assert set(refused.value.fields) == {field}


def test_everybody_sets_only_what_is_theirs(cast: Cast) -> None:
    other = builders.certified_prescriber(cast.administrator, 2)
    patient = builders.enroll(cast.prescribing)

    with pytest.raises(NotFound):
        preferences.set_prescriber_preferences(
            cast.prescribing, prescriber_id=other.pk, wishes=Wishes()
        )
    with pytest.raises(NotFound):
        preferences.set_patient_preferences(
            builders.prescribing_call(other), patient_id=patient.pk, wishes=Wishes()
        )
    with pytest.raises(NotAllowed):
        preferences.set_pharmacy_preferences(
            cast.dispensing, pharmacy_id=cast.pharmacy.pk, wishes=Wishes()
        )
    elsewhere = builders.certified_pharmacy(cast.administrator, 2)
    representative = builders.pharmacy_call(
        cast.pharmacy, Role.REPRESENTATIVE, cast.pharmacy.representative_id
    )
    with pytest.raises(NotFound):
        preferences.set_pharmacy_preferences(
            representative, pharmacy_id=elsewhere.pk, wishes=Wishes()
        )


def test_a_pharmacys_wishes_make_its_plan_stale(cast: Cast) -> None:
    plan_stale_pharmacies()
    assert plan_stale_pharmacies() == 0
    preferences.set_pharmacy_preferences(
        cast.staff, pharmacy_id=cast.pharmacy.pk, wishes=Wishes(language="es")
    )

    assert plan_stale_pharmacies() == 1


def test_an_address_refused_for_good_joins_the_staffs_list_and_the_prescriber_is_told(
    clock: time_machine.Traveller, cast: Cast, settings: Any
) -> None:
    """L-END-3: once, however often the sweep comes, and again only when it fails again."""
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.move_to(hers()[0].due_at)
    settings.EMAIL_BACKEND = "tests.notices.outbox.AddressIsUnknown"
    sweep_due()
    failed = hers()[0]
    assert (failed.state, failed.ended_reason) == ("undeliverable", "address_refused")

    assert [list_failing_addresses(), list_failing_addresses()] == [1, 0]
    found = UndeliverableAddress.objects.get()
    assert (found.patient_id, found.kind, found.address) == (patient.pk, "email", patient.email)

    clock.shift(timedelta(minutes=1))
    plan_stale_patients()
    assert hers(state="scheduled") == []
    substitutes = cases.reminders("weekly_test", recipient_kind="prescriber", state="scheduled")
    assert {":patient:" in each.key for each in substitutes} == {True, False}

    reaching.resolve_undeliverable(cast.staff, undeliverable_id=found.pk, reason="It was full")
    assert list_failing_addresses() == 0
    plan_stale_patients()
    assert [each.address for each in hers(state="scheduled")] == [patient.email]


def test_who_speaks_for_a_patient_is_reminded_in_their_place(cast: Cast) -> None:
    """L-CAT-4."""
    patient = cases.on_therapy(cast)
    reaching.name_representative(
        cast.prescribing,
        patient_id=patient.pk,
        kind="representative",
        name="Rhea Synthetic",
        relationship="Sister",
        email="rhea@family.example",
    )
    plan_stale_patients()

    assert {each.address for each in hers()} == {"rhea@family.example"}


def test_what_was_sent_is_found_among_the_messages_and_marked_once(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    cases.on_therapy(cast)
    plan_stale_patients()
    told = cases.reminders("weekly_test", recipient_kind="prescriber")[0]
    assert not messages.messages_to(cast.prescribing.actor).filter(pk=told.pk).exists()
    clock.move_to(told.due_at)
    sweep_due()

    assert messages.messages_to(cast.prescribing.actor).filter(pk=told.pk).exists()
    read = messages.mark_read(cast.prescribing, notice_id=told.pk)
    clock.shift(timedelta(hours=1))
    again = messages.mark_read(cast.prescribing, notice_id=told.pk)
    assert read.read_at is not None
    assert again.read_at == read.read_at

    for other in (cast.dispensing, cast.staff, cast.administrator):
        with pytest.raises(NotFound):
            messages.mark_read(other, notice_id=told.pk)


def test_a_message_on_the_portal_alone_is_sent_without_any_mail(
    clock: time_machine.Traveller, cast: Cast, mailoutbox: list[Any]
) -> None:
    preferences.set_prescriber_preferences(
        cast.prescribing, prescriber_id=cast.prescriber.pk, wishes=Wishes(channels=("portal",))
    )
    cases.on_therapy(cast)
    plan_stale_patients()
    told = cases.reminders("weekly_test", recipient_kind="prescriber")[0]
    clock.move_to(told.due_at)
    sweep_due()

    told.refresh_from_db()
    assert (told.state, told.channel) == ("sent", "portal")
    assert all(cast.prescriber.email not in mail.to for mail in mailoutbox)
    assert messages.read(told).subject == "Something falls due for a person in your care"


def test_the_fate_of_a_patients_reminders_is_seen_by_who_may_see_the_patient(cast: Cast) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    stranger = builders.prescribing_call(builders.certified_prescriber(cast.administrator, 2))

    assert messages.reminders_about(cast.prescribing.actor, patient.pk).count() > 0
    assert messages.reminders_about(cast.staff.actor, patient.pk).count() > 0
    assert not messages.reminders_about(stranger.actor, patient.pk).exists()
    assert not messages.reminders_about(cast.dispensing.actor, patient.pk).exists()
    assert not messages.reminders_about(cast.staff.actor, uuid4()).exists()
