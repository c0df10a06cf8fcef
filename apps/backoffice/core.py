"""Admin pages of the kernel's records: operations, the demo's clock and the sweeps."""

from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import actor_named, in_words
from apps.core.models import DemoClock, Operation, SweepRun
from apps.patients.models import Patient


@admin.register(Operation)
class OperationAdmin(RecordAdmin[Operation]):
    """Every execution of every command."""

    list_display = (
        "started_at",
        in_words("name", "command"),
        "who",
        "role",
        "channel",
        "performed_at",
    )
    list_filter = ("role", "channel", "actor_kind", "started_at")
    ordering = ("-started_at",)
    search_fields = ("name",)
    ids = ("actor_id", "organization_id", "prescriber_id")
    search_help_text = "The command's name, or the id of an operation, actor or organization."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operation]:
        return super().get_queryset(request).annotate(actor_name=actor_named("actor_id"))

    def patient_id_of(self, record: Operation) -> UUID | None:
        """Whom a command made a record of: an id is told, so it is a view."""
        if record.result_model != Patient._meta.label_lower or not record.result_id:
            return None
        return UUID(record.result_id)

    @admin.display(description="by")
    def who(self, operation: Operation) -> str:
        """The person or system that called."""
        return getattr(operation, "actor_name", "") or operation.actor_kind


@admin.register(DemoClock)
class DemoClockAdmin(RecordAdmin[DemoClock]):
    """How far the demo's time runs ahead; one row at most, so there is nothing to search."""

    list_display = ("id", "ahead")
    search_help_text = ""


@admin.register(SweepRun)
class SweepRunAdmin(RecordAdmin[SweepRun]):
    """When each sweep last ran to its end."""

    list_display = ("sweep", "ended_at")
    ordering = ("ended_at",)
    search_fields = ("sweep",)
    search_help_text = "The sweep's name."
