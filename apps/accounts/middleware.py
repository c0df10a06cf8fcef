"""Ends a sign-in that was idle too long, or is too old: a counter's screen is often left open."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse


class IdleTimeoutMiddleware:
    """Sign out who did nothing for `IDLE_TIMEOUT`, or signed in `SESSION_COOKIE_AGE` ago.

    Every saved session lives for its whole age again, so the absolute limit is kept here.
    """

    SIGNED_IN = "signed_in_at"
    LAST_SEEN = "last_seen"
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
        idle = now - session.get(self.LAST_SEEN, now)
        age = now - session.setdefault(self.SIGNED_IN, now)
        if idle > settings.IDLE_TIMEOUT.total_seconds():
            logout(request)
            minutes = int(settings.IDLE_TIMEOUT.total_seconds()) // 60
            messages.info(request, f"You were signed out after {minutes} minutes without a click.")
        elif age > settings.SESSION_COOKIE_AGE:
            logout(request)
            hours = settings.SESSION_COOKIE_AGE // 3600
            messages.info(request, f"You were signed out: a sign-in lasts {hours} hours.")
        elif idle >= self.RESOLUTION_SECONDS or self.LAST_SEEN not in session:
            session[self.LAST_SEEN] = now
