"""Authorizations, confirmations, dispenses, and the decisions that made or refused them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.serializers import ModelSerializer, SerializerMethodField

from apps.api.fields import (
    Answers,
    AuthorizationNumber,
    Code,
    Codes,
    Day,
    Flag,
    Form,
    Identifier,
    Number,
    Program,
    Quantity,
    Text,
    Whole,
)
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.eligibility.services import Package
from apps.patients.models import RiskCategory
from apps.prescriptions import selectors
from apps.prescriptions.models import Authorization, Confirmation, Dispense, DispenseReturn

MOST_DAYS = 999
MOST_CAPSULES = 9999
PRESCRIPTION = ("risk_category", "product", "strength_mg", "days_supply")
PACKAGE = (
    "days_supply",
    "quantity",
    "lot_number",
    "ndc",
    "counselor",
    "checklist",
    "medication_guide_given",
)


class AuthorizationForm(Form):
    """A request for an authorization, with the prescriber's survey."""

    patient_id = Identifier()
    program = Program()
    risk_category = Code(choices=RiskCategory.choices)
    product = Text(max_length=40)
    strength_mg = Quantity()
    days_supply = Whole(min_value=-MOST_DAYS, max_value=MOST_DAYS)
    quantity = Whole(max_value=MOST_CAPSULES)
    directions = Text(max_length=400)
    indication = Text(max_length=10, required=False, allow_blank=True, default="")
    answers = Answers(help_text="The prescriber's survey: every question of the category.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `request_authorization`."""
        return {"survey_answers": attrs.pop("answers"), **attrs}


class AuthorizationEntry(ModelSerializer[Authorization]):
    """An authorization."""

    number = Number()
    strength_mg = Quantity()

    class Meta:
        model = Authorization
        fields = [
            "id",
            "number",
            "patient",
            "prescriber",
            "program",
            "state",
            "risk_category",
            "product",
            "strength_mg",
            "days_supply",
            "quantity",
            "directions",
            "indication",
            "issued_at",
            "expires_at",
            "ended_at",
            "ended_reason",
        ]


class PrescriptionForm(Form):
    """What the pharmacist reads on the prescription; what is absent is as authorized."""

    number = AuthorizationNumber()
    born_on = Day(help_text="The patient's date of birth.")
    risk_category = Code(choices=RiskCategory.choices)
    product = Text(max_length=40, required=False, allow_null=True)
    strength_mg = Quantity(required=False, allow_null=True)
    days_supply = Whole(required=False, allow_null=True, min_value=-MOST_DAYS, max_value=MOST_DAYS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `verify` and `confirm`."""
        prescription = {name: attrs.pop(name) for name in PRESCRIPTION if name in attrs}
        return {**attrs, "prescription": Prescription(**prescription)}


class ConfirmationForm(PrescriptionForm):
    """A request for a confirmation."""

    handover = Code(choices=Confirmation.Handover.choices)


class ConfirmationEntry(ModelSerializer[Confirmation]):
    """A confirmation."""

    number = Number()
    good_until = SerializerMethodField(
        help_text="Until when something may be handed over or shipped on it. A shipment may have "
        "less time than the confirmation itself (L-DSP-9)."
    )

    @extend_schema_field(OpenApiTypes.DATETIME)
    def get_good_until(self, confirmation: Confirmation) -> Any:
        """The instant, written as any other."""
        return serializers.DateTimeField().to_representation(selectors.good_until(confirmation))

    class Meta:
        model = Confirmation
        fields = [
            "id",
            "number",
            "authorization",
            "pharmacy",
            "state",
            "handover",
            "days_supply",
            "issued_at",
            "expires_at",
            "good_until",
            "ended_at",
            "ended_reason",
        ]


class DispenseForm(Form):
    """What is handed over, and how the patient was counseled."""

    confirmation_id = Identifier()
    risk_category = Code(choices=RiskCategory.choices)
    days_supply = Whole(min_value=-MOST_DAYS, max_value=MOST_DAYS)
    quantity = Whole(max_value=MOST_CAPSULES)
    lot_number = Text(max_length=40)
    ndc = Text(max_length=13)
    counselor = Text(max_length=120)
    checklist = Codes(help_text="The code of every item of the category's checklist.")
    medication_guide_given = Flag()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `dispense`."""
        package = Package(**{name: attrs.pop(name) for name in PACKAGE})
        return {**attrs, "package": package}


class DispenseEntry(ModelSerializer[Dispense]):
    """A dispense."""

    strength_mg = Quantity()
    checklist = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Dispense
        fields = [
            "id",
            "patient",
            "program",
            "pharmacy",
            "authorization",
            "confirmation",
            "dispensed_at",
            "risk_category",
            "authorized",
            "product",
            "strength_mg",
            "days_supply",
            "quantity",
            "lot_number",
            "ndc",
            "corrected_lot_number",
            "corrected_ndc",
            "counselor",
            "checklist",
            "medication_guide_given",
            "handover",
            "unknown_pharmacy",
            "reported_late",
            "only_day_is_known",
            "stated_number",
            "outage",
            "withdrawn_at",
            "withdrawal_reason",
        ]


class DispenseReturnEntry(ModelSerializer[DispenseReturn]):
    """A dispense back in stock."""

    class Meta:
        model = DispenseReturn
        fields = ["id", "dispense", "returned_at", "reason"]


class DecisionEntry(ModelSerializer[Decision]):
    """A stored decision with what it made: null where it made nothing.

    Null, too, where the token is not for such records.
    """

    decision = serializers.JSONField(
        source="document", help_text="As the evaluation contract writes it."
    )
    authorization = AuthorizationEntry(allow_null=True)
    confirmation = ConfirmationEntry(allow_null=True)
    dispense = DispenseEntry(allow_null=True)

    class Meta:
        model = Decision
        fields = [
            "id",
            "program",
            "act",
            "recorded_at",
            "allowed",
            "policy_version",
            "engine_version",
            "decision",
            "authorization",
            "confirmation",
            "dispense",
        ]


class ReplayEntry(serializers.Serializer[Any]):
    """A decision's facts, what was decided, and what the same facts give today."""

    facts = serializers.JSONField()
    stored = serializers.JSONField()
    replayed = serializers.JSONField()


class CheckEntry(serializers.Serializer[Any]):
    """The answer to an eligibility check, and the row that keeps it."""

    id = serializers.UUIDField(source="decision_id")
    decision = serializers.JSONField(help_text="As the evaluation contract writes it.")
