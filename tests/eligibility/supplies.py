"""What the tests of a supply's life share: a man's first and next supplies, late records."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from apps.core import clock
from apps.core.call import Call
from apps.eligibility import services as eligibility
from apps.eligibility.models import Decision
from apps.eligibility.services import LateRecord
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation, Dispense
from tests import builders

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def man(cast: builders.Cast) -> Patient:
    """A man who could be authorized now."""
    patient = builders.enroll(cast.prescribing, "adult_male")
    builders.obligations(cast.prescribing, patient)
    builders.counseling(cast.prescribing, patient)
    return patient


def authorized(cast: builders.Cast, patient: Patient) -> Authorization:
    """His authorization, just issued."""
    decision = builders.request(cast.prescribing, patient, "adult_male")
    assert decision.authorization is not None, decision.document["unmet"]
    return decision.authorization


def confirmed(cast: builders.Cast, authorization: Authorization, **fields: Any) -> Confirmation:
    """The pharmacy's confirmation of it."""
    decision = builders.confirm(cast.dispensing, authorization, **fields)
    assert decision.confirmation is not None, decision.document["unmet"]
    return decision.confirmation


def dispensed_to(cast: builders.Cast, patient: Patient, **fields: Any) -> Dispense:
    """His supply, dispensed within every rule."""
    confirmation = confirmed(cast, authorized(cast, patient), **fields)
    made = builders.dispense(cast.dispensing, confirmation).dispense
    assert made is not None
    return made


def shipped(cast: builders.Cast, patient: Patient) -> Dispense:
    """A supply that a carrier took at once."""
    made = dispensed_to(cast, patient, handover="ship")
    eligibility.record_shipment(
        cast.dispensing,
        dispense_id=made.pk,
        carrier="A carrier",
        tracking_number="T-1",
        left_at=clock.now(),
    )
    return made


def next_supply(cast: builders.Cast, patient: Patient) -> Decision:
    """Everything that another supply needs, and the answer to its confirmation."""
    builders.counseling(cast.prescribing, patient)
    builders.survey(cast.prescribing, patient, "adult_male")
    return builders.confirm(cast.dispensing, authorized(cast, patient))


def late_record(**changes: Any) -> LateRecord:
    """A complete paper record of 28 days, of now."""
    defaults: dict[str, Any] = {
        "dispensed_at": None if "dispensed_on" in changes else clock.now(),
        "dispensed_on": None,
        "product": "lenalidomide",
        "strength_mg": Decimal(25),
        "days_supply": 28,
        "quantity": 21,
        "handover": "pickup",
        "reason": "On paper in an outage",
        "lot_number": "LOT-9",
        "ndc": "59572-0425-21",
        "counselor": "Phil Pharmacist",
        "checklist": tuple(builders.checklist("adult_male")),
        "medication_guide_given": True,
    }
    return LateRecord(**{**defaults, **changes})


def report_late(call: Call, authorization: Authorization, **changes: Any) -> Dispense:
    """A pharmacy enters a late record of an authorization that it has in hand."""
    return eligibility.report_late_dispense(
        call,
        number=authorization.number,
        born_on=authorization.patient.born_on,
        record=late_record(**changes),
    )


def enter_late(cast: builders.Cast, patient: Patient, number: str = "", **changes: Any) -> Dispense:
    """The staff enter a late record of the cast's pharmacy."""
    return eligibility.enter_late_dispense(
        cast.staff,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        pharmacy_id=cast.pharmacy.pk,
        number=number,
        record=late_record(**changes),
    )
