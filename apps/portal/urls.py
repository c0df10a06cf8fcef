"""The pages' addresses. They name records by opaque ids only, never a patient."""

from django.urls import path

from apps.portal.views import (
    authorizations,
    checking,
    demo_clock,
    dispensing,
    enrollment,
    home,
    patients,
    records,
    signing,
    withdrawing,
)

PATIENT = "patients/<uuid:patient_id>/"

urlpatterns = [
    path("", home.home, name="home"),
    path("role/", home.choose_role, name="choose_role"),
    path("demo-clock/", demo_clock.demo_clock, name="demo_clock"),
    path("certification/", signing.certification, name="certification"),
    # The prescriber's side
    path("patients/", patients.my_patients, name="my_patients"),
    path("enroll/", enrollment.identity, name="enroll"),
    path("enroll/category/", enrollment.body, name="enroll_body"),
    path("enroll/agreement/", enrollment.agreement, name="enroll_agreement"),
    path("enroll/duplicates/", enrollment.duplicates, name="enroll_duplicates"),
    path("enroll/discard/", enrollment.discard, name="enroll_discard"),
    path(PATIENT, patients.patient, name="patient"),
    path(f"{PATIENT}record/<slug:kind>/", records.record, name="record"),
    path(f"{PATIENT}agreement/", signing.renew_agreement, name="renew_agreement"),
    path(
        f"{PATIENT}agreements/<uuid:agreement_id>/", signing.sign_agreement, name="sign_agreement"
    ),
    path(
        f"{PATIENT}tests/<uuid:test_id>/withdraw/", withdrawing.withdraw_test, name="withdraw_test"
    ),
    path(
        f"{PATIENT}reports/<uuid:report_id>/withdraw/",
        withdrawing.withdraw_report,
        name="withdraw_report",
    ),
    path(f"{PATIENT}request/", authorizations.request_authorization, name="request"),
    path(f"{PATIENT}requests/<uuid:decision_id>/", authorizations.decision, name="decision"),
    path(
        f"{PATIENT}authorizations/<uuid:authorization_id>/cancel/",
        authorizations.cancel,
        name="cancel_authorization",
    ),
    # The pharmacy's side
    path("check/", checking.check, name="check"),
    path("check/<uuid:decision_id>/", checking.answer, name="answer"),
    path("confirmations/", dispensing.confirmations, name="confirmations"),
    path("confirmations/<uuid:confirmation_id>/", dispensing.confirmation, name="confirmation"),
    path(
        "confirmations/<uuid:confirmation_id>/cancel/",
        dispensing.cancel_confirmation,
        name="cancel_confirmation",
    ),
    path("dispenses/", dispensing.dispenses, name="dispenses"),
    path("dispenses/<uuid:dispense_id>/", dispensing.receipt, name="receipt"),
    path(
        "dispenses/<uuid:dispense_id>/pregnancy/",
        dispensing.report_pregnancy,
        name="report_pregnancy",
    ),
    path(
        "dispenses/<uuid:dispense_id>/return/", dispensing.return_to_stock, name="return_to_stock"
    ),
]
