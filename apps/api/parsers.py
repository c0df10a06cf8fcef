"""Reading a request's JSON strictly: no guess about what was meant."""

from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from apps.api.problems import Refused
from apps.rules.validation import InvalidFacts, load_document


def body_of(request: Any) -> bytes:
    """The request's content. Raises Refused when it is larger than the settings allow."""
    try:
        content: bytes = request.body
    except RequestDataTooBig:
        raise Refused("content_too_large", "Send less than one megabyte.") from None
    return content


class StrictJSONParser(BaseParser):
    """JSON without duplicate keys, NaN or bytes that are not UTF-8."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """The document. Raises ParseError, saying where it breaks."""
        del stream, media_type
        try:
            return load_document(body_of(parser_context["request"]))
        except InvalidFacts as error:
            raise ParseError(error.errors[0]["message"]) from None


class RawJSONParser(BaseParser):
    """JSON text as it came, for a reader with its own strict reading and errors."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        """The bytes."""
        del stream, media_type
        return {"text": body_of(parser_context["request"])}
