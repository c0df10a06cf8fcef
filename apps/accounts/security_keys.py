"""Security keys: allauth's forms, which take what no key would say for a wrong answer.

The library raises whatever its parsers raise, which anybody who knows a password could make happen.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError

UNREADABLE: Final = (LookupError, TypeError, ValueError, ArithmeticError, struct.error)
WRONG: Final = "The security key gave no answer that can be read. Try again."


class CredentialField(forms.JSONField):
    """What the browser says for the key."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Raises ValidationError also for what is nested without end."""
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise ValidationError(WRONG, code="incorrect_code") from error

    def bound_data(self, _data: Any, _initial: Any) -> None:
        """Nothing: the page that is shown again waits for another answer."""


class AddKeyForm(AddWebAuthnForm):
    """A new key."""

    credential = CredentialField()

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for what no key says."""
        with _read():
            return dict(super().clean())


class KeyForm(AuthenticateWebAuthnForm):
    """A key at sign-in."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        """Raises ValidationError for what no key says, and for another key."""
        with _read():
            return super().clean_credential()


class ConfirmKeyForm(ReauthenticateWebAuthnForm):
    """A key of somebody who is signed in, before a protected step."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        """Raises ValidationError for what no key says, and for another key."""
        with _read():
            return super().clean_credential()


@contextmanager
def _read() -> Iterator[None]:
    try:
        yield
    except UNREADABLE as error:
        raise ValidationError(WRONG, code="incorrect_code") from error
