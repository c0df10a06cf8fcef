"""What is signed of a dispense: the counseling checklist, or the report of one made earlier."""

from apps.accounts.signed import sign_for_organization
from apps.audit.models import Meaning
from apps.audit.signatures import Content, sign, text_of
from apps.core.command import Run
from apps.prescriptions.models import Dispense


def counseling_checklist(made: Dispense) -> Content:
    """Every point that was ticked, word for word, and what was handed over with it."""
    return {
        "text": text_of(
            made.program,
            "checklist",
            version=made.checklist_version,
            risk_category=made.risk_category,
        ),
        "medication_guide": made.medication_guide_version,
        "patient": made.patient_id,
        "pharmacy": made.pharmacy_id,
        "authorization": made.authorization_id,
        "confirmation": made.confirmation_id,
        "dispensed_at": made.dispensed_at,
        "product": made.product,
        "strength_mg": f"{made.strength_mg.normalize():f}",
        "days_supply": made.days_supply,
        "quantity": made.quantity,
        "lot_number": made.lot_number,
        "ndc": made.ndc,
        "counselor": made.counselor,
        "checklist": made.checklist,
    }


def sign_checklist(run: Run, made: Dispense) -> None:
    """Sign the checklist of a dispense, as the pharmacist who counseled.

    Raises InvalidRequest for a person who did not prove who they are.
    """
    sign(
        run,
        meaning=Meaning.COUNSELING_CHECKLIST,
        subject=made,
        content=counseling_checklist(made),
        named=made.counselor,
        patient_id=made.patient_id,
    )


def late_report(made: Dispense) -> Content:
    """What was said of a dispense after the fact, all of it; unknown is empty (L-DSP-8)."""
    return {
        "program": made.program,
        "patient": made.patient_id,
        "pharmacy": made.pharmacy_id,
        "unknown_pharmacy": made.unknown_pharmacy,
        "authorization": made.authorization_id,
        "confirmation": made.confirmation_id,
        "stated_number": made.stated_number,
        "dispensed_at": made.dispensed_at,
        "only_day_is_known": made.only_day_is_known,
        "risk_category": made.risk_category,
        "product": made.product,
        "strength_mg": f"{made.strength_mg.normalize():f}",
        "days_supply": made.days_supply,
        "quantity": made.quantity,
        "handover": made.handover,
        "lot_number": made.lot_number,
        "ndc": made.ndc,
        "counselor": made.counselor,
        "checklist": made.checklist,
        "medication_guide_given": made.medication_guide_given,
        "outage": made.outage_id,
    }


def sign_late_report(run: Run, made: Dispense) -> None:
    """Sign the report of a dispense, as who makes it; a system signs in its organization's name.

    Raises InvalidRequest for a person who did not prove who they are.
    """
    sign_for_organization(
        run,
        meaning=Meaning.LATE_DISPENSE,
        subject=made,
        content=late_report(made),
        patient_id=made.patient_id,
    )


def content_signed(made: Dispense, meaning: str) -> Content:
    """What a signature of this meaning signs of a dispense."""
    is_late_report = meaning == Meaning.LATE_DISPENSE
    return late_report(made) if is_late_report else counseling_checklist(made)
