"""The base of every endpoint: who may enter, what was given, what is told. It decides nothing."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime
from django_filters import FilterSet
from rest_framework import status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView

from apps.accounts.scopes import WORK_OF
from apps.api.authentication import client_of, known_client
from apps.api.fields import Form
from apps.api.idempotency import key_of
from apps.api.problems import Refused
from apps.api.scopes import Area, Scope, Work
from apps.audit import services as audit
from apps.core.call import PRESCRIBING, Actor, Call, Channel
from apps.patients.selectors import patients_on

READS = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_FILTERS = frozenset({"cursor", "limit"})


class OnlyJSON(BaseContentNegotiation):
    """There is one form of answer, whatever the Accept header asks for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first parser of the request's content type."""
        sent = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """JSON."""
        del request, format_suffix
        return renderers[0], renderers[0].media_type


class MayEnter(BasePermission):
    """The role does this work, the token is for it, and a practice's system says for whom."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, False without a token (a 401), or raises Refused."""
        client = client_of(request)
        if client is None:
            return False
        actor = client.actor
        if WORK_OF[actor.role] not in (view.to_read if request.method in READS else view.to_write):
            raise Refused("not_allowed", f"Your role ({actor.role.value}) cannot do this.")
        needed = view.scope_of(request.method)
        if needed not in client.scopes:
            raise Refused(
                "insufficient_scope",
                f"This needs a token with the scope {needed.value}.",
                scope=needed.value,
            )
        if actor.role in PRESCRIBING and actor.prescriber_id is None and view.names_prescriber:
            raise Refused(
                "prescriber_not_named",
                "Name the prescriber that you act for in the header On-Behalf-Of.",
            )
        return True


class Pages(CursorPagination):
    """Pages by cursor, newest first: nothing is skipped or repeated while entries come in."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def decode_cursor(self, request: Request) -> Any:
        """The place of a cursor, which is an instant. Raises NotFound for any other one."""
        cursor = super().decode_cursor(request)
        if (
            cursor is not None
            and cursor.position is not None
            and not _is_instant(str(cursor.position))
        ):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class Endpoint(APIView):
    """One address. A subclass names its area, to whose work it opens, its form and its entry."""

    permission_classes = [MayEnter]
    content_negotiation_class = OnlyJSON

    area: ClassVar[Area]
    to_read: ClassVar[frozenset[Work]] = frozenset()
    to_write: ClassVar[frozenset[Work]] = frozenset()
    names_prescriber: ClassVar[bool] = True
    form: ClassVar[type[Form] | None] = None
    entry: ClassVar[type[Serializer[Any]] | None] = None
    made: ClassVar[type[Serializer[Any]] | None] = None  # what POST answers, where it differs
    filters: ClassVar[type[FilterSet] | None] = None
    order: ClassVar[str] = "-recorded_at"
    # What the generated description says beside form and entry.
    lists: ClassVar[bool] = False
    downloads: ClassVar[tuple[str, ...]] = ()  # the content types of a file that GET answers
    creates: ClassVar[bool] = True
    statuses: ClassVar[Mapping[str, tuple[int, ...]]] = {"GET": (200,), "POST": (201,)}

    @classmethod
    def scope_of(cls, method: str | None) -> Scope:
        """The scope that a token needs for a request of this method."""
        return cls.area.read if method in READS else cls.area.write

    def actor(self, request: Request) -> Actor:
        """Who asks."""
        return known_client(request).actor

    def call(self, request: Request) -> Call:
        """The caller, through this door."""
        return Call(actor=self.actor(request), channel=Channel.API)

    def once(self, request: Request) -> Call:
        """The same under its Idempotency-Key; raises Refused without one."""
        return self.call(request).once(key_of(request, known_client(request)))

    def given(self, request: Request, form: type[Form] | None = None) -> dict[str, Any]:
        """What the request holds. Raises ValidationError for anything else than the form."""
        chosen = form or self.form
        if chosen is None:
            raise NotImplementedError(f"{type(self).__name__} names no form.")
        values: dict[str, Any] = reader_of(chosen).run_validation(request.data)
        return values

    def answer(
        self,
        content: Any,
        *,
        status_code: int = status.HTTP_200_OK,
        entry: type[BaseSerializer[Any]] | None = None,
    ) -> Response:
        """One record as its entry."""
        chosen = entry or self.entry
        if chosen is None:
            raise NotImplementedError(f"{type(self).__name__} names no entry.")
        return Response(chosen(content).data, status_code)

    def created(self, made: Model) -> Response:
        """What a command made."""
        return self.answer(made, status_code=status.HTTP_201_CREATED)

    def page(
        self,
        request: Request,
        rows: QuerySet[Any],
        *,
        saw: str = "",
        patient_id: UUID | None = None,
    ) -> Response:
        """One page of rows; `saw` is the code of the access event, with the ids that were shown."""
        pages = Pages()
        pages.ordering = (self.order, "-pk")
        shown = pages.paginate_queryset(self.filtered(request, rows), request, view=self) or []
        if saw:
            self.saw(
                request,
                saw,
                patient_id=patient_id,
                patient_ids=None if patient_id else patients_on(shown),
                data={"ids": [str(row.pk) for row in shown]},
            )
        if self.entry is None:
            raise NotImplementedError(f"{type(self).__name__} names no entry.")
        return pages.get_paginated_response(self.entry(shown, many=True).data)

    def filtered(self, request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that the query asks for. Raises ValidationError for a filter that is not one:
        ignored, it would show more than was asked for.
        """
        known = set(self.filters.base_filters) if self.filters else set()
        unknown = set(request.query_params) - known - NOT_FILTERS
        if unknown:
            raise ValidationError({name: ["There is no such filter here."] for name in unknown})
        if self.filters is None:
            return rows
        chosen = self.filters(request.query_params, queryset=rows)
        if not chosen.is_valid():
            raise ValidationError(chosen.errors)
        narrowed: QuerySet[Any] = chosen.qs
        return narrowed

    def saw(self, request: Request, code: str, **about: Any) -> None:
        """Leave the access event of a view on a patient's data."""
        audit.record_view(self.call(request), code, **about)


def _is_instant(text: str) -> bool:
    try:
        return parse_datetime(text) is not None
    except ValueError:  # Of that form, but on no calendar or clock.
        return False


@cache
def reader_of(form: type[Form]) -> Form:
    """The one instance of a form: reading keeps nothing in it, and building one takes longer."""
    return form()


def found(rows: QuerySet[Any], pk: UUID) -> Any:
    """The one row of `rows`. Raises NotFound, alike for none and for another's."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    return row


class Nowhere(APIView):
    """Every address of the API that does not exist."""

    authentication_classes = []
    permission_classes = []
    throttle_classes = []
    content_negotiation_class = OnlyJSON
    schema = None

    def initial(self, request: Request, *_args: Any, **_kwargs: Any) -> None:
        """Whatever the method: there is nothing here. Raises NotFound."""
        del request
        raise NotFound
