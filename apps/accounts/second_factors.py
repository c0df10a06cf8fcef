"""The second factor: how secrets are kept, how a code is accepted once, who has shown theirs.

A sign-in that has shown no second factor opens nothing (see `middleware`).
"""

import base64
import time
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts import lock_out
from apps.accounts.models import User
from apps.audit import services as audit
from apps.core.call import SYSTEM_CALL

SHOWN, SET_UP = "second_factor_shown", "second_factor_set_up"
MAIN = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
LAST_COUNTER = "last_counter"
ENCRYPTED = "gAAAA"
CODE_USED = (
    "You signed in with a recovery code; {left} unused ones are left. Is your phone lost, or new? "
    "Open “Your account”, remove the authenticator app, and set it up on the new phone."
)

WRONG = "This code is not right, or it was used already. Wait for the next one."
LOCKED = (
    "Too many wrong codes were entered. To protect the account, this browser takes no more of them "
    "for now."
)


class SecondFactors(DefaultMFAAdapter):
    """allauth's hooks: its secrets are encrypted at rest, and its names are ours."""

    def encrypt(self, text: str) -> str:
        """A secret as the database keeps it."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """A secret as it was; those of the first release were not encrypted yet.

        Raises InvalidToken when no key of ours encrypted it.
        """
        if not encrypted_text.startswith(ENCRYPTED):
            return encrypted_text
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """The name in the authenticator app."""
        return "remsportal"

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - allauth's
        """A name for one more security key."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return "Security key" if not count else f"Security key {count + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """To whom a security key answers: the portal, under the name by which it is reached."""
        return {"id": context.request.get_host().partition(":")[0], "name": "remsportal"}


class CodeForm(AuthenticateForm):
    """A code at sign-in: from the app, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": "Enter the code."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.demo_code = demo_code(self.user)
        self.is_locked = not lock_out.wrong_codes_left(context.request, self.user)

    def clean_code(self) -> str:
        """Raises ValidationError for a wrong code, and when there were too many of them."""
        code = str(self.cleaned_data["code"])
        self.authenticator = accept(context.request, self.user, code)
        return code

    def save(self) -> None:
        """Go on signing in; whoever used a recovery code is told how to come by a new phone."""
        super().save()
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            self.authenticator.refresh_from_db()  # This code has just been used up.
            left = len(RecoveryCodes(self.authenticator).get_unused_codes())
            messages.warning(context.request, CODE_USED.format(left=left))


class ConfirmForm(CodeForm):
    """A code of somebody who is signed in, before a protected step."""

    def save(self) -> None:
        """Note that the person was there just now."""
        post_authentication(context.request, self.authenticator, reauthenticated=True)


class SetUpForm(ActivateTOTPForm):
    """The first code of a new authenticator app."""

    code = forms.CharField(
        label="The six digits",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": "Enter the six digits that the app shows."},
    )

    @property
    def demo_code(self) -> str:
        """The demo's stand-in for the app: the code of this very secret."""
        return _code(self.secret, _counter()) if settings.SHOW_SECOND_FACTOR_CODES else ""


def accept(request: HttpRequest, user: User, code: str) -> Authenticator:
    """The factor of `user` that made this code, which is used up with it.

    Raises ValidationError for a wrong code, which counts towards a lock, and while locked.
    """
    with transaction.atomic():
        # Guesses at the same time count one after another.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not lock_out.wrong_codes_left(request, user):
            raise ValidationError(LOCKED, code="second_factor_locked")
        found = _matching(user, code)
        if found is None:
            lock_out.count_wrong_code(request, user)
            audit.record_view(SYSTEM_CALL, "second_factor_failed", subject=user)
    if found is None:
        if not lock_out.wrong_codes_left(request, user):
            audit.record_view(SYSTEM_CALL, "second_factor_locked_out", subject=user)
            get_account_adapter(request).send_notification_mail("mfa/email/wrong_codes", user)
        raise ValidationError(WRONG, code="incorrect_code")
    return found


def is_set_up(user: User) -> bool:
    """Whether a person has a second factor; recovery codes alone are none."""
    return factors_of(user).exists()


def factors_of(user: User) -> "QuerySet[Authenticator]":
    """The second factors of a person, recovery codes left out."""
    return Authenticator.objects.filter(user=user, type__in=MAIN)


def was_shown(request: HttpRequest) -> bool:
    """Whether this sign-in has shown a second factor; asked without the database."""
    return bool(request.session.get(SHOWN))


def note_shown(request: HttpRequest) -> None:
    """This sign-in has shown a second factor now, or just set one up."""
    request.session[SHOWN] = True


def note_set_up(request: HttpRequest, factor: Authenticator) -> None:
    """This sign-in set up a factor; the code that proved it is used up, too."""
    if not was_shown(request):
        request.session[SET_UP] = True
    if factor.type == Authenticator.Type.TOTP:
        factor.data[LAST_COUNTER] = _counter()
        factor.save(update_fields=["data"])


def forget_shown(request: HttpRequest) -> None:
    """The factor that this sign-in has shown is no more."""
    request.session.pop(SHOWN, None)


def was_used_to_enter(request: HttpRequest, user: User) -> bool:
    """Whether a second factor is among the steps of a sign-in that is just completed."""
    return any(step.get("method") == "mfa" for step in get_authentication_records(request, user))


def has_just_entered(request: HttpRequest) -> bool:
    """Whether the password of a sign-in that sets up the first factor was typed a moment ago."""
    user = request.user
    if not isinstance(user, User) or (was_shown(request) and SET_UP not in request.session):
        return False
    steps = get_authentication_records(request, user)
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return any(step.get("method") == "password" and step["at"] > since for step in steps)


def demo_code(user: User) -> str:
    """In the demo, the code that this person's app would show; empty elsewhere."""
    if not settings.SHOW_SECOND_FACTOR_CODES:
        return ""
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if app is None:
        return ""
    # The next one where the present one was used already.
    return _code(decrypt(app.data["secret"]), max(_counter(), app.data.get(LAST_COUNTER, 0) + 1))


def set_up_app(user_id: UUID, secret: str = "") -> None:
    """Give a synthetic person an authenticator app, with this secret if one is given.

    Raises RuntimeError there.
    """
    if settings.PRODUCTION:
        raise RuntimeError("In production, people set up their second factors themselves.")
    Authenticator.objects.create(
        user_id=user_id,
        type=Authenticator.Type.TOTP,
        data={"secret": SecondFactors().encrypt(secret or totp.generate_totp_secret())},
    )


def _matching(user: User, code: str) -> Authenticator | None:
    """The factor that this code belongs to, with the code used up."""
    own: QuerySet[Authenticator] = Authenticator.objects.select_for_update(no_key=True).filter(
        user=user
    )
    factor: Authenticator
    for factor in own.exclude(type=Authenticator.Type.WEBAUTHN).order_by("-type"):
        if factor.type == Authenticator.Type.RECOVERY_CODES:
            if RecoveryCodes(factor).validate_code(code):
                return factor
        elif (counter := _counter_of(factor, code)) is not None:
            factor.data[LAST_COUNTER] = counter
            factor.save(update_fields=["data"])
            return factor
    return None


def _counter_of(app: Authenticator, code: str) -> int | None:
    """The step of time that this code is of; None for a wrong one, and for one used before."""
    secret, used = decrypt(app.data["secret"]), app.data.get(LAST_COUNTER, -1)
    typed = "".join(code.split())
    for counter in totp.yield_hotp_counters_from_time():
        if counter > used and typed == _code(secret, counter):
            return int(counter)
    return None


def _counter() -> int:
    return int(time.time()) // 30


def _code(secret: str, counter: int) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def _cipher() -> MultiFernet:
    """The first key encrypts, each of them decrypts."""
    keys = [
        HKDF(algorithm=SHA256(), length=32, salt=None, info=b"remsportal second factors").derive(
            key.encode()
        )
        for key in settings.SECOND_FACTOR_KEYS
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
