"""The answer to a failure that no view caught: a fault of ours, or a part that is away just now.

It asks nothing of the database, and tells nothing of what failed.
"""

import sys
from http import HTTPStatus
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.template import loader
from django.views.defaults import server_error

from apps.core.errors import Unavailable

API: Final = "/api/"
SECONDS_UNTIL_RETRY: Final = 5
AWAY: Final = (OperationalError, InterfaceError, Unavailable)
# In the words of the API's own problems, which this door may not import; a test compares them.
PROBLEM: Final = "application/problem+json"
UNREADABLE: Final = {
    "type": "urn:remsportal:problem:malformed_request",
    "title": "The request cannot be read",
    "status": 400,
    "detail": "Something before its content is wrong: the host it names, its size, how its parts "
    "are separated. Nothing was changed.",
    "code": "malformed_request",
}
UNEXPECTED: Final = {
    "type": "urn:remsportal:problem:unexpected_error",
    "title": "Something went wrong here",
    "status": 500,
    "detail": "Nothing was changed. Report the hour of it to the program.",
    "code": "unexpected_error",
}
UNAVAILABLE: Final = {
    "type": "urn:remsportal:problem:unavailable",
    "title": "The service is not available just now",
    "status": 503,
    "detail": "Nothing was changed unless you were told so. Send the same request again, with the "
    "same Idempotency-Key.",
    "code": "unavailable",
}


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's
    """400 for what cannot be read. Unlike Django's own answer it does not read the form again,
    to look for a token against forgery: it is that which fails.
    """
    if request.path.startswith(API):
        return JsonResponse(UNREADABLE, status=HTTPStatus.BAD_REQUEST, content_type=PROBLEM)
    return HttpResponseBadRequest(loader.get_template("400.html").render())


def failed(request: HttpRequest) -> HttpResponse:
    """503 while the database is away: trying again helps, and is safe. Else 500."""
    is_api = request.path.startswith(API)
    if not isinstance(sys.exception(), AWAY):
        if is_api:
            return JsonResponse(
                UNEXPECTED, status=HTTPStatus.INTERNAL_SERVER_ERROR, content_type=PROBLEM
            )
        return server_error(request)
    answer: HttpResponse
    if is_api:
        answer = JsonResponse(UNAVAILABLE, content_type=PROBLEM)
    else:
        # Without the request: what the frame of a page shows is read from the database.
        answer = HttpResponse(loader.get_template("503.html").render())
    answer.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    answer["Retry-After"] = str(SECONDS_UNTIL_RETRY)
    return answer
