"""Enrollment, patients and agreements."""

from typing import Any

from rest_framework import serializers
from rest_framework.serializers import ModelSerializer, Serializer

from apps.api.fields import Code, Day, Email, Form, Identifier, Instant, Program, Text
from apps.patients.models import Agreement, CategoryAssignment, Patient, RiskCategory
from apps.patients.services import CategoryBasis, Identity, NotDuplicate, Signatures

SIGNATURES = (
    "signer",
    "signer_name",
    "signer_relationship",
    "patient_signed_at",
    "prescriber_signed_at",
    "patient_signed_on",
    "prescriber_signed_on",
)
IDENTITY = (
    "given_name",
    "family_name",
    "born_on",
    "postal_code",
    "phone",
    "email",
    "time_zone",
)

ONLY_DAY = "Instead of the instant, where only the day is known (L-SRC-2)."


def taken(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The values of `names` that were given."""
    return {name: values[name] for name in names if name in values}


class CategoryBasisForm(Form):
    """Why an adult female is not of reproductive potential (L-CAT-2)."""

    kind = Code(choices=CategoryAssignment.Basis.choices)
    on = Day(help_text="For menopause, the last menses.")


class NotDuplicateForm(Form):
    """A decision about a likely duplicate: not this person, because …"""

    patient_id = Identifier()
    reason = Text(max_length=400)


class SignaturesForm(Form):
    """Who signs an agreement and when; absent while a signature is still missing."""

    signer = Code(choices=Agreement.Signer.choices)
    signer_name = Text(max_length=120)
    signer_relationship = Text(max_length=60, required=False, allow_blank=True)
    patient_signed_at = Instant(required=False, allow_null=True)
    prescriber_signed_at = Instant(required=False, allow_null=True)
    patient_signed_on = Day(required=False, help_text=ONLY_DAY)
    prescriber_signed_on = Day(required=False, help_text=ONLY_DAY)

    def signatures(self, values: dict[str, Any]) -> Signatures:
        """As the commands take them."""
        return Signatures(**taken(values, SIGNATURES))


class PatientForm(SignaturesForm):
    """A patient to enroll: identity, category, agreement."""

    program = Program()
    given_name = Text(max_length=60)
    family_name = Text(max_length=60)
    born_on = Day()
    postal_code = Text(max_length=10)
    phone = Text(max_length=30, required=False, allow_blank=True)
    email = Email(required=False, allow_blank=True)
    time_zone = Text(max_length=40, required=False)
    risk_category = Code(choices=RiskCategory.choices)
    category_basis = CategoryBasisForm(required=False, allow_null=True)
    not_duplicates = NotDuplicateForm(many=True, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `enroll_patient`."""
        basis = attrs.get("category_basis")
        return {
            "program": attrs["program"],
            "identity": Identity(**taken(attrs, IDENTITY)),
            "risk_category": attrs["risk_category"],
            "basis": CategoryBasis(**basis) if basis else None,
            "signatures": self.signatures(attrs),
            "not_duplicates": tuple(
                NotDuplicate(**decision) for decision in attrs.get("not_duplicates", [])
            ),
        }


class AgreementForm(SignaturesForm):
    """A new agreement for the present category."""

    program = Program()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `renew_agreement`."""
        return {"program": attrs["program"], "signatures": self.signatures(attrs)}


class SignatureForm(Form):
    """A signature that was still missing."""

    patient_signed_at = Instant(required=False, allow_null=True)
    prescriber_signed_at = Instant(required=False, allow_null=True)
    patient_signed_on = Day(required=False, help_text=ONLY_DAY)
    prescriber_signed_on = Day(required=False, help_text=ONLY_DAY)


class AgreementEntry(ModelSerializer[Agreement]):
    """An agreement with the signatures that it has so far."""

    class Meta:
        model = Agreement
        fields = [
            "id",
            "patient",
            "program",
            "prescriber",
            "risk_category",
            "text_version",
            "signer",
            "signer_name",
            "signer_relationship",
            "patient_signed_at",
            "prescriber_signed_at",
            "patient_date_only",
            "prescriber_date_only",
            "recorded_at",
            "withdrawn_at",
            "withdrawal_reason",
        ]


class CategoryEntry(ModelSerializer[CategoryAssignment]):
    """A risk category with its basis."""

    class Meta:
        model = CategoryAssignment
        fields = ["risk_category", "basis_kind", "basis_on", "reason", "recorded_at"]


class PatientEntry(ModelSerializer[Patient]):
    """A patient: identity and contact."""

    class Meta:
        model = Patient
        fields = [
            "id",
            "given_name",
            "family_name",
            "born_on",
            "postal_code",
            "phone",
            "email",
            "time_zone",
            "prescriber",
            "registered_at",
            "merged_into",
        ]


class PatientPage(Serializer[Any]):
    """A patient with what holds now: category, agreements, holds and what the rules would say.

    `holds` and `outlook` are null for a token that is not for decisions (`decisions.read`).
    """

    patient = PatientEntry()
    category = CategoryEntry()
    agreements = AgreementEntry(many=True)
    holds = serializers.ListField(child=serializers.CharField(), allow_null=True)
    outlook = serializers.JSONField(
        allow_null=True,
        help_text="The decision on a request made now, as the evaluation contract writes it.",
    )
