"""How a system proves at the token endpoint that it is one: by a secret, or by a signature.

The present secret, or one that was replaced and still opens; each use of that one is in the trail.
"""

import base64
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db.models import F
from django.urls import reverse
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request
from oauthlib.oauth2 import InvalidClientError

from apps.accounts import assertions, selectors
from apps.accounts.models import ApiClient, EarlierSecret
from apps.audit import services as audit
from apps.core import clock
from apps.core.call import Actor, ActorKind, Call, Channel, Role


def token_url() -> str:
    """The address of the token endpoint, as an assertion must name it."""
    return f"{settings.PORTAL_URL}{reverse('api:token')}"


class ClientValidator(OAuth2Validator):
    """The toolkit's validator, with our ways to authenticate a client."""

    def authenticate_client(self, request: Request, *_args: Any, **_kwargs: Any) -> bool:
        """Whether the request comes from the client that it names, which is then its `client`.

        Raises InvalidClientError for an assertion, which says what is wrong with it.
        """
        if getattr(request, "client_assertion", None):
            return self._signed(request)
        client_id, secret = _credentials(request)
        client = selectors.open_client(client_id) if secret else None
        if client is None or not _opens(client, secret):
            return False
        request.client, request.client_id = client.application, client_id
        return True

    def _signed(self, request: Request) -> bool:
        if getattr(request, "client_assertion_type", None) != assertions.TYPE:
            raise InvalidClientError(description=f"client_assertion_type must be {assertions.TYPE}")
        try:
            client = assertions.client_of(str(request.client_assertion), audience=token_url())
        except assertions.Unaccepted as error:
            raise InvalidClientError(description=str(error)) from error
        if request.client_id not in {None, client.application.client_id}:
            raise InvalidClientError(description="client_id names another client.")
        request.client, request.client_id = client.application, client.application.client_id
        return True


def _credentials(request: Request) -> tuple[str, str]:
    """Client id and secret, from the header or else from the body; empty where there are none."""
    scheme, _, encoded = str(request.headers.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() != "basic":
        return request.client_id or "", getattr(request, "client_secret", None) or ""
    try:
        pair = base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return "", ""
    client_id, _, secret = pair.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def _opens(client: ApiClient, secret: str) -> bool:
    """Whether a secret is the client's: the present one, or an earlier one in its time."""
    if check_password(secret, client.application.client_secret):
        return True
    now = clock.real_now()
    for earlier in client.earlier_secrets.filter(ends_at__gt=now):
        if check_password(secret, earlier.encoded):
            EarlierSecret.objects.filter(pk=earlier.pk).update(uses=F("uses") + 1, last_used_at=now)
            audit.record_view(_call(client), "earlier_secret_used", subject=client)
            return True
    return False


def _call(client: ApiClient) -> Call:
    actor = Actor(
        kind=ActorKind.CLIENT,
        id=client.pk,
        role=Role(client.role),
        organization_id=client.organization_id,
    )
    return Call(actor=actor, channel=Channel.API)
