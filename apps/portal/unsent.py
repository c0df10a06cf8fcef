"""A form that is not carried out for its role: what was typed in it is shown, and saved nowhere."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dates import MONTHS

from apps.accounts.models import User
from apps.patients.visits import CODE, NAME
from apps.providers.roles import acting_of, choices
from apps.providers.signing import COMPONENTS

# What proves who signs is kept nowhere, not even in a digest.
PROOF = {*COMPONENTS, NAME, CODE, "credential"}
# The inputs of a day or an instant (apps/portal/fields.py).
PARTS = ("day", "month", "year", "time")
MONTH_NUMBERS = frozenset(map(str, MONTHS))
# What a page sends along that nobody typed, and the buttons.
NOT_TYPED = {"csrfmiddlewaretoken", "submission", "seen", "next", "keep", "elsewhere"}
NOT_TYPED |= {"compared", "looked_at"}  # By the administration's pages.


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """Every field that was sent, with what it holds, as it was; files are not among them.

    What proves who signs is typed anew, by whoever sends it then: no page says it again.
    """
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if _own_name(name) not in PROOF and "password" not in name
    ]


def role_ended(request: HttpRequest) -> HttpResponse:
    """Says that a page's role has ended, and what was typed there, to be copied."""
    context = {
        "present": acting_of(request),
        "others": bool(choices(cast("User", request.user))),
        "typed": _readable(typed_in(request)),
        "with_files": bool(request.FILES),
    }
    return render(request, "portal/role_ended.html", context, status=HTTPStatus.CONFLICT)


def _readable(typed: list[tuple[str, str]]) -> dict[str, str]:
    """What a person typed or chose, under the field's name in words; without what is empty."""
    told: dict[str, list[str]] = {}
    for name, value in _days_joined(typed):
        own_name = _own_name(name)
        if own_name not in NOT_TYPED and value.strip():
            told.setdefault(own_name.replace("_", " ").capitalize(), []).append(value)
    return {label: "\n".join(values) for label, values in told.items()}


def _days_joined(typed: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The same; a day, and its time, that was typed in parts is one text ("8 January 1990")."""
    by_name = dict(typed)
    for name, value in typed:
        whole, _, part = name.rpartition("_")
        if part not in PARTS or f"{whole}_month" not in by_name:
            yield name, value
        elif part == "month":
            day, month, year, time = (by_name.get(f"{whole}_{each}", "") for each in PARTS)
            named = str(MONTHS[int(month)]) if month in MONTH_NUMBERS else month
            yield whole, " ".join(filter(None, (day, named, year, time)))


def _own_name(name: str) -> str:
    """A field's name without its form's prefix."""
    return name.rpartition("-")[2]
