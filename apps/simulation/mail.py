"""The demo's mail: messages become files, and one domain refuses every recipient.

So that what an address that reaches nobody sets off can be seen, and put right, from end to end.
"""

from collections.abc import Sequence
from smtplib import SMTPRecipientsRefused
from typing import Final

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

REFUSING_DOMAIN: Final = "nowhere.example"


class DemoMailbox(EmailBackend):
    """Writes each message into the mail folder, as a server would deliver it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raises SMTPRecipientsRefused, for good, where nobody has such an address."""
        refused = {
            address: (550, b"No such mailbox here")
            for message in email_messages
            for address in message.recipients()
            if address.rpartition("@")[2] == REFUSING_DOMAIN
        }
        if refused:
            raise SMTPRecipientsRefused(refused)
        sent: int = super().send_messages(email_messages)
        return sent
