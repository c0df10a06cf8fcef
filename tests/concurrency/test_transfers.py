"""L-ENR-5: who takes a patient over races who else would, and the old prescriber's request."""

from dataclasses import replace

from apps.core import clock
from apps.core.call import Call
from apps.core.errors import Conflict, NotFound
from apps.evidence import services as evidence
from apps.patients.models import Patient, PatientTransfer
from apps.patients.services import Signatures
from apps.patients.transfers import Sought
from apps.prescriptions.models import Authorization
from apps.providers.models import Prescriber
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import Command, errors_of, in_order, race


def taking_over(call: Call, patient: Patient) -> Command:
    """A take-over whose agreement both sign now."""
    now = clock.now()
    sought = Sought(patient.given_name, patient.family_name, patient.born_on, patient.postal_code)
    signatures = Signatures(
        signer="patient",
        signer_name="The patient",
        patient_signed_at=now,
        prescriber_signed_at=now,
    )
    return lambda: evidence.take_over_patient(
        call,
        program=builders.PROGRAM,
        sought=sought,
        risk_category="adult_frp",
        signatures=signatures,
        reason="Moved house",
    )


def others(program: Program, number: int) -> list[Prescriber]:
    """New prescribers of practices of their own."""
    first = Prescriber.objects.count() + 100
    return [
        builders.certified_prescriber(program.cast.administrator, serial=first + serial)
        for serial in range(number)
    ]


def test_of_prescribers_who_take_over_one_patient_at_once_one_wins(program: Program) -> None:
    """L-ENR-5."""
    patient = builders.enroll(program.cast.prescribing, identity=program.identity())
    rivals = others(program, 3)

    outcomes = race(*[taking_over(builders.prescribing_call(each), patient) for each in rivals])

    assert errors_of(outcomes) == [Conflict] * 2
    (moved,) = PatientTransfer.objects.filter(patient=patient)
    patient.refresh_from_db()
    assert patient.prescriber_id == moved.to_prescriber_id


def test_a_request_that_waited_for_a_take_over_finds_the_patient_gone(program: Program) -> None:
    """L-ENR-5."""
    patient = builders.ready_frp(program.cast.prescribing, program.identity())
    (other,) = others(program, 1)

    moved, asked = in_order(
        taking_over(builders.prescribing_call(other), patient),
        lambda: builders.request(program.cast.prescribing, patient, "adult_frp"),
        behind=("patients_patient", patient.pk),
    )

    assert moved.value().to_prescriber_id == other.pk
    assert isinstance(asked.error, NotFound)
    assert not Authorization.objects.filter(patient=patient).exists()


def test_a_take_over_that_waited_for_a_request_voids_what_was_issued(program: Program) -> None:
    """L-ENR-5."""
    patient = builders.ready_frp(program.cast.prescribing, program.identity())
    (other,) = others(program, 1)

    asked, moved = in_order(
        lambda: builders.request(program.cast.prescribing, patient, "adult_frp"),
        taking_over(builders.prescribing_call(other), patient),
        behind=("patients_patient", patient.pk),
    )

    assert asked.value().allowed
    assert moved.value().to_prescriber_id == other.pk
    issued = Authorization.objects.get(patient=patient)
    assert (issued.state, issued.ended_reason) == ("void", "patient_moved")


def test_of_a_hand_over_and_a_take_over_at_once_nobody_is_moved_twice(program: Program) -> None:
    """L-ENR-5."""
    patient = builders.enroll(
        program.cast.prescribing, identity=replace(program.identity(), phone="")
    )
    first, second = others(program, 2)

    def hand_over() -> object:
        return evidence.hand_over_patients(
            program.cast.staff,
            from_prescriber_id=program.cast.prescriber.pk,
            to_prescriber_id=first.pk,
            patient_ids=[patient.pk],
            reason="Retired",
        )

    outcomes = race(hand_over, taking_over(builders.prescribing_call(second), patient))

    assert errors_of(outcomes) == [Conflict]
    assert PatientTransfer.objects.filter(patient=patient).count() == 1
