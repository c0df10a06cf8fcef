"""The form that asks for an authorization: survey, prescription, and what is still missing.

What the record shows is never asked again.
"""

from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator

from apps.portal.forms import EveryItemField
from apps.portal.missing_forms import MAY_WAIT, TITLES, Lacking, MissingForm
from apps.rules.documents import Item
from apps.rules.edition import Policy

PRESCRIPTION = ("product", "strength_mg", "days_supply", "quantity", "directions", "indication")


class AuthorizationForm(MissingForm):
    """What is prescribed, the prescriber's survey (L-SUR-1, L-AUT-5), and what the record lacks."""

    asks_for: ClassVar = {
        "days_supply": "L-AUT-5",
        "survey": "L-SUR-1",
        "topics": "L-SUR-4",
        "promises": "L-CON-6",
    }

    product = forms.ChoiceField(label="Product")
    strength_mg = forms.ChoiceField(label="Strength", widget=forms.RadioSelect)
    days_supply = forms.IntegerField(
        label="Days’ supply",
        help_text="Calendar days covered, rest days included: 21 capsules in a 28-day cycle are "
        "28 days.",
        min_value=1,
        max_value=999,
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
        survey: tuple[Item, ...],
        lacking: Lacking,
        on_record: str = "",
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
        self.ask_for(lacking)
        self.fields["survey"] = EveryItemField(
            label="Prescriber survey: I attest each point",
            choices=[(item.code, item.text) for item in survey],
            help_text=on_record,
        )

    def groups(self) -> list[dict[str, Any]]:
        """The fields under their headings, in the order in which they are filled in."""
        lacking = [{"title": TITLES[block], "code": block, "fields": [self[n] for n in names],
                    "may_wait": block in MAY_WAIT and not self.lacking.is_all}
                   for block, names in self.blocks.items()]  # fmt: skip
        prescription = {"title": "Prescription", "fields": [self[name] for name in PRESCRIPTION]}
        survey = {"title": "Your survey", "fields": [self["survey"]]}
        return [*lacking, prescription, survey]

    def answers(self) -> dict[str, str]:
        """The prescriber's survey: each point is attested."""
        return dict.fromkeys(self.cleaned_data["survey"], "yes")
