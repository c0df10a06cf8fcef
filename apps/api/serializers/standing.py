"""Changes of category, where a therapy stands, who speaks for a patient, addresses that fail."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer, Serializer

from apps.api.fields import Code, Day, Email, Form, Instant, Program, Text
from apps.api.serializers.evidence import HEAD, WITHDRAWAL
from apps.api.serializers.patients import CategoryBasisForm, SignaturesForm
from apps.evidence.models import TherapyEvent
from apps.patients.models import (
    CategoryChange,
    Representative,
    RiskCategory,
    UndeliverableAddress,
)
from apps.patients.services import CategoryBasis

DECISIONS = [("approve", "Approve"), ("refuse", "Refuse")]


class CategoryChangeForm(SignaturesForm):
    """Another category with its agreement, a reason and who said so (L-CAT-3)."""

    program = Program()
    risk_category = Code(choices=RiskCategory.choices)
    category_basis = CategoryBasisForm(required=False, allow_null=True)
    reason = Text(max_length=400)
    said_by = Text(max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `change_category`."""
        basis = attrs.get("category_basis")
        return {
            "program": attrs["program"],
            "risk_category": attrs["risk_category"],
            "basis": CategoryBasis(**basis) if basis else None,
            "reason": attrs["reason"],
            "said_by": attrs["said_by"],
            "signatures": self.signatures(attrs),
        }


class DecisionForm(Form):
    """What an administrator decides, and why."""

    decision = Code(choices=DECISIONS)
    reason = Text(max_length=1000)


class CategoryChangeEntry(ModelSerializer[CategoryChange]):
    """A change of category, waiting or decided."""

    class Meta:
        model = CategoryChange
        fields = [
            *HEAD,
            "risk_category",
            "basis_kind",
            "basis_on",
            "reason",
            "said_by",
            "requested_at",
            "needs_approval",
            "agreement",
            "state",
            "decided_at",
            "decision_reason",
        ]


class TherapyEventForm(Form):
    """What somebody said of a therapy; a death needs no program."""

    kind = Code(choices=TherapyEvent.Kind.choices)
    program = Program(required=False)
    happened_on = Day()
    reason = Text(max_length=400)
    said_by = Text(max_length=200)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A death is of all programs, everything else of one."""
        is_death = attrs["kind"] == TherapyEvent.Kind.DIED
        if is_death and "program" in attrs:
            raise serializers.ValidationError({"program": ["A death is of all programs."]})
        if not is_death and "program" not in attrs:
            raise serializers.ValidationError({"program": ["This is required."]})
        return attrs


class TherapyEventEntry(ModelSerializer[TherapyEvent]):
    """What was said of a therapy."""

    class Meta:
        model = TherapyEvent
        fields = [*HEAD, "program", "kind", "happened_on", "reason", "said_by", *WITHDRAWAL]


class TherapyEntry(Serializer[Any]):
    """Where a therapy stands; the obligations' last day once it has an end (L-END-1, L-CON-5)."""

    status = serializers.CharField()
    since_on = serializers.DateField(allow_null=True)
    started_on = serializers.DateField(allow_null=True)
    ended_on = serializers.DateField(allow_null=True)
    obligations_until_on = serializers.DateField(allow_null=True)
    obligations_in_force = serializers.BooleanField()


class RepresentativeForm(Form):
    """Who speaks for a patient (L-CAT-4)."""

    kind = Code(choices=Representative.Kind.choices)
    name = Text(max_length=120)
    relationship = Text(max_length=60)
    phone = Text(max_length=30, required=False, allow_blank=True)
    email = Email(required=False, allow_blank=True)


class RepresentativeEntry(ModelSerializer[Representative]):
    """Who speaks, or spoke, for a patient."""

    class Meta:
        model = Representative
        fields = [
            *HEAD,
            "kind",
            "name",
            "relationship",
            "phone",
            "email",
            "named_at",
            "ended_at",
            "end_reason",
        ]


class ContactForm(Form):
    """How a patient is reached."""

    postal_code = Text(max_length=10)
    phone = Text(max_length=30, allow_blank=True)
    email = Email(allow_blank=True)
    time_zone = Text(max_length=40)


class UndeliverableForm(Form):
    """An address that reaches nobody (L-END-3)."""

    kind = Code(choices=UndeliverableAddress.Kind.choices)
    finding = Text(max_length=400)
    found_at = Instant(required=False, allow_null=True)


class UndeliverableEntry(ModelSerializer[UndeliverableAddress]):
    """An address that reached nobody, and what became of it."""

    class Meta:
        model = UndeliverableAddress
        fields = [*HEAD, "kind", "address", "found_at", "finding", "resolved_at", "resolution"]
