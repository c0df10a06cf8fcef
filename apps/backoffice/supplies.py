"""What the office may record about a dispense: how its supply ended, its shipment, late entries."""

from typing import Any, cast

from django import forms

from apps.backoffice.actions import ReasonForm, RecordAction, roles_of
from apps.backoffice.instants import DayInput, InstantField
from apps.backoffice.signing import SignedReasonForm
from apps.core import clock
from apps.core.call import Call
from apps.core.overtaken import SeenForm
from apps.eligibility import services as eligibility
from apps.eligibility.services.shipping import OUTCOMES
from apps.patients.models import Patient, RiskCategory
from apps.prescriptions.models import Confirmation, Dispense, Outage, Shipment, SupplyStop
from apps.prescriptions.selectors import package_of, traced_by
from apps.providers.models import Pharmacy
from apps.rules.documents import document
from apps.rules.policy import policy_in_force, programs


class StopForm(ReasonForm):
    """How and when a supply ended."""

    field_order = ("kind", "stopped_on", "reason")

    kind = forms.ChoiceField(label="What became of it", choices=SupplyStop.Kind.choices)
    stopped_on = forms.DateField(label="Day", widget=DayInput)


class ShipmentForm(ReasonForm):
    """What a carrier took."""

    field_order = ("carrier", "tracking_number", "left_at")

    carrier = forms.CharField(max_length=80)
    tracking_number = forms.CharField(max_length=80)
    left_at = InstantField(
        label="It left at",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"]


class CorrectShipmentForm(SeenForm, ReasonForm):
    """A slip in what a shipment is traced by, set right."""

    field_order = ("carrier", "tracking_number", "reason")

    carrier = forms.CharField(max_length=80)
    tracking_number = forms.CharField(max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begin_with(traced_by(getattr(self.record, "shipment", None)))


class CorrectPackageForm(SeenForm, ReasonForm):
    """A slip in lot number or NDC, set right."""

    field_order = ("lot_number", "ndc", "reason")

    lot_number = forms.CharField(max_length=40)
    ndc = forms.CharField(label="NDC", max_length=13)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.record, Dispense):
            self.begin_with(package_of(self.record))


class OutcomeForm(ReasonForm):
    """How a shipment ended."""

    field_order = ("outcome", "happened_at")

    outcome = forms.ChoiceField(
        label="How it ended", choices=[(code, code.replace("_", " ")) for code in OUTCOMES]
    )
    happened_at = InstantField(
        label="When",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"]


class LateDispenseForm(SignedReasonForm):
    """What the paper record of a dispense says, signed by who enters it."""

    meaning = "sign this report of a dispense, and answer for what it says"

    field_order = (
        "program",
        "pharmacy",
        "unknown_pharmacy",
        "number",
        "dispensed_on",
        "dispensed_at",
        "product",
        "strength_mg",
        "days_supply",
        "quantity",
        "handover",
        "lot_number",
        "ndc",
        "counselor",
        "risk_category",
        "is_complete",
        "outage",
        "is_another",
        "reason",
    )

    program = forms.ChoiceField()
    pharmacy = forms.ModelChoiceField(Pharmacy.objects.none(), required=False)
    unknown_pharmacy = forms.CharField(
        label="Or a pharmacy that is not in the program",
        max_length=200,
        required=False,
        help_text="Its name and place.",
    )
    number = forms.CharField(
        label="Authorization number",
        max_length=40,
        required=False,
        help_text="As it stands on the record, if it does.",
    )
    dispensed_on = forms.DateField(
        label="Day", widget=DayInput, required=False, help_text="If the time is not known."
    )
    dispensed_at = InstantField(
        label="Or day and time",
        required=False,
    )
    product = forms.ChoiceField()
    strength_mg = forms.DecimalField(label="Strength (mg)", max_digits=6, decimal_places=2)
    days_supply = forms.IntegerField(label="Days’ supply", min_value=1, max_value=999)
    quantity = forms.IntegerField(label="Quantity (capsules)", min_value=1, max_value=9999)
    handover = forms.ChoiceField(choices=Confirmation.Handover.choices)
    lot_number = forms.CharField(max_length=40, required=False)
    ndc = forms.CharField(label="NDC", max_length=13, required=False)
    counselor = forms.CharField(max_length=120, required=False)
    risk_category = forms.ChoiceField(
        label="Risk category on the prescription",
        choices=[("", "Not known"), *RiskCategory.choices],
        required=False,
    )
    is_complete = forms.BooleanField(
        label="The category’s whole counseling checklist was done, and the Medication Guide given",
        required=False,
        help_text="Only if the record says so.",
    )
    outage = forms.ModelChoiceField(Outage.objects.none(), required=False)
    is_another = forms.BooleanField(
        label="It is another dispense than one of that day that is recorded already",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = clock.now()
        products = {
            product for name in programs() for product in policy_in_force(name, now).products
        }
        _choices(self.fields["program"], programs())
        _choices(self.fields["product"], sorted(products))
        pharmacy, outage = self.fields["pharmacy"], self.fields["outage"]
        cast("Any", pharmacy).queryset = Pharmacy.objects.order_by("name")
        cast("Any", outage).queryset = Outage.objects.order_by("-from_at")

    def clean(self) -> dict[str, Any]:
        """A checklist is one category's: done as a whole, it must be known which."""
        entered = super().clean() or {}
        if entered.get("is_complete") and not entered.get("risk_category"):
            self.add_error("risk_category", "Say the category whose checklist was done.")
        return entered


def _choices(field: forms.Field, names: Any) -> None:
    cast("forms.ChoiceField", field).choices = [(name, name) for name in names]


def _stop(call: Call, made: Dispense, entered: dict[str, Any]) -> SupplyStop:
    return eligibility.stop_supply(
        call,
        dispense_id=made.pk,
        kind=entered["kind"],
        stopped_on=entered["stopped_on"],
        reason=entered["reason"],
    )


def _ship(call: Call, made: Dispense, entered: dict[str, Any]) -> Shipment:
    return eligibility.record_shipment(
        call,
        dispense_id=made.pk,
        carrier=entered["carrier"],
        tracking_number=entered["tracking_number"],
        left_at=entered["left_at"],
    )


def _correct_package(call: Call, made: Dispense, entered: dict[str, Any]) -> Dispense:
    return eligibility.correct_package(
        call,
        dispense_id=made.pk,
        lot_number=entered["lot_number"],
        ndc=entered["ndc"],
        reason=entered["reason"],
        seen=entered["seen"],
    )


def _correct_shipment(call: Call, made: Dispense, entered: dict[str, Any]) -> Shipment:
    return eligibility.correct_shipment(
        call,
        dispense_id=made.pk,
        carrier=entered["carrier"],
        tracking_number=entered["tracking_number"],
        reason=entered["reason"],
        seen=entered["seen"],
    )


def _end_shipment(call: Call, made: Dispense, entered: dict[str, Any]) -> Shipment:
    return eligibility.record_shipment_outcome(
        call,
        dispense_id=made.pk,
        outcome=entered["outcome"],
        happened_at=entered["happened_at"],
    )


def _withdraw(call: Call, made: Dispense, entered: dict[str, Any]) -> Dispense:
    return eligibility.withdraw_late_dispense(call, dispense_id=made.pk, reason=entered["reason"])


def _withdraw_end(call: Call, made: Dispense, entered: dict[str, Any]) -> Dispense:
    return eligibility.withdraw_supply_end(call, dispense_id=made.pk, reason=entered["reason"])


def _enter(call: Call, patient: Patient, entered: dict[str, Any]) -> Dispense:
    at, on = entered["dispensed_at"], entered["dispensed_on"]
    program, category, done = entered["program"], entered["risk_category"], entered["is_complete"]
    codes = document(program, "checklist", category).codes if done else frozenset()
    return eligibility.enter_late_dispense(
        call,
        patient_id=patient.pk,
        program=program,
        pharmacy_id=entered["pharmacy"].pk if entered["pharmacy"] else None,
        unknown_pharmacy=entered["unknown_pharmacy"],
        number=entered["number"],
        record=eligibility.LateRecord(
            dispensed_at=at,
            dispensed_on=None if at else on,
            product=entered["product"],
            strength_mg=entered["strength_mg"],
            days_supply=entered["days_supply"],
            quantity=entered["quantity"],
            handover=entered["handover"],
            lot_number=entered["lot_number"],
            ndc=entered["ndc"],
            counselor=entered["counselor"],
            risk_category=category,
            checklist=sorted(codes),
            medication_guide_given=done,
            outage_id=entered["outage"].pk if entered["outage"] else None,
            is_another=entered["is_another"],
            reason=entered["reason"],
        ),
    )


def _may_stop(made: Dispense) -> bool:
    return made.stop_entry is None and made.return_entry is None


def _may_ship(made: Dispense) -> bool:
    return not hasattr(made, "shipment") and made.return_entry is None


def _has_ended(made: Dispense) -> bool:
    return made.stop_entry is not None or made.return_entry is not None


def _is_on_its_way(made: Dispense) -> bool:
    return hasattr(made, "shipment") and made.shipment.outcome_operation_id is None


def _may_be_a_mistake(made: Dispense) -> bool:
    return made.reported_late and made.withdrawn_at is None


ON_A_DISPENSE = (
    RecordAction(
        name="stop",
        label="Record a lost, destroyed or handed-back supply",
        explanation=(
            "What was left of this supply no longer counts from that day on. A second loss within "
            "six months is recorded here, after talking to the pharmacy. What was handed back is "
            "destroyed, never restocked."
        ),
        form=StopForm,
        roles=roles_of(eligibility.stop_supply),
        carry_out=_stop,
        done="The supply has stopped.",
        is_possible=_may_stop,
    ),
    RecordAction(
        name="ship",
        label="Record its shipment",
        explanation="A shipment that did not leave on the day of its confirmation is a deviation.",
        form=ShipmentForm,
        roles=roles_of(eligibility.record_shipment),
        carry_out=_ship,
        done="The shipment is recorded.",
        is_possible=_may_ship,
    ),
    RecordAction(
        name="correct-package",
        label="Correct its lot number or NDC",
        explanation="What was signed stays beside it; each correction stays in the history.",
        form=CorrectPackageForm,
        roles=roles_of(eligibility.correct_package),
        carry_out=_correct_package,
        done="Lot number and NDC are corrected.",
        is_possible=lambda made: made.withdrawn_at is None,
    ),
    RecordAction(
        name="correct-shipment",
        label="Correct its shipment",
        explanation="Carrier and tracking number. What stands there now stays in the history.",
        form=CorrectShipmentForm,
        roles=roles_of(eligibility.correct_shipment),
        carry_out=_correct_shipment,
        done="The shipment is corrected.",
        is_possible=lambda made: hasattr(made, "shipment"),
    ),
    RecordAction(
        name="end-shipment",
        label="Record how its shipment ended",
        explanation="What was lost or brought back never reached the patient: the supply stops.",
        form=OutcomeForm,
        roles=roles_of(eligibility.record_shipment_outcome),
        carry_out=_end_shipment,
        done="How the shipment ended is recorded.",
        is_possible=_is_on_its_way,
    ),
    RecordAction(
        name="withdraw",
        label="Withdraw this late entry",
        explanation=(
            "For a late entry that was a mistake. It stays on record and is no supply any more; "
            "the authorization that it named stays used, but for the right entry of that dispense."
        ),
        form=ReasonForm,
        roles=roles_of(eligibility.withdraw_late_dispense),
        carry_out=_withdraw,
        done="The entry is withdrawn.",
        is_possible=_may_be_a_mistake,
    ),
    RecordAction(
        name="withdraw-end",
        label="Withdraw its return to stock, or its end",
        explanation=(
            "For a return, a loss or another end of this supply that was recorded by mistake, or a "
            "lost shipment that arrived after all. The entry stays on record; the supply counts "
            "again, and what really became of it can be recorded."
        ),
        form=ReasonForm,
        roles=roles_of(eligibility.withdraw_supply_end),
        carry_out=_withdraw_end,
        done="The entry is withdrawn: the supply counts again.",
        is_possible=_has_ended,
    ),
)

ENTER_LATE_DISPENSE = RecordAction(
    name="late-dispense",
    label="Enter a late dispense",
    explanation=(
        "A dispense that was not recorded when it happened: an outage, a paper record, a pharmacy "
        "outside the program. It is stored whatever rule it broke, and counts as supply; each rule "
        "that it broke becomes a deviation."
    ),
    form=LateDispenseForm,
    roles=roles_of(eligibility.enter_late_dispense),
    carry_out=_enter,
    done="The late dispense is recorded.",
)
