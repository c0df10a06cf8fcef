"""The form that asks for an authorization: survey, prescription, and what is still missing.

What the record shows is never asked again.
"""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator

from apps.portal.evidence_forms import TOPICS, ObligationsForm
from apps.portal.forms import EveryItemField, PortalForm
from apps.rules.documents import Item
from apps.rules.edition import Category, Policy


class AuthorizationForm(PortalForm):
    """What is prescribed, and the prescriber's survey (L-SUR-1, L-AUT-5)."""

    product = forms.ChoiceField(label="Product")
    strength_mg = forms.ChoiceField(label="Strength", widget=forms.RadioSelect)
    days_supply = forms.IntegerField(
        label="Days’ supply",
        help_text="Calendar days covered, rest days included: 21 capsules in a 28-day cycle are "
        "28 days.",
        min_value=1,
        initial=28,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "rp-width-4"}),
    )
    quantity = forms.IntegerField(
        label="Quantity (capsules)",
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "rp-width-4"}),
    )
    directions = forms.CharField(
        label="Directions",
        max_length=400,
        help_text="For example: 1 capsule daily on days 1 to 21 of 28.",
    )
    indication = forms.CharField(
        label="Indication (ICD-10-CM)",
        max_length=10,
        required=False,
        help_text="For example C90.00, multiple myeloma.",
    )

    def __init__(
        self,
        *args: Any,
        policy: Policy,
        category: Category,
        survey: tuple[Item, ...],
        missing: frozenset[str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        products = policy.products.values()
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            (product.code, product.title) for product in products
        ]
        strengths = sorted({mg for product in products for mg in product.strengths_mg})
        self.fields["strength_mg"].choices = [  # type: ignore[attr-defined]
            (f"{mg:g}", f"{mg:g} mg") for mg in strengths
        ]
        maximum = policy.parameters.days_supply_max
        self.fields["days_supply"].max_value = maximum  # type: ignore[attr-defined]
        self.fields["days_supply"].validators.append(MaxValueValidator(maximum))
        if "L-SUR-4" in missing:
            self._ask_counseling()
        if "L-CON-6" in missing:
            self._ask_obligations(category)
        self.fields["survey"] = EveryItemField(
            label="Prescriber survey: I attest each point",
            choices=[(item.code, item.text) for item in survey],
        )

    def _ask_counseling(self) -> None:
        self.fields["topics"] = forms.MultipleChoiceField(
            label="Counseling given today for this supply",
            help_text="No counseling is on record for it: tick what you told the patient.",
            choices=TOPICS,
            widget=forms.CheckboxSelectMultiple,
        )

    def _ask_obligations(self, category: Category) -> None:
        names = ["no_blood_donation", "no_sharing"]
        if not category.female:
            names += ["condom", "abstinence", "no_sperm_donation"]
        promises = [(name, ObligationsForm.base_fields[name].label or name) for name in names]
        self.fields["promises"] = forms.MultipleChoiceField(
            label="What the patient promises today",
            help_text="No complete attestation is on record.",
            choices=promises,
            widget=forms.CheckboxSelectMultiple,
        )

    def answers(self) -> dict[str, str]:
        """The prescriber's survey: each point is attested."""
        return dict.fromkeys(self.cleaned_data["survey"], "yes")

    def promised(self) -> dict[str, Any]:
        """The obligations that the patient attests with this request."""
        names = ("condom", "abstinence", "no_sperm_donation", "no_blood_donation", "no_sharing")
        return {name: name in self.cleaned_data["promises"] for name in names}
