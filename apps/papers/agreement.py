"""The agreement of a risk category: to be signed on paper, and as it was signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from apps.papers.documents import as_signed, texts_read, to_be_signed
from apps.papers.layout import Printing, SignatureLine, day_text
from apps.patients.models import Agreement, RiskCategory
from apps.rules.documents import document


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose agreement it will be, as far as it is known: the rest is written by hand."""

    patient: str = ""
    born_on: date | None = None
    prescriber: str = ""


def agreement_to_sign(
    program: str,
    risk_category: str,
    signers: Sequence[str],
    printing: Printing,
    parties: Parties | None = None,
) -> bytes:
    """The text of one category with lines for both sides; `signers`: who may sign a patient's."""
    known = parties or Parties()
    side = " or ".join(each.replace("_", " ") for each in signers).capitalize()
    return to_be_signed(
        document(program, "agreement", risk_category),
        printing,
        facts=[
            ("For", str(RiskCategory(risk_category).label)),
            ("Patient", known.patient),
            ("Date of birth", day_text(known.born_on) if known.born_on else ""),
            ("Prescriber and NPI", known.prescriber),
            ("Relationship to patient", ""),
        ],
        roles=[side, "Prescriber"],
        ticks=False,
    )


def signed_agreement(
    agreement: Agreement, signatures: Sequence[SignatureLine], printing: Printing
) -> bytes:
    """One patient's agreement, with the signatures that it bears."""
    patient, signer = agreement.patient, agreement.get_signer_display()
    relationship = agreement.signer_relationship
    withdrawn = f"Withdrawn: {agreement.withdrawal_reason}" if agreement.withdrawn_at else ""
    missing = [
        side
        for side, at in (
            (signer, agreement.patient_signed_at),
            ("Prescriber", agreement.prescriber_signed_at),
        )
        if at is None
    ]
    lacking = f"Not in force: not signed yet by {' and '.join(missing)}." if missing else ""
    return as_signed(
        texts_read(
            agreement.program,
            "agreement",
            agreement.text_version,
            signatures,
            agreement.risk_category,
        ),
        printing,
        number=f"Agreement {agreement.pk}",
        version=agreement.text_version,
        facts=[
            ("For", agreement.get_risk_category_display()),
            ("Patient", str(patient)),
            ("Date of birth", day_text(patient.born_on)),
            ("Signs for the patient", f"{agreement.signer_name} ({relationship or signer})"),
            ("Prescriber", str(agreement.prescriber)),
        ],
        signatures=signatures,
        warning=withdrawn or lacking,
    )
