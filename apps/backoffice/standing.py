"""Admin pages of category changes, therapy events, representatives and addresses that fail."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import escape

from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.instants import told
from apps.backoffice.naming import BY_PATIENT, NAMES, NUMBERS
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link
from apps.backoffice.signing import SignedReasonForm
from apps.core.call import Call
from apps.evidence import services as evidence
from apps.evidence.models import BleedingReport, TherapyEvent
from apps.patients import reaching
from apps.patients import selectors as patients
from apps.patients.models import (
    CategoryAssignment,
    CategoryChange,
    Representative,
    UndeliverableAddress,
)

PATIENT = link("patient", "patient", ordering="patient__family_name")


class DecisionForm(SignedReasonForm):
    """Why an administrator approves or refuses, beside what holds now."""

    reason = forms.CharField(
        widget=forms.Textarea,
        max_length=1000,
        help_text="For the record, and for the prescriber to read: what you checked.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.record, CategoryChange):
            field = self.fields["reason"]
            asked, now = _in_words(self.record), holds_now(self.record)
            # The admin's templates take a help text for HTML.
            field.help_text = escape(f"{field.help_text} Asked for: {asked}. Now: {now}.")


@admin.display(description="now")
def holds_now(change: CategoryChange) -> str:
    """The patient's category with its basis, and the last bleeding reported: what it would end."""
    patient = change.patient.merged_into or change.patient
    reports = BleedingReport.objects.filter(patients.about(patient.pk), withdrawn_at=None)
    latest = reports.order_by("reported_at").last()
    bleeding = (
        f"{latest.get_kind_display()}, reported on {told(latest.reported_at)}"
        if latest
        else "no bleeding or missed period reported"
    )
    return f"{_in_words(patients.current_category(patient))}; {bleeding}"


def _in_words(said: CategoryChange | CategoryAssignment) -> str:
    words = said.get_risk_category_display()
    if said.basis_on is None:
        return words
    return f"{words}, {said.get_basis_kind_display().lower()} of {said.basis_on:%-d %B %Y}"


def _approve(call: Call, change: CategoryChange, entered: dict[str, Any]) -> CategoryChange:
    return evidence.decide_category_change(
        call, change_id=change.pk, decision="approve", reason=entered["reason"]
    )


def _refuse(call: Call, change: CategoryChange, entered: dict[str, Any]) -> CategoryChange:
    return evidence.decide_category_change(
        call, change_id=change.pk, decision="refuse", reason=entered["reason"]
    )


def _waits(change: CategoryChange) -> bool:
    return change.state == CategoryChange.State.PENDING


@admin.register(CategoryChange)
class CategoryChangeAdmin(RecordAdmin[CategoryChange]):
    """Changes of risk category that were asked for, and what became of them (L-CAT-3)."""

    patient = "patient_id"
    list_display = (
        "requested_at",
        PATIENT,
        "risk_category",
        "basis_kind",
        "needs_approval",
        "state",
        "decided_at",
    )
    list_select_related = ("patient",)
    list_filter = ("state", "needs_approval", "risk_category", "requested_at")
    date_hierarchy = "requested_at"
    ordering = ("-requested_at",)
    search_fields = NAMES
    numbered = NUMBERS
    ids = ("patient__id",)
    search_help_text = BY_PATIENT
    also = (holds_now,)
    decided_on = ("risk_category", "basis_kind", "basis_on", "reason", holds_now)
    record_actions = (
        RecordAction(
            name="approve",
            label="Approve this change",
            explanation=(
                "The patient gets the new category at once; an open authorization and its "
                "confirmation are void. Check the basis: tubal ligation, infertility or menses "
                "that stopped because of cancer treatment are none."
            ),
            form=DecisionForm,
            roles=roles_of(evidence.decide_category_change),
            carry_out=_approve,
            done="The change is in effect.",
            is_possible=lambda change: _waits(change) and change.needs_approval,
        ),
        RecordAction(
            name="refuse",
            label="Refuse this change",
            explanation="The category stays; the prescriber is told, and reads the reason.",
            form=DecisionForm,
            roles=roles_of(evidence.decide_category_change),
            carry_out=_refuse,
            done="The change is refused.",
            is_possible=_waits,
        ),
    )


def _withdraw(call: Call, event: TherapyEvent, entered: dict[str, Any]) -> TherapyEvent:
    return evidence.withdraw_therapy_event(call, event_id=event.pk, reason=entered["reason"])


@admin.register(TherapyEvent)
class TherapyEventAdmin(RecordAdmin[TherapyEvent]):
    """Interruptions, ends of therapy, deaths and withdrawals from a program."""

    patient = "patient_id"
    list_display = ("happened_on", PATIENT, "program", "kind", "said_by", "withdrawn_at")
    list_select_related = ("patient",)
    list_filter = ("kind", "program", ("withdrawn_at", admin.EmptyFieldListFilter), "happened_on")
    date_hierarchy = "happened_on"
    ordering = ("-happened_on", "-recorded_at")
    search_fields = NAMES
    numbered = NUMBERS
    ids = ("patient__id",)
    search_help_text = BY_PATIENT
    record_actions = (
        RecordAction(
            name="withdraw",
            label="Withdraw this entry",
            explanation=(
                "For an entry that was made by mistake. It stays on record and counts no longer; "
                "what it voided stays void."
            ),
            form=ReasonForm,
            roles=roles_of(evidence.withdraw_therapy_event),
            carry_out=_withdraw,
            done="The entry is withdrawn.",
            is_possible=lambda event: event.withdrawn_at is None,
        ),
    )


def _end(call: Call, named: Representative, entered: dict[str, Any]) -> Representative:
    return reaching.end_representative(call, representative_id=named.pk, reason=entered["reason"])


@admin.register(Representative)
class RepresentativeAdmin(RecordAdmin[Representative]):
    """Who speaks for patients: guardians and authorized representatives (L-CAT-4)."""

    patient = "patient_id"
    list_display = ("named_at", PATIENT, "kind", "name", "relationship", "ended_at")
    list_select_related = ("patient",)
    list_filter = ("kind", ("ended_at", admin.EmptyFieldListFilter), "named_at")
    date_hierarchy = "named_at"
    ordering = ("-named_at",)
    search_fields = (*NAMES, "name", "email", "phone")
    numbered = NUMBERS
    ids = ("patient__id",)
    search_help_text = f"{BY_PATIENT} Or the representative's name, e-mail or phone."
    record_actions = (
        RecordAction(
            name="end",
            label="End this",
            explanation="The person speaks for the patient no more; another one can be named.",
            form=ReasonForm,
            roles=roles_of(reaching.end_representative),
            carry_out=_end,
            done="The person speaks for the patient no more.",
            is_possible=lambda named: named.ended_at is None,
        ),
    )


def _settle(
    call: Call, found: UndeliverableAddress, entered: dict[str, Any]
) -> UndeliverableAddress:
    return reaching.resolve_undeliverable(call, undeliverable_id=found.pk, reason=entered["reason"])


@admin.register(UndeliverableAddress)
class UndeliverableAddressAdmin(RecordAdmin[UndeliverableAddress]):
    """Addresses that reached nobody: somebody finds another one (L-END-3)."""

    patient = "patient_id"
    list_display = ("found_at", PATIENT, "kind", "address", "finding", "resolved_at")
    list_select_related = ("patient",)
    list_filter = ("kind", ("resolved_at", admin.EmptyFieldListFilter), "found_at")
    date_hierarchy = "found_at"
    ordering = ("-found_at",)
    search_fields = (*NAMES, "address")
    numbered = NUMBERS
    ids = ("patient__id",)
    search_help_text = f"{BY_PATIENT} Or the address."
    decided_on = ("address", "finding")
    record_actions = (
        RecordAction(
            name="settle",
            label="Settle this address",
            explanation=(
                "For an address that is right after all. Where there is another one, correct the "
                "contact data on the patient's page instead: that settles it."
            ),
            form=ReasonForm,
            roles=roles_of(reaching.resolve_undeliverable),
            carry_out=_settle,
            done="The address is settled.",
            is_possible=lambda found: found.resolved_at is None,
        ),
    )
