"""What follows from an entry in the same transaction: holds, voided numbers, notices (L-AUT-8)."""

from collections.abc import Callable
from typing import Any

import pytest

from apps.core import clock
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.models import PregnancyCase
from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.patients.services import Signatures
from apps.prescriptions.models import Authorization
from tests import builders

pytestmark = pytest.mark.django_db

Cast = builders.Cast
Entry = Callable[[Cast, Patient], Any]


def lapse(cast: Cast, patient: Patient) -> Any:
    return builders.contraception(cast.prescribing, patient, lapse=True)


def inadequate(cast: Cast, patient: Patient) -> Any:
    return builders.contraception(cast.prescribing, patient, methods=["iud"])


def not_acceptable(cast: Cast, patient: Patient) -> Any:
    methods = ["progestin_only_pill", "female_condom"]
    return builders.contraception(cast.prescribing, patient, methods=methods)


def back_dated_lapse(cast: Cast, patient: Patient) -> Any:
    before = patient.authorizations.latest("issued_at").issued_at
    return builders.contraception(
        cast.prescribing, patient, lapse=True, attested_at=before.replace(year=before.year - 1)
    )


def positive_test(cast: Cast, patient: Patient) -> Any:
    return builders.pregnancy_test(cast.prescribing, patient, result="positive")


def withdrawn_test(cast: Cast, patient: Patient) -> Any:
    oldest = patient.pregnancytest_set.earliest("collected_at")
    return evidence.withdraw_pregnancy_test(
        cast.prescribing, test_id=oldest.pk, reason="Another patient's"
    )


def withdrawn_contraception(cast: Cast, patient: Patient) -> Any:
    entry = patient.contraceptionattestation_set.get()
    return evidence.withdraw_contraception(
        cast.staff, attestation_id=entry.pk, reason="Another patient's"
    )


def new_agreement(cast: Cast, patient: Patient) -> Any:
    now = clock.now()
    return evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=Signatures(
            signer="patient",
            signer_name="Fiona Synthetic",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    )


def agreement_completed_later(cast: Cast, patient: Patient) -> Any:
    started = evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=Signatures(
            signer="patient", signer_name="Fiona Synthetic", patient_signed_at=clock.now()
        ),
    )
    assert patient.authorizations.filter(state__in=["issued", "confirmed"]).exists()
    return evidence.sign_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        agreement_id=started.pk,
        prescriber_signed_at=clock.now(),
    )


def suspected_pregnancy(cast: Cast, patient: Patient) -> Any:
    return evidence.report_pregnancy(
        cast.staff,
        patient_id=patient.pk,
        subject="patient",
        reported_at=clock.now(),
        source="Telephone",
    )


def may_be_pregnant(cast: Cast, patient: Patient) -> Any:
    return evidence.record_patient_survey(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers("adult_frp"), "may_be_pregnant": "yes"},
    )


def closed_case(outcome: str) -> Entry:
    def close(cast: Cast, patient: Patient) -> Any:
        # As if voiding had failed when the case was opened: the closure voids all the same.
        case = PregnancyCase.objects.create(
            patient=patient,
            subject="patient",
            source="Telephone",
            reported_at=patient.registered_at,
            recorded_at=patient.registered_at,
            operation_id=patient.agreements.latest("recorded_at").operation_id,
        )
        return evidence.close_pregnancy_case(
            cast.administrator, case_id=case.pk, outcome=outcome, reason="Adjudicated"
        )

    close.__name__ = f"closed_{outcome}"
    return close


VOIDING = [
    lapse,
    inadequate,
    not_acceptable,
    back_dated_lapse,
    positive_test,
    withdrawn_test,
    withdrawn_contraception,
    new_agreement,
    agreement_completed_later,
    suspected_pregnancy,
    may_be_pregnant,
    *(closed_case(outcome) for outcome in PregnancyCase.Outcome.values),
]


def name_of(entry: Entry) -> str:
    return entry.__name__


@pytest.mark.parametrize("entry", VOIDING, ids=name_of)
def test_what_makes_a_number_worthless_voids_it_at_once(entry: Entry, cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)

    entry(cast, authorization.patient)

    authorization.refresh_from_db()
    assert authorization.state == "void"
    assert authorization.ended_reason
    told = Notice.objects.filter(template="authorization_voided")
    assert [notice.recipient_id for notice in told] == [cast.prescriber.pk]


@pytest.mark.parametrize("entry", VOIDING, ids=name_of)
def test_it_voids_the_confirmation_too_and_tells_the_pharmacy_that_holds_it(
    entry: Entry, cast: builders.Cast
) -> None:
    builders.certified_pharmacy(cast.administrator, serial=2)
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None

    entry(cast, authorization.patient)

    confirmation.refresh_from_db()
    authorization.refresh_from_db()
    assert (authorization.state, confirmation.state) == ("void", "void")
    told = Notice.objects.filter(template="authorization_voided")
    assert {notice.recipient_id for notice in told} == {cast.prescriber.pk, cast.pharmacy.pk}
    refused = builders.dispense(cast.dispensing, confirmation)
    assert not refused.allowed


def safe(cast: Cast, patient: Patient) -> Any:
    builders.contraception(cast.prescribing, patient)
    builders.negative_test(cast.prescribing, patient)
    builders.obligations(cast.prescribing, patient)
    builders.counseling(cast.prescribing, patient)
    return builders.survey(cast.prescribing, patient, "adult_frp")


def unfinished_agreement(cast: Cast, patient: Patient) -> Any:
    return evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=Signatures(
            signer="patient", signer_name="Fiona Synthetic", patient_signed_at=clock.now()
        ),
    )


@pytest.mark.parametrize("entry", [safe, unfinished_agreement], ids=name_of)
def test_what_is_safe_leaves_a_number_as_it_is(entry: Entry, cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    entry(cast, authorization.patient)
    authorization.refresh_from_db()
    assert authorization.state == "issued"
    assert builders.confirm(cast.dispensing, authorization).allowed


def test_a_missed_period_stops_the_dispense_without_voiding(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    evidence.report_bleeding(
        cast.prescribing,
        patient_id=authorization.patient_id,
        reported_at=clock.now(),
        kind="missed_period",
    )
    refused = builders.confirm(cast.dispensing, authorization)
    assert refused.document["unmet"] == ["L-PT-8"]
    builders.negative_test(cast.prescribing, authorization.patient)
    builders.counseling(cast.prescribing, authorization.patient)
    assert builders.confirm(cast.dispensing, authorization).allowed


def test_a_partners_pregnancy_is_a_case_and_no_hold(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    builders.obligations(cast.prescribing, patient)
    builders.counseling(cast.prescribing, patient)
    authorization = builders.request(cast.prescribing, patient, "adult_male").authorization
    assert authorization is not None
    evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="partner",
        reported_at=clock.now(),
        source="The patient",
    )
    assert Notice.objects.filter(template="pregnancy_case_opened").exists()
    assert builders.confirm(cast.dispensing, authorization).allowed


def test_a_positive_test_tells_the_prescriber_and_every_administrator(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    positive_test(cast, authorization.patient)
    told = Notice.objects.filter(template="pregnancy_case_opened")
    assert {(notice.recipient_kind, notice.recipient_id) for notice in told} == {
        ("prescriber", cast.prescriber.pk),
        ("staff", cast.administrator.actor.id),
    }


def test_a_pharmacy_whose_confirmation_is_over_is_not_told(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    eligibility.reverse_confirmation(
        cast.dispensing, confirmation_id=confirmation.pk, reason="Out of stock"
    )
    positive_test(cast, authorization.patient)
    assert not Notice.objects.filter(recipient_id=cast.pharmacy.pk).exists()


def test_a_later_negative_test_does_not_lift_the_hold_but_a_closure_and_a_new_test_do(
    cast: builders.Cast,
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    positive_test(cast, patient)
    builders.negative_test(cast.prescribing, patient)
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert refused.document["unmet"] == ["L-PRG-1", "L-PT-5"]
    evidence.close_pregnancy_case(
        cast.administrator,
        case_id=patient.pregnancycase_set.get().pk,
        outcome="not_pregnant",
        reason="Laboratory error",
    )
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert refused.document["unmet"] == ["L-PT-2"]
    builders.negative_test(cast.prescribing, patient)
    assert builders.request(cast.prescribing, patient, "adult_frp").allowed


def test_an_at_risk_answer_opens_an_intervention_that_blocks_until_it_is_resolved(
    cast: builders.Cast,
) -> None:
    patient = builders.ready_frp(cast.prescribing)
    evidence.record_patient_survey(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers("adult_frp"), "shared_drug": "yes"},
    )
    intervention = patient.intervention_set.get()
    assert Notice.objects.filter(template="intervention_opened").count() == 2
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert refused.document["unmet"] == ["L-SUR-3"]
    evidence.resolve_intervention(
        cast.staff,
        intervention_id=intervention.pk,
        conclusion="counseled",
        contacted="The patient, by telephone",
        outcome="Counseled by telephone",
    )
    assert builders.request(cast.prescribing, patient, "adult_frp").allowed


def test_cancelling_tells_the_pharmacy_that_holds_a_confirmation(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    eligibility.cancel_authorization(
        cast.prescribing, authorization_id=authorization.pk, reason="Wrong strength"
    )
    (told,) = Notice.objects.filter(template="authorization_voided")
    assert told.recipient_id == cast.pharmacy.pk
    assert Authorization.objects.get().ended_reason == "Wrong strength"
