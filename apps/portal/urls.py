"""The pages' addresses. They name records by opaque ids only, never a patient."""

from django.urls import path

from apps.portal.views import (
    assessing,
    authorizations,
    categories,
    checking,
    contacts,
    delegates,
    demo_clock,
    deviations,
    dispensing,
    enrollment,
    home,
    patients,
    queues,
    records,
    signing,
    staffing,
    successors,
    supplies,
    therapy,
    transfers,
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
    path(f"{PATIENT}category/", categories.change_category, name="change_category"),
    path(f"{PATIENT}category/agreement/", categories.category_agreement, name="category_agreement"),
    path(
        f"{PATIENT}category-changes/<uuid:change_id>/withdraw/",
        categories.withdraw_change,
        name="withdraw_change",
    ),
    path(f"{PATIENT}therapy/<slug:kind>/", therapy.say, name="say"),
    path(
        f"{PATIENT}therapy-events/<uuid:event_id>/withdraw/",
        therapy.withdraw_saying,
        name="withdraw_saying",
    ),
    path(f"{PATIENT}representative/", contacts.name_representative, name="name_representative"),
    path(
        f"{PATIENT}representatives/<uuid:representative_id>/end/",
        contacts.end_representative,
        name="end_representative",
    ),
    path(f"{PATIENT}contact/", contacts.correct_contact, name="correct_contact"),
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
    path("take-over/", transfers.take_over, name="take_over"),
    path("take-over/<slug:risk_category>/", transfers.sign_take_over, name="sign_take_over"),
    path("former-patients/", transfers.former_patients, name="former_patients"),
    path("former-patients/<uuid:patient_id>/", transfers.former_patient, name="former_patient"),
    path("delegates/", delegates.delegates, name="delegates"),
    path("delegates/<uuid:delegation_id>/end/", delegates.end_delegation, name="end_delegation"),
    # The pharmacy's side
    path("training/", staffing.training, name="training"),
    path("sites/", staffing.my_sites, name="my_sites"),
    path("staff/", staffing.staff, name="staff"),
    path("staff/invite/", staffing.invite, name="invite_staff"),
    path("staff/training/", staffing.record_training, name="record_training"),
    path("staff/<uuid:membership_id>/end/", staffing.end_membership, name="end_membership"),
    path("successor/", successors.successor, name="successor"),
    path("successor/withdraw/", successors.withdraw, name="withdraw_successor"),
    path("sites/<uuid:pharmacy_id>/take-over/", successors.take_over, name="take_over_site"),
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
    path("dispenses/late/", supplies.late_dispense, name="late_dispense"),
    path("dispenses/<uuid:dispense_id>/return/", supplies.return_to_stock, name="return_to_stock"),
    path("dispenses/<uuid:dispense_id>/stop/", supplies.stop_supply, name="stop_supply"),
    path("dispenses/<uuid:dispense_id>/shipment/", supplies.ship, name="ship"),
    path("dispenses/<uuid:dispense_id>/shipment/end/", supplies.end_shipment, name="end_shipment"),
    # The program's office
    path("office/queues/", queues.queues, name="queues"),
    path("office/queues/<slug:kind>/", queues.queue, name="queue"),
    path("office/queues/<slug:kind>/<uuid:subject_id>/", queues.queue_item, name="queue_item"),
    path(
        "office/queues/<slug:kind>/<uuid:subject_id>/assign/",
        queues.assign_item,
        name="assign_item",
    ),
    path(
        "office/queues/<slug:kind>/<uuid:subject_id>/give-back/",
        queues.give_back_item,
        name="give_back_item",
    ),
    path("office/messages/<uuid:subject_id>/settle/", queues.settle_notice, name="settle_notice"),
    path("office/deviations/<uuid:deviation_id>/", deviations.deviation, name="deviation"),
    path(
        "office/deviations/<uuid:deviation_id>/review/",
        deviations.review_deviation,
        name="review_deviation",
    ),
    path(
        "office/deviations/<uuid:deviation_id>/correct/",
        deviations.correct_deviation,
        name="correct_deviation",
    ),
    path(
        "office/deviations/<uuid:deviation_id>/accept/",
        deviations.accept_deviation,
        name="accept_deviation",
    ),
    path("office/assessment/", assessing.assessment_report, name="assessment_report"),
]
