"""Evidence: rows that tell what happened, never changed; what ends one is set once."""

from apps.evidence.models.attestations import (
    ContraceptionAttestation,
    Counseling,
    HealthStatus,
    ObligationsAttestation,
)
from apps.evidence.models.cases import CaseDetail, CaseStep
from apps.evidence.models.exceptions import ExceptionRequest, RuleException
from apps.evidence.models.intake import Intake, IntakeScan
from apps.evidence.models.pregnancy import BleedingReport, PregnancyCase, PregnancyTest
from apps.evidence.models.program import Deviation, Intervention
from apps.evidence.models.surveys import PatientSurvey, PrescriberSurvey, SurveyUse
from apps.evidence.models.therapy import TherapyEvent

__all__ = [
    "BleedingReport",
    "CaseDetail",
    "CaseStep",
    "ContraceptionAttestation",
    "Counseling",
    "Deviation",
    "ExceptionRequest",
    "HealthStatus",
    "Intake",
    "IntakeScan",
    "Intervention",
    "ObligationsAttestation",
    "PatientSurvey",
    "PregnancyCase",
    "PregnancyTest",
    "PrescriberSurvey",
    "RuleException",
    "SurveyUse",
    "TherapyEvent",
]
