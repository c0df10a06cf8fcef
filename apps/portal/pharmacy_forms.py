"""The pharmacy's forms: check eligibility, get a confirmation, dispense."""

from datetime import date
from typing import Any, Final

from django import forms

from apps.accounts.models import User
from apps.core import numbers
from apps.core.checks import one_line
from apps.core.errors import InvalidRequest
from apps.core.overtaken import PageForm
from apps.patients.models import RiskCategory
from apps.portal.access import PortalRequest
from apps.portal.fields import MemorableDateField
from apps.portal.forms import EveryItemField, PortalForm
from apps.portal.signing import Signed
from apps.prescriptions.models import Confirmation
from apps.rules.documents import Document

MISTYPED = (
    "This is not a number of an authorization: a character is wrong or missing. Compare it with "
    "the prescription."
)
KEEP: Final = "keep"
"""Sent by the second button of a dispense: keep the package for whoever signs it."""
PREPARED: Final = ("quantity", "days_supply", "counselor", "lot_number", "ndc")
"""What of a dispense another may prepare; the checklist is the pharmacist's own."""
TYPED: Final = ("counselor", "lot_number", "ndc")
"""What of it is empty at first, in the order of the page."""


class NdcField(forms.RegexField):
    """The National Drug Code of a package, in any of the ways in which bottles bear it."""

    def __init__(self) -> None:
        super().__init__(
            label="NDC",
            help_text="As on the bottle, for example 59572-0425-21.",
            regex=r"^[0-9]{4,5}-[0-9]{3,4}-[0-9]{1,2}$|^[0-9]{10,11}$",
            max_length=13,
            error_messages={
                "invalid": "Enter the NDC as on the bottle, for example 59572-0425-21."
            },
            widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        )


class CheckForm(PortalForm):
    """What the pharmacist reads on the prescription (L-DSP-1)."""

    number = forms.CharField(
        label="Authorization number",
        help_text="Twelve characters, such as K7QM-2XRT-9HW4. Capitals and hyphens do not matter.",
        max_length=30,
        widget=forms.TextInput(
            attrs={
                "class": "rp-width-number",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
    born_on = MemorableDateField(label="Patient’s date of birth")
    risk_category = forms.ChoiceField(
        label="Risk category on the prescription",
        choices=RiskCategory.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if not self.is_bound:
            self.fields["number"].widget.attrs["autofocus"] = True

    def clean_number(self) -> str:
        """The number as stored; a mistyped one is told apart by its check character alone."""
        number = numbers.normalize(self.cleaned_data["number"])
        if not numbers.is_valid(number, numbers.AUTHORIZATION):
            if numbers.is_valid(number, numbers.CONFIRMATION):
                raise forms.ValidationError(
                    "This is a confirmation’s number. Enter the authorization’s, which stands on "
                    "the prescription."
                )
            raise forms.ValidationError(MISTYPED)
        return number

    def clean_born_on(self) -> date:
        """A date of birth lies in the past."""
        born_on: date = self.cleaned_data["born_on"]
        if born_on > self.today:
            raise forms.ValidationError("The date of birth cannot lie in the future.")
        return born_on


class ConfirmForm(PortalForm):
    """How the supply leaves, and for how many days (L-DSP-2)."""

    handover = forms.ChoiceField(
        label="How does the patient get it?",
        choices=[
            (Confirmation.Handover.PICKUP.value, "Pick-up at the pharmacy"),
            (Confirmation.Handover.SHIP.value, "Shipment"),
        ],
        initial=Confirmation.Handover.PICKUP.value,
        widget=forms.RadioSelect,
    )
    days_supply = forms.IntegerField(
        label="Days’ supply",
        help_text="Calendar days covered, rest days included. Fewer than authorized may be "
        "dispensed; the rest is forfeited.",
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "rp-width-4"}),
    )


class DispenseForm(PageForm, PortalForm):
    """What is handed over, who counseled, and the category's checklist (L-DSP-6).

    What stands there already comes before the first empty field, which has the focus: who works by
    keyboard passes it by.
    """

    quantity = forms.IntegerField(
        label="Quantity (capsules)",
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "rp-width-4"}),
    )
    days_supply = forms.IntegerField(
        label="Days’ supply",
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "rp-width-4"}),
    )
    counselor = forms.ChoiceField(
        label="Pharmacist who counseled",
        help_text="A pharmacist counsels and answers for the checklist; a technician does not.",
    )
    lot_number = forms.CharField(
        label="Lot number", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    ndc = NdcField()
    checklist = EveryItemField(label="Counseling checklist")

    def __init__(
        self,
        *args: Any,
        checklist: Document,
        pharmacists: list[str],
        authorized: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.authorized = authorized
        self.fields["checklist"].choices = [  # type: ignore[attr-defined]
            (item.code, item.text) for item in checklist.items
        ]
        is_sent = self.is_bound and KEEP not in self.data
        self.goes_with({"checklist": checklist.version}, is_sent=is_sent)
        names = [(name, name) for name in pharmacists]
        self.fields["counselor"].choices = [  # type: ignore[attr-defined]
            ("", "Choose the pharmacist"),
            *names,
        ]
        if not self.is_bound:
            to_fill = (name for name in TYPED if not self.initial.get(name))
            # Of a package that is prepared, everything is checked from the top.
            self.fields[next(to_fill, "quantity")].widget.attrs["autofocus"] = True

    def clean_quantity(self) -> int:
        """Not more capsules than were authorized: told before anybody signs for them."""
        quantity: int = self.cleaned_data["quantity"]
        if quantity > self.authorized:
            raise forms.ValidationError(f"From 1 to the {self.authorized} capsules authorized.")
        return quantity

    def clean_lot_number(self) -> str:
        """One line of text: told before anybody signs for it."""
        lot_number: str = self.cleaned_data["lot_number"]
        try:
            one_line(lot_number=lot_number)
        except InvalidRequest as error:
            raise forms.ValidationError(error.fields["lot_number"]) from error
        return lot_number


class SignedDispenseForm(Signed, DispenseForm):
    """The same with the signature of the pharmacist who counseled, at whoever's screen.

    Who is signed in goes on with the own period of signing; another pharmacist gives everything.
    """

    meaning = "sign this counseling checklist as the pharmacist who counseled"

    def __init__(
        self, *args: Any, request: PortalRequest, people: list[User], **kwargs: Any
    ) -> None:
        # The person signed in first: of two with one name, the other has a screen of their own.
        people = sorted(people, key=lambda each: (each == request.user, each.pk))
        self.by_name = {str(each): each for each in people}
        super().__init__(*args, request=request, pharmacists=sorted(self.by_name), **kwargs)

    @property
    def is_to_be_kept(self) -> bool:
        """Whether it was sent to be kept for whoever signs it, and not to be signed."""
        return KEEP in self.data

    def must_be_signed(self) -> bool:
        """A package that is only kept is not signed."""
        return not self.is_to_be_kept

    def clean(self) -> dict[str, Any]:
        """What is only kept may have gaps; what is wrong in it is told to whoever typed it."""
        if self.is_to_be_kept:
            gaps = (name for name in PREPARED if not self.sent().get(name, "").strip())
            for name in ("checklist", *gaps):
                self.errors.pop(name, None)
        return super().clean()

    def who_signs(self) -> User | None:
        """The pharmacist who is chosen; nobody while none is."""
        return self.by_name.get(str(self["counselor"].value() or ""))
