"""Admin pages of reminder plans and preferences, and the staff's entry of what a caller wishes."""

from dataclasses import asdict, fields
from typing import Any

from django import forms
from django.contrib import admin

from apps.backoffice.actions import ActionForm, RecordAction, roles_of
from apps.backoffice.records import RecordAdmin
from apps.backoffice.shown import link
from apps.core.call import Call
from apps.core.overtaken import SeenForm
from apps.notices.messages import LANGUAGES
from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.providers.models import Pharmacy, Prescriber
from apps.reminders import preferences, selectors
from apps.reminders.models import Plan, ReminderPreference
from apps.reminders.preferences import Wishes
from apps.rules.obligation import KINDS


class PreferencesForm(SeenForm, ActionForm):
    """All that somebody wishes, as they said on the telephone or in writing."""

    channels = forms.MultipleChoiceField(
        choices=Notice.Channel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Those that come before the others; none: as the policy says.",
    )
    quiet_from = forms.TimeField(required=False, help_text="On the recipient's clock: 21:00.")
    quiet_until = forms.TimeField(required=False)
    language = forms.ChoiceField(choices=list(LANGUAGES.items()))
    opted_out = forms.MultipleChoiceField(
        label="Not to be reminded of",
        choices=[(kind, kind.replace("_", " ")) for kind in KINDS],
        required=False,
        help_text="Only what the policy calls optional is accepted.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.record is not None:
            self.begin_with(asdict(Wishes.of(selectors.wishes_of(self.record.pk))))


def _set(call: Call, owner: Any, entered: dict[str, Any]) -> ReminderPreference:
    wishes = Wishes(**{each.name: entered[each.name] for each in fields(Wishes)})
    said: dict[str, Any] = {"wishes": wishes, "seen": entered["seen"]}
    if isinstance(owner, Patient):
        return preferences.set_patient_preferences(call, patient_id=owner.pk, **said)
    if isinstance(owner, Prescriber):
        return preferences.set_prescriber_preferences(call, prescriber_id=owner.pk, **said)
    if isinstance(owner, Pharmacy):
        return preferences.set_pharmacy_preferences(call, pharmacy_id=owner.pk, **said)
    raise TypeError(f"Nobody reminds a {type(owner).__name__}.")


PREFERENCES = RecordAction(
    name="reminders",
    label="Set how they are reminded",
    explanation=(
        "What they wish, after you verified who says so. Reminders that matter for safety are "
        "sent all the same. What is planned is planned anew."
    ),
    form=PreferencesForm,
    roles=roles_of(
        preferences.set_patient_preferences,
        preferences.set_prescriber_preferences,
        preferences.set_pharmacy_preferences,
    ),
    carry_out=_set,
    done="The preferences are recorded.",
)


@admin.register(Plan)
class PlanAdmin(RecordAdmin[Plan]):
    """How far each patient's and pharmacy's reminders are planned."""

    patient = "patient_id"
    list_display = (
        link("patient", "patient"),
        link("pharmacy", "pharmacy"),
        "planned_at",
        "planned_for",
        "replan_at",
    )
    list_display_links = ("planned_at",)
    list_select_related = ("patient", "pharmacy")
    list_filter = ("planned_at",)
    ordering = ("-planned_at",)
    search_fields = ("patient__given_name", "patient__family_name", "pharmacy__name")
    ids = ("patient__id", "pharmacy__id")
    search_help_text = "The patient's or pharmacy's name or id."


@admin.register(ReminderPreference)
class ReminderPreferenceAdmin(RecordAdmin[ReminderPreference]):
    """How patients, prescribers and pharmacies wish to be reminded."""

    patient = "patient_id"
    list_display = (
        "set_at",
        link("patient", "patient"),
        link("prescriber", "prescriber"),
        link("pharmacy", "pharmacy"),
        "channels",
        "language",
    )
    list_select_related = ("patient", "prescriber", "pharmacy")
    list_filter = ("language", "set_at")
    ordering = ("-set_at",)
    search_fields = (
        "patient__given_name",
        "patient__family_name",
        "prescriber__family_name",
        "pharmacy__name",
    )
    ids = ("patient__id", "prescriber__id", "pharmacy__id")
    search_help_text = "The patient's, prescriber's or pharmacy's name or id."
