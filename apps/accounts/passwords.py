"""A rule for new passwords: none of the latest is chosen again. It keeps their hashes."""

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from apps.accounts.models import EarlierPassword, User
from apps.core import clock

REFUSED = "You used this password before. Choose another one."


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
