"""Patients, their risk categories and agreements, and to whom their care moved. Tables only."""

from apps.patients.models.patient import (
    Agreement,
    CategoryAssignment,
    DuplicateDecision,
    Patient,
    RiskCategory,
)
from apps.patients.models.transfer import PatientTransfer

__all__ = [
    "Agreement",
    "CategoryAssignment",
    "DuplicateDecision",
    "Patient",
    "PatientTransfer",
    "RiskCategory",
]
