"""What a request tells of the browser behind it: where it is, which one, whom it knows.

A browser knows a person once they signed in with it, all factors included. What strangers get wrong
elsewhere never locks it out (see `lock_out`). So does one in which they chose a new password by
mail, for the password; for codes, once one was right in it. It knows accounts by opaque ids only.
"""

import hashlib
import re
import secrets
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from apps.core import origin

COOKIE = "known_browser"
SALT = "accounts.known_browser"
MOST_PEOPLE = 20
DIGEST = 64
BY_MAIL = "mail"

NAMES = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Macintosh|Mac OS X", "Mac"),
    (r"Linux|X11", "Linux"),
)


def address_of(request: HttpRequest) -> str | None:
    """The network address of the caller, as the trail keeps it; None when there is none."""
    return origin.address_of(request) or None


def in_words(request: HttpRequest) -> str:
    """The browser as people name it: "Firefox on Windows"."""
    text = str(request.META.get("HTTP_USER_AGENT", ""))
    name = next((name for mark, name in NAMES if f"{mark}/" in text), "Unknown browser")
    system = next((system for mark, system in SYSTEMS if re.search(mark, text)), "")
    return f"{name} on {system}" if system else name


def fingerprint(request: HttpRequest) -> str:
    """A digest of how the browser names itself: one cookie in two browsers has been copied."""
    return hashlib.sha256(str(request.META.get("HTTP_USER_AGENT", "")).encode()).hexdigest()


def known_key(request: HttpRequest, user_id: UUID) -> str:
    """The key under which this browser's mistakes for a person count; empty for a stranger's."""
    return _known(request).get(str(user_id), "")


def become_known(request: HttpRequest, user_id: UUID, *, by_mail: bool = False) -> None:
    """From the next answer on, this browser knows the person; `by_mail`: by no second factor."""
    key = known_key(request, user_id)
    if not key or (key.startswith(BY_MAIL) and not by_mail):
        start = BY_MAIL if by_mail else ""
        new = (start + secrets.token_hex(DIGEST // 2))[:DIGEST]
        request._newly_known = (str(user_id), new)  # type: ignore[attr-defined]  # noqa: SLF001


class KnownBrowserMiddleware:
    """Hands the browser the cookie by which it is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add whoever signed in during this request."""
        response = self.get_response(request)
        newly_known: tuple[str, str] | None = getattr(request, "_newly_known", None)
        if newly_known:
            kept = list(_known(request).items())[-(MOST_PEOPLE - 1) :]
            known = dict([*kept, newly_known])
            response.set_cookie(
                COOKIE,
                signing.dumps(known, salt=SALT, compress=True),
                max_age=settings.KNOWN_BROWSER_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response


def _known(request: HttpRequest) -> dict[str, str]:
    """Keys by account. A cookie that was tampered with or is too old knows nobody."""
    try:
        known: dict[str, str] = signing.loads(
            request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=settings.KNOWN_BROWSER_AGE
        )
    except signing.BadSignature:
        return {}
    return known
