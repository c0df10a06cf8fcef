"""Keys of synthetic systems, and what they sign with them to get a token."""

import base64
import json
import time
from functools import cache
from typing import Any
from uuid import uuid4

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@cache
def rsa_key(kid: str = "rsa", size: int = 2048) -> JWK:
    """An RSA key; the same for the same name."""
    return JWK.generate(kty="RSA", size=size, kid=kid)


@cache
def ec_key(kid: str = "ec", curve: str = "P-384") -> JWK:
    """A key on a curve; the same for the same name."""
    return JWK.generate(kty="EC", crv=curve, kid=kid)


def public_set(*keys: JWK) -> dict[str, Any]:
    """The public halves as a JSON Web Key Set."""
    return {"keys": [key.export_public(as_dict=True) for key in keys]}


def assertion(
    client_id: str,
    audience: str,
    *,
    key: JWK | None = None,
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """A signed request for a token: right in every way but for what is given."""
    key = key or rsa_key()
    algorithm = "RS384" if key["kty"] == "RSA" else "ES384"
    now = int(time.time())
    content = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "exp": now + 240,
        "jti": str(uuid4()),
        **claims,
    }
    told = {name: value for name, value in content.items() if value is not None}
    signed = JWS(json.dumps(told))
    protected = {"alg": algorithm, "kid": key["kid"], "typ": "JWT", **(header or {})}
    signed.allowed_algs = [protected["alg"]]
    signed.add_signature(key, alg=None, protected=json.dumps(protected))
    return str(signed.serialize(compact=True))


def in_json_around(signed: str, **claims: Any) -> str:
    """A JWS in JSON with another's signature, in which compact claims of one's own are to be seen.

    Between its first dots stand a header and the claims, for who splits it there; its members hold
    what was signed, for who reads the JSON.
    """
    header, payload, signature = signed.split(".")
    told = base64.urlsafe_b64encode(json.dumps({**claims_of(signed), **claims}).encode()).decode()
    members = {"payload": payload, "protected": header, "signature": signature}
    # No letter of base64 before the header, but as many signs that padding counts right.
    return f'{{" ":"{" " * 2}{header}.{told}.",{json.dumps(members)[1:]}'


def claims_of(signed: str) -> dict[str, Any]:
    """What a compact JWS says."""
    payload = signed.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * 3))
    return claims
