"""Signing an agreement, side by side, and the content that each signature is bound to."""

from collections.abc import Collection
from typing import Final

from apps.audit.models import Meaning
from apps.audit.signatures import Content, sign, sign_on_paper, text_of
from apps.core.call import Channel, Role
from apps.core.command import Run
from apps.core.errors import InvalidRequest
from apps.core.scans import columns_of
from apps.patients.models import Agreement, AgreementScan

PATIENT, PRESCRIBER = "patient", "prescriber"
OF_SIGNER: Final = {
    Agreement.Signer.PATIENT: Meaning.AGREEMENT_AS_PATIENT,
    Agreement.Signer.GUARDIAN: Meaning.AGREEMENT_AS_GUARDIAN,
    Agreement.Signer.REPRESENTATIVE: Meaning.AGREEMENT_AS_REPRESENTATIVE,
}


def agreement_content(agreement: Agreement, meaning: str, language: str | None = None) -> Content:
    """What one side signs of an agreement: its text, whom it binds, who signs for the patient.

    `language`: in which this side read it; None: in the program's own. Both sign the same version.
    """
    by_prescriber = meaning == Meaning.AGREEMENT_AS_PRESCRIBER
    side = PRESCRIBER if by_prescriber else PATIENT
    return {
        "text": text_of(
            agreement.program,
            "agreement",
            version=agreement.text_version,
            risk_category=agreement.risk_category,
            language=language,
        ),
        "patient": agreement.patient_id,
        "prescriber": agreement.prescriber_id,
        "risk_category": agreement.risk_category,
        "signer": agreement.signer,
        "signer_name": agreement.signer_name,
        "signer_relationship": agreement.signer_relationship,
        "side": side,
        "signed_at": getattr(agreement, f"{side}_signed_at"),
        "only_date_is_known": bool(getattr(agreement, f"{side}_date_only")),
    }


def sign_sides(
    run: Run,
    agreement: Agreement,
    sides: Collection[str] = (PATIENT, PRESCRIBER),
    *,
    language: str | None = None,
    scan: bytes | None = None,
) -> None:
    """Keep the signatures of those of `sides` who have signed, as of this moment.

    `language`: in which the patient's side read it here; `scan`: of the paper that they signed.

    The patient's side signs here with a one-time code, on paper or in a calling system; the
    prescriber signs here. Raises InvalidRequest for a prescriber who did not prove who they are,
    and for a paper signed at a practice that comes without its scan, or no paper with one.
    """
    prescriber = agreement.prescriber
    is_signed = PATIENT in sides and agreement.patient_signed_at is not None
    _keep_scan(run, agreement, scan, is_signed=is_signed)
    for side in sides:
        if side == PRESCRIBER and agreement.prescriber_signed_at is not None:
            sign(
                run,
                meaning=Meaning.AGREEMENT_AS_PRESCRIBER,
                subject=agreement,
                content=agreement_content(agreement, Meaning.AGREEMENT_AS_PRESCRIBER),
                named=prescriber.full_name,
                at=agreement.prescriber_signed_at,
                patient_id=agreement.patient_id,
            )
        elif side == PATIENT and agreement.patient_signed_at is not None:
            meaning = OF_SIGNER[Agreement.Signer(agreement.signer)]
            is_here = run.actor.role is Role.PATIENT
            (sign if is_here else sign_on_paper)(
                run,
                meaning=meaning,
                subject=agreement,
                content=agreement_content(agreement, meaning, language),
                named=agreement.signer_name,
                at=agreement.patient_signed_at,
                patient_id=agreement.patient_id,
            )


def _keep_scan(run: Run, agreement: Agreement, scan: bytes | None, *, is_signed: bool) -> None:
    """What the staff enter has its scan in the intake (L-SRC-1), a calling system its own paper."""
    if scan is not None and not is_signed:
        raise InvalidRequest("A scan of what?", {"patient_signed_at": "Say when it was signed."})
    if scan is not None:
        AgreementScan.objects.create(
            agreement=agreement,
            **columns_of(scan),
            recorded_at=run.now,
            operation_id=run.operation_id,
        )
    elif is_signed and run.call.channel is Channel.PORTAL and run.actor.role is not Role.PATIENT:
        raise InvalidRequest(
            "The signed paper is missing.", {"scan": "Attach the scan or a photo of it."}
        )
