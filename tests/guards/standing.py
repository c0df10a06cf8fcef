"""What stands for patients in the world of the guards, made by the real commands."""

from dataclasses import replace
from datetime import date

from apps.core import clock
from apps.evidence import services as evidence
from apps.patients import reaching
from apps.patients.models import CategoryChange, Patient
from apps.patients.services import CategoryBasis, NotDuplicate, Signatures
from tests import builders


def stand(cast: builders.Cast, patient: Patient) -> None:
    """A change in effect, one that waits, an end of therapy, who spoke, an address that failed."""
    changed = _resembling(cast, "Maria")
    ask_for(cast, changed, "adult_frp")
    ask_for(cast, patient, "adult_fnrp")
    evidence.discontinue_therapy(
        cast.prescribing,
        patient_id=changed.pk,
        program=builders.PROGRAM,
        happened_on=builders.program_day(clock.now()),
        reason="Progression",
        said_by="Dr. Prescriber",
    )
    spoke = reaching.name_representative(
        cast.prescribing,
        patient_id=patient.pk,
        kind="representative",
        name="Rob Relative",
        relationship="brother",
    )
    reaching.end_representative(cast.staff, representative_id=spoke.pk, reason="Moved away")
    failed = reaching.record_undeliverable(
        cast.staff, patient_id=patient.pk, kind="email", finding="The mail server refused it"
    )
    reaching.resolve_undeliverable(
        cast.staff, undeliverable_id=failed.pk, reason="It was full for a day"
    )


def _resembling(cast: builders.Cast, given_name: str) -> Patient:
    others = tuple(
        NotDuplicate(patient_id=pk, reason="Aunt")
        for pk in cast.prescriber.patients.values_list("pk", flat=True)
    )
    return builders.enroll(
        cast.prescribing,
        "adult_fnrp",
        identity=replace(builders.IDENTITY, given_name=given_name),
        not_duplicates=others,
    )


def ask_for(
    cast: builders.Cast, patient: Patient, risk_category: str, *, signed: bool = True
) -> CategoryChange:
    """Ask for another category, with the patient's signature or before it."""
    now = clock.now()
    basis = CategoryBasis(kind="hysterectomy", on=date(2020, 1, 1))
    return evidence.change_category(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        risk_category=risk_category,
        basis=basis if risk_category == "adult_fnrp" else None,
        reason="It has changed",
        said_by="The patient",
        signatures=Signatures(
            signer="patient",
            signer_name="Fiona Synthetic",
            patient_signed_at=now if signed else None,
            prescriber_signed_at=now,
        ),
    )
