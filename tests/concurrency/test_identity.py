"""Two records of one person, and two persons who check one intake: one winner each (L-PAT-1)."""

from typing import Any

from apps.core import clock
from apps.core.call import Role
from apps.core.errors import Conflict, InvalidRequest
from apps.evidence import services as evidence
from apps.evidence.models import Intake, PregnancyTest
from apps.evidence.services.intakes import Source
from apps.patients.models import Patient
from apps.patients.services import Merged
from apps.prescriptions.models import Authorization
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import Command, errors_of, in_order, race


def two_records(program: Program) -> tuple[Patient, Patient]:
    return program.ready(), program.ready()


def merging(program: Program, kept: Patient, merged: Patient) -> Command:
    return lambda: evidence.merge_patients(
        program.cast.staff, kept_id=kept.pk, merged_id=merged.pk, reason="One person"
    )


def asking(program: Program, patient: Patient) -> Command:
    return lambda: builders.request(program.cast.prescribing, patient, "adult_frp")


def open_of(*patients: Patient) -> Any:
    return Authorization.objects.filter(patient__in=patients, state__in=["issued", "confirmed"])


def test_a_request_that_waited_for_a_merge_opens_nothing_on_the_second_record_l_pat_1(
    program: Program,
) -> None:
    kept, merged = two_records(program)
    first, second = in_order(
        merging(program, kept, merged),
        asking(program, merged),
        behind=("patients_patient", merged.pk),
    )
    assert first.error is None
    assert isinstance(second.error, Merged)
    assert not open_of(kept, merged).exists()


def test_a_merge_that_waited_for_a_request_voids_what_it_opened(program: Program) -> None:
    kept, merged = two_records(program)
    first, second = in_order(
        asking(program, merged),
        merging(program, kept, merged),
        behind=("patients_patient", merged.pk),
    )
    assert first.value().allowed
    assert second.error is None
    assert not open_of(kept, merged).exists()
    assert merged.authorizations.get().state == "void"


def test_of_two_requests_on_two_records_and_a_merge_at_most_one_number_is_open_l_pat_1(
    program: Program,
) -> None:
    for _ in range(3):
        kept, merged = two_records(program)
        outcomes = race(
            asking(program, kept), merging(program, kept, merged), asking(program, merged)
        )
        assert outcomes[1].error is None
        assert outcomes[0].error is None
        assert set(errors_of(outcomes)) <= {Merged}
        assert open_of(kept, merged).count() <= 1
        assert not open_of(merged).exists()


def test_two_merges_of_two_records_into_each_other_end_in_one(program: Program) -> None:
    one, other = two_records(program)
    outcomes = race(merging(program, one, other), merging(program, other, one))
    assert errors_of(outcomes) == [Merged]
    assert Patient.objects.filter(pk__in=[one.pk, other.pk], merged_into=None).count() == 1


def correcting(program: Program, patient: Patient) -> Command:
    return lambda: evidence.correct_identity(
        program.cast.staff,
        patient_id=patient.pk,
        given_name=patient.given_name,
        family_name=patient.family_name,
        born_on=patient.born_on.replace(year=1970),
        source_document="Passport",
        reason="A slip",
    )


def test_a_correction_that_waited_for_a_request_voids_it_and_of_two_the_second_changes_nothing(
    program: Program,
) -> None:
    patient = program.ready()
    first, second = in_order(
        asking(program, patient),
        correcting(program, patient),
        behind=("patients_patient", patient.pk),
    )
    assert first.value().allowed
    assert second.error is None
    assert not open_of(patient).exists()
    again = program.ready()
    assert errors_of(race(*[correcting(program, again)] * 2)) == [InvalidRequest]
    assert again.identity_corrections.count() == 1


def waiting_test(program: Program, patient: Patient) -> Intake:
    at = clock.now().isoformat()
    return evidence.enter_intake(
        program.cast.staff,
        patient_id=patient.pk,
        kind="pregnancy_test",
        content={
            "result": "negative",
            "sensitivity_miu_ml": 25,
            "specimen": "serum",
            "collected_at": at,
            "resulted_at": at,
        },
        source=Source(
            channel="phone",
            told_by="prescriber",
            told_by_name="Nina Nurse",
            prescriber_id=program.cast.prescriber.pk,
            verification="called_back",
        ),
    )


def test_of_two_persons_who_accept_one_intake_at_once_one_does_l_src_1(program: Program) -> None:
    patient = program.ready()
    colleague = builders.office_member(Role.STAFF, f"colleague.{patient.pk}@program.example")
    intake = waiting_test(program, patient)
    before = PregnancyTest.objects.filter(patient=patient).count()
    outcomes = race(
        *(
            lambda call=call: evidence.accept_intake(call, intake_id=intake.pk)
            for call in (program.cast.administrator, colleague)
        )
    )
    assert errors_of(outcomes) == [Conflict]
    assert PregnancyTest.objects.filter(patient=patient).count() == before + 1


def test_an_intake_is_accepted_or_refused_never_both(program: Program) -> None:
    patient = program.ready()
    colleague = builders.office_member(Role.STAFF, f"refuser.{patient.pk}@program.example")
    intake = waiting_test(program, patient)
    before = PregnancyTest.objects.filter(patient=patient).count()
    outcomes = race(
        lambda: evidence.accept_intake(program.cast.administrator, intake_id=intake.pk),
        lambda: evidence.refuse_intake(colleague, intake_id=intake.pk, reason="Illegible"),
    )
    assert errors_of(outcomes) == [Conflict]
    intake.refresh_from_db()
    recorded = PregnancyTest.objects.filter(patient=patient).count() - before
    assert recorded == (1 if intake.state == "accepted" else 0)
