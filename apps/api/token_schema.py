"""The description of the token endpoint, which belongs to a toolkit and describes nothing itself.

Both ways in which a system proves that it is one: by its secret, or by a signature.
"""

from typing import Any, Final

from apps.accounts.assertions import LONGEST_ASSERTION, TYPE
from apps.api.problems import MEDIA_TYPE
from apps.api.scopes import Scope
from apps.api.views.tokens import GRANT

PATH: Final = "/api/v1/token"
FORM: Final = "application/x-www-form-urlencoded"
BASIC: Final = "client_secret"
TEXT: Final = {"type": "string"}
HOW_TO_PROVE: Final = (
    "A system proves that it is one in one of two ways. By its secret (RFC 6749 § 2.3.1): "
    "`client_id` and `client_secret` in the header `Authorization: Basic`, or in the body. By a "
    "signature (`private_key_jwt`: RFC 7523, SMART backend services): a JWT signed with RS384 or "
    "ES384 by a key that the program knows, with `kid` in its header, `iss` and `sub` the client "
    "id, `aud` the address of this endpoint, `exp` at most five minutes ahead, and a `jti` that "
    "was never used before, as `client_assertion`."
)
COMMON: Final = {
    "grant_type": {"type": "string", "const": GRANT},
    "scope": {
        "type": "string",
        "enum": [scope.value for scope in Scope],
        "description": "That of the client's role, which it also gets without asking.",
    },
}
BY_SECRET: Final = {
    "type": "object",
    "description": "By a secret; id and secret stand here unless the header has them.",
    "properties": {**COMMON, "client_id": TEXT, "client_secret": TEXT},
    "required": ["grant_type"],
}
BY_SIGNATURE: Final = {
    "type": "object",
    "description": "By a signature (private_key_jwt).",
    "properties": {
        **COMMON,
        "client_id": TEXT,
        "client_assertion_type": {"type": "string", "const": TYPE},
        "client_assertion": {"type": "string", "maxLength": LONGEST_ASSERTION},
    },
    "required": ["grant_type", "client_assertion_type", "client_assertion"],
}
TOKEN: Final = {
    "type": "object",
    "description": "A token, good for every address that names its scope.",
    "properties": {
        "access_token": TEXT,
        "token_type": {"type": "string", "const": "Bearer"},
        "expires_in": {"type": "integer", "description": "Seconds."},
        "scope": TEXT,
    },
    "required": ["access_token", "token_type", "expires_in", "scope"],
}
ERROR: Final = {
    "type": "object",
    "description": "RFC 6749 § 5.2.",
    "properties": {
        "error": {"type": "string", "description": "Such as invalid_client or invalid_scope."},
        "error_description": TEXT,
    },
    "required": ["error"],
}
SCHEMAS: Final = {
    "TokenBySecretRequest": BY_SECRET,
    "TokenBySignatureRequest": BY_SIGNATURE,
    "Token": TOKEN,
    "TokenError": ERROR,
}


def describe_tokens(
    result: dict[str, Any], generator: Any, request: Any, public: bool
) -> dict[str, Any]:
    """The document with the token endpoint and what it takes and answers."""
    del generator, request, public
    components = result["components"]
    components["schemas"] |= SCHEMAS
    schemes = components["securitySchemes"]
    schemes["oauth2"]["description"] = HOW_TO_PROVE
    schemes[BASIC] = {"type": "http", "scheme": "basic", "description": "Client id and secret."}
    result["paths"][PATH] = {"post": _operation()}
    return result


def _operation() -> dict[str, Any]:
    kinds = [_ref("TokenBySecretRequest"), _ref("TokenBySignatureRequest")]
    return {
        "operationId": "post_Tokens",
        "description": f"Get a token by client credentials.\n\n{HOW_TO_PROVE}",
        "tags": ["token"],
        "security": [{BASIC: []}, {}],
        "requestBody": {"required": True, "content": {FORM: {"schema": {"anyOf": kinds}}}},
        "responses": {
            "200": _answer("A token.", "Token"),
            "400": _answer("The request is not one for a token, or asks too much.", "TokenError"),
            "401": _answer("Nobody is known by this secret or signature.", "TokenError"),
            "413": _answer("More than one megabyte.", "Problem", MEDIA_TYPE),
        },
    }


def _answer(description: str, name: str, kind: str = "application/json") -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": _ref(name)}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
