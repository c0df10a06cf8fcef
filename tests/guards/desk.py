"""What the office takes in by fax, merges and corrects, for the world of the guards."""

from dataclasses import replace
from datetime import date

from apps.evidence import services as evidence
from apps.evidence.services.intakes import Source
from apps.patients.models import Patient
from tests import builders


def take_in(cast: builders.Cast, patient: Patient) -> None:
    """Make a row of each kind, by the real commands."""
    evidence.enter_intake(
        cast.staff,
        patient_id=patient.pk,
        kind="health_status",
        content={"cycle": "regular", "breastfeeding": False},
        source=Source(
            channel="fax",
            told_by="prescriber",
            told_by_name="Nina Nurse",
            prescriber_id=cast.prescriber.pk,
            verification="known_sender",
        ),
        scan=b"%PDF-1.7 a synthetic form",
    )
    one = replace(
        builders.IDENTITY, given_name="Olga", family_name="Once", born_on=date(1972, 3, 4),
        postal_code="70701", phone="", email="",
    )  # fmt: skip
    twice = replace(one, given_name="Odile", family_name="Twice", born_on=date(1973, 4, 5))
    kept = builders.enroll(cast.prescribing, identity=one)
    merged = builders.enroll(cast.prescribing, identity=twice)
    evidence.merge_patients(
        cast.staff, kept_id=kept.pk, merged_id=merged.pk, reason="Married, and moved"
    )
    evidence.correct_identity(
        cast.staff,
        patient_id=kept.pk,
        given_name=one.given_name,
        family_name="Onze",
        born_on=one.born_on,
        source_document="Birth certificate, seen at the practice",
        reason="A letter was wrong",
    )
