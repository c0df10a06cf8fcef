"""Who moves: patients to another prescriber, pharmacies to another representative, delegates."""

from typing import Any

from rest_framework.serializers import ListField, ModelSerializer

from apps.api.fields import Code, Day, Email, Flag, Form, Identifier, Program, Text
from apps.api.serializers.patients import SignaturesForm, taken
from apps.patients.models import Patient, PatientTransfer, RiskCategory
from apps.patients.transfers import Sought
from apps.providers.models import Delegation, Practice, StaffTraining

SOUGHT = ("given_name", "family_name", "born_on", "postal_code", "phone")


class TransferForm(SignaturesForm):
    """A patient to take over: who they are, and the new agreement that both have signed."""

    program = Program()
    given_name = Text(max_length=60)
    family_name = Text(max_length=60)
    born_on = Day()
    postal_code = Text(
        max_length=10, required=False, allow_blank=True, help_text="This or the phone is needed."
    )
    phone = Text(max_length=30, required=False, allow_blank=True)
    risk_category = Code(choices=RiskCategory.choices)
    reason = Text(max_length=400)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `take_over_patient`."""
        return {
            "program": attrs["program"],
            "sought": Sought(**taken(attrs, SOUGHT)),
            "risk_category": attrs["risk_category"],
            "signatures": self.signatures(attrs),
            "reason": attrs["reason"],
        }


class TransferEntry(ModelSerializer[PatientTransfer]):
    """One move of a patient to another prescriber."""

    class Meta:
        model = PatientTransfer
        fields = [
            "id",
            "patient",
            "from_prescriber",
            "to_prescriber",
            "kind",
            "agreement",
            "reason",
            "recorded_at",
        ]


class HandOverForm(Form):
    """Patients of one prescriber, given to another: those named, or all."""

    from_prescriber_id = Identifier()
    to_prescriber_id = Identifier()
    patient_ids = ListField(
        child=Identifier(), min_length=1, max_length=1000, required=False, help_text="Absent: all."
    )
    reason = Text(max_length=400)


class StrandedEntry(ModelSerializer[Patient]):
    """A patient whose prescriber lost the certification."""

    class Meta:
        model = Patient
        fields = ["id", "given_name", "family_name", "born_on", "prescriber", "registered_at"]


class TrainingEntry(ModelSerializer[StaffTraining]):
    """Who acknowledged which version of the training; without `user`, on paper, with a role."""

    class Meta:
        model = StaffTraining
        fields = [
            "id",
            "pharmacy",
            "program",
            "user",
            "name",
            "role",
            "text_version",
            "acknowledged_at",
        ]


class PharmacyRepresentativeForm(Form):
    """Who represents the pharmacy from now on."""

    given_name = Text(max_length=60)
    family_name = Text(max_length=60)
    email = Email()
    reason = Text(max_length=400)


class DelegationEntry(ModelSerializer[Delegation]):
    """Who acts on a prescriber's behalf, from when until when."""

    class Meta:
        model = Delegation
        fields = ["id", "prescriber", "delegate", "named_at", "ended_at"]


class CoverageForm(Form):
    """Whether a practice's prescribers cover for each other."""

    members_cover_each_other = Flag()
    reason = Text(max_length=400, help_text="Who of the practice says so, and how.")


class PracticeEntry(ModelSerializer[Practice]):
    """A practice."""

    class Meta:
        model = Practice
        fields = ["organization", "members_cover_each_other"]
