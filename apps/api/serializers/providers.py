"""Prescribers, pharmacies, their enrollment forms and certifications."""

from rest_framework.serializers import ModelSerializer

from apps.api.fields import Code, Codes, Email, Form, Identifier, Program, Text
from apps.providers.models import (
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Prescriber,
    PrescriberEnrollment,
)


class PrescriberForm(Form):
    """A prescriber to register, in a practice that exists or a new one."""

    npi = Text(max_length=10, help_text="Ten digits with a valid check digit.")
    given_name = Text(max_length=60)
    family_name = Text(max_length=60)
    specialty = Text(max_length=80)
    phone = Text(max_length=30)
    email = Email()
    practice_name = Text(max_length=120)
    practice_id = Identifier(required=False, allow_null=True)


class PrescriberEntry(ModelSerializer[Prescriber]):
    """A prescriber and where they stand."""

    class Meta:
        model = Prescriber
        fields = [
            "id",
            "npi",
            "given_name",
            "family_name",
            "specialty",
            "phone",
            "email",
            "practice",
            "state",
            "registered_at",
        ]


class PharmacyForm(Form):
    """A pharmacy to register, with its authorized representative."""

    npi = Text(max_length=10, help_text="Ten digits with a valid check digit.")
    ncpdp_id = Text(max_length=7, required=False, allow_null=True)
    name = Text(max_length=120)
    address = Text(max_length=200)
    phone = Text(max_length=30)
    email = Email()
    representative_given_name = Text(max_length=60)
    representative_family_name = Text(max_length=60)
    representative_email = Email()


class PharmacyEntry(ModelSerializer[Pharmacy]):
    """A pharmacy and where it stands."""

    class Meta:
        model = Pharmacy
        fields = [
            "id",
            "organization",
            "npi",
            "ncpdp_id",
            "name",
            "address",
            "phone",
            "email",
            "state",
            "registered_at",
        ]


class EnrollmentForm(Form):
    """Every attestation of an enrollment form, signed."""

    program = Program()
    attestations = Codes(help_text="The codes of the form's items, all of them.")


class PrescriberEnrollmentEntry(ModelSerializer[PrescriberEnrollment]):
    """A signed prescriber enrollment form."""

    class Meta:
        model = PrescriberEnrollment
        fields = ["id", "prescriber", "form_version", "signed_at"]


class PharmacyEnrollmentEntry(ModelSerializer[PharmacyEnrollment]):
    """A signed pharmacy enrollment form."""

    class Meta:
        model = PharmacyEnrollment
        fields = ["id", "pharmacy", "form_version", "signed_at"]


class NothingForm(Form):
    """An empty object: the address says it all."""


class PharmacyCertificationForm(Form):
    """For which program's number of days."""

    program = Program()


class PharmacyCertificationEntry(ModelSerializer[PharmacyCertification]):
    """A period for which a pharmacy is certified."""

    class Meta:
        model = PharmacyCertification
        fields = ["id", "pharmacy", "certified_from", "certified_until", "last_day_on"]


class StandingForm(Form):
    """A move of the standing, with its reason."""

    event = Code(choices=["suspend", "decertify", "reinstate"])
    reason = Text(max_length=400)
