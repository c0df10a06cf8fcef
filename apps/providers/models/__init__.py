"""Prescribers and pharmacies, their certifications and their people. Tables only."""

from apps.providers.models.parties import (
    Delegation,
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Practice,
    Prescriber,
    PrescriberEnrollment,
    Standing,
)
from apps.providers.models.staffing import StaffTraining, Succession

__all__ = [
    "Delegation",
    "Pharmacy",
    "PharmacyCertification",
    "PharmacyEnrollment",
    "Practice",
    "Prescriber",
    "PrescriberEnrollment",
    "StaffTraining",
    "Standing",
    "Succession",
]
