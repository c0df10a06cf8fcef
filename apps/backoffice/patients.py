"""Admin pages of patients, categories and agreements."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from apps.backoffice.actions import ActionForm, RecordAction
from apps.backoffice.corrections import withdrawal
from apps.backoffice.exceptions import REQUEST_EXCEPTION
from apps.backoffice.intakes import ENTER_INTAKES
from apps.backoffice.merging import ON_IDENTITY
from apps.backoffice.naming import BY_PATIENT, NAMES, NUMBERS
from apps.backoffice.patient_access import OF_ACCESS, code_page
from apps.backoffice.patient_actions import OF_PATIENTS
from apps.backoffice.records import RecordAdmin
from apps.backoffice.reminders import PREFERENCES
from apps.backoffice.scans import agreement_scan
from apps.backoffice.shown import link, words_of
from apps.backoffice.supplies import ENTER_LATE_DISPENSE
from apps.core import clock
from apps.core.call import Actor, Call
from apps.eligibility import selectors as eligibility
from apps.evidence.models import Intake
from apps.oversight import callers
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.models import (
    Agreement,
    CategoryAssignment,
    DuplicateDecision,
    Patient,
    PatientCode,
    RiskCategory,
)
from apps.rules import therapy
from apps.rules.policy import programs

SHOWN = PatientCode.Way.SHOWN
ENDED = {
    therapy.WITHDREW: "ended, the patient withdrew from the program",
    therapy.DIED: "ended, the patient died",
}


class PresentCategory(admin.SimpleListFilter):
    """Who is in a risk category now."""

    title = "present risk category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        """The six categories."""
        return list(RiskCategory.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Patient]) -> QuerySet[Patient]:
        """Those whose latest category it is."""
        if self.value() is None:
            return queryset
        latest = CategoryAssignment.objects.filter(patient=OuterRef("pk")).order_by("-recorded_at")
        return queryset.annotate(
            present_category=Subquery(latest.values("risk_category")[:1])
        ).filter(present_category=self.value())


def _present(actor: Actor, patient: Patient) -> list[str]:
    """How a patient stands now, in sentences: category, therapy, and what the next supply lacks."""
    if patient.merged_into_id is not None:
        return []
    program = patients.program_of(patient) or programs()[0]
    category = str(patients.current_category(patient).get_risk_category_display())
    plan = eligibility.plan_of(actor, patient, program)
    if plan is None:
        return [category, "This record cannot be evaluated: nothing is authorized or dispensed."]
    status = plan.therapy.status
    unmet = [each for each in plan.decision["requirements"] if not each["met"]]
    missing = [f"Not met: {each['message']} ({each['rule']})" for each in unmet]
    return [
        f"{category}. Therapy: {ENDED.get(status, words_of(status).lower())}.",
        *(missing or ["Nothing is missing for the next authorization."]),
    ]


@admin.register(Patient)
class PatientAdmin(RecordAdmin[Patient]):
    """Everybody enrolled."""

    patient = "pk"
    list_display = (
        "family_name",
        "given_name",
        "born_on",
        "postal_code",
        link("prescriber", "prescriber"),
        "registered_at",
    )
    list_select_related = ("prescriber",)
    list_filter = (
        PresentCategory,
        ("prescriber__state", admin.ChoicesFieldListFilter),
        ("merged_into", admin.EmptyFieldListFilter),
        "registered_at",
    )
    date_hierarchy = "registered_at"
    ordering = ("family_name", "given_name")
    search_fields = ("given_name", "family_name", "email", "phone")
    numbered = (
        "authorizations__number",
        "authorizations__confirmations__number",
        "prescriber__npi",
    )
    search_help_text = (
        "Name, e-mail or phone; an authorization or confirmation number, with or without its "
        "separators; the prescriber's NPI."
    )
    record_actions = (
        REQUEST_EXCEPTION,
        ENTER_LATE_DISPENSE,
        *OF_PATIENTS,
        *OF_ACCESS,
        PREFERENCES,
        *ON_IDENTITY,
        *ENTER_INTAKES,
    )

    def present(self, call: Call, record: Patient) -> list[str]:
        """How treatment, category and standing are now."""
        return _present(call.actor, record)

    def after(
        self,
        request: HttpRequest,
        action: RecordAction,
        form: ActionForm,
        record: Patient | None,
        result: Model,
    ) -> HttpResponse:
        """A code that is not mailed is shown once, here; a call goes on after an entry."""
        if record is not None and isinstance(result, PatientCode) and result.way == SHOWN:
            if standing.may_be_told(result, clock.real_now()):
                return code_page(self.admin_site, request, record, result)
            messages.error(request, standing.SHOWN_BEFORE)
            return redirect(request.path)
        if isinstance(result, Intake):
            return self._after_entry(request, action, result)
        return super().after(request, action, form, record, result)

    def _after_entry(
        self, request: HttpRequest, action: RecordAction, entered: Intake
    ) -> HttpResponse:
        waits = entered.state == Intake.State.WAITING
        how = "It waits for a second person." if waits else "It is in effect."
        messages.success(request, f"{action.done} {how}")
        return redirect(self.back_url(request, entered.patient))

    def back_url(self, request: HttpRequest, record: Patient | None) -> str:
        """To the call that goes on, where one does."""
        call = request.GET.get(callers.CALL, "")
        if record is not None and callers.present(request.session, record.pk, clock.now(), call):
            return f"{reverse('contact', args=[record.pk])}?{callers.CALL}={call}"
        return super().back_url(request, record)


@admin.register(CategoryAssignment)
class CategoryAssignmentAdmin(RecordAdmin[CategoryAssignment]):
    """Risk categories with their basis; the latest one of a patient holds."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        link("patient", "patient"),
        "risk_category",
        "basis_kind",
        "reason",
    )
    list_select_related = ("patient",)
    list_filter = ("risk_category", "basis_kind", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = NAMES
    numbered = NUMBERS
    ids = ("patient__id",)
    search_help_text = BY_PATIENT


@admin.register(Agreement)
class AgreementAdmin(RecordAdmin[Agreement]):
    """Patient–Prescriber Agreements and their signatures."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        link("patient", "patient"),
        link("prescriber", "prescriber"),
        "risk_category",
        "patient_signed_at",
        "prescriber_signed_at",
    )
    list_select_related = ("patient", "prescriber")
    list_filter = (
        "risk_category",
        "signer",
        ("patient_signed_at", admin.EmptyFieldListFilter),
        ("prescriber_signed_at", admin.EmptyFieldListFilter),
    )
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    record_actions = (withdrawal("agreement"),)
    also = (agreement_scan,)
    search_fields = (*NAMES, "signer_name")
    numbered = (*NUMBERS, "prescriber__npi")
    ids = ("patient__id",)
    search_help_text = BY_PATIENT


@admin.register(DuplicateDecision)
class DuplicateDecisionAdmin(RecordAdmin[DuplicateDecision]):
    """Who decided that two patients who resemble each other are two persons."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        link("patient", "patient"),
        link("resembles", "resembles"),
        "reason",
    )
    list_select_related = ("patient", "resembles")
    list_filter = ("recorded_at",)
    ordering = ("-recorded_at",)
    search_fields = (*NAMES, "resembles__given_name", "resembles__family_name")
    ids = ("patient__id", "resembles__id")
    search_help_text = "The name or id of either patient."
