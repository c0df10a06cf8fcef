"""The Idempotency-Key header: two calls with one key are one call."""

import hashlib
import re
from typing import Final

from rest_framework.request import Request

from apps.api.authentication import ON_BEHALF_OF
from apps.api.parsers import body_of
from apps.api.problems import Refused
from apps.core.call import IdempotencyKey
from apps.providers.selectors import Client

HEADER: Final = "Idempotency-Key"
SHAPE: Final = re.compile(r"[\x21-\x7e]{8,100}")


def key_of(request: Request, client: Client) -> IdempotencyKey:
    """The key of a creating call: its scope is the client and the route.

    The digest covers the address and the prescriber as well as the content, so that one key never
    answers for two patients. Raises Refused when the header is absent or no key.
    """
    key = request.headers.get(HEADER, "")
    if not SHAPE.fullmatch(key):
        raise Refused(
            "idempotency_key_missing",
            f"Send the header {HEADER}: 8 to 100 visible characters, new for each new request, "
            "such as a UUID. Repeat it when you repeat the request.",
        )
    named = request.headers.get(ON_BEHALF_OF, "")
    digest = hashlib.sha256(f"{request.path}\n{named}\n".encode() + body_of(request))
    route = request.resolver_match.url_name if request.resolver_match else request.path
    return IdempotencyKey(
        scope=f"{client.actor.id}:{route}", key=key, body_digest=digest.hexdigest()
    )
