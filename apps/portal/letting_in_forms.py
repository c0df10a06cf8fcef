"""Whom a one-time code is for, for what, how it reaches them, how they were identified."""

from typing import Any

from django import forms

from apps.patients.models import Patient, PatientCode, Representative
from apps.portal.forms import PortalForm

OWN, SPEAKS = "patient", "representative"
WAYS = {
    PatientCode.Way.SHOWN: "I tell or hand it over: show it to me, once",
    PatientCode.Way.EMAIL: "By e-mail to {address}",
}


class LetInForm(PortalForm):
    """One code."""

    purpose = forms.ChoiceField(
        label="What is the code for?",
        choices=[
            (PatientCode.Purpose.ENTER, "To come into their own pages"),
            (PatientCode.Purpose.SIGN, "To sign there: they are in already, and have no e-mail"),
        ],
        initial=PatientCode.Purpose.ENTER,
        widget=forms.RadioSelect,
    )
    person = forms.ChoiceField(label="Who gets it?", widget=forms.RadioSelect)
    way = forms.ChoiceField(
        label="How does it reach them?",
        help_text="As they wish. If others read their e-mail, tell it to them.",
        widget=forms.RadioSelect,
    )
    identified = forms.ChoiceField(
        label="How do you know who it is?",
        choices=PatientCode.Identified.choices,
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *args: Any,
        patient: Patient,
        speaks: Representative | None,
        prefers_email: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        people = [(OWN, f"{patient}, the patient")]
        if speaks is not None:
            people.append((SPEAKS, f"{speaks}, who speaks for the patient"))
        self._offer("person", people, OWN)
        addresses = {each for each in (patient.email, speaks.email if speaks else "") if each}
        to = " or ".join(sorted(addresses))
        ways: list[tuple[str, str]] = [
            (way, label.format(address=to))
            for way, label in WAYS.items()
            if addresses or way != PatientCode.Way.EMAIL
        ]
        self._offer(
            "identified",
            [
                (code, label)
                for code, label in PatientCode.Identified.choices
                if addresses or code != PatientCode.Identified.ON_RECORD
            ],
            "",
        )
        by_mail = prefers_email and bool(addresses)
        self._offer("way", ways, PatientCode.Way.EMAIL if by_mail else PatientCode.Way.SHOWN)

    def entered(self) -> dict[str, Any]:
        """What the command takes, from a valid form."""
        given = self.cleaned_data
        return {
            "purpose": given["purpose"],
            "way": given["way"],
            "identified": given["identified"],
            "for_representative": given["person"] == SPEAKS,
        }

    def _offer(self, name: str, choices: list[tuple[str, str]], initial: str) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices, field.initial = choices, initial
