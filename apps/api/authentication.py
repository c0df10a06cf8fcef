"""Who calls: a bearer token to the client that it was issued to. Sessions open nothing here."""

import hashlib
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from apps.api.problems import Refused
from apps.core import clock, origin
from apps.providers import selectors as providers
from apps.providers.selectors import Client

ON_BEHALF_OF = "On-Behalf-Of"


class ClientAuthentication(BaseAuthentication):
    """OAuth 2 bearer tokens (RFC 6750), looked up by digest in one statement."""

    def authenticate(self, request: Request) -> tuple[Any, Client] | None:
        """The client as `request.auth`; `request.user` stays empty: no person signed in.

        Raises AuthenticationFailed for a token that is not, or no longer, good; Refused when it
        does not act for the prescriber that `On-Behalf-Of` names.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        on_behalf_of = _prescriber_named(request)
        digest = hashlib.sha256(token.strip().encode()).hexdigest()
        client = providers.client_of_token(digest, on_behalf_of=on_behalf_of, now=clock.real_now())
        if client is None:
            raise AuthenticationFailed("The token is unknown or has expired. Ask for a new one.")
        if on_behalf_of not in {None, client.actor.prescriber_id}:
            raise Refused(
                "prescriber_not_named", "This client does not act for the prescriber that it names."
            )
        origin.opened_by_token(digest)
        return None, client

    def authenticate_header(self, request: Request | HttpRequest) -> str:
        """The challenge of a 401."""
        if "Authorization" in request.headers:
            return 'Bearer realm="remsportal", error="invalid_token"'
        return 'Bearer realm="remsportal"'


def client_of(request: Request) -> Client | None:
    """The client that `ClientAuthentication` found, if one."""
    return cast("Client | None", request.auth)


def known_client(request: Request) -> Client:
    """The client behind a call that came past `MayEnter`. Raises NotAuthenticated otherwise."""
    client = client_of(request)
    if client is None:
        raise NotAuthenticated
    return client


def _prescriber_named(request: Request) -> UUID | None:
    named = request.headers.get(ON_BEHALF_OF)
    if named is None:
        return None
    try:
        return UUID(named)
    except ValueError:
        raise Refused(
            "prescriber_not_named", f"{ON_BEHALF_OF} must be the id of a prescriber."
        ) from None
