"""Every address of the JSON API. What is not listed answers with a problem document, too."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from apps.api.endpoint import Nowhere
from apps.api.views import (
    checks,
    evaluations,
    evidence,
    identity,
    moving,
    oversight,
    patients,
    plans,
    prescriptions,
    providers,
    reminders,
    safety,
    standing,
    supplies,
    tokens,
)

PRESCRIBER = "prescribers/<uuid:prescriber_id>"
PHARMACY = "pharmacies/<uuid:pharmacy_id>"
PATIENT = "patients/<uuid:patient_id>"

providers_urls = [
    path("prescribers", providers.Prescribers.as_view(), name="prescribers"),
    path(PRESCRIBER, providers.Prescriber.as_view(), name="prescriber"),
    path(
        f"{PRESCRIBER}/enrollments",
        providers.PrescriberEnrollments.as_view(),
        name="prescriber-enrollments",
    ),
    path(
        f"{PRESCRIBER}/certifications",
        providers.PrescriberCertifications.as_view(),
        name="prescriber-certifications",
    ),
    path(
        f"{PRESCRIBER}/standings",
        providers.PrescriberStandings.as_view(),
        name="prescriber-standings",
    ),
    path("pharmacies", providers.Pharmacies.as_view(), name="pharmacies"),
    path(PHARMACY, providers.Pharmacy.as_view(), name="pharmacy"),
    path(
        f"{PHARMACY}/enrollments",
        providers.PharmacyEnrollments.as_view(),
        name="pharmacy-enrollments",
    ),
    path(
        f"{PHARMACY}/certifications",
        providers.PharmacyCertifications.as_view(),
        name="pharmacy-certifications",
    ),
    path(f"{PHARMACY}/standings", providers.PharmacyStandings.as_view(), name="pharmacy-standings"),
    path(f"{PHARMACY}/trainings", moving.Trainings.as_view(), name="trainings"),
    path(
        f"{PHARMACY}/representatives",
        moving.PharmacyRepresentatives.as_view(),
        name="pharmacy-representatives",
    ),
    path(
        f"{PHARMACY}/successor-confirmation",
        moving.SuccessorConfirmation.as_view(),
        name="successor-confirmation",
    ),
    path(f"{PRESCRIBER}/delegations", moving.Delegations.as_view(), name="delegations"),
    path(
        f"{PRESCRIBER}/delegations/<uuid:delegation_id>/end",
        moving.DelegationEnd.as_view(),
        name="delegation-end",
    ),
    path("practices/<uuid:practice_id>/coverage", moving.Coverage.as_view(), name="coverage"),
    path("transfers", moving.Transfers.as_view(), name="transfers"),
    path("hand-overs", moving.HandOvers.as_view(), name="hand-overs"),
    path("stranded-patients", moving.StrandedPatients.as_view(), name="stranded-patients"),
]

patients_urls = [
    path("patients", patients.Patients.as_view(), name="patients"),
    path(PATIENT, patients.Patient.as_view(), name="patient"),
    path(
        f"{PATIENT}/authorization-plan",
        plans.AuthorizationPlan.as_view(),
        name="authorization-plan",
    ),
    path(f"{PATIENT}/agreements", patients.Agreements.as_view(), name="agreements"),
    path(
        f"{PATIENT}/agreements/<uuid:agreement_id>/signatures",
        patients.AgreementSignatures.as_view(),
        name="agreement-signatures",
    ),
]

standing_urls = [
    path(
        f"{PATIENT}/category-changes", standing.CategoryChanges.as_view(), name="category-changes"
    ),
    path(
        f"{PATIENT}/category-changes/<uuid:entry_id>/decision",
        standing.CategoryChangeDecision.as_view(),
        name="category-change-decision",
    ),
    path(
        f"{PATIENT}/category-changes/<uuid:entry_id>/withdrawal",
        standing.CategoryChangeWithdrawal.as_view(),
        name="category-change-withdrawal",
    ),
    path(f"{PATIENT}/therapy", standing.Therapy.as_view(), name="therapy"),
    path(f"{PATIENT}/therapy-events", standing.TherapyEvents.as_view(), name="therapy-events"),
    path(
        f"{PATIENT}/therapy-events/<uuid:entry_id>/withdrawal",
        standing.TherapyEventWithdrawal.as_view(),
        name="therapy-event-withdrawal",
    ),
    path(f"{PATIENT}/representatives", standing.Representatives.as_view(), name="representatives"),
    path(
        f"{PATIENT}/representatives/<uuid:entry_id>/end",
        standing.RepresentativeEnd.as_view(),
        name="representative-end",
    ),
    path(f"{PATIENT}/contact", standing.Contact.as_view(), name="contact"),
    path(
        f"{PATIENT}/undeliverable-addresses",
        standing.UndeliverableAddresses.as_view(),
        name="undeliverable-addresses",
    ),
    path(
        f"{PATIENT}/undeliverable-addresses/<uuid:entry_id>/settlement",
        standing.UndeliverableSettlement.as_view(),
        name="undeliverable-settlement",
    ),
]

evidence_urls = [
    path(f"{PATIENT}/pregnancy-tests", evidence.PregnancyTests.as_view(), name="pregnancy-tests"),
    path(
        f"{PATIENT}/pregnancy-tests/<uuid:entry_id>/withdrawal",
        evidence.PregnancyTestWithdrawal.as_view(),
        name="pregnancy-test-withdrawal",
    ),
    path(f"{PATIENT}/contraception", evidence.Contraception.as_view(), name="contraception"),
    path(
        f"{PATIENT}/contraception/<uuid:entry_id>/withdrawal",
        evidence.ContraceptionWithdrawal.as_view(),
        name="contraception-withdrawal",
    ),
    path(f"{PATIENT}/obligations", evidence.Obligations.as_view(), name="obligations"),
    path(f"{PATIENT}/counseling", evidence.CounselingEntries.as_view(), name="counseling"),
    path(f"{PATIENT}/health-statuses", evidence.HealthStatuses.as_view(), name="health-statuses"),
    path(f"{PATIENT}/surveys", evidence.PatientSurveys.as_view(), name="patient-surveys"),
    path(
        f"{PATIENT}/bleeding-reports", evidence.BleedingReports.as_view(), name="bleeding-reports"
    ),
    path(
        f"{PATIENT}/bleeding-reports/<uuid:entry_id>/withdrawal",
        evidence.BleedingReportWithdrawal.as_view(),
        name="bleeding-report-withdrawal",
    ),
    path(f"{PATIENT}/pregnancy-cases", evidence.PregnancyCases.as_view(), name="pregnancy-cases"),
    path(
        f"{PATIENT}/pregnancy-cases/<uuid:entry_id>/closure",
        evidence.PregnancyCaseClosure.as_view(),
        name="pregnancy-case-closure",
    ),
    path(
        f"{PATIENT}/pregnancy-cases/<uuid:entry_id>/details",
        safety.PregnancyCaseDetails.as_view(),
        name="pregnancy-case-details",
    ),
    path(
        f"{PATIENT}/pregnancy-cases/<uuid:entry_id>/steps",
        safety.PregnancyCaseSteps.as_view(),
        name="pregnancy-case-steps",
    ),
    path(
        f"{PATIENT}/case-steps/<uuid:entry_id>/completion",
        safety.CaseStepCompletion.as_view(),
        name="case-step-completion",
    ),
    path(
        f"{PATIENT}/case-steps/<uuid:entry_id>/waiver",
        safety.CaseStepWaiver.as_view(),
        name="case-step-waiver",
    ),
    path(
        f"{PATIENT}/breastfeeding-reports",
        safety.BreastfeedingReports.as_view(),
        name="breastfeeding-reports",
    ),
    path("interventions", safety.AllInterventions.as_view(), name="all-interventions"),
    path("pregnancy-cases", safety.AllPregnancyCases.as_view(), name="all-pregnancy-cases"),
    path(f"{PATIENT}/interventions", evidence.Interventions.as_view(), name="interventions"),
    path(
        f"{PATIENT}/interventions/<uuid:entry_id>/resolution",
        evidence.InterventionResolution.as_view(),
        name="intervention-resolution",
    ),
    path(f"{PATIENT}/exceptions", evidence.RuleExceptions.as_view(), name="exceptions"),
    path(
        f"{PATIENT}/exception-requests",
        supplies.ExceptionRequests.as_view(),
        name="exception-requests",
    ),
]

identity_urls = [
    path(f"{PATIENT}/intakes", identity.Intakes.as_view(), name="intakes"),
    path(
        f"{PATIENT}/intakes/<uuid:entry_id>/scan",
        identity.IntakeScan.as_view(),
        name="intake-scan",
    ),
    path(
        f"{PATIENT}/obligations/<uuid:entry_id>/withdrawal",
        identity.ObligationsWithdrawal.as_view(),
        name="obligations-withdrawal",
    ),
    path(
        f"{PATIENT}/counseling/<uuid:entry_id>/withdrawal",
        identity.CounselingWithdrawal.as_view(),
        name="counseling-withdrawal",
    ),
    path(
        f"{PATIENT}/health-statuses/<uuid:entry_id>/withdrawal",
        identity.HealthStatusWithdrawal.as_view(),
        name="health-status-withdrawal",
    ),
    path(
        f"{PATIENT}/surveys/<uuid:entry_id>/withdrawal",
        identity.PatientSurveyWithdrawal.as_view(),
        name="patient-survey-withdrawal",
    ),
    path(
        f"{PATIENT}/agreements/<uuid:entry_id>/withdrawal",
        identity.AgreementWithdrawal.as_view(),
        name="agreement-withdrawal",
    ),
    path("entry-moves", identity.EntryMoves.as_view(), name="entry-moves"),
    path(
        f"{PATIENT}/identity-corrections",
        identity.IdentityCorrections.as_view(),
        name="identity-corrections",
    ),
    path(f"{PATIENT}/merges", identity.Merges.as_view(), name="merges"),
    path(
        f"{PATIENT}/duplicate-decisions",
        identity.DuplicateDecisions.as_view(),
        name="duplicate-decisions",
    ),
    path("resemblances", identity.Resemblances.as_view(), name="resemblances"),
]

prescriptions_urls = [
    path("authorizations", prescriptions.Authorizations.as_view(), name="authorizations"),
    path(
        "authorizations/<uuid:authorization_id>",
        prescriptions.Authorization.as_view(),
        name="authorization",
    ),
    path(
        "authorizations/<uuid:authorization_id>/cancellation",
        prescriptions.AuthorizationCancellation.as_view(),
        name="authorization-cancellation",
    ),
    path("confirmations", prescriptions.Confirmations.as_view(), name="confirmations"),
    path(
        "confirmations/<uuid:confirmation_id>",
        prescriptions.Confirmation.as_view(),
        name="confirmation",
    ),
    path(
        "confirmations/<uuid:confirmation_id>/cancellation",
        prescriptions.ConfirmationCancellation.as_view(),
        name="confirmation-cancellation",
    ),
    path("dispenses", prescriptions.Dispenses.as_view(), name="dispenses"),
    path("dispenses/<uuid:dispense_id>", prescriptions.Dispense.as_view(), name="dispense"),
    path(
        "dispenses/<uuid:dispense_id>/return",
        supplies.DispenseReturn.as_view(),
        name="dispense-return",
    ),
    path(
        "dispenses/<uuid:dispense_id>/supply-stop",
        supplies.SupplyStop.as_view(),
        name="supply-stop",
    ),
    path(
        "dispenses/<uuid:dispense_id>/supply-end/withdrawal",
        supplies.SupplyEndWithdrawal.as_view(),
        name="supply-end-withdrawal",
    ),
    path(
        "dispenses/<uuid:dispense_id>/package/correction",
        supplies.PackageCorrection.as_view(),
        name="package-correction",
    ),
    path("dispenses/<uuid:dispense_id>/shipment", supplies.Shipment.as_view(), name="shipment"),
    path(
        "dispenses/<uuid:dispense_id>/shipment/correction",
        supplies.ShipmentCorrection.as_view(),
        name="shipment-correction",
    ),
    path(
        "dispenses/<uuid:dispense_id>/shipment/outcome",
        supplies.ShipmentOutcome.as_view(),
        name="shipment-outcome",
    ),
    path(
        "dispenses/<uuid:dispense_id>/withdrawal",
        supplies.LateDispenseWithdrawal.as_view(),
        name="late-dispense-withdrawal",
    ),
    path("late-dispenses", supplies.LateDispenses.as_view(), name="late-dispenses"),
    path(
        f"{PATIENT}/late-dispenses",
        supplies.PatientLateDispenses.as_view(),
        name="patient-late-dispenses",
    ),
    path("outages", supplies.Outages.as_view(), name="outages"),
    path("outages/<uuid:outage_id>/end", supplies.OutageEnd.as_view(), name="outage-end"),
    path(
        "outages/<uuid:outage_id>/reconciliation",
        supplies.OutageReconciliation.as_view(),
        name="outage-reconciliation",
    ),
    path("decisions", prescriptions.Decisions.as_view(), name="decisions"),
    path("decisions/<uuid:decision_id>", prescriptions.Decision.as_view(), name="decision"),
    path(
        "decisions/<uuid:decision_id>/replay",
        prescriptions.DecisionReplay.as_view(),
        name="decision-replay",
    ),
    path("evaluations", evaluations.Evaluations.as_view(), name="evaluations"),
    path("documents/<slug:kind>", evaluations.Documents.as_view(), name="documents"),
]

reminders_urls = [
    path(
        f"{PATIENT}/reminder-preferences",
        reminders.PatientPreferences.as_view(),
        name="patient-reminder-preferences",
    ),
    path(
        f"{PRESCRIBER}/reminder-preferences",
        reminders.PrescriberPreferences.as_view(),
        name="prescriber-reminder-preferences",
    ),
    path(
        f"{PHARMACY}/reminder-preferences",
        reminders.PharmacyPreferences.as_view(),
        name="pharmacy-reminder-preferences",
    ),
    path(f"{PATIENT}/reminders", reminders.Reminders.as_view(), name="reminders"),
    path("messages", reminders.Messages.as_view(), name="messages"),
    path(
        "messages/<uuid:notice_id>/reading",
        reminders.MessageReading.as_view(),
        name="message-reading",
    ),
]

oversight_urls = [
    path("queues", oversight.Queues.as_view(), name="queues"),
    path("queues/<slug:queue>", oversight.QueueItems.as_view(), name="queue-items"),
    path(
        "queues/<slug:queue>/<uuid:subject_id>/assignments",
        oversight.Assignments.as_view(),
        name="assignments",
    ),
    path(
        "undeliverable-notices/<uuid:entry_id>/settlement",
        oversight.NoticeSettlement.as_view(),
        name="notice-settlement",
    ),
    path("deviations", oversight.Deviations.as_view(), name="deviations"),
    path("deviations/<uuid:deviation_id>", oversight.Deviation.as_view(), name="deviation"),
    path(
        "deviations/<uuid:entry_id>/review",
        oversight.DeviationReview.as_view(),
        name="deviation-review",
    ),
    path(
        "deviations/<uuid:entry_id>/correction",
        oversight.DeviationCorrection.as_view(),
        name="deviation-correction",
    ),
    path(
        "deviations/<uuid:entry_id>/acceptance",
        oversight.DeviationAcceptance.as_view(),
        name="deviation-acceptance",
    ),
    path("assessment", oversight.Assessment.as_view(), name="assessment"),
]

description_urls = [
    path(
        "openapi.yaml",
        SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="openapi",
    ),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api:openapi",
            template_name="api/docs.html",
            http_method_names=["get", "head"],  # What it would say of itself has no page.
            authentication_classes=[],
            permission_classes=[],
        ),
        name="docs",
    ),
]

version_1: list[URLPattern | URLResolver] = [
    # First, for addresses are tried in turn, and this one is asked most.
    path("eligibility-checks", checks.EligibilityChecks.as_view(), name="eligibility-checks"),
    path("token", tokens.Tokens.as_view(), name="token"),
    *providers_urls,
    *patients_urls,
    *standing_urls,
    *evidence_urls,
    *identity_urls,
    *prescriptions_urls,
    *reminders_urls,
    *oversight_urls,
    *description_urls,
]

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(version_1)),
    re_path(r"^", Nowhere.as_view(), name="nowhere"),
]
