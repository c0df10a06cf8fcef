"""Forms of changing a category, telling of therapy, naming who speaks, and correcting contact.

They ask about organs and menses, never for a category, as enrolling does.
"""

from datetime import date
from typing import Any

from django import forms

from apps.core.overtaken import SeenForm
from apps.core.zones import US_ZONES
from apps.patients.models import Patient, Representative
from apps.patients.selectors import contact_of
from apps.portal.enrollment_forms import BodyForm
from apps.portal.fields import MemorableDateField
from apps.portal.forms import PortalForm


class ChangeForm(BodyForm):
    """What is so now of body and menses, who said so, and why it is changed (L-CAT-3)."""

    said_by = forms.CharField(
        label="Who said so?",
        max_length=200,
        help_text="For example: the patient; the surgeon’s letter of 3 March 2026.",
    )
    reason = forms.CharField(
        label="What has changed, or was wrong?",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SaidForm(PortalForm):
    """What somebody said of a therapy: on which day, who, why."""

    happened_on = MemorableDateField(label="On which day?")
    said_by = forms.CharField(
        label="Who said so?", max_length=200, help_text="For example: the prescriber; a relative."
    )
    reason = forms.CharField(label="Why?", max_length=400, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["happened_on"].initial = today


class RepresentativeForm(PortalForm):
    """Who speaks for a patient (L-CAT-4)."""

    kind = forms.ChoiceField(
        label="As what?", choices=Representative.Kind.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(label="Name", max_length=120)
    relationship = forms.CharField(label="Relationship to the patient", max_length=60)
    phone = forms.CharField(label="Phone", max_length=30, required=False)
    email = forms.EmailField(label="E-mail", required=False)


class ContactForm(SeenForm, PortalForm):
    """How a patient is reached."""

    postal_code = forms.CharField(label="ZIP code", max_length=10)
    phone = forms.CharField(label="Phone", max_length=30, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    time_zone = forms.ChoiceField(label="The patient’s time zone", choices=list(US_ZONES.items()))

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begin_with(contact_of(patient))
        zones = self.fields["time_zone"]
        if isinstance(zones, forms.ChoiceField) and patient.time_zone not in US_ZONES:
            zones.choices = [(patient.time_zone, patient.time_zone), *US_ZONES.items()]
