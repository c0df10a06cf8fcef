"""How sign-in behaves: accounts come from invitations only, links name our own address."""

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


class InvitedOnlyAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: the program invites."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's
        """Always closed."""
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in a mail leads to the configured address, whatever Host a request named."""
        return set_password_url(key)

    def format_email_subject(self, subject: str) -> str:
        """The subject as its template says it."""
        return subject


def set_password_url(key: str) -> str:
    """The page on which whoever holds `key` (account and token) sets a new password."""
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return f"{settings.PORTAL_URL}{path.replace('UID-KEY', quote(key))}"


def attempted_email(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """The address of a sign-in attempt, for the lock-out's count."""
    typed = (credentials or {}).get("email") or (credentials or {}).get("username")
    if not typed and request is not None:
        typed = request.POST.get("login", "")
    return str(typed or "").strip().lower()
