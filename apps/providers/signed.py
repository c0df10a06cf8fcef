"""What is signed of an enrollment form: the content that its signature is bound to."""

from apps.audit.signatures import Content, text_of
from apps.providers.models import PharmacyEnrollment, PrescriberEnrollment


def prescriber_enrollment(form: PrescriberEnrollment, program: str) -> Content:
    """The attestations of a prescriber, word for word, and for whom."""
    return {
        "text": text_of(program, "prescriber_enrollment", version=form.form_version),
        "prescriber": form.prescriber_id,
        "education_acknowledged_at": form.education_acknowledged_at,
        "attestations": form.attestations,
    }


def pharmacy_enrollment(form: PharmacyEnrollment, program: str) -> Content:
    """The attestations of a pharmacy, word for word, and for which one."""
    return {
        "text": text_of(program, "pharmacy_enrollment", version=form.form_version),
        "pharmacy": form.pharmacy_id,
        "purpose": form.purpose,
        "attestations": form.attestations,
    }
