"""Admin pages of records that are one person's: compared side by side, then merged (L-PAT-1)."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, QuerySet

from apps.backoffice.actions import RecordAction, roles_of
from apps.backoffice.identity import CORRECT_IDENTITY
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link
from apps.backoffice.sought import WHO, SoughtForm
from apps.core.call import Call
from apps.evidence import services as evidence
from apps.patients import selectors as patients
from apps.patients import services
from apps.patients.models import DuplicateDecision, Patient, PatientMerge
from apps.patients.resemblances import undecided_resemblances

COMPARED: Final = (
    *WHO,
    ("Agreements", lambda patient: patient.agreements.count()),
    ("Pregnancy tests", lambda patient: patient.pregnancytest_set.count()),
    ("Pregnancy cases", lambda patient: patient.pregnancycase_set.count()),
    ("Authorizations", lambda patient: patient.authorizations.count()),
    ("Dispenses", lambda patient: patient.dispenses.count()),
)


class ResemblingForm(SoughtForm):
    """Proposes the records that resemble this one; where it is one, it stands there already."""

    rows = COMPARED

    def resembling(self) -> Sequence[Patient]:
        """Who resembles this patient, undecided."""
        return list(_resembling(self.call, self.record)) if self.record else ()


class MergeForm(ResemblingForm):
    """The other record. The first time, both are shown side by side; the second time merges."""

    target = "merged_id"
    own_head = "This record: kept"
    other_head = "The other record: merged"
    asks = (
        "Nothing is merged yet. Are these two records one person’s? If they are, send this page "
        "once more."
    )


class TwoPersonsForm(ResemblingForm):
    """Another patient, who is another person."""

    target = "resembles_id"
    asks = (
        "Nothing is decided yet. Are these two records those of two persons? If they are, send "
        "this page once more."
    )


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
