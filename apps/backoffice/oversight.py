"""Admin pages of who works on what; deviations, worked by actions with a reason (rules §13)."""

from typing import Any

from django import forms
from django.contrib import admin

from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.naming import BY_PATIENT, NAMES, NUMBERS
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import InWords, in_words, link
from apps.backoffice.signing import SignedReasonForm
from apps.core.call import Call
from apps.evidence.models import Deviation
from apps.oversight import services
from apps.oversight.models import FILES_OF_A_COPY, Assignment, RecordCopy, Settlement


class CorrectiveForm(ActionForm):
    """What was done about a deviation."""

    corrective_action = forms.CharField(
        widget=forms.Textarea,
        max_length=1000,
        help_text="What was found, what was done, and what keeps it from happening again.",
    )


def _review(call: Call, deviation: Deviation, entered: dict[str, Any]) -> Deviation:
    return services.start_review(call, deviation_id=deviation.pk, reason=entered["reason"])


def _correct(call: Call, deviation: Deviation, entered: dict[str, Any]) -> Deviation:
    return services.correct_deviation(
        call, deviation_id=deviation.pk, corrective_action=entered["corrective_action"]
    )


def _accept(call: Call, deviation: Deviation, entered: dict[str, Any]) -> Deviation:
    return services.accept_deviation(call, deviation_id=deviation.pk, reason=entered["reason"])


def _is_open(deviation: Deviation) -> bool:
    return deviation.state == Deviation.State.OPEN


def _is_under_review(deviation: Deviation) -> bool:
    return deviation.state == Deviation.State.UNDER_REVIEW


@admin.register(Deviation)
class DeviationAdmin(RecordAdmin[Deviation]):
    """Rules broken in the world."""

    patient = "patient_id"
    list_display = (
        "occurred_at",
        "rule",
        in_words("kind", "kind"),
        "severity",
        "state",
        link("patient", "patient", ordering="patient__family_name"),
        link("organization", "organization", ordering="organization__name"),
    )
    list_select_related = ("patient", "organization")
    list_filter = ("state", "severity", ("kind", InWords), "occurred_at")
    date_hierarchy = "occurred_at"
    ordering = ("-occurred_at",)
    search_fields = (*NAMES, "rule", "kind", "organization__name")
    numbered = NUMBERS
    ids = ("patient__id", "organization__id")
    search_help_text = BY_PATIENT
    record_actions = (
        RecordAction(
            name="review",
            label="Start the review",
            explanation="Somebody looks into what happened, and closes it afterwards.",
            form=ReasonForm,
            roles=roles_of(services.start_review),
            carry_out=_review,
            done="The deviation is under review.",
            is_possible=_is_open,
        ),
        RecordAction(
            name="correct",
            label="Close with a corrective action",
            explanation="What was recorded stays; the corrective action is kept beside it.",
            form=CorrectiveForm,
            roles=roles_of(services.correct_deviation),
            carry_out=_correct,
            done="The deviation is corrected.",
            is_possible=_is_under_review,
        ),
        RecordAction(
            name="accept",
            label="Accept without correction",
            explanation="Nothing is to be corrected. The reason stays on record; it is final.",
            form=SignedReasonForm,
            roles=roles_of(services.accept_deviation),
            carry_out=_accept,
            done="The deviation is accepted.",
            is_possible=_is_under_review,
        ),
    )


@admin.register(Assignment)
class AssignmentAdmin(RecordAdmin[Assignment]):
    """Which queue item was given to whom; the latest of an item holds."""

    list_display = (
        "recorded_at",
        "kind",
        link("assignee", "assignee", ordering="assignee__family_name"),
        "subject_model",
        "subject_id",
        "note",
    )
    list_select_related = ("assignee",)
    list_filter = ("kind", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = ("subject_id", "assignee__given_name", "assignee__family_name", "note")
    ids = ("assignee__id",)
    search_help_text = "The item's id, the assignee's name or id, words of the note."


@admin.register(Settlement)
class SettlementAdmin(RecordAdmin[Settlement]):
    """Items that were dealt with by hand, and how."""

    list_display = ("recorded_at", "kind", "subject_model", "subject_id", "note")
    list_filter = ("kind", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = ("subject_id", "note")
    search_help_text = "The item's id, words of the note."


@admin.register(RecordCopy)
class RecordCopyAdmin(RecordAdmin[RecordCopy]):
    """Complete records that somebody asked for; their files are for who asked alone."""

    patient = "patient_id"
    hidden = ("lease_token", *FILES_OF_A_COPY)
    list_display = (
        "recorded_at",
        link("patient", "patient", ordering="patient__family_name"),
        "reason",
        "made_at",
        "failed_at",
        "emptied_at",
    )
    list_select_related = ("patient",)
    list_filter = ("recorded_at",)
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = (*NAMES, "reason", "pdf_sha256", "json_sha256")
    ids = ("patient__id",)
    search_help_text = "The patient's name or id, words of the reason, a file's SHA-256."
