"""Admin pages of what was imported from another registry."""

from django.contrib import admin

from apps.backoffice.records import RecordAdmin
from apps.importing.models import ImportedRecord


@admin.register(ImportedRecord)
class ImportedRecordAdmin(RecordAdmin[ImportedRecord]):
    """Which row a prescriber, pharmacy or patient of another registry became."""

    list_display = ("recorded_at", "source", "kind", "key", "subject_id")
    list_filter = ("source", "kind", "recorded_at")
    ordering = ("-recorded_at",)
    search_fields = ("key",)
    ids = ("subject_id",)
