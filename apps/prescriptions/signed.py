"""What is signed of a dispense: the counseling checklist, of which package, for whom."""

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
