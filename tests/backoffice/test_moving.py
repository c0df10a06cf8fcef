"""L-ENR-5, L-ENR-6, L-SUR-1: what the office does when people go, each with a reason."""

from collections.abc import Iterator

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from apps.audit.models import Event
from apps.core.call import Role
from apps.patients.models import PatientTransfer
from apps.providers import services as providers
from tests import builders
from tests.backoffice.test_actions import act, page, said

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_counted_sign_ins() -> Iterator[None]:
    """The counts of earlier tests' sign-ins are not this test's."""
    cache.clear()
    yield
    cache.clear()


def test_decertifying_points_to_the_hand_over_and_the_patients_go_as_a_list(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    """L-ENR-5."""
    builders.enroll(cast.prescribing)
    other = builders.certified_prescriber(cast.administrator, serial=2)
    answer = act(administrator, cast.prescriber, "decertify", reason="Retired")
    told = administrator.get(answer["Location"]).content.decode()
    assert "who have nobody now: 1" in told
    assert "Hand over this prescriber&#x27;s patients" in told

    entered = {"to_prescriber": str(other.pk), "reason": "Retired"}
    nobody = act(staff, cast.prescriber, "hand-over", **entered)
    assert "Choose the patients who move" in said(nobody)
    assert not PatientTransfer.objects.exists()
    answer = act(staff, cast.prescriber, "hand-over", **entered, all_patients="on")

    assert answer.status_code == 302
    moved = PatientTransfer.objects.get()
    assert (moved.to_prescriber, moved.kind, moved.reason) == (other, "handed_over", "Retired")
    assert Event.objects.get(code="patient_handed_over").role == "staff"
    assert staff.get(page(cast.prescriber, "hand-over")).status_code == 200
    refused = act(staff, cast.prescriber, "hand-over", **entered, all_patients="on")
    assert "no patient to hand over" in said(refused)


def test_an_administrator_changes_who_represents_a_pharmacy_and_the_new_one_is_invited(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    """L-ENR-6."""
    new = {"given_name": "Nina", "family_name": "New", "email": "nina@pharmacy.example"}
    url = page(cast.pharmacy, "change-representative")
    assert staff.get(url).status_code == 403
    mail.outbox.clear()
    answer = act(administrator, cast.pharmacy, "change-representative", reason="Left", **new)
    assert answer.status_code == 302
    cast.pharmacy.refresh_from_db()
    assert str(cast.pharmacy.representative) == "Nina New"
    assert [message.to for message in mail.outbox] == [["nina@pharmacy.example"]]


def test_an_administrator_puts_the_named_successor_in(
    cast: builders.Cast, administrator: Client
) -> None:
    """L-ENR-6."""
    refused = act(administrator, cast.pharmacy, "confirm-successor", reason="Died")
    assert "named nobody" in said(refused)
    providers.name_successor(
        builders.pharmacy_call(cast.pharmacy, Role.REPRESENTATIVE, cast.pharmacy.representative_id),
        email=f"pharmacist.{cast.pharmacy.npi}@pharmacy.example",
        family_name="Pharmacist",
    )
    assert act(administrator, cast.pharmacy, "confirm-successor", reason="Died").status_code == 302
    cast.pharmacy.refresh_from_db()
    assert cast.pharmacy.representative_id == cast.dispensing.actor.id


def test_staff_end_a_delegation_and_record_who_covers(cast: builders.Cast, staff: Client) -> None:
    """L-SUR-1, L-ENR-5."""
    delegation = providers.name_delegate(
        cast.prescribing, email="d@practice.example", given_name="D", family_name="E"
    )
    assert act(staff, delegation, "end", reason="Asked by the prescriber").status_code == 302
    delegation.refresh_from_db()
    assert delegation.ended_at is not None
    practice = cast.prescriber.practice
    for name, covers in (("cover", True), ("uncover", False)):
        assert "reason" in act(staff, practice, name).context["form"].errors
        assert act(staff, practice, name, reason=f"Their letter: {name}").status_code == 302
        practice.refresh_from_db()
        assert practice.members_cover_each_other is covers
        event = Event.objects.filter(code="practice_coverage_changed").latest("pk")
        assert event.reason == f"Their letter: {name}"


def test_letting_a_practice_cover_twice_does_not_end_it(cast: builders.Cast, staff: Client) -> None:
    """L-ENR-5."""
    practice = cast.prescriber.practice
    for _ in range(2):
        assert act(staff, practice, "cover", reason="Their letter").status_code == 302
    practice.refresh_from_db()
    assert practice.members_cover_each_other
