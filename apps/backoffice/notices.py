"""Admin pages of the outbox."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, F, QuerySet, When
from django.http import HttpRequest

from apps.backoffice.actions import ActionForm, RecordAction, roles_of
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import InWords, bare, document, in_words, patient_named
from apps.core.call import Call
from apps.notices.models import Notice
from apps.oversight import services as oversight
from apps.patients.models import Patient
from apps.rules.policy import programs


class SettlingForm(ActionForm):
    """How a person was told whom a message did not reach."""

    note = forms.CharField(
        widget=forms.Textarea,
        max_length=1000,
        help_text="Whom you told, when and how; or why nobody has to be told any more.",
    )


def _settle(call: Call, notice: Notice, entered: dict[str, Any]) -> Notice:
    oversight.settle(
        call,
        program=programs()[0],
        kind="undeliverable_notice",
        subject_id=notice.pk,
        note=entered["note"],
    )
    return notice


@admin.register(Notice)
class NoticeAdmin(RecordAdmin[Notice]):
    """What is to be said to whom by when, and whether it was."""

    patient = "patient_id"
    list_display = (
        "due_at",
        in_words("template", "message"),
        "recipient_kind",
        "channel",
        "address",
        "state",
        in_words("ended_reason", "ended because"),
        "sent_at",
        bare("patient_id", "patient_name", Patient, "patient"),
    )
    list_filter = ("state", "recipient_kind", "channel", ("template", InWords), "due_at")
    date_hierarchy = "due_at"
    # What waits comes first, the next due on top; then the rest, the latest on top.
    ordering = (
        Case(When(state=Notice.State.SCHEDULED, then=F("due_at"))).asc(nulls_last=True),
        F("due_at").desc(),
    )
    search_fields = ("template", "address", "key")
    ids = ("patient_id", "recipient_id")
    search_help_text = "Template, address, or the id of a patient or recipient."
    hidden = ("lease_token",)
    instead = {"params": document("params", "params")}
    record_actions = (
        RecordAction(
            name="settle",
            label="Settle this message",
            explanation="It reached nobody. Say how the person was told; it then leaves the list.",
            form=SettlingForm,
            roles=roles_of(oversight.settle),
            carry_out=_settle,
            done="The message is settled.",
            is_possible=lambda notice: notice.state == Notice.State.UNDELIVERABLE,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).annotate(patient_name=patient_named("patient_id"))
