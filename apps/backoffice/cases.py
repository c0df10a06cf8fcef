"""Admin pages of pregnancy cases: what is known, the steps owed, and the end; each as an action."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html, format_html_join

from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.evidence import PATIENT, EvidenceAdmin
from apps.backoffice.instants import DayInput
from apps.backoffice.naming import BY_PATIENT
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import InWords, link, page_of
from apps.backoffice.signing import SignedReasonForm
from apps.core.call import Call
from apps.core.overtaken import SeenForm
from apps.evidence import services
from apps.evidence.models import CaseDetail, CaseStep, PregnancyCase

CASE_NAMES = ("case__patient__given_name", "case__patient__family_name")
OF_CASE = link("case", "case")
OF_PATIENT = link("case.patient", "patient", ordering="case__patient__family_name")
DAYS = (
    ("exposed_from", "First day on which the drug was taken"),
    ("exposed_until", "Last day on which it was taken"),
    ("conceived_on", "Conception (best estimate)"),
    ("birth_expected_on", "Birth expected"),
    ("pregnancy_ended_on", "Pregnancy ended"),
)


class DetailsForm(SeenForm, ActionForm):
    """All that is known of a case now; it begins with what was known before."""

    pregnancy_outcome = forms.ChoiceField(
        choices=[("", "Not told yet"), *CaseDetail.PregnancyOutcome.choices], required=False
    )
    root_cause = forms.ChoiceField(
        choices=[("", "Not told yet"), *CaseDetail.RootCause.choices], required=False
    )
    notes = forms.CharField(widget=forms.Textarea, max_length=2000, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = {
            name: forms.DateField(label=label, widget=DayInput, required=False)
            for name, label in DAYS
        }
        self.fields = {**days, **self.fields}
        self.begin_with(services.Details.of(_latest(self.record)).as_columns())


class ClosingForm(SignedReasonForm):
    """How a pregnancy case ended, how that is known, and why nothing more is followed up."""

    field_order = ("outcome", "reason", "waiver")
    outcome = forms.ChoiceField(choices=[("", "---------"), *PregnancyCase.Outcome.choices])
    waiver = forms.CharField(
        label="Why open steps are waived",
        widget=forms.Textarea,
        max_length=1000,
        required=False,
        help_text="Needed where steps of the follow-up are still open, but after a false positive.",
    )


class NoteForm(ActionForm):
    """What was done in a step."""

    note = forms.CharField(
        label="What was done, and what was found", widget=forms.Textarea, max_length=1000
    )


def _latest(case: Any) -> CaseDetail | None:
    return None if case is None else case.details.order_by("recorded_at").last()


def _record_details(call: Call, case: PregnancyCase, entered: dict[str, Any]) -> CaseDetail:
    details = services.Details(**{name: entered[name] for name in services.Details.__slots__})
    return services.record_case_details(
        call, case_id=case.pk, details=details, seen=entered["seen"]
    )


def _close(call: Call, case: PregnancyCase, entered: dict[str, Any]) -> PregnancyCase:
    return services.close_pregnancy_case(
        call,
        case_id=case.pk,
        outcome=entered["outcome"],
        reason=entered["reason"],
        waiver=entered["waiver"],
    )


@admin.display(description="follow-up")
def follow_up(case: PregnancyCase) -> str:
    """The steps of a case with their days, each a link to its page."""
    steps = case.steps.order_by("due_on", "recorded_at")
    return format_html(
        "<ul>{}</ul>",
        format_html_join(
            "",
            '<li><a href="{}">{}</a>: {}</li>',
            ((page_of(step), step, step.get_ended_as_display() or "open") for step in steps),
        ),
    )


@admin.display(description="details")
def details_of(case: PregnancyCase) -> str:
    """What became known of a case, latest first, each a link to its page."""
    details = case.details.order_by("-recorded_at")
    return format_html(
        "<ul>{}</ul>",
        format_html_join(
            "", '<li><a href="{}">{}</a></li>', ((page_of(detail), detail) for detail in details)
        ),
    )


@admin.register(PregnancyCase)
class PregnancyCaseAdmin(EvidenceAdmin[PregnancyCase]):
    """Suspected and certain pregnancies."""

    list_display = ("reported_at", PATIENT, "subject", "source", "closed_at", "outcome")
    list_filter = ("subject", ("closed_at", admin.EmptyFieldListFilter), "outcome", "reported_at")
    date_hierarchy = "reported_at"
    ordering = ("-reported_at",)
    search_fields = ("patient__given_name", "patient__family_name", "source")
    also = (details_of, follow_up)
    record_actions = (
        RecordAction(
            name="details",
            label="Record what is known",
            explanation=(
                "All that is known of the case now: it stands instead of what was entered before, "
                "which stays on record. Open steps get the days that these dates ask for."
            ),
            form=DetailsForm,
            roles=roles_of(services.record_case_details),
            carry_out=_record_details,
            done="What is known is recorded.",
        ),
        RecordAction(
            name="close",
            label="Close this case",
            explanation=(
                "A closed case stays closed; a later report is a new case. “Not pregnant” (an "
                "adjudicated false positive) and “Pregnancy ended” lift the hold of a patient; "
                "“Lost to follow-up” and “Unknown” keep it until another case is closed with a "
                "finding. Whatever the outcome, an authorization issued before is void; and after "
                "any but a false positive therapy starts again with both tests and four weeks of "
                "contraception."
            ),
            form=ClosingForm,
            roles=roles_of(services.close_pregnancy_case),
            carry_out=_close,
            done="The case is closed.",
            is_possible=lambda case: case.closed_at is None,
        ),
    )


@admin.register(CaseDetail)
class CaseDetailAdmin(RecordAdmin[CaseDetail]):
    """What was known of pregnancy cases, entry by entry; the latest of a case holds."""

    patient = "case.patient_id"
    list_display = ("recorded_at", OF_CASE, OF_PATIENT, "pregnancy_outcome", "root_cause")
    list_select_related = ("case__patient",)
    list_filter = ("pregnancy_outcome", "root_cause", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = CASE_NAMES
    ids = ("case__patient__id",)
    search_help_text = BY_PATIENT


def _complete(call: Call, step: CaseStep, entered: dict[str, Any]) -> CaseStep:
    return services.complete_case_step(call, step_id=step.pk, note=entered["note"])


def _waive(call: Call, step: CaseStep, entered: dict[str, Any]) -> CaseStep:
    return services.waive_case_step(call, step_id=step.pk, reason=entered["reason"])


def _is_open(step: CaseStep) -> bool:
    return step.ended_at is None


@admin.register(CaseStep)
class CaseStepAdmin(RecordAdmin[CaseStep]):
    """The steps that pregnancy cases owe, by their days."""

    patient = "case.patient_id"
    list_display = ("due_on", "title", OF_CASE, OF_PATIENT, "ended_as", "ended_at")
    list_select_related = ("case__patient",)
    list_filter = (
        ("ended_at", admin.EmptyFieldListFilter),
        "ended_as",
        ("kind", InWords),
        "due_on",
    )
    date_hierarchy = "due_on"
    ordering = ("due_on",)
    search_fields = (*CASE_NAMES, "title")
    ids = ("case__patient__id", "case__id")
    search_help_text = BY_PATIENT
    record_actions = (
        RecordAction(
            name="complete",
            label="This step is done",
            explanation="Once: what was done and found stays on record with the case.",
            form=NoteForm,
            roles=roles_of(services.complete_case_step),
            carry_out=_complete,
            done="The step is done.",
            is_possible=_is_open,
        ),
        RecordAction(
            name="waive",
            label="Waive this step",
            explanation="For a step that cannot or need not be done. It stays on record.",
            form=ReasonForm,
            roles=roles_of(services.waive_case_step),
            carry_out=_waive,
            done="The step is waived.",
            is_possible=_is_open,
        ),
    )
