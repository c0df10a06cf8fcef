"""Notices for tests of the outbox, and mail channels that fail on purpose."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import uuid4

from django.core.mail.backends.base import BaseEmailBackend

from apps.core import clock
from apps.notices.models import Notice

ADDRESS = "fiona@patients.example"


def notice(**fields: Any) -> Notice:
    """A scheduled notice that is due."""
    now = clock.now()
    defaults = {
        "key": f"test:{uuid4()}",
        "template": "authorization_voided",
        "recipient_kind": Notice.RecipientKind.PHARMACY,
        "address": ADDRESS,
        "due_at": now - timedelta(minutes=1),
        "created_at": now,
    }
    return Notice.objects.create(**{**defaults, **fields})


class ServerIsDown(BaseEmailBackend):
    """No mail server answers."""

    def send_messages(self, email_messages: Any) -> int:  # noqa: ARG002
        raise ConnectionRefusedError(f"nobody listens for {ADDRESS}")


class AddressIsUnknown(BaseEmailBackend):
    """The mail server refuses the recipient for good."""

    def send_messages(self, email_messages: Any) -> int:  # noqa: ARG002
        raise SMTPRecipientsRefused({ADDRESS: (550, b"no such person")})


class MailboxIsFull(BaseEmailBackend):
    """The mail server refuses the recipient for now."""

    def send_messages(self, email_messages: Any) -> int:  # noqa: ARG002
        raise SMTPRecipientsRefused({ADDRESS: (452, b"mailbox full")})


class HasADefect(BaseEmailBackend):
    """Our own code is wrong."""

    def send_messages(self, email_messages: Any) -> int:  # noqa: ARG002
        raise LookupError(f"no such thing for {ADDRESS}")
