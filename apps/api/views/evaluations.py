"""What if: facts in, decision out, nothing stored; and the texts that people sign and answer."""

from typing import Any, cast

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.api.endpoint import Endpoint
from apps.api.fields import Code, Program
from apps.api.parsers import RawJSONParser
from apps.api.problems import problem
from apps.api.scopes import ALL, DECISIONS
from apps.core.errors import NotFound
from apps.patients.models import RiskCategory
from apps.rules.decision import evaluate_document
from apps.rules.documents import document
from apps.rules.validation import InvalidFacts, load_document


def read_text(request: Request) -> bytes:
    """The request's content as it came; empty when there is none, of which no parser is asked."""
    return cast("dict[str, bytes]", request.data).get("text", b"")


class Evaluations(Endpoint):
    """Evaluations."""

    area = DECISIONS
    to_write = ALL
    names_prescriber = False
    parser_classes = [RawJSONParser]
    creates = False
    statuses = {"POST": (200,)}
    entry = None

    def post(self, request: Request) -> Response:
        """Evaluate a facts document of the evaluation contract; nothing is stored."""
        try:
            return Response(evaluate_document(load_document(read_text(request))))
        except InvalidFacts as error:
            return problem(
                "invalid_facts",
                "Correct what `errors` names, then send the facts again.",
                errors=error.errors,
                error="invalid_facts",
            )


class ItemEntry(serializers.Serializer[Any]):
    """One sentence to sign or tick, or one question."""

    code = serializers.CharField()
    text = serializers.CharField()


class DocumentEntry(serializers.Serializer[Any]):
    """A versioned text of the program."""

    version = serializers.CharField()
    title = serializers.CharField()
    items = ItemEntry(many=True)


class DocumentQuery(serializers.Serializer[Any]):
    """Which edition of a text."""

    program = Program()
    risk_category = Code(choices=RiskCategory.choices, required=False)


class Documents(Endpoint):
    """The texts that people sign, answer or tick."""

    area = DECISIONS
    to_read = ALL
    names_prescriber = False
    entry = DocumentEntry
    query = DocumentQuery

    def get(self, request: Request, kind: str) -> Response:
        """Show a text, such as `agreement` or `checklist`, as one risk category sees it."""
        query = DocumentQuery(data=request.query_params.dict())
        query.is_valid(raise_exception=True)
        unknown = set(request.query_params) - set(query.fields)
        if unknown:
            raise ValidationError({name: ["There is no such filter here."] for name in unknown})
        chosen = query.validated_data
        try:
            text = document(chosen["program"], kind, chosen.get("risk_category"))
        except LookupError:
            raise NotFound("The program has no such text.") from None
        return self.answer(text)
