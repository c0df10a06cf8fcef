"""Admin pages of the trail: events and row changes."""

from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from apps.audit import verifying
from apps.audit.models import MARKS, Event, RowChange, Seal
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import actor_named, bare, document, patient_named
from apps.backoffice.trail import told_of_all
from apps.eligibility.services.verifying import MISS
from apps.patients.models import Patient

TELLING = [
    (MISS, "Checks that found no match"),
    ("eligibility_checked", "Eligibility checked"),
    ("record_viewed", "Records viewed"),
    ("records_listed", "Lists viewed"),
    ("signed_in", "Sign-ins"),
    ("sign_in_failed", "Failed sign-ins"),
    ("sign_in_locked_out", "Attempts while locked"),
]


class Telling(admin.SimpleListFilter):
    """The codes that are asked for most; any other code can be searched."""

    title = "what"
    parameter_name = "code__exact"

    def lookups(
        self,
        request: HttpRequest,
        model_admin: Any,
    ) -> list[tuple[str, str]]:
        return TELLING

    def queryset(
        self,
        request: HttpRequest,
        queryset: QuerySet[Event],
    ) -> QuerySet[Event]:
        code = self.value()
        return queryset.filter(code=code) if code else queryset


@admin.register(Event)
class EventAdmin(RecordAdmin[Event]):
    """Who did or saw what."""

    patient = "patient_id"
    list_display = (
        "occurred_at",
        "code",
        "who",
        "role",
        "channel",
        bare("patient_id", "patient_name", Patient, "patient"),
        "about",
        "reason",
    )
    list_filter = (Telling, "role", "channel", "occurred_at")
    # The order of the keys is the order of the events, and has an index.
    ordering = ("-pk",)
    search_fields = ("code", "reason")
    ids = ("patient_id", "actor_id", "operation_id", "organization_id", "subject_id")
    search_help_text = "A code, words of the reason, or any id."
    instead = {"data": document("data", "data")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        names = {
            "actor_name": actor_named("actor_id"),
            "patient_name": patient_named("patient_id"),
        }
        return super().get_queryset(request).annotate(**names)

    def others_on(self, record: Event) -> list[UUID]:
        """The patients of a list that was seen."""
        return record.patient_ids or []

    @admin.display(description="about")
    def about(self, event: Event) -> str:
        """The record that it is about, and its page."""
        if not event.subject_model:
            return "–"
        app_label, _, name = event.subject_model.partition(".")
        try:
            url = reverse(f"admin:{app_label}_{name}_change", args=[event.subject_id])
        except NoReverseMatch:  # The trail outlives what it tells of, a renamed model too.
            return name
        return format_html('<a href="{}">{}</a>', url, name)

    @admin.display(description="by")
    def who(self, event: Event) -> str:
        """The person or system that did or saw it."""
        return getattr(event, "actor_name", "") or event.actor_kind


@admin.register(RowChange)
class RowChangeAdmin(RecordAdmin[RowChange]):
    """Every update of a row that may change, and every row that came past the commands."""

    list_display = (
        "changed_at",
        "table_name",
        "row_id",
        "action",
        "operation_id",
        "database_role",
        "client_address",
    )
    list_filter = ("action", ("operation_id", admin.EmptyFieldListFilter), "changed_at")
    ordering = ("-pk",)
    search_fields = ("table_name",)
    ids = ("row_id", "operation_id")
    search_help_text = "A table's name, or the id of a row or operation."
    instead = {"before": document("before", "before"), "after": document("after", "after")}
    patient = "pk"

    def patient_id_of(self, record: RowChange) -> UUID | None:
        """The row's patient, read from the row itself."""
        if record.table_name == Patient._meta.db_table:
            return UUID(record.row_id)
        found = record.after.get("patient_id")
        return UUID(found) if found else next(iter(self._led_to([record])), None)

    def patients_listed(self, rows: list[RowChange]) -> set[UUID]:
        """As of each change, with one statement a table for rows that lead to their patients."""
        plain = [row for row in rows if self._names_its_own(row)]
        return super().patients_listed(plain) | self._led_to(
            [row for row in rows if not self._names_its_own(row)]
        )

    @staticmethod
    def _names_its_own(record: RowChange) -> bool:
        return record.table_name == Patient._meta.db_table or "patient_id" in record.after

    def _led_to(self, changes: list[RowChange]) -> set[UUID]:
        """The patients of rows that name them through another row, as a confirmation does."""
        found: set[UUID] = set()
        tables = {each.table_name for each in changes}
        for model in apps.get_models():
            table = model._meta.db_table
            if table not in tables or not self.admin_site.is_registered(model):
                continue
            pages = self.admin_site.get_model_admin(model)
            way = pages.patient if isinstance(pages, RecordAdmin) else ""
            if way not in {"", "pk"}:
                keys = [each.row_id for each in changes if each.table_name == table]
                rows = model._default_manager.filter(pk__in=keys)
                found.update(rows.values_list(way.replace(".", LOOKUP_SEP), flat=True))
        return found - {None}

    def others_on(self, record: RowChange) -> list[UUID]:
        """An event, or a correction, that came past the product names patients, too."""
        named = (record.after.get(column) or [] for column in ("patient_ids", "resembled"))
        return [UUID(each) for ids in named for each in ids]


@admin.display(description="does it hold")
def whether_it_holds(seal: Seal) -> str:
    """Its rows and its place in the chain, looked at now."""
    try:
        verifying.verify_seal(seal)
    except verifying.Broken as broken:
        return f"No: {broken}"
    return "Yes: its rows are as they were sealed, and it follows the seal before."


@admin.display(description="the whole chain")
def how_all_stands(_seal: Seal) -> str:
    """Anchors lie outside the database, where no page reads them."""
    return told_of_all()


@admin.register(Seal)
class SealAdmin(RecordAdmin[Seal]):
    """The chain over the trail: what each seal covers. `manage.py verify_trail` checks it."""

    list_display = (
        "number",
        "sealed_at",
        "events_upto",
        "events_count",
        "changes_upto",
        "changes_count",
        "operations_upto",
        "operations_count",
        "signatures_upto",
        "signatures_count",
    )
    list_filter = ("sealed_at",)
    ordering = ("-number",)
    hidden = MARKS
    search_fields = ("digest",)
    search_help_text = "The beginning of a digest."
    also = (whether_it_holds, how_all_stands)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The seals, below what was found of all of them."""
        return super().changelist_view(request, {**(extra_context or {}), "note": told_of_all()})
