"""What the API's description calls the choices that several fields share."""

ENUM_NAMES = {
    "Standing": "apps.providers.models.Standing",
    "RiskCategory": "apps.patients.models.RiskCategory",
    "CategoryBasisKind": "apps.patients.models.CategoryAssignment.Basis",
    "Signer": "apps.patients.models.Agreement.Signer",
    "AuthorizationState": "apps.prescriptions.models.Authorization.State",
    "ConfirmationState": "apps.prescriptions.models.Confirmation.State",
    "Handover": "apps.prescriptions.models.Confirmation.Handover",
    "BleedingKind": "apps.evidence.models.BleedingReport.Kind",
    "TransferKind": "apps.patients.models.PatientTransfer.Kind",
    "RepresentativeKind": "apps.patients.models.Representative.Kind",
    "UndeliverableKind": "apps.patients.models.UndeliverableAddress.Kind",
    "TherapyEventKind": "apps.evidence.models.TherapyEvent.Kind",
    "IntakeKind": "apps.evidence.models.Intake.Kind",
    "SupplyStopKind": "apps.prescriptions.models.SupplyStop.Kind",
    "ExceptionRequestState": "apps.evidence.models.ExceptionRequest.State",
    "IntakeChannel": "apps.evidence.models.Intake.Channel",
    "IntakeState": "apps.evidence.models.Intake.State",
    "MovableKind": "apps.evidence.services.moving.MOVABLE_KINDS",
    "PregnancyTestResult": "apps.evidence.models.PregnancyTest.Result",
    "PregnancyCaseOutcome": "apps.evidence.models.PregnancyCase.Outcome",
}
