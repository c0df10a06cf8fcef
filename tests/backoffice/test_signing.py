"""The office signs what it decides; signatures are findable, and compared with their records."""

from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.audit.models import Event, Meaning, Signature
from apps.audit.signatures import signatures_of
from apps.evidence import services as evidence
from apps.evidence.models import Intervention, PregnancyCase, RuleException
from apps.oversight import services as oversight
from apps.oversight.signed_records import CONTENTS, is_unchanged, signed_record
from apps.patients.services import Identity
from apps.providers import services as providers
from apps.providers.models import PharmacyCertification, Prescriber
from apps.rules.documents import document
from tests import builders
from tests.backoffice.test_actions import act, pending_prescriber, said
from tests.backoffice.test_standing import page, waiting
from tests.oversight import cases
from tests.portal.people import send as send_page

pytestmark = pytest.mark.django_db

DECIDED = {"reason": "Looked into and agreed"}


def decision(subject: Model, meaning: Meaning) -> Signature:
    """The one signature of a decision, by the administrator; the record still says it."""
    subject.refresh_from_db()
    found = signatures_of(subject).get(meaning=meaning)
    assert found.method == "all_components"
    assert is_unchanged(found, subject)
    assert signed_record(found) == subject
    return found


def page_of(record: Model) -> str:
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])


def test_closing_a_case_is_signed_and_a_wrong_password_closes_nothing(
    cast: builders.Cast, administrator: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    case = PregnancyCase.objects.get()
    entered = {"outcome": "not_pregnant", "reason": "Repeated twice", "waiver": ""}

    refused = act(administrator, case, "close", **entered, password="wrong")
    assert "This password is not right. Nothing was signed." in said(refused)
    case.refresh_from_db()
    assert case.closed_at is None
    assert Event.objects.filter(code="signing_failed").count() == 1

    assert act(administrator, case, "close", **entered).status_code == 302
    found = decision(case, Meaning.CASE_CLOSURE)
    shown = administrator.get(page_of(case)).content.decode()
    assert "Meaning: Closure of a pregnancy case." in shown
    assert reverse("admin:audit_signature_change", args=[found.pk]) in shown
    own = administrator.get(page_of(found)).content.decode()
    assert "Yes: content and digest are as they were signed." in own
    assert "Repeated twice" in own


def test_an_intervention_is_resolved_with_a_signature(
    cast: builders.Cast, administrator: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, patient, lapse=True)
    intervention = Intervention.objects.get()
    entered = {"conclusion": "counseled", "contacted": "The patient", "outcome": "Understood"}

    assert act(administrator, intervention, "resolve", **entered).status_code == 302
    decision(intervention, Meaning.INTERVENTION)


@pytest.mark.parametrize("name", ["approve", "refuse"])
def test_a_decision_on_a_change_of_category_is_signed(
    cast: builders.Cast, administrator: Client, name: str
) -> None:
    change = waiting(cast, builders.enroll(cast.prescribing))
    assert act(administrator, change, name, **DECIDED).status_code == 302
    decision(change, Meaning.CATEGORY_DECISION)


def test_an_exception_is_granted_with_a_signature(
    cast: builders.Cast, administrator: Client
) -> None:
    builders.exception(cast, builders.enroll(cast.prescribing))
    decision(RuleException.objects.get(), Meaning.EXCEPTION)


def test_a_deviation_is_accepted_with_a_signature_in_the_admin_and_on_the_page(
    cast: builders.Cast, administrator: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    for accept in (_in_admin, _on_page):
        deviation = cases.deviation(patient)
        oversight.start_review(cast.staff, deviation_id=deviation.pk, reason="Looked into")
        assert accept(administrator, deviation).status_code == 302
        deviation.refresh_from_db()
        found = signatures_of(deviation).get()
        assert found.meaning == Meaning.DEVIATION
        assert is_unchanged(found, deviation)


def _in_admin(browser: Client, deviation: Model) -> Any:
    return act(browser, deviation, "accept", **DECIDED)


def _on_page(browser: Client, deviation: Model) -> Any:
    return send_page(browser, reverse("accept_deviation", args=[deviation.pk]), **DECIDED)


def test_certifying_and_suspending_are_signed_and_stay_what_was_signed(
    cast: builders.Cast, administrator: Client
) -> None:
    prescriber = pending_prescriber(cast)
    form = {"program": builders.PROGRAM, "attestations": _codes()}
    providers.sign_prescriber_enrollment(builders.prescribing_call(prescriber), **form)

    assert act(administrator, prescriber, "certify", reason="License seen").status_code == 302
    assert act(administrator, prescriber, "suspend", reason="License lapsed").status_code == 302

    prescriber = Prescriber.objects.get(pk=prescriber.pk)
    assert prescriber.state == "suspended"
    certified = signatures_of(prescriber).get(meaning=Meaning.CERTIFICATION)
    suspended = signatures_of(prescriber).get(meaning=Meaning.STANDING)
    assert (certified.method, suspended.method) == ("all_components", "one_component")
    # Each still tells its own move, though the standing went on.
    assert is_unchanged(certified, prescriber)
    assert is_unchanged(suspended, prescriber)
    period = PharmacyCertification.objects.get()
    assert is_unchanged(signatures_of(period).get(), period)


def test_each_change_of_a_standing_says_which_act_was_signed(
    cast: builders.Cast, administrator: Client
) -> None:
    """L-ENR-1, L-ENR-2"""
    acts = {
        "suspend": "Suspension of a certification",
        "reinstate": "Reinstatement of a certification",
        "decertify": "Decertification",
    }
    for party in (cast.prescriber, cast.pharmacy):
        for event in acts:
            shown = administrator.get(page(party, event)).content.decode()
            assert f"{event} this {party._meta.model_name}, and sign that" in shown
            assert act(administrator, party, event, reason="An audit").status_code == 302
        signed = signatures_of(party).filter(meaning=Meaning.STANDING)
        assert [each.meaning_in_words for each in signed] == list(acts.values())
        own = administrator.get(page_of(party)).content.decode()
        listed = administrator.get(reverse("admin:audit_signature_changelist")).content.decode()
        for words, each in zip(acts.values(), signed, strict=True):
            assert f"Meaning: {words}." in own
            assert words in listed
            assert words in administrator.get(page_of(each)).content.decode()
            assert str(each) == f"{words}, signed by {each.printed_name}"
            assert is_unchanged(each, party)


def test_every_kind_of_record_that_is_signed_can_be_compared(cast: builders.Cast) -> None:
    builders.authorized_frp(cast)
    signed = set(Signature.objects.values_list("subject_model", flat=True).distinct())
    assert signed
    assert signed <= set(CONTENTS)
    for signature in Signature.objects.all():
        record = signed_record(signature)
        assert record is not None
        assert is_unchanged(signature, record), signature


def test_signatures_are_found_by_name_and_id_and_never_changed(
    cast: builders.Cast, administrator: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    url = reverse("admin:audit_signature_changelist")
    for sought in ("Fiona Synthetic", str(patient.agreements.get().pk), str(patient.pk)):
        found = administrator.post(url, {"q": sought}, follow=True).content.decode()
        assert "Agreement, as the patient" in found, sought
    assert administrator.get(reverse("admin:audit_signature_add")).status_code == 403


def test_three_wrong_passwords_end_the_sign_in_of_the_office_too(
    cast: builders.Cast, administrator: Client
) -> None:
    prescriber = pending_prescriber(cast)
    wrong = {"reason": "Test", "password": "wrong"}
    answers = [act(administrator, prescriber, "decertify", **wrong) for _ in range(3)]
    assert answers[-1]["Location"] == "/accounts/login/"
    assert administrator.get("/admin/").status_code == 302
    assert Event.objects.filter(code="signing_misused").count() == 1


def test_a_move_of_a_survey_needs_no_new_signature(cast: builders.Cast) -> None:
    wrong = builders.enroll(cast.prescribing, "adult_male")
    other = builders.enroll(
        cast.prescribing,
        "adult_male",
        identity=Identity("Mark", "Moved", builders.IDENTITY.born_on, "20001"),
    )
    entered = builders.survey(cast.prescribing, wrong, "adult_male")
    unsigned = cast.prescribing.signed(None)

    moved = evidence.move_entry(
        unsigned,
        kind="patient_survey",
        entry_id=entered.pk,
        to_patient_id=other.pk,
        reason="Entered for the wrong man",
    )

    assert signatures_of(entered).count() == 1
    assert not signatures_of(moved).exists()


def _codes() -> Any:
    return document(builders.PROGRAM, "prescriber_enrollment").codes
