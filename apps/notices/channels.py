"""The ways out of the outbox: each hands one message over, or says how it failed.

A failure never carries an address or content: only its kind, and whether trying again can help.
"""

from collections.abc import Mapping
from smtplib import SMTPException, SMTPRecipientsRefused
from types import MappingProxyType
from typing import Final, Protocol

from anymail.exceptions import AnymailError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.core.mail import EmailMessage

from apps.notices.messages import Message
from apps.notices.models import Notice

SMTP_PERMANENT_FROM = 500


class NotHandedOver(Exception):
    """The message did not leave; `kind` is the class of what went wrong."""

    def __init__(self, cause: Exception, *, is_permanent: bool) -> None:
        super().__init__(type(cause).__name__)
        self.kind = type(cause).__name__
        self.is_permanent = is_permanent


class Channel(Protocol):
    """A way to reach a recipient."""

    def hand_over(self, message: Message) -> None:
        """Hand one message over; raises NotHandedOver."""


class Email:
    """Mail, through the backend that the settings name."""

    def hand_over(self, message: Message) -> None:
        """Hand one message to the mail server; raises NotHandedOver."""
        mail = EmailMessage(
            subject=message.subject,
            body=message.text,
            to=[message.address],
            headers={"Message-ID": message.id, "Auto-Submitted": "auto-generated"},
        )
        try:
            mail.send()
        except (SMTPException, AnymailError, OSError) as error:
            raise NotHandedOver(error, is_permanent=_is_permanent(error)) from None


def _is_permanent(error: Exception) -> bool:
    """Whether the server refused this recipient for good, not just for now."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= SMTP_PERMANENT_FROM for code, _ in error.recipients.values())
    return isinstance(error, AnymailRecipientsRefused | AnymailInvalidAddress)


class Portal:
    """The recipient's page of messages: what was sent stands there, however it was sent."""

    def hand_over(self, message: Message) -> None:
        """Nothing leaves: from the moment that it is marked as sent, the page shows it."""


CHANNELS: Final[Mapping[str, Channel]] = MappingProxyType(
    {Notice.Channel.EMAIL: Email(), Notice.Channel.PORTAL: Portal()}
)
"""The channels that can be used. One without a sender (text messages) is passed over."""
