"""Admin pages of a wrong name or date of birth: set right by the office, with what shows it."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import admin
from django.utils.formats import date_format

from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.instants import DayInput
from apps.backoffice.naming import BY_PATIENT, NAMES, NUMBERS
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link
from apps.core.call import Call
from apps.core.overtaken import SeenForm
from apps.evidence import services as evidence
from apps.patients import selectors as patients
from apps.patients.models import IdentityCorrection, Patient

WHO: Final = ("given_name", "family_name", "born_on")


class IdentityForm(SeenForm, ReasonForm):
    """Who the patient is. Who resembles the corrected patient is shown first, then it is sent."""

    field_order = (*WHO, "source_document", "reason")

    given_name = forms.CharField(max_length=60)
    family_name = forms.CharField(max_length=60)
    born_on = forms.DateField(label="Date of birth", widget=DayInput)
    source_document = forms.CharField(
        max_length=200,
        help_text="What shows it, and where you saw it: a passport, a birth certificate …",
    )
    looked_at = forms.CharField(required=False, widget=forms.HiddenInput)
    shown: list[UUID]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown = []
        self.begin_with({name: getattr(self.record, name, None) for name in WHO})

    def clean(self) -> dict[str, Any]:
        """Whoever is alike is looked at before the record says so (L-PAT-1)."""
        entered = super().clean() or {}
        looked_at = entered.pop("looked_at", "")
        if not isinstance(self.record, Patient) or any(not entered.get(name) for name in WHO):
            return entered
        who = {name: entered[name] for name in WHO}
        alike = [found.patient for found in patients.resembling(self.record, **who)]
        self.shown = [each.pk for each in alike]
        ids = " ".join(sorted(str(pk) for pk in self.shown))
        if ids != looked_at:
            self.data = {**dict(self.data.items()), "looked_at": ids}
            named = "; ".join(f"{each}, born {date_format(each.born_on)}" for each in alike)
            self.question = (
                f"Nothing is corrected yet. As corrected, the patient resembles: {named}. If one "
                "is the same person, merge the records as well. To correct this one, send the page "
                "once more."
            )
        return entered

    def patients_offered(self) -> list[UUID]:
        """Those who are named here."""
        return [*super().patients_offered(), *self.shown]


def _is_kept(patient: Patient) -> bool:
    return patient.merged_into_id is None


def _correct(call: Call, patient: Patient, entered: dict[str, Any]) -> IdentityCorrection:
    given = {name: value for name, value in entered.items() if name != "submission"}
    return evidence.correct_identity(call, patient_id=patient.pk, **given)


CORRECT_IDENTITY: Final = RecordAction(
    name="identity",
    label="Correct the name or the date of birth",
    explanation=(
        "What was signed keeps its name. The patient, and who speaks for them, enter with a new "
        "one-time code. With another date of birth what is authorized is void, and the prescriber "
        "asks anew; a risk category that does not fit the age blocks until the prescriber changes "
        "it. The prescriber is told that something was corrected."
    ),
    form=IdentityForm,
    roles=roles_of(evidence.correct_identity),
    carry_out=_correct,
    done="The record is corrected.",
    is_possible=_is_kept,
)


@admin.register(IdentityCorrection)
class IdentityCorrectionAdmin(RecordAdmin[IdentityCorrection]):
    """What a patient's name and date of birth were, what they became, who says so and why."""

    patient = "patient_id"
    list_display = (
        "recorded_at",
        link("patient", "patient"),
        "given_name_before",
        "family_name_before",
        "born_on_before",
        "given_name",
        "family_name",
        "born_on",
        "source_document",
    )
    list_select_related = ("patient",)
    list_filter = ("recorded_at",)
    date_hierarchy = "recorded_at"
    ordering = ("-recorded_at",)
    search_fields = (*NAMES, "given_name_before", "family_name_before")
    numbered = NUMBERS
    ids = ("patient__id",)
    search_help_text = BY_PATIENT

    def others_on(self, record: IdentityCorrection) -> list[UUID]:
        """Whom the corrected patient resembled."""
        return [record.patient_id, *record.resembled]
