"""Messages, preferences and a patient's reminders, as pages."""

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.evidence import services as evidence
from apps.notices.messages import message_of
from apps.notices.models import Notice
from apps.reminders.models import ReminderPreference
from apps.reminders.tasks import plan_stale_patients
from tests import builders
from tests.browsers import signed_in
from tests.eligibility.supplies import confirmed
from tests.portal.people import browser_of, send
from tests.reminders import cases

pytestmark = pytest.mark.django_db


def address(name: str, *ids: Any) -> str:
    return reverse(name, args=ids)


def sent_to(cast: builders.Cast, **fields: Any) -> Notice:
    now = clock.now()
    return Notice.objects.create(
        key="one",
        template="reminder_to_prescriber",
        recipient_kind="prescriber",
        recipient_id=cast.prescriber.pk,
        address=cast.prescriber.email,
        due_at=now,
        created_at=now,
        **fields,
    )


def test_a_message_is_read_and_leads_to_its_patient(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    notice = sent_to(cast, patient_id=patient.pk)
    assert prescriber.get(address("message", notice.pk)).status_code == 404
    Notice.objects.filter(pk=notice.pk).update(state="sent", sent_at=clock.now())

    page = prescriber.get(address("messages")).content.decode()
    assert "Something falls due for a person in your care" in page
    assert "New" in page
    page = prescriber.get(address("message", notice.pk)).content.decode()
    assert address("patient", patient.pk) in page
    assert "Synthetic" not in page
    assert send(prescriber, address("message", notice.pk)).status_code == 302

    notice.refresh_from_db()
    assert notice.read_at is not None
    assert "Mark as read" not in prescriber.get(address("message", notice.pk)).content.decode()


def test_a_message_of_a_shipment_to_stop_leads_to_its_dispense(
    cast: builders.Cast, pharmacist: Client
) -> None:
    """L-PT-5"""
    confirmation = confirmed(cast, builders.authorized_frp(cast), handover="ship")
    made = builders.dispense(cast.dispensing, confirmation).dispense
    assert made is not None
    evidence.report_pregnancy(
        cast.staff,
        patient_id=made.patient_id,
        subject="patient",
        source="A caller",
        reported_at=clock.now(),
    )
    notice = Notice.objects.get(template="shipment_to_recall")
    Notice.objects.filter(pk=notice.pk).update(state="sent", sent_at=clock.now())
    text = pharmacist.get(address("message", notice.pk)).content.decode()
    assert f'href="{address("receipt", made.pk)}"' in text
    assert pharmacist.get(address("receipt", made.pk)).status_code == 200
    assert "of yours" in message_of(notice).text


def test_anothers_message_does_not_exist(cast: builders.Cast) -> None:
    notice = sent_to(cast)
    Notice.objects.filter(pk=notice.pk).update(state="sent", sent_at=clock.now())

    assert browser_of(cast.staff).get(address("message", notice.pk)).status_code == 404
    assert browser_of(cast.dispensing).get(address("message", notice.pk)).status_code == 404


def test_a_prescriber_says_how_to_be_reminded(cast: builders.Cast, prescriber: Client) -> None:
    page = address("reminder_preferences")
    answer = send(
        prescriber,
        page,
        channels="portal",
        quiet_from="20:00",
        quiet_until="07:30",
        language="en",
        opted_out=["supply_ends"],
    )

    assert answer.status_code == 302, answer.content.decode()
    said = ReminderPreference.objects.get()
    assert (said.pk, said.channels, said.opted_out) == (
        cast.prescriber.pk, ["portal"], ["supply_ends"],
    )  # fmt: skip
    assert (said.quiet_from, said.quiet_until) == (time(20), time(7, 30))
    assert "07:30" in prescriber.get(page).content.decode()


def test_half_of_the_quiet_hours_is_told_beside_the_field(prescriber: Client) -> None:
    answer = send(prescriber, address("reminder_preferences"), quiet_from="20:00", language="en")

    assert "Give both ends of the quiet hours" in answer.content.decode()
    assert not ReminderPreference.objects.exists()


def test_a_pharmacys_representative_says_how_it_is_reminded(cast: builders.Cast) -> None:
    assert cast.pharmacy.representative is not None
    browser = signed_in(cast.pharmacy.representative)

    assert send(browser, address("reminder_preferences"), language="es").status_code == 302
    assert ReminderPreference.objects.get().pharmacy == cast.pharmacy


def test_a_patients_reminders_and_their_fate_are_listed_and_can_be_changed(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    first = Notice.objects.filter(purpose="reminder", recipient_kind="patient")
    first.update(state="cancelled", ended_at=clock.now(), ended_reason="no_longer_due")

    page = prescriber.get(address("patient_reminders", patient.pk)).content.decode()
    assert "Weekly pregnancy test" in page
    assert "Cancelled: no longer due" in page
    assert "Scheduled" in page
    change = address("patient_reminder_preferences", patient.pk)
    assert send(prescriber, change, language="es").status_code == 302
    assert ReminderPreference.objects.get().patient == patient
