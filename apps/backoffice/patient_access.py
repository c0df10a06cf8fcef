"""Letting patients in from the administration: a code, shown once or mailed; what became of each.

One service an action. Codes and visits are read-only; nobody can read a code there.
"""

from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import escape

from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.naming import BY_PATIENT
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link, page_of
from apps.core.call import Call
from apps.evidence import services as evidence
from apps.patients import standing
from apps.patients.models import Patient, PatientCode, PatientVisit
from apps.reminders import selectors as reminders


class LetInForm(ActionForm):
    """For whom and for what a code is, how it reaches them, how they were identified."""

    purpose = forms.ChoiceField(label="For what", choices=PatientCode.Purpose.choices)
    for_representative = forms.BooleanField(
        label="It is for who speaks for the patient, not for the patient", required=False
    )
    way = forms.ChoiceField(
        label="How it reaches them",
        choices=PatientCode.Way.choices,
        help_text="As they wish. If others read their e-mail, tell it to them.",
    )
    identified = forms.ChoiceField(
        label="How you know who it is", choices=PatientCode.Identified.choices
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = (
            standing.representative_of(self.record) if isinstance(self.record, Patient) else None
        )
        if named is None:
            del self.fields["for_representative"]
        else:
            # The admin's templates take a help text for HTML.
            self.fields["for_representative"].help_text = escape(named)


def _let_in(call: Call, patient: Patient, entered: dict[str, Any]) -> PatientCode:
    given = {name: value for name, value in entered.items() if name != "submission"}
    language = reminders.wishes_of(patient.pk).language
    return evidence.issue_patient_code(call, patient_id=patient.pk, language=language, **given)


def _shut_out(call: Call, patient: Patient, entered: dict[str, Any]) -> Patient:
    return evidence.end_patient_access(call, patient_id=patient.pk, reason=entered["reason"])


OF_ACCESS: Final = (
    RecordAction(
        name="let-in",
        label="Give the patient a one-time code",
        explanation=(
            "With it, the patient or who speaks for the patient sees the next steps, signs the "
            "agreement and answers the survey. Verify a caller first: call back on the number on "
            "record. It works once; an earlier one is void."
        ),
        form=LetInForm,
        roles=roles_of(evidence.issue_patient_code),
        carry_out=_let_in,
        done="The code is on its way by e-mail.",
        is_possible=lambda patient: patient.merged_into_id is None,
    ),
    RecordAction(
        name="shut-out",
        label="End the patient's access",
        explanation="Every open code is void, and who is in is out at once.",
        form=ReasonForm,
        roles=roles_of(evidence.end_patient_access),
        carry_out=_shut_out,
        done="Nobody can enter with a code of before any more.",
        is_possible=lambda patient: patient.merged_into_id is None,
    ),
)


def code_page(
    site: admin.AdminSite, request: HttpRequest, patient: Patient, code: PatientCode
) -> HttpResponse:
    """A code that is told or handed over, on this answer and nowhere else."""
    context = {
        **site.each_context(request),
        "title": "One-time code",
        "opts": Patient._meta,
        "patient": patient,
        **standing.told_once(code),
        "entrance": f"{settings.PORTAL_URL}{reverse('own_enter')}",
        "record_url": page_of(patient),
    }
    response = TemplateResponse(request, "admin/patient_code.html", context)
    response["Cache-Control"] = "no-store"
    return response


@admin.register(PatientCode)
class PatientCodeAdmin(RecordAdmin[PatientCode]):
    """One-time codes of patients: who gave them, how they went, what became of them."""

    patient = "patient_id"
    list_display = (
        "issued_at",
        link("patient", "patient"),
        "purpose",
        "way",
        "identified",
        "expires_at",
        "wrong_attempts",
        "used_at",
        "ended_how",
    )
    list_select_related = ("patient",)
    list_filter = ("purpose", "way", "ended_how", ("used_at", admin.EmptyFieldListFilter))
    date_hierarchy = "issued_at"
    ordering = ("-issued_at",)
    search_fields = ("patient__given_name", "patient__family_name")
    ids = ("patient__id",)
    search_help_text = BY_PATIENT
    hidden = ("reference_digest", "code_digest")


@admin.register(PatientVisit)
class PatientVisitAdmin(RecordAdmin[PatientVisit]):
    """Where patients, and who speaks for them, are and were in."""

    patient = "code.patient_id"
    list_display = (
        "began_at",
        link("code.patient", "patient"),
        "browser",
        "address",
        "last_seen_at",
        "ended_at",
        "ended_how",
    )
    list_select_related = ("code__patient",)
    list_filter = ("ended_how", ("ended_at", admin.EmptyFieldListFilter))
    date_hierarchy = "began_at"
    ordering = ("-began_at",)
    search_fields = ("code__patient__given_name", "code__patient__family_name", "address")
    ids = ("code__patient__id",)
    search_help_text = "The patient's name or id, or a network address."
    hidden = ("session_key", "browser_digest")
