"""Proving at a door who signs: password and second factor, or within minutes the password alone.

21 CFR 11.100 to 11.300. What is signed, and what it means, is the commands' business.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import Any, NoReturn

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import app_settings as mfa
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.utils import get_form_class
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from apps.accounts.models import SignIn, User
from apps.accounts.services import sign_ins
from apps.audit import services as audit
from apps.core.call import Call, Signing, SigningMethod
from apps.providers import services as providers

PASSWORD, CODE = "password", "code"
COMPONENTS = (PASSWORD, CODE)
LATEST, KEY_USED = "signed_latest", "signing_key_used_at"
# How often in a row, by who was to sign.
FAILURES = "signing_failures_of"
PROVEN = "signing_proven"
WRONG_PASSWORD = "This password is not right. Nothing was signed."  # noqa: S105
WRONG_CODE = "This code is not right, or it was used already. Nothing was signed."
NO_FACTOR = "You have no second factor yet. Set one up, then come back and sign."
NOT_CONFIRMED = "Confirm with your security key first, then sign here."
ENDED = (
    "Your sign-in was ended: the password or code was wrong several times when signing. The "
    "program’s administrators are told. Sign in again; what was not signed was not recorded."
)


class Unproven(Exception):
    """Who signs was not proven; `field` is the component at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


class SignInEnded(PermissionDenied):
    """The sign-in was ended, for its person did not prove who they are, again and again."""


@dataclass(frozen=True, slots=True)
class Needed:
    """What somebody must give in order to sign now."""

    code: bool
    """A code: the first signing of a continuous period."""
    key: bool = False
    """A security key, used a moment ago: who has no other second factor."""
    factor: bool = False
    """Nothing can be signed before a second factor is set up."""


EVERYTHING = Needed(code=True)


def period() -> timedelta:
    """How long after a signing the next one goes on with it."""
    length: timedelta = settings.SIGNING_PERIOD
    return length


def needed(request: HttpRequest, signer: User | None = None) -> Needed:
    """What `signer` must give now; who is not the one signed in gives everything each time."""
    user = signer or _signed_in(request)
    if user == request.user and _period_runs(request.session.get(LATEST)):
        return Needed(code=False)
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    if Authenticator.Type.TOTP in kinds:
        return Needed(code=True)
    if Authenticator.Type.WEBAUTHN in kinds:
        return Needed(code=False, key=True)
    return Needed(code=False, factor=True)


def prove(
    request: HttpRequest,
    call: Call,
    *,
    password: str,
    code: str,
    signer: User | None = None,
    sent: str = "",
) -> Signing:
    """What `signer` (the person signed in, unless said) proved now: each component anew.

    `sent` is a digest of the page that is signed and of all that was entered on it: the same page
    sent twice needs no second code, though who signs is not the person signed in.
    Raises Unproven for a wrong component, which leaves an event; SignInEnded for the last one that
    is taken: then the sign-in is over and the administrators are told.
    """
    user = signer or _signed_in(request)
    wanted = needed(request, user)
    if wanted.factor:
        raise Unproven(PASSWORD, NO_FACTOR)
    if not _is_password_of(request, user, password):
        _fail(request, call, user, PASSWORD, WRONG_PASSWORD)
    method = SigningMethod.ONE_COMPONENT
    if wanted.key:
        _use_confirmation(request, user)
        method = SigningMethod.ALL_COMPONENTS
    elif wanted.code:
        method = _prove_code(request, call, user, code, sent)
    _forget_failures(request, user)
    if user == request.user:
        request.session[LATEST] = time.time()
    elif sent:
        request.session[PROVEN] = _proof(user, sent)
    # At once: the same page, sent twice, finds what it proved and its code used up.
    _save(request)
    return Signing(method=method, user_id=user.pk, printed_name=str(user))


class SigningMiddleware:
    """Leads whose sign-in was ended to the sign-in page, from whatever door."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing on the way."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A redirection for SignInEnded, nothing for anything else."""
        if not isinstance(exception, SignInEnded):
            return None
        messages.error(request, ENDED)
        return redirect(settings.LOGIN_URL)


def _signed_in(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _period_runs(latest: float | None) -> bool:
    """Whether a signing was so lately that the next one goes on with it; real time."""
    return latest is not None and 0 <= time.time() - latest < period().total_seconds()


def _is_password_of(request: HttpRequest, user: User, password: str) -> bool:
    """Asked as a sign-in asks, so that failures count towards the lock-out, and it holds here."""
    found = authenticate(request, email=user.email, password=password)
    return found is not None and found.pk == user.pk


def _is_code_of(user: User, code: str) -> bool:
    """Asked as the library asks before a protected step; a code is used up."""
    form_class = get_form_class(  # type: ignore[no-untyped-call]
        mfa.FORMS, "reauthenticate", ReauthenticateForm
    )
    form = form_class(data={"code": code}, user=user)
    if not form.is_valid():
        return False
    form.authenticator.record_usage()
    return True


def _prove_code(
    request: HttpRequest, call: Call, user: User, code: str, sent: str
) -> SigningMethod:
    """What the code makes of the signature. Raises Unproven, or SignInEnded at the limit."""
    if _was_proven(request, user, sent) or _is_code_of(user, code):
        return SigningMethod.ALL_COMPONENTS
    # The same page, sent a moment before, may have used the code up meanwhile.
    if _has_just_signed(request, user):
        return SigningMethod.ONE_COMPONENT
    if not _was_proven(request, user, sent):
        _fail(request, call, user, CODE, WRONG_CODE)
    return SigningMethod.ALL_COMPONENTS


def _use_confirmation(request: HttpRequest, user: User) -> None:
    """Use up the latest confirmation with a security key. Raises Unproven without a fresh one."""
    since = time.time() - settings.KEY_CONFIRMED_FOR.total_seconds()
    used = request.session.get(KEY_USED, 0.0)
    for step in reversed(get_authentication_records(request, user)):
        is_key = step.get("method") == "mfa" and step.get("type") == Authenticator.Type.WEBAUTHN
        if is_key and step.get("reauthenticated") and step["at"] > max(since, used):
            request.session[KEY_USED] = step["at"]
            return
    raise Unproven(PASSWORD, NOT_CONFIRMED)


def _has_just_signed(request: HttpRequest, user: User) -> bool:
    """Whether the same page, sent a moment before, has begun the period and used up the code."""
    return user == request.user and _period_runs(_kept(request).get(LATEST))


def _proof(user: User, sent: str) -> dict[str, Any]:
    """What is remembered of a page that another person than the one signed in has signed."""
    return {"signer": str(user.pk), "sent": sent, "at": time.time()}


def _was_proven(request: HttpRequest, user: User, sent: str) -> bool:
    """Whether this very page, with the same entries, was proven by this signer within minutes."""
    if user == request.user or not sent:
        return False
    latest = _kept(request).get(PROVEN) or {}
    is_same = (latest.get("signer"), latest.get("sent")) == (str(user.pk), sent)
    return is_same and _period_runs(latest["at"])


def _kept(request: HttpRequest) -> Any:
    """The session as it is kept now: another request of the same browser may have changed it."""
    return import_module(settings.SESSION_ENGINE).SessionStore(request.session.session_key)


def _save(request: HttpRequest) -> None:
    """Keep the session. Raises SignInEnded where another request of this browser has ended it."""
    try:
        request.session.save()
    except UpdateError:
        sign_ins.sign_out(request, SignIn.End.MISUSE)
        raise SignInEnded(ENDED) from None


def _forget_failures(request: HttpRequest, user: User) -> None:
    """Who signed begins anew: between tries at a colleague's password, one's own ends no count."""
    counted = {**request.session.get(FAILURES, {})}
    if counted.pop(str(user.pk), None) is not None:
        request.session[FAILURES] = counted


def _fail(request: HttpRequest, call: Call, user: User, field: str, message: str) -> NoReturn:
    """Leave an event, count; raise Unproven, or SignInEnded at the limit."""
    counted: dict[str, int] = {**request.session.get(FAILURES, {})}
    counted[str(user.pk)] = counted.get(str(user.pk), 0) + 1
    request.session[FAILURES] = counted
    failures = sum(counted.values())
    _save(request)
    audit.record_view(call, "signing_failed", subject=user, data={"component": field})
    if failures < settings.SIGNING_FAILURES:
        raise Unproven(field, message)
    providers.report_signing_misuse(call, user_id=user.pk, failures=failures)
    sign_ins.sign_out(request, SignIn.End.MISUSE)
    raise SignInEnded(ENDED)
