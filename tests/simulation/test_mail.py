"""The demo's mail: files for those who are reached, and a refusal for good for the others."""

from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage

from apps.evidence import services as evidence
from apps.notices.models import Notice
from apps.notices.tasks import sweep_due
from apps.patients.models import UndeliverableAddress
from apps.patients.services import correct_contact
from apps.reminders import addresses
from apps.simulation.mail import REFUSING_DOMAIN
from launcher.demo import MAILBOX
from tests import builders

BY_EMAIL: dict[str, Any] = {"purpose": "enter", "way": "email", "identified": "on_record"}
LOST = f"robert@{REFUSING_DOMAIN}"


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = MAILBOX
    settings.EMAIL_FILE_PATH = str(tmp_path)
    return tmp_path


def test_a_message_becomes_a_file_unless_its_domain_refuses(folder: Path) -> None:
    assert EmailMessage("Subject", "Text", to=["ann@patients.example"]).send() == 1
    with pytest.raises(SMTPRecipientsRefused) as refused:
        EmailMessage("Subject", "Text", to=[LOST]).send()
    assert refused.value.recipients[LOST][0] == 550
    (file,) = folder.iterdir()
    assert "ann@patients.example" in file.read_text()


@pytest.mark.django_db
def test_a_refused_address_waits_until_another_one_is_entered(folder: Path) -> None:
    """L-END-3, from end to end as the demo shows it."""
    cast = builders.cast()
    patient = builders.enroll(cast.prescribing)
    contact = {"postal_code": patient.postal_code, "phone": "", "time_zone": patient.time_zone}
    correct_contact(cast.staff, patient_id=patient.pk, email=LOST, **contact)
    evidence.issue_patient_code(cast.prescribing, patient_id=patient.pk, **BY_EMAIL)

    sweep_due()

    lost = Notice.objects.get(address=LOST)
    assert (lost.state, lost.ended_reason) == ("undeliverable", "address_refused")
    assert addresses.refused(limit=10) == [patient.pk]
    addresses.record(patient.pk)
    waiting = UndeliverableAddress.objects.get()
    assert (waiting.address, waiting.resolved_at) == (LOST, None)

    right = "robert@patients.example"
    correct_contact(cast.staff, patient_id=patient.pk, email=right, **contact)
    waiting.refresh_from_db()
    assert waiting.resolved_at is not None
    evidence.issue_patient_code(cast.prescribing, patient_id=patient.pk, **BY_EMAIL)
    sweep_due()
    assert Notice.objects.get(address=right).state == "sent"
    assert any(right in file.read_text() for file in folder.iterdir())


@pytest.mark.usefixtures("demo")
def test_the_story_has_a_message_that_will_not_arrive() -> None:
    (lost,) = Notice.objects.filter(address__endswith=f"@{REFUSING_DOMAIN}", purpose="event")
    assert lost.state == Notice.State.SCHEDULED
