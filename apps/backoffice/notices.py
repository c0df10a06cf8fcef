"""Admin pages of the outbox and of the reminder plans."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import bare, document, link, patient_named
from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.reminders.models import Plan


@admin.register(Notice)
class NoticeAdmin(RecordAdmin[Notice]):
    """What is to be said to whom by when, and whether it was."""

    patient = "patient_id"
    list_display = (
        "due_at",
        "template",
        "recipient_kind",
        "address",
        "state",
        "sent_at",
        bare("patient_id", "patient_name", Patient, "patient"),
    )
    list_filter = ("state", "recipient_kind", "template", "due_at")
    date_hierarchy = "due_at"
    ordering = ("-due_at",)
    search_fields = ("template", "address", "key")
    ids = ("patient_id", "recipient_id")
    search_help_text = "Template, address, or the id of a patient or recipient."
    hidden = ("lease_token",)
    instead = {"params": document("params", "params")}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).annotate(patient_name=patient_named("patient_id"))


@admin.register(Plan)
class PlanAdmin(RecordAdmin[Plan]):
    """How far each patient's reminders are planned."""

    patient = "patient_id"
    list_display = (link("patient", "patient"), "planned_at", "planned_for", "replan_at")
    list_display_links = ("planned_at",)
    list_select_related = ("patient",)
    list_filter = ("planned_at",)
    ordering = ("-planned_at",)
    search_fields = ("patient__given_name", "patient__family_name")
    ids = ("patient__id",)
    search_help_text = "The patient's name or id."
