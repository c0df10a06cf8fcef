"""What the program and its pharmacies owe is told, cancelled when done and moved when it moves."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from apps.core import clock as now
from apps.core.call import Role
from apps.evidence import services as evidence
from apps.evidence.models import CaseStep, PregnancyCase
from apps.notices.models import Notice
from apps.patients.models import Patient
from apps.providers import services as providers
from apps.providers.models import PharmacyCertification
from apps.reminders import planning, sending
from apps.reminders.tasks import plan_stale_patients, plan_stale_pharmacies, sweep_due
from apps.rules.documents import document
from tests import builders
from tests.builders import Cast
from tests.reminders import cases

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

FOLLOW_UP, RENEWAL = "case_follow_up", "certification_renewal"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(builders.START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(clock: time_machine.Traveller, cast: Cast) -> Cast:
    return cast


def case_of(cast: Cast) -> PregnancyCase:
    patient = builders.enroll(cast.prescribing, identity=cases.woman(1))
    return suspected(cast, patient)


def suspected(cast: Cast, patient: Patient) -> PregnancyCase:
    return evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="patient",
        source="The patient",
        reported_at=now.now(),
    )


def about(step: CaseStep) -> list[Notice]:
    return [each for each in cases.reminders(FOLLOW_UP) if str(step.pk) in each.key]


def fates_of(step: CaseStep) -> set[tuple[str, str]]:
    return {(each.state, each.ended_reason) for each in about(step)}


def test_l_prg_2_each_open_step_of_a_case_is_told_to_staff_then_administrators(
    cast: Cast,
) -> None:
    step = case_of(cast).steps.latest("due_on")
    plan_stale_patients()

    told = [(each.address, each.due_at.date() - step.due_on) for each in about(step)]
    assert told == [
        ("staff@program.example", timedelta(days=-6)),
        ("staff@program.example", timedelta(0)),
        ("administrator@program.example", timedelta(days=1)),
    ]
    assert {each.recipient_kind for each in about(step)} == {"staff"}


def test_l_prg_2_a_step_that_is_done_or_waived_is_told_no_more(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    steps = list(case_of(cast).steps.order_by("-due_on")[:2])
    plan_stale_patients()
    clock.shift(timedelta(hours=1))
    evidence.complete_case_step(cast.staff, step_id=steps[0].pk, note="Done")
    evidence.waive_case_step(cast.administrator, step_id=steps[1].pk, reason="Not needed")
    plan_stale_patients()

    assert fates_of(steps[0]) == fates_of(steps[1]) == {("cancelled", "no_longer_due")}


def test_l_prg_2_a_step_with_another_day_is_planned_anew(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    case = case_of(cast)
    birth = case.steps.get(kind="birth")
    plan_stale_patients()
    clock.shift(timedelta(hours=1))
    details = evidence.Details(birth_expected_on=birth.due_on + timedelta(days=20))
    evidence.record_case_details(cast.prescribing, case_id=case.pk, details=details)
    plan_stale_patients()

    assert fates_of(birth) == {("cancelled", "no_longer_due")}
    assert fates_of(case.steps.get(kind="birth", ended_at=None)) == {("scheduled", "")}


def test_a_case_is_followed_up_though_the_patient_died_but_nobody_else_is_told(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """L-END-3: of the patient's own obligations nothing is left."""
    patient = cases.on_therapy(cast)
    suspected(cast, patient)
    plan_stale_patients()
    clock.shift(timedelta(days=1))
    evidence.record_death(
        cast.staff,
        patient_id=patient.pk,
        happened_on=date(2026, 6, 2),
        said_by="Her sister",
        reason="Her illness",
    )
    plan_stale_patients()

    waiting = Notice.objects.filter(purpose="reminder", state="scheduled")
    assert {each.params["obligation"] for each in waiting} == {FOLLOW_UP}
    assert {each.recipient_kind for each in waiting} == {"staff"}


def test_after_a_withdrawal_only_what_outlives_therapy_is_told(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """L-END-3, L-CON-5, L-PT-9."""
    patient = cases.on_therapy(cast)
    plan_stale_patients()
    clock.shift(timedelta(days=1))
    evidence.withdraw_from_program(
        cast.staff,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        happened_on=date(2026, 6, 2),
        said_by="The patient",
        reason="Another therapy",
    )
    plan_stale_patients()

    waiting = Notice.objects.filter(purpose="reminder", state="scheduled")
    assert {each.params["obligation"] for each in waiting} == {
        "obligations_end",
        "end_of_treatment_test",
    }


def last_day(cast: Cast) -> date:
    latest = PharmacyCertification.objects.filter(pharmacy=cast.pharmacy).latest("certified_until")
    return latest.last_day_on


def shortly_before(clock: time_machine.Traveller, cast: Cast) -> None:
    """The day after its renewal opened."""
    opens_on = last_day(cast) - timedelta(days=59)
    clock.move_to(datetime.combine(opens_on, datetime.min.time(), UTC) + timedelta(hours=16))


def renewals() -> list[tuple[str, str, str]]:
    return [(each.recipient_kind, each.address, each.state) for each in cases.reminders(RENEWAL)]


def test_l_enr_2_a_certification_to_renew_is_told_to_the_representative_then_the_staff(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    plan_stale_pharmacies()
    assert renewals() == []

    shortly_before(clock, cast)
    plan_stale_pharmacies()
    assert cast.pharmacy.representative is not None
    hers = ("pharmacy", cast.pharmacy.representative.email, "scheduled")
    assert renewals() == [hers, hers, hers, ("staff", "staff@program.example", "scheduled")]
    planned = [each.pk for each in cases.reminders(RENEWAL)]

    clock.shift(timedelta(days=1))
    plan_stale_pharmacies()
    assert [each.pk for each in cases.reminders(RENEWAL)] == planned


def test_l_enr_2_a_signed_form_ends_it_and_is_seen_at_once(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    shortly_before(clock, cast)
    plan_stale_pharmacies()
    assert plan_stale_pharmacies() == 0
    clock.shift(timedelta(minutes=1))
    providers.sign_pharmacy_enrollment(
        builders.pharmacy_call(cast.pharmacy, Role.REPRESENTATIVE, cast.pharmacy.representative_id),
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "pharmacy_enrollment").codes,
    )

    assert plan_stale_pharmacies() == 1
    assert set(cases.fates(RENEWAL)) == {("cancelled", "no_longer_due")}


def test_a_pharmacy_that_was_suspended_a_second_ago_is_not_told_though_no_planner_came(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    shortly_before(clock, cast)
    plan_stale_pharmacies()
    providers.change_pharmacy_standing(
        cast.administrator, pharmacy_id=cast.pharmacy.pk, event="suspend", reason="An audit"
    )

    clock.shift(timedelta(minutes=1))
    assert sweep_due() == 0
    assert set(cases.fates(RENEWAL)) == {("cancelled", "no_longer_due")}


def test_each_step_of_a_pharmacy_is_sent_once(clock: time_machine.Traveller, cast: Cast) -> None:
    shortly_before(clock, cast)
    plan_stale_pharmacies()

    assert [sweep_due(), sweep_due()] == [1, 0]
    planning.plan([cast.pharmacy.pk])
    assert [state for state, _ in cases.fates(RENEWAL)][:2] == ["sent", "scheduled"]
    assert sending.due(limit=10) == []
