"""Interruption, discontinuation, death, withdrawal and re-enrollment (L-END-1 to 3, L-CON-5)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.core import clock
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import selectors as eligibility
from apps.evidence import services as evidence
from apps.evidence.models import TherapyEvent
from apps.notices.models import Notice
from apps.patients.models import Agreement, Patient
from apps.patients.services import Signatures
from apps.prescriptions.models import Dispense
from apps.reminders import planning
from apps.rules.therapy import Therapy
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


TODAY = builders.START.date()


def today() -> date:
    return builders.program_day(clock.now())


def say(command: Any, call: Any, patient: Patient, **fields: Any) -> TherapyEvent:
    defaults: dict[str, Any] = {
        "program": builders.PROGRAM,
        "happened_on": today(),
        "reason": "Neutrophils are low",
        "said_by": "Dr. Prescriber",
    }
    if command is evidence.record_death:
        del defaults["program"]
    event: TherapyEvent = command(call, patient_id=patient.pk, **{**defaults, **fields})
    return event


def treated(cast: builders.Cast) -> Patient:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)
    return held.authorization.patient


def status(cast: builders.Cast, patient: Patient) -> Therapy:
    return eligibility.therapy_status(cast.prescribing.actor, patient.pk, builders.PROGRAM)


def renew(cast: builders.Cast, patient: Patient, **fields: Any) -> Agreement:
    now = clock.now()
    signed = Signatures(
        signer="patient",
        signer_name="Fiona Synthetic",
        patient_signed_at=now,
        prescriber_signed_at=now,
    )
    return evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        signatures=replace(signed, **fields),
    )


def on(day: datetime) -> Any:
    return time_machine.travel(day, tick=True)


def test_l_end_1_therapy_starts_with_the_first_dispense_and_pauses_when_the_supply_runs_out(
    cast: builders.Cast,
) -> None:
    with on(builders.START):
        authorization = builders.authorized_frp(cast)
        patient = authorization.patient
        assert status(cast, patient) == Therapy(status="not_started")
        held = builders.confirm(cast.dispensing, authorization).confirmation
        assert held is not None
        builders.dispense(cast.dispensing, held)
        assert status(cast, patient).status == "on_therapy"
        assert status(cast, patient).started_on == TODAY
    with on(builders.START + timedelta(days=27)):
        assert status(cast, patient).status == "on_therapy"
    with on(builders.START + timedelta(days=28)):
        paused = status(cast, patient)
        assert (paused.status, paused.since_on) == ("interrupted", TODAY + timedelta(days=28))
        assert paused.obligations_in_force


def test_l_end_1_the_prescriber_interrupts_and_resumes(cast: builders.Cast) -> None:
    patient = treated(cast)
    with pytest.raises(Conflict):
        say(evidence.resume_therapy, cast.prescribing, patient)
    say(evidence.interrupt_therapy, cast.prescribing, patient)
    assert status(cast, patient).status == "interrupted"
    assert status(cast, patient).obligations_in_force
    with pytest.raises(Conflict):
        say(evidence.interrupt_therapy, cast.prescribing, patient)

    say(evidence.resume_therapy, cast.prescribing, patient)

    assert status(cast, patient).status == "on_therapy"


def test_l_end_1_what_is_said_of_a_day_that_cannot_be_is_refused(
    cast: builders.Cast,
) -> None:
    patient = treated(cast)
    with pytest.raises(InvalidRequest, match="dispensed after"):
        say(
            evidence.interrupt_therapy,
            cast.prescribing,
            patient,
            happened_on=TODAY - timedelta(days=1),
        )
    say(evidence.interrupt_therapy, cast.prescribing, patient)
    with pytest.raises(InvalidRequest, match="interrupted after"):
        say(
            evidence.resume_therapy,
            cast.prescribing,
            patient,
            happened_on=TODAY - timedelta(days=1),
        )


def test_l_end_1_nobody_stops_before_they_were_born(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest, match="before the patient was born"):
        say(evidence.discontinue_therapy, cast.prescribing, patient, happened_on=date.min)


def test_l_end_1_nothing_is_interrupted_before_it_began(cast: builders.Cast) -> None:
    with pytest.raises(Conflict, match="Nothing has been dispensed"):
        say(evidence.interrupt_therapy, cast.prescribing, builders.enroll(cast.prescribing))


def test_l_end_2_discontinuing_voids_what_is_open_and_tells_the_holding_pharmacy(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None

    say(evidence.discontinue_therapy, cast.prescribing, authorization.patient)

    authorization.refresh_from_db()
    confirmation.refresh_from_db()
    assert (authorization.state, authorization.ended_reason) == ("void", "therapy_discontinued")
    assert confirmation.state == "void"
    assert Notice.objects.filter(template="authorization_voided", recipient_kind="pharmacy").count()
    with pytest.raises(Conflict, match="sign a new agreement"):
        builders.request(cast.prescribing, authorization.patient, "adult_frp")


def test_l_con_5_obligations_last_28_days_after_the_end_and_are_shown_until_when(
    cast: builders.Cast,
) -> None:
    with on(builders.START):
        patient = treated(cast)
        say(evidence.discontinue_therapy, cast.prescribing, patient)
        ended = status(cast, patient)
        assert (ended.status, ended.ended_on) == ("discontinued", TODAY)
        assert ended.obligations_until_on == TODAY + timedelta(days=28)
        assert ended.obligations_in_force
        plan = eligibility.plan_of(cast.prescribing.actor, patient, builders.PROGRAM)
        assert plan is not None
        assert {each.kind for each in plan.obligations} == {
            "obligations_end",
            "end_of_treatment_test",
        }
    with on(builders.START + timedelta(days=28)):
        assert status(cast, patient).obligations_in_force
    with on(builders.START + timedelta(days=29)):
        assert not status(cast, patient).obligations_in_force


def test_l_con_5_who_never_had_the_drug_has_no_obligations_that_outlive_it(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    say(evidence.discontinue_therapy, cast.prescribing, patient)
    assert status(cast, patient).obligations_until_on is None
    plan = eligibility.plan_of(cast.prescribing.actor, patient, builders.PROGRAM)
    assert plan is not None
    assert plan.obligations == ()


def test_l_end_1_an_end_lies_neither_in_the_future_nor_before_the_last_dispense(
    cast: builders.Cast,
) -> None:
    patient = treated(cast)
    for day in (today() - timedelta(days=2), today() + timedelta(days=2)):
        with pytest.raises(InvalidRequest) as refusal:
            say(evidence.discontinue_therapy, cast.prescribing, patient, happened_on=day)
        assert set(refusal.value.fields) == {"happened_on"}


def test_l_end_3_a_death_voids_in_every_program_and_ends_all_reminders(cast: builders.Cast) -> None:
    patient = treated(cast)
    planning.plan([patient.pk])
    scheduled = Notice.objects.filter(patient_id=patient.pk, purpose="reminder", state="scheduled")
    assert scheduled.exists()

    say(evidence.record_death, cast.staff, patient, reason="Unknown", said_by="The family")
    planning.plan([patient.pk])

    assert not scheduled.exists()
    cancelled = Notice.objects.filter(patient_id=patient.pk, purpose="reminder", state="cancelled")
    assert {each.ended_reason for each in cancelled} == {"no_longer_due"}
    assert status(cast, patient).status == "died"
    with pytest.raises(Conflict, match="death is on record"):
        builders.request(cast.prescribing, patient, "adult_frp")
    with pytest.raises(Conflict, match="death is on record"):
        renew(cast, patient)
    with pytest.raises(Conflict):
        say(evidence.record_death, cast.prescribing, patient)


def test_l_end_3_a_death_recorded_by_mistake_is_withdrawn(cast: builders.Cast) -> None:
    patient = treated(cast)
    died = say(evidence.record_death, cast.staff, patient)
    evidence.withdraw_therapy_event(cast.staff, event_id=died.pk, reason="Another patient")
    assert status(cast, patient).status == "on_therapy"


def test_l_end_3_who_withdraws_is_reminded_of_what_outlives_therapy_only(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    held = builders.confirm(cast.dispensing, authorization).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)
    patient = authorization.patient
    planning.plan([patient.pk])

    say(evidence.withdraw_from_program, cast.staff, patient, said_by="The patient")
    planning.plan([patient.pk])

    scheduled = Notice.objects.filter(patient_id=patient.pk, purpose="reminder", state="scheduled")
    assert {each.params["obligation"] for each in scheduled} == {
        "obligations_end",
        "end_of_treatment_test",
    }
    assert status(cast, patient).status == "withdrew"
    with pytest.raises(Conflict, match="withdrawn from the program"):
        builders.request(cast.prescribing, patient, "adult_frp")


def test_l_end_3_a_withdrawal_voids_what_is_open(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    say(evidence.withdraw_from_program, cast.prescribing, authorization.patient)
    authorization.refresh_from_db()
    assert (authorization.state, authorization.ended_reason) == ("void", "therapy_withdrew")


def test_l_end_1_a_discontinued_patient_can_still_withdraw_and_the_first_end_counts(
    cast: builders.Cast,
) -> None:
    with on(builders.START):
        patient = treated(cast)
        say(evidence.discontinue_therapy, cast.prescribing, patient)
    with on(builders.START + timedelta(days=3)):
        say(evidence.withdraw_from_program, cast.prescribing, patient)
        with pytest.raises(Conflict):
            say(evidence.discontinue_therapy, cast.prescribing, patient)
        ended = status(cast, patient)
        assert (ended.status, ended.ended_on) == ("withdrew", TODAY)


def test_l_end_1_a_new_agreement_after_the_end_enrolls_again(cast: builders.Cast) -> None:
    with on(builders.START):
        patient = treated(cast)
        say(evidence.discontinue_therapy, cast.prescribing, patient)
    with on(builders.START + timedelta(days=60)):
        renew(cast, patient)
        assert status(cast, patient).status == "not_started"
        builders.make_ready_frp(cast.prescribing, patient)
        decision = builders.request(cast.prescribing, patient, "adult_frp")
        assert decision.authorization is not None, decision.document["unmet"]
        assert decision.document["path"] == "initiation"


def test_l_end_3_an_agreement_that_the_patient_signed_before_leaving_enrolls_nobody(
    cast: builders.Cast,
) -> None:
    patient = treated(cast)
    waiting = renew(cast, patient, prescriber_signed_at=None)
    say(evidence.withdraw_from_program, cast.staff, patient)

    with on(builders.START + timedelta(days=1)):
        evidence.sign_agreement(
            cast.prescribing,
            patient_id=patient.pk,
            agreement_id=waiting.pk,
            prescriber_signed_at=clock.now(),
        )
        left = status(cast, patient)
        assert (left.status, left.obligations_in_force) == ("withdrew", True)
        with pytest.raises(Conflict, match="both sign it after that"):
            builders.request(cast.prescribing, patient, "adult_frp")


def test_l_enr_4_a_lapsed_agreement_is_renewed_and_the_patient_enrolled_again(
    cast: builders.Cast,
) -> None:
    with on(builders.START):
        patient = treated(cast)
    with on(builders.START + timedelta(days=400)):
        found = eligibility.outlook(cast.prescribing.actor, [patient.pk], builders.PROGRAM)
        assert "L-ENR-4" in found[patient.pk]["unmet"]
        renew(cast, patient)
        found = eligibility.outlook(cast.prescribing.actor, [patient.pk], builders.PROGRAM)
        assert "L-ENR-4" not in found[patient.pk]["unmet"]


def test_l_src_3_a_discontinuation_by_mistake_is_withdrawn_and_what_it_voided_stays_void(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    ended = say(evidence.discontinue_therapy, cast.prescribing, authorization.patient)

    withdrawn = evidence.withdraw_therapy_event(
        cast.prescribing, event_id=ended.pk, reason="Another patient"
    )

    authorization.refresh_from_db()
    assert withdrawn.withdrawal_reason == "Another patient"
    assert authorization.state == "void"
    assert status(cast, authorization.patient).status == "not_started"


def test_l_end_2_who_may_say_what_of_whom(cast: builders.Cast) -> None:
    patient = treated(cast)
    other = builders.prescribing_call(builders.certified_prescriber(cast.administrator, serial=2))
    prescribers_only = (
        evidence.interrupt_therapy,
        evidence.resume_therapy,
        evidence.discontinue_therapy,
    )
    for command in prescribers_only:
        with pytest.raises(NotAllowed):
            say(command, cast.staff, patient)
    for ending in (evidence.withdraw_from_program, evidence.record_death):
        with pytest.raises(NotAllowed):
            say(ending, cast.dispensing, patient)
        with pytest.raises(NotFound):
            say(ending, other, patient)
    assert not TherapyEvent.objects.exists()


def test_l_end_1_a_dispense_after_the_interruption_goes_on_with_therapy(
    cast: builders.Cast,
) -> None:
    with on(builders.START):
        patient = treated(cast)
        say(evidence.interrupt_therapy, cast.prescribing, patient)
    with on(builders.START + timedelta(days=22)):
        builders.negative_test(cast.prescribing, patient)
        builders.contraception(cast.prescribing, patient)
        builders.prepare(cast.prescribing, patient, "adult_frp")
        decision = builders.request(cast.prescribing, patient, "adult_frp")
        assert decision.authorization is not None, decision.document["unmet"]
        held = builders.confirm(cast.dispensing, decision.authorization).confirmation
        assert held is not None
        builders.dispense(cast.dispensing, held)
        assert Dispense.objects.filter(patient=patient).count() == 2
        assert status(cast, patient).status == "on_therapy"
