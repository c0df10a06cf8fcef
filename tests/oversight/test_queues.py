"""What waits is found where it is recorded, with its owner, its target time and who works on it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock as program_clock
from apps.core.call import Role
from apps.core.errors import NotAllowed, NotFound
from apps.eligibility import selectors as eligibility
from apps.evidence import services as evidence
from apps.oversight import selectors
from apps.oversight.queues import SOURCES
from apps.oversight.selectors import Item
from apps.patients.models import Patient
from apps.patients.services import Identity, Signatures
from apps.providers import services as providers
from apps.rules.documents import document
from apps.rules.policy import editions, policy_in_force, programs
from apps.rules.targets import OFFICE_KINDS, TARGET_KINDS
from tests import builders
from tests.builders import PROGRAM, Cast
from tests.oversight import cases

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

LAST_TICK = timedelta(microseconds=1)


def test_every_kind_of_the_policies_has_a_source_and_every_source_a_kind() -> None:
    """§13: no kind without a queue, none without an owner and a target time."""
    assert set(SOURCES) == {*TARGET_KINDS, *OFFICE_KINDS}
    for program in programs():
        for policy in editions(program):
            assert set(policy.targets) == set(TARGET_KINDS), policy.version


def test_an_intervention_waits_from_its_opening_and_is_late_after_its_target(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    assert cases.queue(cast.staff, "intervention").count == 0
    builders.contraception(cast.prescribing, patient, lapse=True)

    (item,) = cases.items(cast.staff, "intervention")
    assert item.opened_at == patient.intervention_set.get().opened_at
    assert item.target_at == item.opened_at + timedelta(hours=24)
    assert (item.owner, item.patient_id, item.patient) == ("staff", patient.pk, str(patient))
    assert (item.subject_model, item.is_overdue) == ("evidence.intervention", False)

    clock.move_to(item.target_at)
    assert cases.queue(cast.staff, "intervention").overdue == 0
    clock.shift(LAST_TICK)
    queue = cases.queue(cast.staff, "intervention")
    assert (queue.count, queue.overdue) == (1, 1)
    assert cases.items(cast.staff, "intervention")[0].is_overdue


def test_a_pregnancy_case_waits_for_an_administrator_until_it_is_closed(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, patient, result="positive")

    (item,) = cases.items(cast.staff, "pregnancy_case")
    assert item.owner == "administrator"

    evidence.close_pregnancy_case(
        cast.administrator,
        case_id=item.subject_id,
        outcome="not_pregnant",
        reason="Two later tests were negative",
    )
    assert cases.items(cast.staff, "pregnancy_case") == []


def test_a_case_that_was_taken_up_is_owed_by_its_next_step_until_its_outcome_l_prg_2(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    case = patient.pregnancycase_set.get()
    calendar = policy_in_force(PROGRAM, program_clock.now()).calendar

    def item() -> Item:
        (found,) = cases.items(cast.staff, "pregnancy_case")
        assert cases.queue(cast.staff, "pregnancy_case").overdue == int(found.is_overdue)
        return found

    # Nobody looked into it: that is due within a day, and late after it
    assert item().target_at == case.recorded_at + timedelta(hours=24)
    assert item().label.endswith("not looked into yet")
    clock.shift(timedelta(hours=25))
    assert item().is_overdue

    # Once something is known, by the day of the next step; it stays open for months
    evidence.record_case_details(
        cast.prescribing, case_id=case.pk, details=evidence.Details(pregnancy_outcome="ongoing")
    )
    for _ in range(case.steps.filter(ended_at=None).count()):
        step = case.steps.filter(ended_at=None).earliest("due_on")
        end_of_day = calendar.end_of_day(step.due_on.toordinal())
        assert (item().target_at, item().is_overdue) == (end_of_day, False)
        assert item().label.endswith(f"followed until its outcome; next: {step.title}")
        clock.move_to(end_of_day)
        assert not item().is_overdue
        clock.shift(LAST_TICK)
        assert item().is_overdue
        evidence.complete_case_step(cast.staff, step_id=step.pk, note="Called the specialist")

    # After the last one it is closed, within a day again
    assert not item().is_overdue
    assert item().target_at == program_clock.now() + timedelta(hours=24)
    assert item().label.endswith("nothing more is planned, close it with its outcome")


def test_a_step_that_was_waived_takes_a_case_up_too(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    case = patient.pregnancycase_set.get()
    step = case.steps.earliest("due_on")
    evidence.waive_case_step(cast.administrator, step_id=step.pk, reason="Was at the specialist’s")
    (item,) = cases.items(cast.staff, "pregnancy_case")
    following = case.steps.filter(ended_at=None).earliest("due_on")
    assert following.title in item.label
    assert item.target_at > case.recorded_at + timedelta(days=7)


def test_deviations_wait_by_severity_those_with_the_nearest_target_first(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    first = cases.deviation(patient, "missed_test")
    clock.shift(timedelta(minutes=1))
    second = cases.deviation(patient, "dispense_over_days_supply")
    grave = cases.deviation(patient, "dispense_without_confirmation")

    assert cases.subjects(cast.staff, "deviation_major") == [first.pk, second.pk]
    (item,) = cases.items(cast.staff, "deviation_critical")
    assert (item.subject_id, item.owner) == (grave.pk, "administrator")
    assert item.label == "Dispensed without a confirmation (L-DSP-2, open)"
    assert cases.queue(cast.staff, "deviation_minor").count == 0


def test_a_certification_waits_for_the_staff_once_the_form_is_signed(cast: Cast) -> None:
    pending = providers.register_prescriber(
        cast.administrator,
        npi=builders.npi(41),
        given_name="Pia",
        family_name="Pending",
        specialty="Hematology",
        phone="212-555-0100",
        email="pia@practice.example",
        practice_name="Pending practice",
    )
    assert cases.queue(cast.staff, "prescriber_certification").count == 0

    providers.sign_prescriber_enrollment(
        builders.prescribing_call(pending),
        program=PROGRAM,
        attestations=document(PROGRAM, "prescriber_enrollment").codes,
    )
    (item,) = cases.items(cast.staff, "prescriber_certification")
    assert (item.subject_id, item.patient_id, item.patient) == (pending.pk, None, "")

    providers.certify_prescriber(cast.staff, prescriber_id=pending.pk)
    assert cases.queue(cast.staff, "prescriber_certification").count == 0


def test_a_certification_that_lapses_waits_for_the_pharmacy_thirty_days_before(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    last = cast.pharmacy.certifications.get().certified_until
    clock.move_to(last - timedelta(days=30) - LAST_TICK)
    assert cases.queue(cast.staff, "certification_lapse").count == 0

    clock.shift(LAST_TICK)
    (item,) = cases.items(cast.staff, "certification_lapse")
    assert (item.subject_id, item.owner) == (cast.pharmacy.pk, "pharmacy")
    assert (item.opened_at, item.target_at) == (last - timedelta(days=30), last)

    providers.sign_pharmacy_enrollment(
        builders.pharmacy_call(cast.pharmacy, Role.REPRESENTATIVE, cast.pharmacy.representative_id),
        program=PROGRAM,
        attestations=document(PROGRAM, "pharmacy_enrollment").codes,
    )
    assert cases.queue(cast.staff, "certification_lapse").count == 0


def is_held(cast: Cast, patient: Patient) -> bool:
    """Whether the rules say that the patient is on evaluation hold now."""
    decision = eligibility.outlook(cast.staff.actor, [patient.pk], PROGRAM)[patient.pk]
    return "evaluation_hold" in eligibility.holds(decision)


def report_bleeding(cast: Cast, patient: Patient) -> None:
    evidence.report_bleeding(
        cast.prescribing,
        patient_id=patient.pk,
        reported_at=program_clock.now(),
        kind="missed_period",
    )


def test_an_evaluation_hold_waits_for_the_prescriber_as_long_as_the_rules_hold(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """L-PT-8: on the pregnancy path a later test and counseling lift it, both."""
    patient = builders.enroll(cast.prescribing)
    clock.shift(timedelta(minutes=1))
    report_bleeding(cast, patient)
    clock.shift(timedelta(minutes=1))
    report_bleeding(cast, patient)
    latest = patient.bleedingreport_set.latest("reported_at")

    def waits() -> bool:
        found = cases.subjects(cast.staff, "evaluation_hold")
        assert found in ([], [latest.pk])
        assert bool(found) == is_held(cast, patient)
        return bool(found)

    assert waits()
    clock.shift(timedelta(hours=1))
    builders.negative_test(cast.prescribing, patient, ago=timedelta(hours=2))
    builders.counseling(cast.prescribing, patient)
    assert waits()
    test = builders.negative_test(cast.prescribing, patient)
    assert not waits()
    evidence.withdraw_pregnancy_test(cast.prescribing, test_id=test.pk, reason="Another patient's")
    assert waits()
    evidence.withdraw_bleeding_report(cast.staff, report_id=latest.pk, reason="A mistake")
    latest = patient.bleedingreport_set.earliest("reported_at")
    assert waits()


def test_the_hold_of_a_merged_record_waits_for_the_person_until_one_of_both_records_lifts_it(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """L-PAT-1, L-PT-8: the stricter hold is kept."""
    merged = builders.enroll(cast.prescribing)
    clock.shift(timedelta(minutes=1))
    report_bleeding(cast, merged)
    kept = builders.enroll(
        cast.prescribing, identity=Identity("Fiona", "Married", date(1979, 1, 2), "30003")
    )
    clock.shift(timedelta(minutes=1))
    evidence.merge_patients(
        cast.administrator, kept_id=kept.pk, merged_id=merged.pk, reason="She married"
    )
    (item,) = cases.items(cast.staff, "evaluation_hold")
    assert (item.patient_id, item.patient) == (kept.pk, str(kept))
    assert is_held(cast, kept)
    clock.shift(timedelta(minutes=1))
    builders.negative_test(cast.prescribing, kept)
    builders.counseling(cast.prescribing, kept)
    assert cases.queue(cast.staff, "evaluation_hold").count == 0
    assert not is_held(cast, kept)


def test_off_the_pregnancy_path_only_a_new_agreement_lifts_it(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """L-PT-8."""
    identity = Identity("Nadia", "Notpath", date(1960, 3, 4), "10003")
    patient = builders.enroll(cast.prescribing, "adult_fnrp", identity=identity)
    clock.shift(timedelta(minutes=1))
    report_bleeding(cast, patient)
    clock.shift(timedelta(minutes=1))
    builders.negative_test(cast.prescribing, patient)
    builders.counseling(cast.prescribing, patient)
    assert cases.queue(cast.staff, "evaluation_hold").count == 1
    assert is_held(cast, patient)

    clock.shift(timedelta(minutes=1))
    now = program_clock.now()
    evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        signatures=Signatures(
            signer="patient",
            signer_name="Nadia Notpath",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    )
    assert cases.queue(cast.staff, "evaluation_hold").count == 0
    assert not is_held(cast, patient)


def test_the_queues_are_the_offices_alone(cast: Cast) -> None:
    for call in (cast.prescribing, cast.dispensing):
        with pytest.raises(NotAllowed):
            cases.queue(call, "intervention")
        with pytest.raises(NotAllowed):
            cases.items(call, "intervention")
        assert not selectors.deviations_visible_to(call.actor).exists()
    with pytest.raises(NotFound):
        cases.items(cast.staff, "gossip")


def test_a_page_of_items_asks_the_same_statements_however_many_there_are(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    patient = builders.enroll(cast.prescribing)
    cases.deviation(patient)
    with CaptureQueriesContext(connection) as few:
        cases.items(cast.staff, "deviation_major")
    for serial in range(6):
        clock.shift(timedelta(minutes=1))
        cases.deviation(patient, occurrence=f"day {serial}")
    with CaptureQueriesContext(connection) as many:
        assert len(cases.items(cast.staff, "deviation_major")) == 7
    assert len(few) == len(many) <= 3
    with CaptureQueriesContext(connection) as counted:
        selectors.queues(cast.staff.actor, program=PROGRAM, now=program_clock.now())
    assert len(counted) <= 3
