"""Every error of the API as RFC 9457 problem+json. Never a traceback, never a person's data."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from uuid import uuid4

import structlog
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from apps.core import errors as core
from apps.core.logs import frames_of
from apps.patients.services import LikelyDuplicates
from apps.rules.validation import escape

logger = structlog.get_logger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
URN: Final = "urn:remsportal:problem:"
SECONDS_UNTIL_RETRY: Final = 5
TAKEN_MEANWHILE: Final = frozenset({"23505", "23P01"})

# code: (status, title). A code never changes its meaning.
KINDS: Final[dict[str, tuple[int, str]]] = {
    "malformed_request": (400, "The request cannot be read"),
    "idempotency_key_missing": (400, "An Idempotency-Key is needed"),
    "unauthenticated": (401, "A valid bearer token is needed"),
    "not_allowed": (403, "Your role cannot do this"),
    "insufficient_scope": (403, "The token is not for this"),
    "prescriber_not_named": (403, "The prescriber acted for must be named"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "This address does not take this method"),
    "conflict": (409, "The present state does not admit this"),
    "likely_duplicates": (409, "The patient may be registered already"),
    "patient_merged": (409, "This record was merged into another one"),
    "content_too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "The content must be application/json"),
    "invalid_request": (422, "Something in the request cannot be right"),
    "invalid_facts": (422, "The facts break the evaluation contract"),
    "idempotency_key_reused": (422, "The Idempotency-Key belongs to another request"),
    "too_many_requests": (429, "Too many requests"),
    "unexpected_error": (500, "Something went wrong here"),
    "unavailable": (503, "The service is not available just now"),
}


# What the framework raises, as one of them; None: the exception's own words.
OF_FRAMEWORK: Final[tuple[tuple[type[Exception], str, str | None], ...]] = (
    (
        exceptions.NotAuthenticated,
        "unauthenticated",
        "Send a bearer token: see POST /api/v1/token.",
    ),
    (exceptions.AuthenticationFailed, "unauthenticated", None),
    (exceptions.Throttled, "too_many_requests", "Wait as long as the header Retry-After says."),
    (
        exceptions.MethodNotAllowed,
        "method_not_allowed",
        "The Allow header lists the methods that it takes.",
    ),
    (
        exceptions.UnsupportedMediaType,
        "unsupported_media_type",
        "Send JSON, with the header Content-Type: application/json.",
    ),
    (exceptions.ParseError, "malformed_request", None),
    (exceptions.PermissionDenied, "not_allowed", "Your role cannot do this."),
    (PermissionDenied, "not_allowed", "Your role cannot do this."),
    (
        Exception,
        "not_found",
        "There is nothing at this address, or nothing that you may see.",
    ),
)


class Refused(exceptions.APIException):
    """A refusal of the door itself, by one of the codes above."""

    def __init__(self, code: str, detail: str, *, scope: str = "") -> None:
        self.code, self.scope = code, scope
        self.status_code = KINDS[code][0]
        super().__init__(detail, code)


def problem(
    code: str,
    detail: str,
    *,
    errors: Iterable[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """A problem document of one kind; `errors` are pointers (RFC 6901) with messages."""
    status, title = KINDS[code]
    content: dict[str, Any] = {
        "type": URN + code,
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **members,
    }
    listed = list(errors)
    if listed:
        content["errors"] = listed
    return Response(content, status, headers=headers, content_type=MEDIA_TYPE)


def handle(error: Exception, context: Mapping[str, Any]) -> Response:  # noqa: ARG001 - DRF's
    """The answer to any exception that a view, its authentication or its parsers raised."""
    if isinstance(error, core.CommandError):
        return _of_command(error)
    if isinstance(error, (exceptions.APIException, Http404, PermissionDenied)):
        return _of_framework(error)
    if isinstance(error, (OperationalError, InterfaceError)):
        _log("unavailable", error)
        return problem(
            "unavailable",
            "Nothing was changed unless you were told so. Send the same request again, with the "
            "same Idempotency-Key.",
            headers={"Retry-After": str(SECONDS_UNTIL_RETRY)},
        )
    if isinstance(error, IntegrityError) and _sqlstate(error) in TAKEN_MEANWHILE:
        return problem(
            "conflict",
            "Another request changed this at the same moment. Read it again, then retry.",
        )
    incident = _log("unexpected_error", error)
    return problem(
        "unexpected_error",
        f"Nothing was changed. Report the incident {incident} to the program.",
        incident=incident,
    )


def _of_command(error: core.CommandError) -> Response:
    if isinstance(error, core.InvalidRequest):
        return problem("invalid_request", error.message, errors=_of_fields(error.fields))
    if isinstance(error, LikelyDuplicates):
        return problem(error.code, error.message, candidates=list(_candidates(error)))
    if isinstance(error, (core.TooManyRequests, core.Unavailable)):
        return problem(error.code, error.message, headers={"Retry-After": str(error.retry_after)})
    return problem(error.code, error.message)


def _of_framework(error: Exception) -> Response:
    if isinstance(error, Refused) and error.scope:
        challenge = f'Bearer realm="remsportal", error="{error.code}", scope="{error.scope}"'
        headers = {"WWW-Authenticate": challenge}
        return problem(error.code, str(error.detail), headers=headers, scope=error.scope)
    if isinstance(error, Refused):
        return problem(error.code, str(error.detail))
    if isinstance(error, exceptions.ValidationError):
        return problem(
            "invalid_request",
            "Correct what `errors` names, then send the request again.",
            errors=_of_validation(error.detail),
        )
    code, detail = next(
        (code, detail) for kind, code, detail in OF_FRAMEWORK if isinstance(error, kind)
    )
    return problem(
        code,
        detail or str(getattr(error, "detail", "")),
        headers=dict(_headers_of(error)),
    )


def _headers_of(error: Exception) -> Iterator[tuple[str, str]]:
    challenge = getattr(error, "auth_header", None)
    if challenge:
        yield "WWW-Authenticate", challenge
    wait = getattr(error, "wait", None)
    if wait:
        yield "Retry-After", str(int(wait) + 1)


def _of_fields(fields: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """A command's fields as pointers: `answers.code` is `/answers/code`."""
    for name, message in fields.items():
        yield {"pointer": "/" + name.replace(".", "/"), "message": message}


def _of_validation(detail: Any, pointer: str = "") -> Iterator[dict[str, str]]:
    """A form's errors, however deep, as pointers."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            is_whole = key == "non_field_errors"
            yield from _of_validation(inner, pointer if is_whole else f"{pointer}/{escape(key)}")
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            if isinstance(inner, (Mapping, list)):
                yield from _of_validation(inner, f"{pointer}/{position}")
            else:
                yield {"pointer": pointer, "message": str(inner)}
    else:
        yield {"pointer": pointer, "message": str(detail)}


def _candidates(error: LikelyDuplicates) -> Iterator[dict[str, Any]]:
    """What is needed to decide, and no more: no name, no date, no contact."""
    for resemblance in error.resemblances:
        patient = resemblance.patient
        yield {
            "patient_id": str(patient.pk),
            "initials": f"{patient.given_name[:1]}. {patient.family_name[:1]}.",
            "year_of_birth": patient.born_on.year,
            "alike_in": list(resemblance.alike_in),
            "practice": str(patient.prescriber.practice),
        }


def _log(event: str, error: Exception) -> str:
    """Log where and what kind, under an id; never the message, which may hold a person's data."""
    incident = str(uuid4())
    logger.error(event, incident=incident, kind=type(error).__qualname__, frames=frames_of(error))
    return incident


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
