"""Admin pages of legal holds: findable and read-only; `manage.py legal_hold` places and lifts."""

from django.contrib import admin

from apps.audit.models import LegalHold
from apps.backoffice.records import RecordAdmin


@admin.register(LegalHold)
class LegalHoldAdmin(RecordAdmin[LegalHold]):
    """What may not be disposed of, on whose authority."""

    patient = "patient_id"
    list_display = ("recorded_at", "patient_id", "organization_id", "authority", "lifted_at")
    list_filter = ("lifted_at", "recorded_at")
    ordering = ("-recorded_at",)
    search_fields = ("authority",)
    ids = ("patient_id", "organization_id")
    search_help_text = "Who ordered it, or any id."
