"""People's second factors in tests: an authenticator app, and recovery codes to type."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from apps.accounts.models import User
from tests.builders import PASSWORD


def have_components(user: User) -> None:
    """Give a person PASSWORD, an app and recovery codes, unless they have them."""
    if not user.has_usable_password():
        user.set_password(PASSWORD)
        user.save()
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)


def new_code(user: User) -> str:
    """A code of the second factor that was not used yet."""
    return str(RecoveryCodes.activate(user).get_unused_codes()[0])


def proof(signed_in: User, form: Any) -> dict[str, str]:
    """What is typed to sign this form as it was shown; nothing where it is not signed."""
    asked = {}
    if "password" in form.fields:
        asked["password"] = PASSWORD
    if "code" in form.fields:
        asked["code"] = new_code(signed_in)
    return asked
