"""Ends a sign-in that was idle too long: a counter's screen is left open more often than not."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse


class IdleTimeoutMiddleware:
    """Sign out who did nothing for `IDLE_TIMEOUT`; the absolute limit is the session's age."""

    LAST_SEEN = "last_seen"
    RESOLUTION_SECONDS = 60

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Real time, never the demo's clock."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            now = int(time.time())
            seen = request.session.get(self.LAST_SEEN, now)
            if now - seen > settings.IDLE_TIMEOUT.total_seconds():
                logout(request)
            elif now - seen >= self.RESOLUTION_SECONDS or self.LAST_SEEN not in request.session:
                request.session[self.LAST_SEEN] = now
        return self.get_response(request)
