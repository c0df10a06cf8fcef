"""What the office does for one patient on the patient's page: contact, death, withdrawal, guardian.

One service an action; nothing is decided here.
"""

from typing import Any, Final

from django import forms

from apps.backoffice.actions import ActionForm, ReasonForm, RecordAction, roles_of
from apps.backoffice.instants import DayInput
from apps.core.call import Call
from apps.core.overtaken import SeenForm
from apps.core.zones import US_ZONES
from apps.evidence import services as evidence
from apps.evidence.models import TherapyEvent
from apps.patients import reaching, services
from apps.patients.models import Patient, Representative, UndeliverableAddress
from apps.patients.selectors import contact_of
from apps.rules.policy import programs


class SaidForm(ReasonForm):
    """What somebody told of a patient: the day, who said so, why."""

    field_order = ("program", "happened_on", "said_by", "reason")

    happened_on = forms.DateField(label="On which day", widget=DayInput)
    said_by = forms.CharField(
        label="Who said so", max_length=200, help_text="Name and relation; how you verified it."
    )


class LeavingForm(SaidForm):
    """A withdrawal is one from a program."""

    program = forms.ChoiceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        program = self.fields["program"]
        if isinstance(program, forms.ChoiceField):
            program.choices = [(name, name) for name in programs()]


class ContactForm(SeenForm, ActionForm):
    """How a patient is reached, as it will be."""

    postal_code = forms.CharField(label="ZIP code", max_length=10)
    phone = forms.CharField(max_length=30, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    time_zone = forms.ChoiceField(choices=list(US_ZONES.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.record, Patient):
            self.begin_with(contact_of(self.record))
            zone, zones = self.record.time_zone, self.fields["time_zone"]
            if isinstance(zones, forms.ChoiceField) and zone not in US_ZONES:
                zones.choices = [(zone, zone), *US_ZONES.items()]


class RepresentativeForm(ActionForm):
    """Who speaks for a patient."""

    kind = forms.ChoiceField(choices=Representative.Kind.choices)
    name = forms.CharField(max_length=120)
    relationship = forms.CharField(max_length=60)
    phone = forms.CharField(max_length=30, required=False)
    email = forms.EmailField(label="E-mail", required=False)


class UndeliverableForm(ActionForm):
    """Which address reached nobody, and how that was found out."""

    kind = forms.ChoiceField(label="Which address", choices=UndeliverableAddress.Kind.choices)
    finding = forms.CharField(label="How it was found out", widget=forms.Textarea, max_length=400)


def _without_key(entered: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entered.items() if name != "submission"}


def _died(call: Call, patient: Patient, entered: dict[str, Any]) -> TherapyEvent:
    return evidence.record_death(call, patient_id=patient.pk, **_without_key(entered))


def _left(call: Call, patient: Patient, entered: dict[str, Any]) -> TherapyEvent:
    return evidence.withdraw_from_program(call, patient_id=patient.pk, **_without_key(entered))


def _contact(call: Call, patient: Patient, entered: dict[str, Any]) -> Patient:
    return services.correct_contact(call, patient_id=patient.pk, **_without_key(entered))


def _representative(call: Call, patient: Patient, entered: dict[str, Any]) -> Representative:
    return reaching.name_representative(call, patient_id=patient.pk, **_without_key(entered))


def _undeliverable(call: Call, patient: Patient, entered: dict[str, Any]) -> UndeliverableAddress:
    return reaching.record_undeliverable(call, patient_id=patient.pk, **_without_key(entered))


OF_PATIENTS: Final = (
    RecordAction(
        name="contact",
        label="Correct how the patient is reached",
        explanation=(
            "What was on record stays in the history. An address that reached nobody is settled "
            "when another one is entered."
        ),
        form=ContactForm,
        roles=roles_of(services.correct_contact),
        carry_out=_contact,
        done="The contact data are corrected.",
    ),
    RecordAction(
        name="undeliverable",
        label="Record an address that reaches nobody",
        explanation="It waits on the office's list until another address is on record.",
        form=UndeliverableForm,
        roles=roles_of(reaching.record_undeliverable),
        carry_out=_undeliverable,
        done="The address is on the list.",
    ),
    RecordAction(
        name="representative",
        label="Name who speaks for the patient",
        explanation="A minor's guardian, or the representative of an adult who cannot consent.",
        form=RepresentativeForm,
        roles=roles_of(reaching.name_representative),
        carry_out=_representative,
        done="The person is named.",
    ),
    RecordAction(
        name="leave",
        label="Record a withdrawal from the program",
        explanation=(
            "The patient leaves a program: an open authorization and its confirmation are void, "
            "and reminders end, but for what outlives therapy. A new agreement enrolls again."
        ),
        form=LeavingForm,
        roles=roles_of(evidence.withdraw_from_program),
        carry_out=_left,
        done="The withdrawal is recorded.",
    ),
    RecordAction(
        name="death",
        label="Record a death",
        explanation=(
            "In every program an open authorization and its confirmation are void, and all "
            "reminders end. The reason is the cause, as far as it is known."
        ),
        form=SaidForm,
        roles=roles_of(evidence.record_death),
        carry_out=_died,
        done="The death is recorded.",
    ),
)
