"""The pharmacy's forms about a supply: returned, stopped, shipped, reported late."""

from collections.abc import Sequence
from typing import Any

from django import forms

from apps.core.overtaken import SeenForm
from apps.patients.models import RiskCategory
from apps.portal.evidence_forms import ReasonForm
from apps.portal.fields import InstantField, MemorableDateField
from apps.portal.forms import PortalForm
from apps.portal.pharmacy_forms import CheckForm, NdcField
from apps.portal.signing import Signed
from apps.prescriptions.models import Confirmation, Dispense, Outage, Shipment, SupplyStop
from apps.prescriptions.selectors import package_of, traced_by
from apps.rules.edition import Product

NUMERIC = {"inputmode": "numeric", "class": "rp-width-4"}


class StockForm(ReasonForm):
    """A return to stock: the pharmacy says that the drug never left (L-DSP-7)."""

    field_order = ("never_left_premises", "reason")

    never_left_premises = forms.BooleanField(
        label="It never left the pharmacy: nobody took it away, and no carrier had it",
        error_messages={
            "required": "Tick this if it is so. What left the pharmacy is destroyed, never "
            "restocked: record it as handed back."
        },
    )


class StopForm(ReasonForm):
    """What became of what was left of a supply (L-DSP-5)."""

    field_order = ("kind", "stopped_on", "reason")

    kind = forms.ChoiceField(
        label="What became of it?",
        choices=SupplyStop.Kind.choices,
        widget=forms.RadioSelect,
    )
    stopped_on = MemorableDateField(label="On which day?")


class ShipmentForm(PortalForm):
    """What a carrier took (L-DSP-9)."""

    carrier = forms.CharField(label="Carrier", max_length=80)
    tracking_number = forms.CharField(
        label="Tracking number",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    left_at = InstantField(label="When did it leave?")


class CorrectShipmentForm(SeenForm, ReasonForm):
    """A slip in what a shipment is traced by, set right (L-DSP-9)."""

    field_order = ("carrier", "tracking_number", "reason")

    carrier = forms.CharField(label="Carrier", max_length=80)
    tracking_number = forms.CharField(
        label="Tracking number",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, shipment: Shipment | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begin_with(traced_by(shipment))


class CorrectPackageForm(SeenForm, ReasonForm):
    """A slip in what a recall finds a dispense by, set right (L-SRC-3)."""

    field_order = ("lot_number", "ndc", "reason")

    lot_number = forms.CharField(
        label="Lot number", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    ndc = NdcField()

    def __init__(self, *args: Any, made: Dispense, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begin_with(package_of(made))


class OutcomeForm(PortalForm):
    """How a shipment ended (L-DSP-9)."""

    outcome = forms.ChoiceField(
        label="How did it end?",
        choices=[
            ("delivered", "Delivered"),
            ("lost", "Lost by the carrier"),
            ("came_back", "Brought back by the carrier"),
        ],
        widget=forms.RadioSelect,
    )
    happened_at = InstantField(label="When?")


class LateDispenseForm(Signed, CheckForm):
    """What the paper record of a dispense says, signed by who enters it (L-DSP-8)."""

    meaning = "sign this report of a dispense, and answer for what it says"

    dispensed_at = InstantField(label="When was it handed over or shipped?", required=False)
    dispensed_on = MemorableDateField(
        label="If only the day is known: on which day?", required=False
    )
    product = forms.ChoiceField(label="Product")
    strength_mg = forms.DecimalField(
        label="Strength (mg)",
        max_digits=6,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "rp-width-4"}),
    )
    quantity = forms.IntegerField(
        label="Quantity (capsules)",
        min_value=1,
        max_value=9999,
        widget=forms.TextInput(attrs=NUMERIC),
    )
    days_supply = forms.IntegerField(
        label="Days’ supply",
        min_value=1,
        max_value=999,
        widget=forms.TextInput(attrs=NUMERIC),
    )
    handover = forms.ChoiceField(
        label="How did the patient get it?",
        choices=[
            (Confirmation.Handover.PICKUP.value, "Pick-up at the pharmacy"),
            (Confirmation.Handover.SHIP.value, "Shipment"),
        ],
        widget=forms.RadioSelect,
    )
    lot_number = forms.CharField(label="Lot number, if known", max_length=40, required=False)
    ndc = forms.CharField(label="NDC, if known", max_length=13, required=False)
    counselor = forms.ChoiceField(
        label="Pharmacist who counseled, if known",
        help_text="A pharmacist says so, not a technician. Without a trained pharmacist of this "
        "pharmacy the record is incomplete, and the program’s staff look into it. Name anybody "
        "else in the reason.",
        required=False,
    )
    is_complete = forms.BooleanField(
        label="The category’s whole counseling checklist was done, and the Medication Guide given",
        required=False,
    )
    outage = forms.ChoiceField(label="In which outage, if in one?", required=False)
    is_another = forms.BooleanField(
        label="It is another dispense than one of that day that is recorded already",
        required=False,
    )
    reason = forms.CharField(
        label="Why was it not recorded then?",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        *args: Any,
        products: Sequence[Product],
        counselors: Sequence[str],
        outages: Sequence[Outage],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["risk_category"].choices = RiskCategory.choices  # type: ignore[attr-defined]
        self.fields["product"].choices = [  # type: ignore[attr-defined]
            (product.code, product.title) for product in products
        ]
        self.fields["counselor"].choices = [  # type: ignore[attr-defined]
            ("", "Not known, or somebody else"),
            *((name, name) for name in counselors),
        ]
        self.fields["outage"].choices = [  # type: ignore[attr-defined]
            ("", "In none"),
            *((str(outage.pk), f"{outage}: {outage.description}"[:120]) for outage in outages),
        ]
