"""Patients: who they are, their categories, who speaks and who cares for them. Tables only."""

from apps.patients.models.access import PatientCode, PatientVisit
from apps.patients.models.categories import CategoryChange
from apps.patients.models.contacts import Representative, UndeliverableAddress
from apps.patients.models.enrollment import (
    Agreement,
    AgreementScan,
    CategoryAssignment,
    DuplicateDecision,
    Patient,
    RiskCategory,
)
from apps.patients.models.merging import IdentityCorrection, PatientMerge
from apps.patients.models.transfer import PatientTransfer

__all__ = [
    "Agreement",
    "AgreementScan",
    "CategoryAssignment",
    "CategoryChange",
    "DuplicateDecision",
    "IdentityCorrection",
    "Patient",
    "PatientCode",
    "PatientMerge",
    "PatientTransfer",
    "PatientVisit",
    "Representative",
    "RiskCategory",
    "UndeliverableAddress",
]
