"""What is signed of enrollment forms, certifications and standings: the content of signatures."""

from apps.audit.models import Event
from apps.audit.signatures import Content, text_of
from apps.providers.models import (
    PharmacyCertification,
    PharmacyEnrollment,
    PrescriberEnrollment,
    StaffTraining,
)


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


def staff_training(training: StaffTraining) -> Content:
    """Which training was acknowledged, word for word, by whom, for which pharmacy."""
    return {
        "text": text_of(training.program, "staff_training", version=training.text_version),
        "pharmacy": training.pharmacy_id,
        "name": training.name,
        "user": training.user_id,
        "acknowledged_at": training.acknowledged_at,
        # Earlier papers name none, and were signed without.
        **({"role": training.role} if training.role else {}),
    }


def certification(period: PharmacyCertification) -> Content:
    """For which days a pharmacy is certified, on which form."""
    return {
        "pharmacy": period.pharmacy_id,
        "enrollment": period.enrollment_id,
        "certified_from": period.certified_from,
        "certified_until": period.certified_until,
        "last_day_on": period.last_day_on,
    }


def standing(moved: Event) -> Content:
    """How a standing was moved, and why: as the trail tells it, for the standing moves on."""
    return {
        "party": moved.subject_id,
        "moved": moved.data,
        "reason": moved.reason,
        "occurred_at": moved.occurred_at,
    }
