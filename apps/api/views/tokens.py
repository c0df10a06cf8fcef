"""Tokens for systems: the toolkit's endpoint, with the one grant that systems use."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views.base import TokenView

GRANT = "client_credentials"


class Tokens(TokenView):
    """Where a system gets a token. Nobody gets one for a person, or for a device of theirs."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """A token, or an OAuth error (RFC 6749 § 5.2)."""
        if request.POST.get("grant_type") != GRANT:
            refusal = {
                "error": "unsupported_grant_type",
                "error_description": f"grant_type must be {GRANT}.",
            }
            return JsonResponse(refusal, status=400)
        answer: HttpResponse = self.authorization_flow_token_response(request)
        return answer
