"""Rules for new passwords: none of the latest is chosen again, and what is chosen can be typed.

Of the earlier ones it keeps the hashes.
"""

from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from apps.accounts.models import EarlierPassword, User
from apps.core import clock

REFUSED = "You used this password before. Choose another one."
LONGEST: Final = 4096


class NotTooLong:
    """Refuses what no field takes in which it is typed again, as when signing; Django calls it."""

    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002
        """Raises ValidationError for a password that could sign in, and sign nothing."""
        if len(password) > LONGEST:
            raise ValidationError(
                f"This password is too long. It can have {LONGEST:,} characters at most.",
                code="password_too_long",
            )

    def get_help_text(self) -> str:
        """What the page says before anything is typed."""
        return f"It has at most {LONGEST:,} characters."


class NotAnEarlierPassword:
    """Refuses the present password and the latest ones of before; Django calls it."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError for a password that its person had lately."""
        if user is None or user._state.adding:
            return
        earlier = EarlierPassword.objects.filter(user=user).order_by("-chosen_at", "-pk")
        hashes = {
            user.password,
            *earlier.values_list("encoded", flat=True)[: settings.PASSWORDS_REMEMBERED],
        }
        if any(check_password(password, encoded) for encoded in hashes):
            raise ValidationError(REFUSED, code="password_used_before")

    def get_help_text(self) -> str:
        """What the page says before anything is typed."""
        return f"It is none of your last {settings.PASSWORDS_REMEMBERED} passwords."

    def password_changed(self, password: str, user: User | None = None) -> None:  # noqa: ARG002
        """Keep the hash: whatever set the password, this is called once it is saved."""
        if user is not None:
            EarlierPassword.objects.create(
                user=user, encoded=user.password, chosen_at=clock.real_now()
            )
