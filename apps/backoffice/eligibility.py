"""Admin pages of decisions and the facts that they used: read-only, replayable."""

from django.contrib import admin

from apps.backoffice.patients import NAMES
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import document, link
from apps.eligibility.models import Decision, FactsDocument


@admin.register(Decision)
class DecisionAdmin(RecordAdmin[Decision]):
    """Every answer of the rules to a real question."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        "act",
        "allowed",
        link("patient", "patient"),
        link("authorization", "authorization"),
        "policy_version",
    )
    list_select_related = ("patient", "authorization")
    list_filter = ("act", "allowed", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = NAMES
    numbered = ("authorization__number", "confirmation__number")
    ids = ("patient__id",)
    search_help_text = "The patient's name, or an authorization or confirmation number."
    instead = {"document": document("document", "decision")}


@admin.register(FactsDocument)
class FactsDocumentAdmin(RecordAdmin[FactsDocument]):
    """The facts of decisions; equal facts are one row. They name no person but ids."""

    list_display = ("digest",)
    ordering = ("digest",)
    search_fields = ("digest",)
    ids = ("decisions__patient__id",)
    search_help_text = "The digest, or a patient's id."
    instead = {"document": document("document", "facts")}
