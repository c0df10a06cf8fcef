"""The lists of records: what was searched for, and how an address may narrow them."""

from typing import Any, Final

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import DateTimeField, Model, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest

from apps.backoffice.instants import with_zone
from apps.backoffice.searching import SEARCH
from apps.core import searches

# How an address narrows a list; what else the database knows may need more than it has, or time.
LOOKUPS: Final = frozenset(
    {
        "pk", "exact", "iexact", "in", "contains", "icontains", "startswith", "istartswith",
        "endswith", "iendswith", "gt", "gte", "lt", "lte", "isnull", "isempty",
        "date", "year", "month", "day",
    }
)  # fmt: skip


class SearchedList(ChangeList):
    """A list that knows what was typed; its address only bears a key."""

    typed: str | None = ""

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Any]:
        """The rows, after looking up what the key stands for."""
        self.typed = searches.recall(request, self.query) if self.query else ""
        try:
            return super().get_queryset(request, exclude_parameters)
        except OverflowError as error:  # A year that no number of the machine holds.
            raise IncorrectLookupParameters(error) from error

    @property
    def narrowed_by(self) -> list[str]:
        """The columns of the filters, and the search: what was asked of the list, not its words."""
        return sorted([*self.get_filters_params(), *([SEARCH] if self.query else [])])

    def get_filters(self, request: HttpRequest) -> Any:
        """The filters of the address; a day or time without a zone is the program's."""
        self.filter_params = {
            name: [with_zone(value) for value in values] if self._is_of_instants(name) else values
            for name, values in self.filter_params.items()
        }
        return super().get_filters(request)

    def _is_of_instants(self, lookup: str) -> bool:
        column, steps = _followed(self.model, lookup)
        return isinstance(column, DateTimeField) and len(steps) == 1

    def get_results(self, request: HttpRequest) -> None:
        """One page of the rows; what the database refuses to look up is a wrong address."""
        try:
            super().get_results(request)
        except (ValueError, OverflowError) as error:  # A year that no calendar has, say.
            raise IncorrectLookupParameters(error) from error


def beyond_columns(model: type[Model], lookup: str) -> list[str]:
    """What of a lookup is no column: transforms and the comparison."""
    return _followed(model, lookup)[1]


def _followed(model: type[Model], lookup: str) -> tuple[Any, list[str]]:
    """The column that a lookup leads to, None where it is none, and what comes after it."""
    column, *steps = lookup.split(LOOKUP_SEP)
    at = _column(model, column)
    while steps and at is not None and at.related_model is not None:
        at = _column(at.related_model, steps[0])
        steps = steps if at is None else steps[1:]
    return at, steps


def _column(model: type[Model], name: str) -> Any:
    return next((each for each in model._meta.get_fields() if each.name == name), None)
