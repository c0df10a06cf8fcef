"""Browsers of people who are signed in with their second factor, as the pages want it."""

import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from allauth.mfa.utils import decrypt
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.test import Client
from django.urls import resolve, reverse

from apps.accounts import second_factors
from apps.accounts.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def signed_in(user: User, **environ: Any) -> Client:
    """A browser in which this person is signed in and has shown a second factor.

    Without the pages on the way in, for speed; those have tests of their own.
    """
    browser = Client(**environ)
    browser.force_login(user, backend=BACKEND)
    session = browser.session
    session[second_factors.SHOWN] = True
    session.save()
    return browser


def hidden_in(form: Any) -> dict[str, Any]:
    """What a page sends along that nobody types: the one-time key, and what was shown."""
    sent = {bound.html_name: bound.value() for bound in form.hidden_fields()}
    return {name: value for name, value in sent.items() if value is not None}


def request_of(browser: Client) -> HttpRequest:
    """A request of whoever is signed in here as it reaches the views; they may be asked with it."""
    request: HttpRequest = browser.get(reverse("home")).wsgi_request
    return request


def is_refused(request: HttpRequest, method: str, address: str) -> bool:
    """Whether the view at an address refuses who asks. What it answers then is always the 403 page.

    Without what happens around each view and knows no addresses, for speed.
    """
    request.method, request.path, request.path_info = method, address, address
    request.resolver_match = match = resolve(address)
    try:
        match.func(request, *match.args, **match.kwargs)
    except PermissionDenied:
        return True
    except Http404:  # They were let in, and found nothing.
        return False
    return False


def give_app(user: User, secret: str = SECRET) -> Authenticator:
    """An authenticator app of which the secret is known, and no code was used yet."""
    Authenticator.objects.filter(user=user).delete()
    second_factors.set_up_app(user.pk, secret)
    app: Authenticator = Authenticator.objects.get(user=user)
    return app


def code_of(user: User) -> str:
    """The code that this person's app shows now."""
    app = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return code_from(decrypt(app.data["secret"]))


def code_from(secret: str) -> str:
    """The code that an app with this secret shows now."""
    return str(auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30)))
