"""How values look in lists and on pages: links to records, people behind bare ids, documents."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import F, Model, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from apps.accounts.models import ApiClient, User
from apps.backoffice.instants import told
from apps.core import numbers
from apps.patients.models import Patient, Representative
from apps.rules.documents import Document

Shown = Callable[[Any], str]
LINE = "<li>{} {}</li>"
DATED = re.compile(r"\d{4}-\d\d-\d\dT")


def page_of(record: Model) -> str:
    """The address of a record's page."""
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])


def link(path: str, label: str, *, ordering: str | None = None) -> Shown:
    """A column that links to the record found along `path` ("authorization.patient")."""

    @admin.display(description=label, ordering=ordering)
    def column(record: Any) -> str:
        found = along(record, path)
        return "–" if found is None else format_html('<a href="{}">{}</a>', page_of(found), found)

    return column


def document(field: str, label: str) -> Shown:
    """A JSON document, laid out to be read."""

    @admin.display(description=label)
    def shown(record: Any) -> str:
        text = json.dumps(getattr(record, field), indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre class="document">{}</pre>', text)

    return shown


def listing(field: str, label: str) -> Shown:
    """A flat JSON document as lines: what is said, in words, with instants as they are shown."""

    @admin.display(description=label)
    def shown(record: Any) -> str:
        return in_lines((words_of(name), value) for name, value in getattr(record, field).items())

    return shown


def _said(value: Any) -> str:
    """One value of a document, for people; a link as it is."""
    if isinstance(value, SafeString):
        return value
    if isinstance(value, str):
        at = parse_datetime(value) if DATED.match(value) else None
        return words_of(value) if at is None else told(at)
    if isinstance(value, bool) or value is None:
        return {True: "Yes", False: "No", None: "–"}[value]
    if isinstance(value, list):
        return ", ".join(_said(each) for each in value) or "–"
    if isinstance(value, dict):
        return "; ".join(f"{words_of(name)}: {_said(each)}" for name, each in value.items())
    return json.dumps(value, ensure_ascii=False)


def in_lines(pairs: Iterable[tuple[str, Any]]) -> str:
    """What is said, a line each: its name as it stands, its value in words."""
    lines = ((_asked(name), _said(value)) for name, value in pairs)
    return format_html('<ul class="said">{}</ul>', format_html_join("", LINE, lines))


def _asked(name: str) -> str:
    return name if name.endswith(("?", ".")) else f"{name}:"


def asked_and_said(text: Document | None, answers: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each question of a text with its answer, in its order; what it does not ask, by its code."""
    asked = {item.code: item.text for item in text.items} if text else {}
    for code in [code for code in asked if code in answers]:
        yield asked[code], answers[code]
    for code in [code for code in answers if code not in asked]:
        yield words_of(code), answers[code]


def person(field: str) -> Shown:
    """The person whose bare id stands in a field, on a record's own page."""

    @admin.display(description=field.removesuffix("_id").replace("_", " "))
    def shown(record: Any) -> str:
        identity = getattr(record, field)
        found = _who_bears(identity) if identity else None
        if found is None:
            return str(identity or "–")
        return format_html('<a href="{}">{}</a>', page_of(found), found)

    return shown


def _who_bears(identity: Any) -> User | Patient | Representative | None:
    """An account; or, in a visit, the patient or who speaks for them."""
    for kind in (User, Patient, Representative):
        found = kind._default_manager.filter(pk=identity).first()
        if found is not None:
            return found
    return None


def number(field: str, label: str) -> Shown:
    """A number as people read it, in groups."""

    @admin.display(description=label, ordering=field)
    def shown(record: Any) -> str:
        grouped = numbers.grouped(getattr(record, field))
        return format_html('<span class="number">{}</span>', grouped)

    return shown


def in_words(field: str, label: str) -> Shown:
    """A column of codes, readable: `missed_test` as “Missed test”."""

    @admin.display(description=label, ordering=field)
    def shown(record: Any) -> str:
        return words_of(getattr(record, field))

    return shown


class InWords(admin.AllValuesFieldListFilter):
    """A filter by a code, whose values are readable as in `in_words`."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The values that there are."""
        for choice in super().choices(changelist):
            yield {**choice, "display": words_of(str(choice["display"]))}


def words_of(code: str) -> str:
    """A code as words; a dash for none."""
    return capfirst(code.replace("_", " ")) or "–"


def along(record: Any, path: str) -> Any:
    """The attribute at the end of a dotted path; None as soon as one is missing."""
    for name in path.split("."):
        if record is None:
            return None
        record = getattr(record, name)
    return record


def person_named(column: str) -> Subquery:
    """The name of the person whose id stands in `column`, for an annotation."""
    return Subquery(
        User.objects.filter(pk=OuterRef(column))
        .annotate(name=Concat("given_name", Value(" "), "family_name"))
        .values("name")[:1]
    )


def patient_named(column: str) -> Subquery:
    """The name of the patient whose id stands in `column`, for an annotation."""
    return Subquery(
        Patient.objects.filter(pk=OuterRef(column))
        .annotate(name=Concat("given_name", Value(" "), "family_name"))
        .values("name")[:1]
    )


def actor_named(column: str) -> Coalesce:
    """The name of the person, system's organization, patient or representative in `column`."""
    systems = ApiClient.objects.filter(pk=OuterRef(column)).annotate(name=F("organization__name"))
    speakers = Representative.objects.filter(pk=OuterRef(column))
    return Coalesce(
        person_named(column),
        Subquery(systems.values("name")[:1]),
        patient_named(column),
        Subquery(speakers.values("name")[:1]),
        Value(""),
    )


def bare(id_field: str, name: str, model: type[Model], label: str) -> Shown:
    """A column that links to the record whose bare id stands in a field, by its annotated name."""

    @admin.display(description=label)
    def column(record: Any) -> str:
        identity = getattr(record, id_field)
        if identity is None:
            return "–"
        text = getattr(record, name) or identity
        meta = model._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[identity])
        return format_html('<a href="{}">{}</a>', url, text)

    return column
