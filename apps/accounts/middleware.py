"""What a sign-in needs to go on: it is in use, not too old, in its own browser, with two factors.

Nothing here asks the database but once a minute; all of it is in the session.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.accounts import browsers, second_factors
from apps.accounts.models import SignIn, User
from apps.accounts.services import sign_ins

SIGNED_IN, LAST_SEEN = "signed_in_at", "last_seen"
SIGN_IN, BROWSER = "sign_in", "browser"

# All that somebody without a second factor may open: where they set one up, and the way out.
ON_THE_WAY = frozenset(
    {
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
    }
)
# They know no sign-in: tokens open the API, and health is everybody's.
WITHOUT_SIGN_IN = frozenset({"livez", "readyz"})


class IdleTimeoutMiddleware:
    """Sign out who did nothing for `IDLE_TIMEOUT`, or signed in `SESSION_COOKIE_AGE` ago.

    Every saved session lives for its whole age again, so the absolute limit is kept here. A cookie
    that comes from another browser than the one that signed in was copied: it opens nothing, and
    ends the sign-in, for nobody can tell which of the two is its owner.
    """

    RESOLUTION_SECONDS = 60

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Real time, never the demo's clock."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            self.check(request, int(time.time()))
        return self.get_response(request)

    def check(self, request: HttpRequest, now: int) -> None:
        """End the sign-in, or note that it is in use."""
        session = request.session
        idle = now - session.get(LAST_SEEN, now)
        age = now - session.setdefault(SIGNED_IN, now)
        browser = browsers.fingerprint(request)
        if session.setdefault(BROWSER, browser) != browser:
            _end(request, SignIn.End.COPIED, "You were signed out: the browser was another one.")
        elif idle > settings.IDLE_TIMEOUT.total_seconds():
            minutes = int(settings.IDLE_TIMEOUT.total_seconds()) // 60
            said = f"You were signed out after {minutes} minutes without a click."
            _end(request, SignIn.End.LEFT_ALONE, said)
        elif age > settings.SESSION_COOKIE_AGE:
            hours = settings.SESSION_COOKIE_AGE // 3600
            said = f"You were signed out: a sign-in lasts {hours} hours."
            _end(request, SignIn.End.TOO_OLD, said)
        elif idle >= self.RESOLUTION_SECONDS or LAST_SEEN not in session:
            session[LAST_SEEN] = now
            if SIGN_IN in session:
                sign_ins.keep(request, session[SIGN_IN])


class SecondFactorMiddleware:
    """Whoever has shown no second factor is led to set one up, and can do nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; `process_view` steps in before the page does anything."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """None when the page may be opened; whatever the method, nothing happens before that."""
        match = request.resolver_match
        if match is None or "api" in match.namespaces or match.view_name in WITHOUT_SIGN_IN:
            return None
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        user = request.user
        if not isinstance(user, User) or second_factors.was_shown(request):
            return None
        if second_factors.is_set_up(user):
            # Set up elsewhere since: this sign-in knows the password only.
            said = "Sign in again, with your second factor."
            _end(request, SignIn.End.FACTOR, said)
            return redirect_to_login(request.get_full_path(), reverse("account_login"))
        return None if match.view_name in ON_THE_WAY else redirect("mfa_index")


def _end(request: HttpRequest, how: SignIn.End, said: str) -> None:
    sign_ins.sign_out(request, how)
    messages.info(request, said)
