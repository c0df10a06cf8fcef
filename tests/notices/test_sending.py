"""A notice is claimed, handed over and marked; failures wait, and end on a person's list."""

import traceback
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db.models.functions import Now

from apps.core import clock
from apps.notices import sending, services
from apps.notices.models import Notice
from apps.notices.tasks import sweep_due
from tests.notices import outbox

pytestmark = pytest.mark.django_db

FULL_LIFE = sending.ATTEMPTS


def end_lease(notice: Notice) -> None:
    """As if the lease had run out: by the database's clock, which no test moves."""
    Notice.objects.filter(pk=notice.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_due_notice_is_sent_once_however_often_the_sweep_comes() -> None:
    notice = outbox.notice()

    assert [sweep_due(), sweep_due()] == [1, 0]

    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.lease_token) == ("sent", 1, None)
    assert notice.sent_at is not None
    assert [message.to for message in mail.outbox] == [[outbox.ADDRESS]]


def test_the_message_id_comes_from_the_notice_alone() -> None:
    notice = outbox.notice()

    sweep_due()

    assert mail.outbox[0].message()["Message-ID"] == f"<{notice.pk}@remsportal.example>"


def test_a_notice_that_is_not_due_yet_waits() -> None:
    outbox.notice(due_at=clock.now() + timedelta(minutes=1))

    assert sweep_due() == 0


def test_a_reminder_is_left_to_those_who_know_whether_its_obligation_stands() -> None:
    notice = outbox.notice(purpose=Notice.Purpose.REMINDER, patient_id=uuid4())

    assert sweep_due() == 0
    assert not sending.send(notice.pk)


def test_nobody_else_sends_while_a_lease_runs() -> None:
    notice = outbox.notice()
    assert sending.claim(notice.pk, Notice.Purpose.EVENT) is not None

    assert sending.claim(notice.pk, Notice.Purpose.EVENT) is None
    assert sweep_due() == 0


def test_when_a_sender_died_the_same_message_is_sent_after_its_lease() -> None:
    notice = outbox.notice()
    sending.claim(notice.pk, Notice.Purpose.EVENT)
    end_lease(notice)

    assert sweep_due() == 1
    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == ("sent", 2)


def test_a_sender_whose_lease_went_to_another_leaves_no_mark(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notice = outbox.notice()
    slow = sending.claim(notice.pk, Notice.Purpose.EVENT)
    end_lease(notice)
    quick = sending.claim(notice.pk, Notice.Purpose.EVENT)
    assert slow is not None
    assert quick is not None

    sending.hand_over(slow)

    notice.refresh_from_db()
    assert (notice.state, notice.lease_token) == ("scheduled", quick.token)
    assert "notice_lease_lost" in caplog.text


def test_what_is_just_being_handed_over_cannot_be_cancelled() -> None:
    notice = outbox.notice()
    sending.claim(notice.pk, Notice.Purpose.EVENT)

    assert services.cancel(Notice.objects.all(), reason="no_longer_due", at=clock.now()) == 0
    end_lease(notice)
    assert services.cancel(Notice.objects.all(), reason="no_longer_due", at=clock.now()) == 1


def test_a_cancelled_notice_says_when_and_why_and_keeps_what_it_was_about() -> None:
    notice = outbox.notice(params={"authorization": "1"})

    services.cancel(Notice.objects.all(), reason="no_longer_due", at=clock.now())

    notice.refresh_from_db()
    assert (notice.state, notice.ended_reason) == ("cancelled", "no_longer_due")
    assert notice.ended_at is not None
    assert notice.params == {"authorization": "1"}
    assert sweep_due() == 0


@pytest.mark.parametrize(
    ("backend", "kind"),
    [("ServerIsDown", "ConnectionRefusedError"), ("MailboxIsFull", "SMTPRecipientsRefused")],
)
def test_a_failure_that_may_pass_waits_for_the_next_attempt(
    settings: Any, backend: str, kind: str
) -> None:
    settings.EMAIL_BACKEND = f"tests.notices.outbox.{backend}"
    notice = outbox.notice()

    assert [sweep_due(), sweep_due()] == [0, 0]

    notice.refresh_from_db()
    assert (notice.state, notice.attempts, notice.last_error) == ("scheduled", 1, kind)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    end_lease(notice)
    assert sweep_due() == 1
    notice.refresh_from_db()
    assert (notice.state, notice.last_error) == ("sent", "")


def test_the_waits_double_up_to_six_hours() -> None:
    waits = [sending.wait_after(attempts) for attempts in range(1, FULL_LIFE)]

    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)
    assert timedelta(days=2) < sum(waits, timedelta(0)) < timedelta(days=3)


def test_after_the_last_attempt_the_notice_is_left_to_a_person(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.notices.outbox.ServerIsDown"
    notice = outbox.notice(attempts=FULL_LIFE - 1)

    sweep_due()

    notice.refresh_from_db()
    assert (notice.state, notice.ended_reason) == ("undeliverable", "not_handed_over")
    assert notice.ended_at is not None


def test_an_address_refused_for_good_is_left_to_a_person_at_once(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.notices.outbox.AddressIsUnknown"
    notice = outbox.notice()

    sweep_due()

    notice.refresh_from_db()
    assert (notice.state, notice.attempts) == ("undeliverable", 1)
    assert notice.last_error == "SMTPRecipientsRefused"


def test_a_defect_is_raised_without_the_address_and_keeps_back_no_other_notice(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    broken = outbox.notice(template="no_such_template")
    sound = outbox.notice(due_at=clock.now())

    with pytest.raises(sending.NotSent, match="TemplateDoesNotExist"):
        sweep_due()

    sound.refresh_from_db()
    broken.refresh_from_db()
    assert (sound.state, broken.state) == ("sent", "scheduled")
    assert broken.last_error == "TemplateDoesNotExist"

    settings.EMAIL_BACKEND = "tests.notices.outbox.HasADefect"
    end_lease(broken)
    Notice.objects.filter(pk=broken.pk).update(template="authorization_voided")
    with pytest.raises(sending.NotSent) as raised:
        sweep_due()
    said = "".join(traceback.format_exception(raised.value)) + caplog.text
    assert outbox.ADDRESS not in said
    assert "LookupError" in said
