"""A patient whom another prescriber takes over, and a site that names its next representative."""

from dataclasses import replace
from datetime import date

from apps.core import clock
from apps.core.call import Role
from apps.evidence import services as evidence
from apps.patients.services import Signatures
from apps.patients.transfers import Sought
from apps.providers import services as providers
from tests import builders


def move(cast: builders.Cast) -> None:
    """Make a row of each kind, by the real commands."""
    moving = replace(
        builders.IDENTITY, given_name="Mona", born_on=date(1971, 2, 3), postal_code="60601",
        phone="", email="",
    )  # fmt: skip
    builders.enroll(cast.prescribing, identity=moving)
    other = builders.certified_prescriber(cast.administrator, serial=9)
    now = clock.now()
    evidence.take_over_patient(
        builders.prescribing_call(other),
        program=builders.PROGRAM,
        sought=Sought(moving.given_name, moving.family_name, moving.born_on, moving.postal_code),
        risk_category="adult_frp",
        signatures=Signatures(
            signer="patient",
            signer_name="Mona Synthetic",
            patient_signed_at=now,
            prescriber_signed_at=now,
            scan=builders.SCAN,
        ),
        reason="Moved house",
    )
    providers.name_successor(
        builders.pharmacy_call(cast.pharmacy, Role.REPRESENTATIVE, cast.pharmacy.representative_id),
        email=f"pharmacist.{cast.pharmacy.npi}@pharmacy.example",
        family_name="Pharmacist",
    )
