"""Admin pages of records that are one person's: compared side by side, then merged (L-PAT-1)."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.identity import CORRECT_IDENTITY
from apps.backoffice.instants import told
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link, page_of
from apps.core.call import Call
from apps.evidence import services as evidence
from apps.patients import selectors as patients
from apps.patients import services
from apps.patients.models import DuplicateDecision, Patient, PatientMerge
from apps.patients.resemblances import undecided_resemblances

COMPARED: Final = (
    ("Name", str),
    ("Date of birth", lambda patient: patient.born_on),
    ("ZIP code", lambda patient: patient.postal_code),
    ("Phone", lambda patient: patient.phone or "–"),
    ("E-mail", lambda patient: patient.email or "–"),
    ("Prescriber", lambda patient: patient.prescriber),
    ("Risk category", patients.current_category),
    ("Registered", lambda patient: told(patient.registered_at)),
    ("Agreements", lambda patient: patient.agreements.count()),
    ("Pregnancy tests", lambda patient: patient.pregnancytest_set.count()),
    ("Pregnancy cases", lambda patient: patient.pregnancycase_set.count()),
    ("Authorizations", lambda patient: patient.authorizations.count()),
    ("Dispenses", lambda patient: patient.dispenses.count()),
)


class ResemblingForm(ReasonForm):
    """Names the records that resemble this one; where it is one, its id stands there already."""

    other: str
    shown: list[UUID]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alike = list(_resembling(self.call, self.record)) if self.record else []
        self.shown = [patient.pk for patient in alike]
        if not alike:
            return
        named = format_html_join(
            "; ",
            '<a href="{}">{}</a>, born {}: {}',
            ((page_of(each), each, date_format(each.born_on), each.pk) for each in alike),
        )
        field = self.fields[self.other]
        # The admin's templates take a help text for HTML.
        field.help_text = format_html("{} Resembling: {}", field.help_text, named)
        if len(alike) == 1:
            field.initial = alike[0].pk

    def patients_offered(self) -> list[UUID]:
        """Those who are named here, or laid beside this one."""
        return [*super().patients_offered(), *self.shown]


class MergeForm(ResemblingForm):
    """The other record. The first time, both are shown side by side; the second time merges."""

    other = "merged_id"
    field_order = ("merged_id", "reason")

    merged_id = forms.UUIDField(
        label="The other record's id", help_text="It will be merged into this one."
    )
    compared = forms.UUIDField(required=False, widget=forms.HiddenInput)
    comparison: list[tuple[str, Any, Any]]

    def clean(self) -> dict[str, Any]:
        """Nothing is merged that was not looked at side by side."""
        entered = super().clean() or {}
        self.comparison = []
        merged_id, compared = entered.get("merged_id"), entered.pop("compared", None)
        if merged_id is None or compared == merged_id:
            return entered
        other = patients.visible_to(self.call.actor).filter(pk=merged_id).first()
        if isinstance(self.record, Patient) and other is not None:
            self.comparison = [
                (label, value(self.record), value(other)) for label, value in COMPARED
            ]
            self.shown.append(other.pk)
            self.data = {**dict(self.data.items()), "compared": str(merged_id)}
            self.add_error(None, "Compare the two records below; then send this page once more.")
        return entered


class TwoPersonsForm(ResemblingForm):
    """Another patient, who is another person."""

    other = "resembles_id"
    field_order = ("resembles_id", "reason")

    resembles_id = forms.UUIDField(label="The other patient's id")


def _resembling(call: Call, patient: Model) -> QuerySet[Patient]:
    """Who resembles this patient, undecided."""
    pairs = undecided_resemblances(call.actor, of=patient.pk)
    both = {pk for each in pairs for pk in (each.patient_id, each.resembles_id)}
    return patients.visible_to(call.actor).filter(pk__in=both - {patient.pk})


def _is_kept(patient: Patient) -> bool:
    return patient.merged_into_id is None


def _merge(call: Call, patient: Patient, entered: dict[str, Any]) -> PatientMerge:
    return evidence.merge_patients(
        call, kept_id=patient.pk, merged_id=_id(entered, "merged_id"), reason=entered["reason"]
    )


def _two_persons(call: Call, patient: Patient, entered: dict[str, Any]) -> DuplicateDecision:
    return services.decide_not_duplicate(
        call,
        patient_id=patient.pk,
        resembles_id=_id(entered, "resembles_id"),
        reason=entered["reason"],
    )


def _id(entered: dict[str, Any], name: str) -> UUID:
    found: UUID = entered[name]
    return found


ON_IDENTITY: Final = (
    CORRECT_IDENTITY,
    RecordAction(
        name="merge",
        label="Merge another record into this one",
        explanation=(
            "For two records of one person. Every entry of both counts for this record from now "
            "on, with the stricter category and every hold; what is authorized on either is void. "
            "The other record takes nothing any more. A merge is never taken back. To keep the "
            "other record instead, do this on its page."
        ),
        form=MergeForm,
        roles=roles_of(evidence.merge_patients),
        carry_out=_merge,
        done="The records are merged.",
        is_possible=_is_kept,
    ),
    RecordAction(
        name="two-persons",
        label="Decide that a resembling patient is another person",
        explanation="The pair leaves the list of likely duplicates. Say how you know.",
        form=TwoPersonsForm,
        roles=roles_of(services.decide_not_duplicate),
        carry_out=_two_persons,
        done="It is decided.",
        is_possible=_is_kept,
    ),
)


@admin.register(PatientMerge)
class PatientMergeAdmin(RecordAdmin[PatientMerge]):
    """Which record was merged into which, by whom and why."""

    patient = "kept_id"
    list_display = ("recorded_at", link("kept", "kept"), link("merged", "merged"), "reason")
    list_select_related = ("kept", "merged")
    list_filter = ("recorded_at",)
    ordering = ("-recorded_at",)
    search_fields = ("kept__given_name", "kept__family_name", "merged__family_name", "reason")
    ids = ("kept__id", "merged__id")
    search_help_text = "The name or id of either record."
