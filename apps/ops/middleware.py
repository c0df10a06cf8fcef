"""Around every request: how long it took, how large it may be, what its answer forbids a browser.

Looks at no record, and never logs what was asked beyond the route.
"""

import codecs
import logging
import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from apps.ops.figures import REQUEST_SECONDS, REQUESTS
from apps.ops.uploads import CutShort

logger = structlog.get_logger(__name__)

Next = Callable[[HttpRequest], HttpResponse]
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
ASKED_ALL_THE_TIME = frozenset({"livez", "readyz", "metrics"})
CHUNK = 65_536
# What is received at most of a body that is too large, so that its sender hears the answer; where
# scans are taken it is the form itself, with what was typed.
LARGEST_RECEIVED = 20_000_000
TAKES_SCANS = ("/admin/", "/patients/", "/take-over/")
# Python also calls codecs what makes no text of bytes: the parts of a form would fail on them.
LETTERS = frozenset({"utf-8", "ascii"})
API = "/api/"
# In the words of the API's own problems, which this door may not import; a test compares them.
TOO_LARGE = {
    "type": "urn:remsportal:problem:content_too_large",
    "title": "The request is too large",
    "status": 413,
    "detail": "Send less than one megabyte.",
    "code": "content_too_large",
}
POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "hid",
        "magnetometer", "microphone", "midi", "payment", "serial", "usb",
    )
)  # fmt: skip


class RequestFigures:
    """Counts, times and logs each request under its route: an address may name a record."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then count."""
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        route = request.resolver_match.route if request.resolver_match else UNMATCHED
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        REQUEST_SECONDS.labels(route).observe(seconds)
        is_fine = response.status_code < HTTPStatus.BAD_REQUEST
        if settings.LOG_REQUESTS and not (is_fine and route in ASKED_ALL_THE_TIME):
            failed = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
            logger.log(
                logging.ERROR if failed else logging.INFO,
                "request_answered",
                route=route,
                method=method,
                status=response.status_code,
                milliseconds=round(seconds * 1000, 1),
            )
        return response


class BodyLimit:
    """Refuses a body that is too large, or in no letters of ours, before anything reads it, in the
    form of its door.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say that it is too much. Raises BadRequest for what nobody can read."""
        if request.encoding is not None and codecs.lookup(request.encoding).name not in LETTERS:
            raise BadRequest("Forms and documents come in UTF-8.")
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) <= _limit(request):
            if _brings_file(request):
                request.upload_handlers.insert(0, CutShort(request))
            return self.get_response(request)
        left = LARGEST_RECEIVED
        while left > 0 and (chunk := request.read(CHUNK)):
            left -= len(chunk)
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if request.path.startswith(API):
            return JsonResponse(TOO_LARGE, status=status, content_type="application/problem+json")
        return render(request, "413.html", status=status)


def _limit(request: HttpRequest) -> int:
    """Bytes: more where a page takes a scan, which refuses one itself (apps/ops/uploads)."""
    if _brings_file(request) and request.path.startswith(TAKES_SCANS):
        return LARGEST_RECEIVED
    if _brings_file(request) and not request.path.startswith(API):
        return int(settings.LARGEST_UPLOAD)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _brings_file(request: HttpRequest) -> bool:
    return request.content_type == "multipart/form-data"


class ResponseHeaders:
    """What no browser may do with an answer of ours, unless the answer says otherwise."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pages and documents about people are kept nowhere; static files say how long."""
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "DENY")
        return response
