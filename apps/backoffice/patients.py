"""Admin pages of patients, categories and agreements; exceptions by two persons (L-DSP-10)."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth import authenticate

from apps.accounts import selectors as accounts
from apps.accounts.models import User
from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link
from apps.core import clock
from apps.core.call import PROGRAM, Call
from apps.evidence import services as evidence
from apps.evidence.models import RuleException
from apps.patients.models import Agreement, CategoryAssignment, DuplicateDecision, Patient
from apps.rules.policy import policy_in_force, programs

NAMES = ("patient__given_name", "patient__family_name")
NUMBERS = ("patient__authorizations__number", "patient__authorizations__confirmations__number")
BY_PATIENT = "The patient's name or id, or an authorization or confirmation number."


class ExceptionForm(ReasonForm):
    """What an exception needs; the second person agrees with their own password."""

    field_order = ("program", "rule", "expires_at", "reason", "second_person", "their_password")

    program = forms.ChoiceField()
    rule = forms.ChoiceField()
    expires_at = forms.SplitDateTimeField(
        label="It ends at",
        widget=AdminSplitDateTime,
        help_text="In UTC. Choose the shortest time that serves the purpose.",
    )
    second_person = forms.EmailField(
        label="Second person", help_text="The e-mail address of a colleague of the office."
    )
    their_password = forms.CharField(
        label="Their password",
        widget=forms.PasswordInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text="Typed by the second person: so they agree to this exception.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = {
            rule
            for program in programs()
            for rule in policy_in_force(program, clock.now()).overridable
        }
        program, rule = self.fields["program"], self.fields["rule"]
        cast("forms.ChoiceField", program).choices = [(name, name) for name in programs()]
        cast("forms.ChoiceField", rule).choices = [(name, name) for name in sorted(rules)]

    def clean(self) -> dict[str, Any]:
        """The second person's id, once their password proves that they agree."""
        entered = super().clean() or {}
        email, password = entered.get("second_person"), entered.pop("their_password", None)
        if email and password:
            second = authenticate(self.request, email=email.lower(), password=password)
            if isinstance(second, User) and _is_of_the_office(second):
                entered["seconded_by_id"] = second.pk
            else:
                self.add_error(
                    "their_password", "This address and password fit nobody of the office."
                )
        return entered


def _is_of_the_office(user: User) -> bool:
    return any(accounts.people_with_role(role).filter(pk=user.pk).exists() for role in PROGRAM)


def _grant(call: Call, patient: Patient, entered: dict[str, Any]) -> RuleException:
    return evidence.grant_exception(
        call,
        patient_id=patient.pk,
        program=entered["program"],
        rule=entered["rule"],
        seconded_by_id=cast("UUID", entered["seconded_by_id"]),
        expires_at=entered["expires_at"],
        reason=entered["reason"],
    )


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
    list_filter = ("registered_at",)
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
        RecordAction(
            name="except",
            label="Grant an exception",
            explanation=(
                "The patient is excepted from one rule until the end that you set. Two persons of "
                "the office grant it together; both are recorded."
            ),
            form=ExceptionForm,
            roles=roles_of(evidence.grant_exception),
            carry_out=_grant,
            done="The exception is granted.",
        ),
    )


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
