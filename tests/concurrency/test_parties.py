"""Enrollments, certifications and standings at once: each sees what the other committed."""

from dataclasses import replace
from datetime import timedelta

import time_machine

from apps.core.call import Role
from apps.core.errors import Conflict, NotFound
from apps.patients.models import Patient
from apps.patients.services import LikelyDuplicates
from apps.prescriptions.models import Authorization
from apps.providers import services as providers
from apps.providers.models import (
    Pharmacy,
    PharmacyCertification,
    PharmacyEnrollment,
    Prescriber,
)
from apps.rules.documents import document
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import (
    Racer,
    errors_of,
    holding,
    in_order,
    race,
    wait_until_blocked,
)


def test_of_two_enrollments_of_one_person_one_sees_the_other(program: Program) -> None:
    identity = program.identity()
    call = program.cast.prescribing
    before = Patient.objects.count()

    outcomes = race(*[lambda: builders.enroll(call, identity=identity)] * 3)

    assert errors_of(outcomes) == [LikelyDuplicates] * 2
    assert Patient.objects.count() == before + 1
    (enrolled,) = [outcome.result for outcome in outcomes if outcome.result]
    for outcome in outcomes:
        if isinstance(outcome.error, LikelyDuplicates):
            assert [found.patient for found in outcome.error.resemblances] == [enrolled]


def test_enrollments_of_different_people_do_not_refuse_each_other(program: Program) -> None:
    call = program.cast.prescribing
    people = [program.identity() for _ in range(4)]

    outcomes = race(*[lambda one=one: builders.enroll(call, identity=one) for one in people])

    assert errors_of(outcomes) == []


def test_a_confirmation_that_waited_for_a_suspension_is_refused(program: Program) -> None:
    (authorization,) = program.authorized_men(1)
    prescriber = program.cast.prescriber.pk

    suspended, confirmed = in_order(
        lambda: stand(program, "suspend"),
        lambda: builders.confirm(program.cast.dispensing, authorization),
        behind=("providers_prescriber", prescriber),
    )

    assert suspended.value().state == "suspended"
    assert confirmed.value().document["unmet"] == ["L-ENR-1"]
    stand(program, "reinstate")


def test_a_suspension_that_waited_for_a_confirmation_stops_the_dispense(program: Program) -> None:
    (authorization,) = program.authorized_men(1)
    prescriber = program.cast.prescriber.pk

    confirmed, suspended = in_order(
        lambda: builders.confirm(program.cast.dispensing, authorization),
        lambda: stand(program, "suspend"),
        behind=("providers_prescriber", prescriber),
    )

    assert confirmed.value().allowed
    assert suspended.value().state == "suspended"
    refused = builders.dispense(program.cast.dispensing, confirmed.value().confirmation)
    assert refused.document["unmet"] == ["L-ENR-1"]
    stand(program, "reinstate")


def test_a_pharmacys_suspension_is_seen_by_the_confirmation_that_waited(program: Program) -> None:
    (authorization,) = program.authorized_men(1)
    pharmacy = program.second_pharmacy.pk
    administrator = program.cast.administrator

    suspended, confirmed = in_order(
        lambda: providers.change_pharmacy_standing(
            administrator, pharmacy_id=pharmacy, event="suspend", reason="Inspection"
        ),
        lambda: builders.confirm(program.second_dispensing, authorization),
        behind=("providers_pharmacy", pharmacy),
    )

    assert suspended.value().state == "suspended"
    assert confirmed.value().document["unmet"] == ["L-ENR-2"]
    assert Authorization.objects.get(pk=authorization.pk).state == "issued"
    providers.change_pharmacy_standing(
        administrator, pharmacy_id=pharmacy, event="reinstate", reason="Passed"
    )


def test_one_form_is_approved_once(program: Program) -> None:
    pharmacy = providers.register_pharmacy(
        program.cast.administrator,
        npi=builders.npi(5078),
        name="Pending pharmacy",
        address="3 Ash Street, Springfield",
        phone="212-555-0202",
        email="pending@pharmacy.example",
        representative_given_name="Pat",
        representative_family_name="Pending",
        representative_email="pat@pharmacy.example",
    )
    sign(pharmacy)

    outcomes = race(*[lambda: certify(program, pharmacy)] * 3)

    assert errors_of(outcomes) == [Conflict] * 2
    assert PharmacyCertification.objects.filter(pharmacy=pharmacy).count() == 1


def test_of_two_renewals_signed_at_once_one_renews(program: Program) -> None:
    """L-ENR-2."""
    pharmacy = program.cast.pharmacy
    running = pharmacy.certifications.get()
    with time_machine.travel(running.certified_until - timedelta(days=9), tick=True):
        outcomes = race(*[lambda: sign(pharmacy)] * 3)

    assert errors_of(outcomes) == [Conflict] * 2
    periods = list(pharmacy.certifications.order_by("certified_from"))
    assert [period.certified_from for period in periods[1:]] == [running.certified_until]


def test_one_prescriber_is_certified_once(program: Program) -> None:
    administrator = program.cast.administrator
    prescriber = providers.register_prescriber(
        administrator,
        npi=builders.npi(77),
        given_name="Pat",
        family_name="Pending",
        specialty="Hematology",
        phone="212-555-0100",
        email="pending@practice.example",
        practice_name="Practice 77",
    )
    providers.sign_prescriber_enrollment(
        builders.prescribing_call(prescriber),
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "prescriber_enrollment").codes,
    )

    outcomes = race(
        *[lambda: providers.certify_prescriber(administrator, prescriber_id=prescriber.pk)] * 3
    )

    assert errors_of(outcomes) == [Conflict] * 2


def test_who_may_see_a_patient_is_judged_after_the_wait(program: Program) -> None:
    (authorization,) = program.authorized_men(1)
    patient = authorization.patient
    practice = program.cast.prescriber.practice
    colleague = builders.certified_prescriber(
        program.cast.administrator, serial=88, practice_id=practice.pk
    )
    call = builders.prescribing_call(colleague)
    practice.members_cover_each_other = True
    practice.save()
    builders.counseling(call, patient)

    covering = Racer(lambda: builders.counseling(call, patient))
    with holding("patients_patient", patient.pk):
        covering.start()
        wait_until_blocked(1)
        practice.members_cover_each_other = False
        practice.save()

    assert isinstance(covering.finish().error, NotFound)


def test_a_person_who_differs_in_contact_alone_is_still_seen(program: Program) -> None:
    identity = program.identity()
    call = program.cast.prescribing
    moved = replace(identity, postal_code="99999")

    outcomes = race(
        lambda: builders.enroll(call, identity=identity),
        lambda: builders.enroll(call, identity=moved),
    )

    assert errors_of(outcomes) == [LikelyDuplicates]


def stand(program: Program, event: str) -> Prescriber:
    return providers.change_prescriber_standing(
        program.cast.administrator,
        prescriber_id=program.cast.prescriber.pk,
        event=event,
        reason="Inspection",
    )


def sign(pharmacy: Pharmacy) -> PharmacyEnrollment:
    return providers.sign_pharmacy_enrollment(
        builders.pharmacy_call(pharmacy, Role.REPRESENTATIVE, pharmacy.representative_id),
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "pharmacy_enrollment").codes,
    )


def certify(program: Program, pharmacy: Pharmacy) -> PharmacyCertification:
    return providers.certify_pharmacy(
        program.cast.administrator, pharmacy_id=pharmacy.pk, program=builders.PROGRAM
    )
