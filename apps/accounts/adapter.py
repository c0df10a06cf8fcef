"""How sign-in behaves: accounts come from invitations only, links name our own address."""

import logging
from smtplib import SMTPException
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from anymail.exceptions import AnymailError
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from apps.accounts import browsers, second_factors

logger = logging.getLogger(__name__)


class InvitedOnlyAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: the program invites."""

    error_messages: dict[str, Any] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": (
            "E-mail address and password do not belong together. Not sure about the password? Set "
            "a new one below: many wrong tries lock the sign-in for a while."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's
        """Always closed."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in a mail leads to the configured address, whatever Host a request named."""
        return set_password_url(key)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where a request comes from, by our own reading of the proxies' header."""
        return browsers.address_of(request) or "unknown"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether a protected step asks again who is there.

        Not for the first second factor right after the password, which was typed a moment ago.
        """
        if app == "allauth.mfa" and self.request and second_factors.has_just_entered(self.request):
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Tell a person what changed in their account. A mail that fails does not undo it."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except (OSError, SMTPException, AnymailError) as error:
            logger.warning("account_mail_not_sent", extra={"kind": type(error).__name__})

    def format_email_subject(self, subject: str) -> str:
        """The subject as its template says it."""
        return subject


def set_password_url(key: str) -> str:
    """The page on which whoever holds `key` (account and token) sets a new password."""
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return f"{settings.PORTAL_URL}{path.replace('UID-KEY', quote(key))}"
