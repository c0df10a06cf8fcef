"""Every page of the administration, found by itself, and who of the office may open it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Model
from django.urls import URLPattern, reverse

from apps.backoffice.actions import RecordAction
from apps.backoffice.records import RecordAdmin
from apps.core import clock
from apps.core.call import Actor, ActorKind, Role
from apps.oversight import selectors as oversight
from apps.oversight.queues import SOURCES
from apps.rules.policy import programs
from tests.guards.world import our_models

OFFICE = ("administrator", "staff", "auditor")
MODELS = our_models()
AUDITOR = Actor(kind=ActorKind.PERSON, id=UUID(int=1), role=Role.AUDITOR)
# Which records each role adds; all else comes about elsewhere.
REGISTERED = {
    "administrator": {"Membership", "ApiClient", "Prescriber", "Pharmacy", "Outage"},
    "staff": {"Membership", "Prescriber", "Pharmacy"},
    "auditor": set(),
}


@dataclass(frozen=True)
class Page:
    """One address: the name of its kind, and what it is about if it is about a kind of record."""

    address: str
    name: str
    model: type[Model] | None = None
    action: RecordAction | None = None

    def is_open_to(self, who: str) -> bool:
        """Whether this role of the office may look at it; nobody deletes."""
        if self.action is not None:
            return who in {role.value for role in self.action.roles}
        if self.name == "add" and self.model is not None:
            return self.model.__name__ in REGISTERED[who]
        return self.name != "delete"


def kind(model: type[Model], page: str, *args: Any) -> str:
    """The address of a page about a kind of record, or about one."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def record_admin(model: type[Model]) -> RecordAdmin[Any]:
    """How the administration shows a kind of record."""
    found = admin.site.get_model_admin(model)
    assert isinstance(found, RecordAdmin)
    return found


def ends(model: type[Model]) -> list[Model]:
    """The first and the last record of a kind, which may be one."""
    rows = model._default_manager.order_by("pk")
    found = {end.pk: end for end in (rows.first(), rows.last()) if end is not None}
    assert found, f"The world has a row of every kind, but none of {model}."
    return list(found.values())


def pages_of(model: type[Model], records: Iterable[Model]) -> Iterator[Page]:
    """The pages that are about no single record of a kind, and those about these records."""
    found, label = record_admin(model), f"{model._meta.app_label}_{model._meta.model_name}_"
    patterns = {str(each.name): each.pattern for each in found.get_urls() if each.name}
    for name, pattern in patterns.items():
        if not pattern.converters:
            yield Page(reverse(f"admin:{name}"), name.removeprefix(label), model)
    for record in records:
        for name, pattern in patterns.items():
            if "name" in pattern.converters:
                yield from _deeds(found, record)
            elif pattern.converters:
                address = reverse(f"admin:{name}", args=[record.pk])
                yield Page(address, name.removeprefix(label), model)


def _deeds(found: RecordAdmin[Any], record: Model) -> Iterator[Page]:
    for action in found.record_actions:
        address = kind(found.model, "do", record.pk, action.name)
        yield Page(address, "do", found.model, action)


def pages_of_the_site() -> Iterator[Page]:
    """The pages that belong to no kind of record."""
    for pattern in admin.site.get_urls():
        if not isinstance(pattern, URLPattern) or pattern.name in {None, "logout", "view_on_site"}:
            continue
        for given in _arguments(pattern):
            yield Page(reverse(f"admin:{pattern.name}", kwargs=given), str(pattern.name))


def _arguments(pattern: URLPattern) -> Iterator[dict[str, Any]]:
    wanted = list(pattern.pattern.converters)
    if pattern.name == "app_list":
        yield from ({"app_label": label} for label in sorted(_labels()))
    elif wanted:
        yield from queue_items(wanted)
    else:
        yield {}


def _labels() -> set[str]:
    return {model._meta.app_label for model in MODELS}


def queue_items(wanted: list[str]) -> Iterator[dict[str, Any]]:
    """One of each kind of what waits for the office, as addresses name it."""
    assert set(wanted) <= {"kind", "subject_id"}, wanted
    for each in SOURCES:
        rows = oversight.waiting(AUDITOR, each, program=programs()[0], now=clock.now())
        for row in rows[:1]:
            given = {"kind": each, "subject_id": row.pk}
            yield {name: given[name] for name in wanted}
