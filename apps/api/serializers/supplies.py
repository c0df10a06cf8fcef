"""What becomes of a supply, dispenses reported late, requests for exceptions, and outages."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer

from apps.api.fields import (
    AuthorizationNumber,
    Code,
    Codes,
    Day,
    Flag,
    Form,
    Identifier,
    Instant,
    Program,
    Quantity,
    Text,
    Whole,
)
from apps.eligibility.services import LateRecord
from apps.eligibility.services.shipping import OUTCOMES
from apps.evidence.models import ExceptionRequest
from apps.patients.models import RiskCategory
from apps.prescriptions.models import Confirmation, Outage, Shipment, SupplyStop

MOST_DAYS = 999
MOST_CAPSULES = 9999


class StockForm(Form):
    """The return of a dispense to stock: the pharmacy says that it never left."""

    never_left_premises = Flag()
    reason = Text(max_length=400)


class SupplyStopForm(Form):
    """What became of what was left of a supply."""

    kind = Code(choices=SupplyStop.Kind.choices)
    stopped_on = Day(help_text="From the day of the dispense to today, in the program's zone.")
    reason = Text(max_length=400)


class PackageCorrectionForm(Form):
    """By what a recall really finds a dispense."""

    lot_number = Text(max_length=40)
    ndc = Text(max_length=13)
    reason = Text(max_length=400)


class SupplyStopEntry(ModelSerializer[SupplyStop]):
    """A supply that stopped."""

    class Meta:
        model = SupplyStop
        fields = ["id", "dispense", "kind", "stopped_on", "reason", "recorded_at"]


class ShipmentForm(Form):
    """What a carrier took."""

    carrier = Text(max_length=80)
    tracking_number = Text(max_length=80)
    left_at = Instant()


class ShipmentCorrectionForm(Form):
    """By what a shipment is really traced."""

    carrier = Text(max_length=80)
    tracking_number = Text(max_length=80)
    reason = Text(max_length=400)


class OutcomeForm(Form):
    """How a shipment ended."""

    outcome = Code(choices=sorted(OUTCOMES))
    happened_at = Instant()


class ShipmentEntry(ModelSerializer[Shipment]):
    """A shipment; at most one of the last three is set."""

    class Meta:
        model = Shipment
        fields = [
            "id",
            "dispense",
            "carrier",
            "tracking_number",
            "left_at",
            "delivered_at",
            "lost_at",
            "came_back_at",
        ]


RECORD = (
    "product",
    "strength_mg",
    "days_supply",
    "quantity",
    "handover",
    "reason",
    "risk_category",
    "lot_number",
    "ndc",
    "counselor",
    "checklist",
    "medication_guide_given",
    "outage_id",
    "is_another",
)


class LateRecordForm(Form):
    """What a late record says: its instant, or only its day."""

    dispensed_at = Instant(required=False, allow_null=True, default=None)
    dispensed_on = Day(required=False, allow_null=True, default=None)
    product = Text(max_length=40)
    strength_mg = Quantity()
    days_supply = Whole(min_value=1, max_value=MOST_DAYS)
    quantity = Whole(min_value=1, max_value=MOST_CAPSULES)
    handover = Code(choices=Confirmation.Handover.choices)
    reason = Text(max_length=400, help_text="Why it was not recorded then, and from what.")
    risk_category = Code(choices=RiskCategory.choices, required=False, default="")
    lot_number = Text(max_length=40, required=False, allow_blank=True, default="")
    ndc = Text(max_length=13, required=False, allow_blank=True, default="")
    counselor = Text(max_length=120, required=False, allow_blank=True, default="")
    checklist = Codes(required=False, default=list, help_text="The codes that were ticked.")
    medication_guide_given = Flag(required=False, default=False)
    outage_id = Identifier(required=False, allow_null=True, default=None)
    is_another = Flag(
        required=False,
        default=False,
        help_text="It is another dispense than one of that day that is recorded already.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of the command, with the record in one."""
        named = ("dispensed_at", "dispensed_on", *RECORD)
        record = LateRecord(**{name: attrs.pop(name) for name in named})
        return {**attrs, "record": record}


class LateDispenseForm(LateRecordForm):
    """A pharmacy's own late record, of an authorization whose number it has in hand."""

    number = AuthorizationNumber()
    born_on = Day(help_text="The patient's date of birth.")


class StaffLateDispenseForm(LateRecordForm):
    """A late record as the program's staff enter it."""

    program = Program()
    pharmacy_id = Identifier(required=False, allow_null=True, default=None)
    unknown_pharmacy = Text(max_length=200, required=False, allow_blank=True, default="")
    number = Text(max_length=40, required=False, allow_blank=True, default="")


class ExceptionRequestEntry(ModelSerializer[ExceptionRequest]):
    """A request for an exception. Persons request and decide, in the administration."""

    class Meta:
        model = ExceptionRequest
        fields = [
            "id",
            "patient",
            "recorded_at",
            "program",
            "rule",
            "reason",
            "asked_by",
            "expires_at",
            "state",
            "requested_by_id",
            "decided_by_id",
            "decided_at",
            "decision_reason",
        ]


class OutageForm(Form):
    """What has failed, since when."""

    from_at = Instant()
    parts = Codes(help_text=f"Of: {', '.join(Outage.Part.values)}.")
    description = Text(max_length=1000)


class OutageEndForm(Form):
    """When it ended."""

    until_at = Instant()


class OutageEntry(ModelSerializer[Outage]):
    """An outage."""

    parts = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Outage
        fields = ["id", "from_at", "until_at", "parts", "description", "recorded_at"]


class OutageItemEntry(serializers.Serializer[Any]):
    """Something that happened in an outage and was entered from another source."""

    model = serializers.CharField()
    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    happened_at = serializers.DateTimeField()
    recorded_at = serializers.DateTimeField()
    entered_by_id = serializers.UUIDField(allow_null=True)
    checked_by_id = serializers.UUIDField(allow_null=True)
    still_to_do = serializers.CharField(allow_blank=True)


class RanOutEntry(serializers.Serializer[Any]):
    """A window that ended in an outage, and what to do about it."""

    model = serializers.CharField()
    id = serializers.UUIDField()
    number = serializers.CharField()
    patient = serializers.UUIDField(source="patient_id")
    ended_at = serializers.DateTimeField()
    what_to_do = serializers.CharField()


class ReconciliationEntry(serializers.Serializer[Any]):
    """What an outage left behind."""

    outage = OutageEntry()
    unchecked = serializers.IntegerField()
    entries = OutageItemEntry(many=True)
    ran_out = RanOutEntry(many=True)
