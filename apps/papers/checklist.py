"""The counseling checklist of a risk category: to work with, and as it was signed at a dispense."""

from collections.abc import Sequence

from apps.core import numbers
from apps.papers.documents import as_signed, texts_read, to_be_signed
from apps.papers.layout import Printing, SignatureLine, instant_text
from apps.patients.models import RiskCategory
from apps.prescriptions.models import Confirmation, Dispense
from apps.rules.documents import document


def checklist_to_fill(
    program: str,
    risk_category: str,
    printing: Printing,
    held: Confirmation | None = None,
    warning: str = "",
) -> bytes:
    """The points of one category, each with a box, and lines for the pharmacist.

    `held`: under which confirmation it is worked with, if under one; it names no patient.
    `warning`: why nothing is dispensed on that.
    """
    return to_be_signed(
        document(program, "checklist", risk_category),
        printing,
        facts=[
            ("For", str(RiskCategory(risk_category).label)),
            ("Patient", ""),
            ("Authorization number", numbers.grouped(held.authorization.number) if held else ""),
            ("Confirmation number", numbers.grouped(held.number) if held else ""),
            ("Lot number", ""),
        ],
        roles=["Pharmacist"],
        ticks=True,
        warning=warning,
    )


def signed_checklist(
    made: Dispense, signatures: Sequence[SignatureLine], printing: Printing
) -> bytes:
    """What was told at one dispense, by whom; the pharmacy knows the patient by the number."""
    warning = ""
    if made.withdrawn_at is not None:
        warning = f"Withdrawn, entered by mistake: {made.withdrawal_reason}"
    elif not made.authorized:
        warning = "This dispense was recorded outside the rules."
    return as_signed(
        texts_read(
            made.program, "checklist", made.checklist_version, signatures, made.risk_category
        ),
        printing,
        number=f"Dispense {made.pk}",
        version=made.checklist_version,
        facts=[
            ("For", made.get_risk_category_display()),
            ("Authorization number", _number(made.authorization)),
            ("Confirmation number", _number(made.confirmation)),
            ("Dispensed", instant_text(made.dispensed_at, printing.zone)),
            ("Product", f"{made.product.capitalize()} {made.strength_mg.normalize():f} mg"),
            ("Quantity", f"{made.quantity} capsules for {made.days_supply} days"),
            ("Lot number", made.lot_number),
            ("NDC", made.ndc),
            ("Counseled by", made.counselor or "not recorded"),
            ("Medication Guide", made.medication_guide_version or "not recorded"),
        ],
        signatures=signatures,
        ticked=frozenset(made.checklist),
        warning=warning,
    )


def _number(named: object) -> str:
    number = getattr(named, "number", "")
    return numbers.grouped(number) if number else "none"
