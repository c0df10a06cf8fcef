"""What a system signs to get a token (RFC 7523, private_key_jwt; SMART backend services).

It judges the assertion alone; which token follows from it is the API's business.
"""

import base64
import hashlib
import json
import re
import time
from typing import Any

from django.db import IntegrityError, transaction
from jwcrypto.common import JWException
from jwcrypto.jws import JWS

from apps.accounts import keys, selectors
from apps.accounts.models import ApiClient, ClientKeys, UsedAssertion
from apps.core import clock
from apps.rules.validation import load_document

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SECONDS = 300
LONGEST_ASSERTION, LONGEST_JTI = 8_000, 255
# The compact form alone. The library reads JWS in JSON, too: there, what is read here as the claims
# need not be what was signed, and any signature of the key would open for claims of a stranger's.
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class Unaccepted(Exception):
    """An assertion that opens nothing; says what is wrong with its form, never with a secret."""


def client_of(assertion: str, *, audience: str) -> ApiClient:
    """The client that signed `assertion` for `audience`; the assertion is used up.

    Raises Unaccepted.
    """
    header, claims = _unverified(assertion)
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in keys.ALGORITHMS:
        raise Unaccepted("Sign with RS384 or ES384.")
    if not isinstance(kid, str) or not kid:
        raise Unaccepted("The header needs the kid of the key.")
    client = _named(claims)
    _verify(assertion, client, algorithm, kid)
    _check(claims, audience)
    _use_up(client, claims["jti"])
    return client


def _unverified(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims as they are written, not believed yet."""
    if len(assertion) > LONGEST_ASSERTION or not COMPACT.fullmatch(assertion):
        raise Unaccepted("The assertion is no signed JWT.")
    try:
        # Strictly: no depth without end, no key twice, no NaN, which no instant is later than.
        header, claims = (load_document(_decoded(part)) for part in assertion.split(".")[:2])
        # Nor half a character, which nothing can look for or digest.
        json.dumps([header, claims], ensure_ascii=False).encode()
    except ValueError as error:
        raise Unaccepted("The assertion is no signed JWT.") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Unaccepted("The assertion is no signed JWT.")
    return header, claims


def _named(claims: dict[str, Any]) -> ApiClient:
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or issuer != claims.get("sub"):
        raise Unaccepted("iss and sub must both be the client id.")
    client = selectors.open_client(issuer)
    if client is None:
        raise Unaccepted("No client with this id signs its requests here.")
    return client


def _verify(assertion: str, client: ApiClient, algorithm: str, kid: str) -> None:
    own = ClientKeys.objects.filter(client=client).first()
    if own is None:
        raise Unaccepted("No client with this id signs its requests here.")
    try:
        key = keys.key_of(own, kid)
    except keys.UnfitKeys as error:
        raise Unaccepted(str(error)) from error
    if key is None or not keys.fits(key, algorithm):
        raise Unaccepted("The client has no such key for this algorithm.")
    signed = JWS()
    signed.allowed_algs = [algorithm]
    try:
        signed.deserialize(assertion, key=key)
    except (JWException, ValueError) as error:
        raise Unaccepted("The signature is not right.") from error


def _check(claims: dict[str, Any], audience: str) -> None:
    now = time.time()
    aud = claims.get("aud")
    if audience not in (aud if isinstance(aud, list) else [aud]):
        raise Unaccepted(f"aud must be {audience}.")
    exp, nbf, jti = claims.get("exp"), claims.get("nbf", 0), claims.get("jti")
    if isinstance(exp, bool) or not isinstance(exp, int | float) or exp <= now:
        raise Unaccepted("exp has passed, or is missing.")
    if exp > now + LONGEST_SECONDS:
        raise Unaccepted("exp must be at most five minutes ahead.")
    if not isinstance(nbf, int | float) or nbf > now:
        raise Unaccepted("nbf is still to come.")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_JTI:
        raise Unaccepted(f"jti must be a text of at most {LONGEST_JTI} characters.")


def _use_up(client: ApiClient, jti: str) -> None:
    digest = hashlib.sha256(jti.encode()).hexdigest()
    try:
        with transaction.atomic():
            UsedAssertion.objects.create(client=client, jti=digest, used_at=clock.real_now())
    except IntegrityError as error:
        raise Unaccepted("This jti was used before: make a new one for each request.") from error


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
