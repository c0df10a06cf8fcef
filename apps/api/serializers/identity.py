"""Intakes, withdrawals and moves of entries, merges of records."""

import base64
from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer, Serializer

from apps.api.fields import Code, Day, Form, Identifier, Text
from apps.evidence.models import Intake
from apps.evidence.services.intakes import Source
from apps.evidence.services.moving import MOVABLE_KINDS
from apps.patients.models import DuplicateDecision, IdentityCorrection, PatientMerge

SOURCE = (
    "channel",
    "told_by",
    "told_by_name",
    "prescriber_id",
    "verification",
    "verification_note",
)


class Scan(Text):
    """The bytes of a PDF, PNG or JPEG in base64."""

    def to_internal_value(self, data: object) -> bytes:  # type: ignore[override]
        text = super().to_internal_value(data)
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:  # Of base64's own kind, or for what is not even ASCII.
            raise serializers.ValidationError("The file is needed in base64.") from None


class IntakeForm(Form):
    """What came by phone, fax or paper, who said it, and how that was verified (L-SRC-1)."""

    kind = Code(choices=Intake.Kind.choices)
    content = serializers.DictField(
        help_text="What the kind's own endpoint takes, with the real times or days."
    )
    channel = Code(choices=Intake.Channel.choices)
    told_by = Code(choices=Intake.ToldBy.choices)
    told_by_name = Text(max_length=120)
    prescriber_id = Identifier(
        required=False, allow_null=True, help_text="On whose behalf, or who verified it."
    )
    verification = Code(choices=Intake.Verification.choices, required=False)
    verification_note = Text(max_length=400, required=False, allow_blank=True)
    scan = Scan(required=False, help_text="PDF, PNG or JPEG in base64; by fax or paper needed.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `enter_intake`."""
        return {
            "kind": attrs["kind"],
            "content": attrs["content"],
            "source": Source(**{name: attrs[name] for name in SOURCE if name in attrs}),
            "scan": attrs.get("scan"),
        }


class IntakeEntry(ModelSerializer[Intake]):
    """What came in, who entered and who checked it, and the record that it became."""

    content = serializers.JSONField()

    class Meta:
        model = Intake
        fields = [
            "id",
            "patient",
            "recorded_at",
            "channel",
            "kind",
            "content",
            "told_by",
            "told_by_name",
            "prescriber",
            "verification",
            "verification_note",
            "scan",
            "entered_by_id",
            "state",
            "checked_at",
            "checked_by_id",
            "refusal_reason",
            "entry_model",
            "entry_id",
        ]


class MoveForm(Form):
    """An entry on the wrong person, and whose it is."""

    kind = Code(choices=MOVABLE_KINDS)
    entry_id = Identifier()
    to_patient_id = Identifier()
    reason = Text(max_length=400)


class MovedEntry(Serializer[Any]):
    """The new entry on the right person."""

    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    recorded_at = serializers.DateTimeField()


class IdentityCorrectionForm(Form):
    """Who the patient is, whole, as it will be."""

    given_name = Text(max_length=60)
    family_name = Text(max_length=60)
    born_on = Day()
    source_document = Text(max_length=200, help_text="What shows it, and where it was seen.")
    reason = Text(max_length=400)


class IdentityCorrectionEntry(ModelSerializer[IdentityCorrection]):
    """A correction, with what was on record before."""

    class Meta:
        model = IdentityCorrection
        fields = [
            "id",
            "patient",
            "given_name_before",
            "family_name_before",
            "born_on_before",
            "given_name",
            "family_name",
            "born_on",
            "source_document",
            "reason",
            "resembled",
            "recorded_at",
        ]


class MergeForm(Form):
    """The other record of the same person. It is never taken back."""

    merged_id = Identifier()
    reason = Text(max_length=400)


class MergeEntry(ModelSerializer[PatientMerge]):
    """A merge."""

    class Meta:
        model = PatientMerge
        fields = ["id", "kept", "merged", "reason", "recorded_at"]


class TwoPersonsForm(Form):
    """Another registered patient, who is another person."""

    resembles_id = Identifier()
    reason = Text(max_length=400)


class DuplicateDecisionEntry(ModelSerializer[DuplicateDecision]):
    """A decision that two patients are two persons."""

    class Meta:
        model = DuplicateDecision
        fields = ["id", "patient", "resembles", "reason", "recorded_at"]


class ResemblanceEntry(Serializer[Any]):
    """Two registered patients who may be one person."""

    patient = serializers.UUIDField(source="patient_id")
    resembles = serializers.UUIDField(source="resembles_id")
    since = serializers.DateTimeField()
    alike_in = serializers.ListField(child=serializers.CharField())


class ResemblancesEntry(Serializer[Any]):
    """Every pair about which nobody decided yet."""

    results = ResemblanceEntry(many=True)
