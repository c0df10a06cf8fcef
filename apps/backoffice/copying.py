"""Complete copies of one record, to be read and as a file (21 CFR 11.10(b)): made once for all.

The record, who signed it, every change of its row and every event that names it.
"""

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst

from apps.audit import selectors
from apps.audit.models import Event
from apps.audit.signatures import signatures_of
from apps.backoffice.access import entered_call
from apps.backoffice.instants import program_zone
from apps.backoffice.shown import actor_named, page_of, words_of
from apps.backoffice.trail import as_row, named
from apps.core import clock
from apps.core.models import Operation
from apps.oversight.signed_records import is_unchanged
from apps.patients.models import Patient

if TYPE_CHECKING:
    from apps.backoffice.records import RecordAdmin

SIGNED_AT = "_signed_at"
TO_THE_SECOND = "j F Y, H:i:s T"
AS_STORED = {"after", "before", "data", "fields"}
INSTANTS = {"at", "changed_at", "copied_at", "occurred_at", "performed_at"}


def copy_of(admin: "RecordAdmin[Any]", request: HttpRequest, record: Model) -> dict[str, Any]:
    """All that is kept of a record, as the file holds it; the page shows the same."""
    return {
        "kind": str(record._meta.verbose_name),
        "model": record._meta.label_lower,
        "id": str(record.pk),
        "name": str(record),
        "copied_at": clock.real_now().isoformat(),
        "copied_by": str(request.user),
        "copied_as": entered_call(request).actor.role.value,
        "fields": [_field(record, field) for field in _fields(admin, record)],
        "signatures": signed(record),
        "recorded_by": _operations(record),
        "changes": [
            {
                "changed_at": change.changed_at.isoformat(),
                "action": change.action,
                "operation_id": str(change.operation_id or ""),
                "database_role": change.database_role,
                "before": change.before,
                "after": change.after,
            }
            for change in selectors.changes_of(record._meta.db_table, str(record.pk)).iterator()
        ],
        "events": [as_row(event) for event in named(events_of(record)).iterator(chunk_size=1_000)],
    }


def copy_page(admin: "RecordAdmin[Any]", request: HttpRequest, record: Model) -> HttpResponse:
    """The copy to be read and printed."""
    opts = record._meta
    context = {
        **admin.admin_site.each_context(request),
        "title": f"Copy: {record}",
        "opts": opts,
        "object": record,
        "record_url": page_of(record),
        "file_url": reverse(
            f"admin:{opts.app_label}_{opts.model_name}_copy_file", args=[quote(record.pk)]
        ),
        "copy": to_be_read(copy_of(admin, request, record)),
    }
    return TemplateResponse(request, "admin/record_copy.html", context)


def to_be_read(content: Any) -> Any:
    """The same content with instants as the pages show them, to the second, with their zone."""
    if isinstance(content, dict):
        return {
            name: value
            if name in AS_STORED
            else _instant(value)
            if name in INSTANTS and value
            else to_be_read(value)
            for name, value in content.items()
        }
    return [to_be_read(each) for each in content] if isinstance(content, list) else content


def _instant(text: str) -> str:
    at = datetime.fromisoformat(text).astimezone(program_zone())
    return date_format(at, TO_THE_SECOND)


def copy_file(admin: "RecordAdmin[Any]", request: HttpRequest, record: Model) -> HttpResponse:
    """The copy as JSON, with the digest of its content."""
    content = copy_of(admin, request, record)
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    whole = {"copy": content, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    name = f"{record._meta.model_name}-{record.pk}.json"
    return HttpResponse(
        json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2, sort_keys=True),
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def events_of(record: Model) -> QuerySet[Event]:
    """Every event that names a record, in order; of a patient, all that were about them."""
    about = Q(subject_model=record._meta.label_lower, subject_id=str(record.pk))
    if isinstance(record, Patient):
        about |= Q(patient_id=record.pk) | Q(patient_ids__contains=[record.pk])
    return Event.objects.filter(about).order_by("pk")


def signed(record: Model) -> list[dict[str, Any]]:
    """Who signed, as what, how and when: the signatures kept, and the columns that tell of one."""
    kept = [
        {
            "meaning": each.meaning_in_words,
            "by": each.printed_name,
            "role": words_of(each.role),
            "method": each.get_method_display(),
            "at": each.signed_at.isoformat(),
            "content_sha256": each.content_digest,
            "is_unchanged": is_unchanged(each, record),
        }
        for each in signatures_of(record)
    ]
    return [*kept, *_columns_of_signing(record)]


def _columns_of_signing(record: Model) -> list[dict[str, Any]]:
    found = []
    for field in record._meta.concrete_fields:
        at = getattr(record, field.attname)
        if field.name.endswith(SIGNED_AT) and at is not None:
            who = field.name.removesuffix(SIGNED_AT)
            by = getattr(record, "signer_name" if who == "patient" else who, "")
            meaning = f"{words_of(who)} signed"
            found.append({"meaning": meaning, "by": str(by), "at": at.isoformat()})
    return found


def _fields(admin: "RecordAdmin[Any]", record: Model) -> list[Field[Any, Any]]:
    return [field for field in record._meta.concrete_fields if field.name not in admin.hidden]


def _field(record: Model, field: Field[Any, Any]) -> dict[str, Any]:
    """A column: its name, its value, and the value in words where it differs."""
    value = getattr(record, field.attname)
    words = value
    if field.choices:
        words = getattr(record, f"get_{field.name}_display")()
    elif field.is_relation and value is not None:
        words = str(getattr(record, field.name))
    if isinstance(value, (bytes, memoryview)):
        digest = hashlib.sha256(bytes(value)).hexdigest()
        value = words = f"{len(bytes(value))} bytes, SHA-256 {digest}"
    return {
        "name": field.name,
        "label": capfirst(str(field.verbose_name)),
        "value": value,
        "words": "" if words is None else words,
    }


def _operations(record: Model) -> list[dict[str, str]]:
    """The commands that made, withdrew or ended a record: who, for whom, from where, when."""
    ids = [
        value
        for field in record._meta.concrete_fields
        if field.related_model is Operation and (value := getattr(record, field.attname))
    ]
    return [
        {
            "operation_id": str(operation.pk),
            "what": words_of(operation.name),
            "who": operation.actor_name or words_of(operation.actor_kind),
            "role": words_of(operation.role),
            "channel": words_of(operation.channel),
            "address": operation.address,
            "performed_at": operation.performed_at.isoformat() if operation.performed_at else "",
        }
        for operation in _with_actors(ids)
    ]


def _with_actors(ids: list[Any]) -> list[Any]:
    return list(
        Operation.objects.filter(pk__in=ids)
        .annotate(actor_name=actor_named("actor_id"))
        .order_by("started_at")
    )
