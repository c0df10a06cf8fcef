"""Where something came from: the network address and credential of a request, or whose process.

The middleware sets it for one request at a time; whatever is written to the trail asks here. It
identifies nobody: who acts is the actor's business.
"""

import hashlib
import os
import pwd
import re
import socket
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from ipaddress import ip_address
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse

DIGEST_LENGTH = 32
LONGEST_ADDRESS = 120
WITH_PORT = re.compile(r"^(\[[^\]]+\]|[^:]+):[0-9]{1,5}$")


class Origin(Protocol):
    """An address, and the digest of what was shown to be let in; empty for a process."""

    @property
    def address(self) -> str:
        """The network address, or user and host of the process."""

    @property
    def credential(self) -> str:
        """The beginning of the SHA-256 of the session's key or of the access token."""


class OfProcess:
    """A command at the console, a sweep of the worker: the user and the host that run it."""

    credential = ""

    @property
    def address(self) -> str:
        """Such as `remsportal@worker-1`."""
        return _user_and_host()


class OfRequest:
    """A request. Both are read when they are needed: a sign-in changes the session's key."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._token_digest = ""

    @property
    def address(self) -> str:
        """The client's address, as the trusted proxies tell it."""
        return address_of(self._request)

    @property
    def credential(self) -> str:
        """Of the access token, when one opened the door; else of the session."""
        if self._token_digest:
            return self._token_digest
        session = getattr(self._request, "session", None)
        key = session.session_key if session is not None else None
        return digest_of(key) if key else ""

    def opened_by_token(self, digest: str) -> None:
        """Remember the token that let the caller in, by its SHA-256."""
        self._token_digest = digest[:DIGEST_LENGTH]


OF_PROCESS = OfProcess()
_present: ContextVar[Origin] = ContextVar("origin", default=OF_PROCESS)


def present() -> Origin:
    """Where what is being done now comes from."""
    return _present.get()


def opened_by_token(digest: str) -> None:
    """Tell that a bearer token with this SHA-256 let the present caller in."""
    origin = present()
    if isinstance(origin, OfRequest):
        origin.opened_by_token(digest)


def digest_of(secret: str) -> str:
    """The beginning of a secret's SHA-256: tells two apart, and opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()[:DIGEST_LENGTH]


def address_of(request: HttpRequest) -> str:
    """The client's address behind `PROXY_COUNT` trusted proxies; empty when there is none.

    The nearest proxy writes the last entry of X-Forwarded-For. What lies before the entries of
    our own proxies, a client could have made up. Some proxies write the port behind the address:
    read with it, it would be no address, and all clients one, with one limit for all.
    """
    told = str(request.META.get("REMOTE_ADDR", ""))
    if settings.PROXY_COUNT:
        entries = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
        if len(entries) >= settings.PROXY_COUNT:
            told = entries[-settings.PROXY_COUNT].strip()
    try:
        return str(ip_address(WITH_PORT.sub(r"\1", told).strip("[]")))
    except ValueError:
        return ""


@cache
def _user_and_host() -> str:
    """By the user's number in the system, not by the environment, which anyone may set."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"[:LONGEST_ADDRESS]


class OriginMiddleware:
    """Makes a request the origin of all that is done while it is answered."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Threads and requests never see each other's."""
        token = _present.set(OfRequest(request))
        try:
            return self.get_response(request)
        finally:
            _present.reset(token)
