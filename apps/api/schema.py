"""The description of the API, generated from the endpoints' own declarations (OpenAPI 3.1)."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from apps.accounts.scopes import MEANINGS, WORK_OF
from apps.api.endpoint import Endpoint, Pages
from apps.api.idempotency import HEADER
from apps.api.problems import MEDIA_TYPE

KEY = OpenApiParameter(
    HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="8 to 100 visible characters, new for each new request; repeated with a repeat.",
)
PRESCRIBER = OpenApiParameter(
    "On-Behalf-Of",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    description="The prescriber that a practice's system acts for.",
)


class ErrorEntry(serializers.Serializer[Any]):
    """What is wrong at one place of the request."""

    pointer = serializers.CharField(help_text="RFC 6901.")
    message = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField(help_text="urn:remsportal:problem: and the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = ErrorEntry(many=True, required=False)  # type: ignore[assignment]
    scope = serializers.CharField(required=False, help_text="The scope that the token lacks.")


class EndpointSchema(AutoSchema):
    """Reads form, entry, filters and scopes off an `Endpoint`; says the errors that all share."""

    view: Any

    def get_tags(self) -> list[str]:
        """The first part of the address below the version."""
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_operation_id(self) -> str:
        """The method and the address's name: stable for generated clients."""
        verb = {"GET": "list" if self._lists() else "get"}.get(self.method, self.method.lower())
        return f"{verb}_{type(self.view).__name__}"

    def get_request_serializer(self) -> Any:
        """The endpoint's form."""
        if self.method != "POST":
            return None
        if isinstance(self.view, Endpoint) and self.view.form is not None:
            return self.view.form
        return OpenApiTypes.OBJECT

    def get_response_serializers(self) -> Any:
        """The endpoint's entry for its own statuses, and a problem for the others."""
        if not isinstance(self.view, Endpoint):
            return OpenApiTypes.OBJECT
        entry: Any = self.view.entry or OpenApiTypes.OBJECT
        if self.method == "POST" and self.view.made is not None:
            entry = self.view.made
        if self._lists():
            entry = entry(many=True)
        answers: dict[Any, Any] = {
            (status, "application/json"): entry for status in self.view.statuses[self.method]
        }
        if self.view.downloads:
            answers = {
                (200, kind): OpenApiResponse(OpenApiTypes.BINARY) for kind in self.view.downloads
            }
        for status in self._problem_statuses():
            answers[(status, MEDIA_TYPE)] = OpenApiResponse(Problem)
        return answers

    def get_override_parameters(self) -> list[Any]:
        """The headers, and the query of a text."""
        if not isinstance(self.view, Endpoint):
            return []
        parameters: list[Any] = [PRESCRIBER] if self.view.names_prescriber else []
        if self.method == "POST" and self.view.creates:
            parameters.append(KEY)
        query = getattr(self.view, "query", None)
        return [*parameters, query] if query else parameters

    def get_description(self) -> str:  # type: ignore[override]
        """The docstring, with the scope that opens the endpoint, and to whose work."""
        description: str = super().get_description()
        if not isinstance(self.view, Endpoint):
            return description
        works = self.view.to_read if self.method == "GET" else self.view.to_write
        roles = ", ".join(role.value for role, work in WORK_OF.items() if work in works)
        return f"{description}\n\nScope: `{self.view.scope_of(self.method)}`. Roles: {roles}."

    def get_auth(self) -> list[Any]:
        """The one scope that is needed."""
        if not isinstance(self.view, Endpoint):
            return []
        super().get_auth()  # puts the scheme among the document's components
        return [{ClientScheme.name: [self.view.scope_of(self.method).value]}]

    def get_filter_backends(self) -> list[Any]:
        """None: the endpoints filter by themselves."""
        return []

    def _lists(self) -> bool:
        return isinstance(self.view, Endpoint) and self.view.lists and self.method == "GET"

    def _is_list_view(self, serializer: Any = None) -> bool:
        return self._lists() and isinstance(serializer, serializers.ListSerializer)

    def _get_paginator(self) -> Any:
        return Pages() if self._lists() else None

    def _get_filter_parameters(self) -> list[Any]:
        if not self._lists() or self.view.filters is None:
            return []
        return [_of_filter(name, each) for name, each in self.view.filters.base_filters.items()]

    def _problem_statuses(self) -> list[int]:
        common = [401, 403, 404, 429, 503]
        return [400, *common, 409, 413, 415, 422] if self.method == "POST" else [*common, 422]


def _of_filter(name: str, each: Any) -> dict[str, Any]:
    choices = each.extra.get("choices")
    schema: dict[str, Any] = {"type": "string"}
    if choices:
        schema["enum"] = [code for code, _ in choices]
    return {"in": "query", "name": name, "schema": schema}


class ClientScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How a system authenticates, for the description."""

    target_class = "apps.api.authentication.ClientAuthentication"
    name = "oauth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """OAuth 2 client credentials."""
        del auto_schema
        return {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/api/v1/token",
                    "scopes": {scope.value: meaning for scope, meaning in MEANINGS.items()},
                }
            },
        }
