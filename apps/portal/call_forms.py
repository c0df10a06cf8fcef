"""The forms of the call center: whom somebody speaks about, and who they are."""

from typing import Any

from django import forms

from apps.evidence.models import Intake
from apps.oversight.callers import NOT_VERIFIED, SIDES
from apps.portal.fields import MemorableDateField
from apps.portal.forms import PortalForm

AT_HAND = "at_hand"
VERIFICATIONS = [
    ("", "Choose"),
    *Intake.Verification.choices,
    (AT_HAND, "Not by phone: the fax or paper is at hand"),
    (NOT_VERIFIED, "The caller could NOT be verified"),
]


class FindForm(PortalForm):
    """One of three ways to find whom a caller speaks about."""

    number = forms.CharField(
        label="Authorization or confirmation number",
        max_length=20,
        required=False,
        help_text="With or without its hyphens.",
    )
    name = forms.CharField(
        label="Or: patient’s name", max_length=120, required=False, help_text="All or part of it."
    )
    born_on = MemorableDateField(label="Patient’s date of birth, with the name", required=False)
    npi = forms.CharField(
        label="Or: NPI of a prescriber or pharmacy, or NCPDP id", max_length=12, required=False
    )

    def clean(self) -> dict[str, Any]:
        """One way is needed; a name needs its date of birth."""
        typed = super().clean() or {}
        if not self.errors and not any(typed[each] for each in ("number", "name", "npi")):
            self.add_error("number", "Enter a number, a name with the date of birth, or an NPI.")
        elif typed.get("name") and not (typed.get("born_on") or "born_on" in self.errors):
            self.add_error("born_on", "Ask for the date of birth: a name alone finds nobody.")
        return typed


class ContactForm(PortalForm):
    """Who speaks, through what, and how you know."""

    channel = forms.ChoiceField(
        label="It comes by", choices=Intake.Channel.choices, widget=forms.RadioSelect
    )
    told_by = forms.ChoiceField(label="Who speaks", choices=SIDES, widget=forms.RadioSelect)
    told_by_name = forms.CharField(label="Their name", max_length=120)
    verification = forms.ChoiceField(label="How you verified that", choices=VERIFICATIONS)
    note = forms.CharField(
        label="Note",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_verification(self) -> str:
        """How it was verified; nothing where no caller speaks."""
        said: str = self.cleaned_data["verification"]
        return "" if said == AT_HAND else said
