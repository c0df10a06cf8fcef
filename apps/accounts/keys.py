"""The public keys of systems that sign their requests for tokens (SMART backend services).

Only what SMART names: RS384 with at least 2048 bits, ES384 on P-384; and never a private key.
"""

import hashlib
from typing import Any

from django.core.cache import cache
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from oauth2_provider.cimd import CIMDError, SafeMetadataFetcher

from apps.accounts.models import ClientKeys

ALGORITHMS = {"RS384": "RSA", "ES384": "EC"}
SHORTEST_RSA = 2048
CURVE = "P-384"
# Keys that a system publishes are asked for again after this, or sooner for one not seen yet.
LONGEST_KEPT, SOONEST_AGAIN = 300, 30


class UnfitKeys(Exception):
    """What is no set of public keys that we take; says why."""


def read(jwks: Any) -> dict[str, JWK]:
    """The keys of a JSON Web Key Set by their `kid`. Raises UnfitKeys."""
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(entries, list) or not entries:
        raise UnfitKeys("A JSON Web Key Set has a list “keys” with at least one key.")
    found = {}
    for entry in entries:
        key = _read_one(entry)
        if key is not None:
            found[str(entry["kid"])] = key
    if not found:
        raise UnfitKeys("There is no key for RS384 or ES384 among them.")
    return found


def key_of(keys: ClientKeys, kid: str) -> JWK | None:
    """The client's key of that id; asked for where the client publishes it. Raises UnfitKeys."""
    if keys.jwks is not None:
        return read(keys.jwks).get(kid)
    name = f"jwks:{hashlib.sha256(keys.jwks_uri.encode()).hexdigest()}"
    known: Any = cache.get(name)
    if known is None or kid not in read(known):
        # A key that we do not know may be new; but nobody makes us ask without end.
        if cache.add(f"{name}:asked", "y", timeout=SOONEST_AGAIN):
            known = _fetch(keys.jwks_uri)
            cache.set(name, known, timeout=LONGEST_KEPT)
        elif known is None:
            raise UnfitKeys("The keys could not be read lately; try again in half a minute.")
    return read(known).get(kid)


def fits(key: JWK, algorithm: str) -> bool:
    """Whether a key is one for this algorithm."""
    return bool(key["kty"] == ALGORITHMS.get(algorithm))


def _read_one(entry: Any) -> JWK | None:
    """One key; None for one of another kind, which a set may hold. Raises UnfitKeys."""
    if not isinstance(entry, dict):
        raise UnfitKeys("Each key is a JSON object.")
    try:
        key = JWK(**entry)
    except (JWException, ValueError, TypeError) as error:
        raise UnfitKeys("One of the keys cannot be read.") from error
    if key.is_symmetric or key.has_private:
        raise UnfitKeys("Only public keys, please: whoever holds the private key signs with it.")
    if not entry.get("kid"):
        raise UnfitKeys("Each key needs a “kid”.")
    if key["kty"] == "RSA" and key.get_op_key("verify").key_size < SHORTEST_RSA:
        raise UnfitKeys(f"An RSA key needs at least {SHORTEST_RSA} bits.")
    return key if key["kty"] == "RSA" or key.get("crv") == CURVE else None


def _fetch(address: str) -> Any:
    """What is published at an address. The fetcher asks public addresses only, over TLS."""
    try:
        document, _ = SafeMetadataFetcher().fetch(address)  # type: ignore[no-untyped-call]
    except CIMDError as error:
        raise UnfitKeys("The keys could not be read from their address.") from error
    read(document)
    return document
