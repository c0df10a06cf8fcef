"""Admin pages of who moves: patients handed over, representatives changed, delegations ended."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model

from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link
from apps.core.call import Call
from apps.evidence import services as evidence
from apps.patients.models import Patient, PatientTransfer
from apps.providers import services
from apps.providers.models import (
    Delegation,
    Pharmacy,
    Practice,
    Prescriber,
    StaffTraining,
    Succession,
)


class PrescriberChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A prescriber, told from others of the name by practice and NPI."""

    def label_from_instance(self, obj: Model) -> str:
        """Name, NPI and practice."""
        return f"{obj}, {getattr(obj, 'practice', '')}"


class HandOverForm(ReasonForm):
    """To whom, which patients, and why."""

    field_order = ("to_prescriber", "patients", "all_patients", "reason")
    to_prescriber = PrescriberChoice(
        queryset=Prescriber.objects.filter(state="certified")
        .select_related("practice__organization")
        .order_by("family_name", "given_name"),
        label="New prescriber",
        help_text="Certified. They see the patients at once and sign a new agreement with each.",
    )
    patients = forms.ModelMultipleChoiceField(
        queryset=Patient.objects.none(),
        required=False,
        help_text="Those whom you choose, and nobody else.",
    )
    all_patients = forms.BooleanField(label="Or all of them", required=False)

    def __init__(self, *args: Any, record: Model | None = None, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        if isinstance(record, Prescriber):
            theirs = record.patients.filter(merged_into=None)
            self.fields["patients"].queryset = theirs.order_by(  # type: ignore[attr-defined]
                "family_name", "given_name"
            )

    def clean(self) -> dict[str, Any]:
        """Either some patients or all: nobody moves because nobody was chosen."""
        entered = super().clean() or {}
        if "patients" not in self.errors and bool(entered.get("patients")) == bool(
            entered.get("all_patients")
        ):
            self.add_error("patients", "Choose the patients who move, or tick “all of them”.")
        return entered


def _hand_over(call: Call, prescriber: Prescriber, entered: dict[str, Any]) -> Prescriber:
    return evidence.hand_over_patients(
        call,
        from_prescriber_id=prescriber.pk,
        to_prescriber_id=entered["to_prescriber"].pk,
        patient_ids=[patient.pk for patient in entered["patients"]] or None,
        reason=entered["reason"],
    )


HAND_OVER = RecordAction(
    name="hand-over",
    label="Hand over this prescriber's patients",
    explanation=(
        "For a prescriber who retires, died, or was decertified: no patient is left without one. "
        "Nothing can be authorized for a patient before the new prescriber and the patient have "
        "signed a new agreement; the new prescriber is told, and the list there says so."
    ),
    form=HandOverForm,
    roles=roles_of(evidence.hand_over_patients),
    carry_out=_hand_over,
    done="The patients are handed over.",
    is_possible=lambda prescriber: prescriber.patients.filter(merged_into=None).exists(),
)


class RepresentativeForm(ReasonForm):
    """Who represents the pharmacy from now on, and why."""

    field_order = ("given_name", "family_name", "email", "reason")
    given_name = forms.CharField(max_length=60)
    family_name = forms.CharField(max_length=60)
    email = forms.EmailField(label="E-mail address", help_text="With which they sign in.")


def _change_representative(call: Call, pharmacy: Pharmacy, entered: dict[str, Any]) -> Pharmacy:
    given = {name: value for name, value in entered.items() if name != "submission"}
    return services.change_representative(call, pharmacy_id=pharmacy.pk, **given)


def _confirm_successor(call: Call, pharmacy: Pharmacy, entered: dict[str, Any]) -> Pharmacy:
    return services.confirm_successor(call, pharmacy_id=pharmacy.pk, reason=entered["reason"])


REPRESENTATION = (
    RecordAction(
        name="change-representative",
        label="Change the authorized representative",
        explanation=(
            "The one before can do nothing more for this pharmacy from this moment on. The new one "
            "gets an account, if new, and signs the pharmacy's attestations; until then the "
            "certification runs on."
        ),
        form=RepresentativeForm,
        roles=roles_of(services.change_representative),
        carry_out=_change_representative,
        done="The pharmacy has a new representative.",
    ),
    RecordAction(
        name="confirm-successor",
        label="Put the named successor in",
        explanation=(
            "The representative has named who follows. Do this where they cannot act any more; "
            "else the successor takes over on their own sign-in."
        ),
        form=ReasonForm,
        roles=roles_of(services.confirm_successor),
        carry_out=_confirm_successor,
        done="The successor represents the pharmacy now.",
        is_possible=lambda pharmacy: pharmacy.successions.filter(ended_at__isnull=True).exists(),
    ),
)


def _end_delegation(call: Call, delegation: Delegation, entered: dict[str, Any]) -> Delegation:
    return services.end_delegation(call, delegation_id=delegation.pk, reason=entered["reason"])


END_DELEGATION = RecordAction(
    name="end",
    label="End this delegation",
    explanation="From this moment the delegate does and sees nothing on the prescriber's behalf.",
    form=ReasonForm,
    roles=roles_of(services.end_delegation),
    carry_out=_end_delegation,
    done="The delegation has ended.",
    is_possible=lambda delegation: delegation.ended_at is None,
)


def _cover(*, begins: bool) -> RecordAction:
    def change(call: Call, practice: Practice, entered: dict[str, Any]) -> Practice:
        return services.change_coverage(
            call,
            practice_id=practice.pk,
            members_cover_each_other=begins,
            reason=entered["reason"],
        )

    label = "Let its prescribers cover for each other" if begins else "End the covering"
    return RecordAction(
        name="cover" if begins else "uncover",
        label=label,
        explanation=(
            "Where the practice says so: each of its certified prescribers then sees and treats "
            "the patients of the others, under their agreements."
            if begins
            else "From this moment each of its prescribers sees the own patients only."
        ),
        form=ReasonForm,
        roles=roles_of(services.change_coverage),
        carry_out=change,
        done="Done.",
        is_possible=lambda practice: practice.members_cover_each_other is not begins,
    )


COVERAGE = (_cover(begins=True), _cover(begins=False))


@admin.register(PatientTransfer)
class PatientTransferAdmin(RecordAdmin[PatientTransfer]):
    """Patients who moved to another prescriber."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        link("patient", "patient"),
        link("from_prescriber", "from"),
        link("to_prescriber", "to"),
        "kind",
        "reason",
    )
    list_select_related = ("patient", "from_prescriber", "to_prescriber")
    list_filter = ("kind", "recorded_at")
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = ("patient__given_name", "patient__family_name")
    numbered = ("from_prescriber__npi", "to_prescriber__npi")
    ids = ("patient__id",)
    search_help_text = "The patient's name or id, or the NPI of either prescriber."


@admin.register(StaffTraining)
class StaffTrainingAdmin(RecordAdmin[StaffTraining]):
    """Who acknowledged which version of the training, for which pharmacy."""

    list_display = (
        "acknowledged_at",
        "name",
        "role",
        link("user", "account"),
        link("pharmacy", "pharmacy"),
        "text_version",
    )
    list_select_related = ("user", "pharmacy")
    list_filter = ("program", "text_version", "acknowledged_at")
    date_hierarchy = "acknowledged_at"
    ordering = ("-acknowledged_at",)
    search_fields = ("name", "user__email", "pharmacy__name")
    numbered = ("pharmacy__npi", "pharmacy__ncpdp_id")
    search_help_text = "The person's name or e-mail address, or the pharmacy's name or NPI."


@admin.register(Succession)
class SuccessionAdmin(RecordAdmin[Succession]):
    """Who is named as the next representative of which pharmacy, and what came of it."""

    list_display = (
        "recorded_at",
        link("pharmacy", "pharmacy"),
        link("successor", "successor"),
        "ended_at",
        "outcome",
    )
    list_select_related = ("pharmacy", "successor")
    list_filter = ("outcome", "recorded_at")
    ordering = ("-recorded_at",)
    search_fields = (
        "pharmacy__name",
        "successor__given_name",
        "successor__family_name",
        "successor__email",
    )
    numbered = ("pharmacy__npi", "pharmacy__ncpdp_id")
    search_help_text = "The pharmacy's name or NPI, or the successor's name or e-mail address."
