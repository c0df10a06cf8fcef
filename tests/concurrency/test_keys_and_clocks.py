"""One idempotency key at once, and servers whose clocks disagree."""

from datetime import timedelta

import pytest
import time_machine

from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Call, IdempotencyKey
from apps.core.errors import InvalidRequest, KeyReused
from apps.core.models import Operation
from apps.evidence import services as evidence
from apps.evidence.models import Counseling
from apps.patients.models import Patient
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import errors_of, in_order, race

PATIENTS = "patients_patient"


def keyed(call: Call, key: str, *, body: str = "one", scope: str = "client:route") -> Call:
    return call.once(IdempotencyKey(scope=scope, key=key, body_digest=body))


def counsel(call: Call, patient: Patient) -> Counseling:
    return builders.counseling(call, patient)  # type: ignore[no-any-return]


def test_two_calls_with_one_key_are_one_call(program: Program) -> None:
    patient = program.ready()
    call = keyed(program.cast.prescribing, "twice")

    first, second = in_order(
        lambda: counsel(call, patient),
        lambda: counsel(call, patient),
        behind=(PATIENTS, patient.pk),
    )

    assert first.value() == second.value()
    assert Counseling.objects.filter(operation__key="twice").count() == 1
    assert Event.objects.filter(operation_id=first.value().operation_id).count() == 1


def test_many_calls_with_one_key_get_the_one_result(program: Program) -> None:
    patient = program.ready()
    call = keyed(program.cast.prescribing, "many")

    outcomes = race(*[lambda: builders.request(call, patient, "adult_frp")] * 4)

    assert len({outcome.value().pk for outcome in outcomes}) == 1
    assert patient.authorizations.count() == 1


def test_the_same_key_with_another_body_is_refused_after_waiting(program: Program) -> None:
    patient = program.ready()
    one = keyed(program.cast.prescribing, "reused", body="one")
    other = keyed(program.cast.prescribing, "reused", body="other")

    first, second = in_order(
        lambda: counsel(one, patient),
        lambda: counsel(other, patient),
        behind=(PATIENTS, patient.pk),
    )

    assert first.value().pk
    assert isinstance(second.error, KeyReused)
    assert Counseling.objects.filter(operation__key="reused").count() == 1


def test_a_key_whose_call_failed_is_free_for_the_one_who_waited(program: Program) -> None:
    patient = program.ready()
    call = keyed(program.cast.prescribing, "failed")

    def from_the_future() -> Counseling:
        return evidence.record_counseling(
            call,
            patient_id=patient.pk,
            program=builders.PROGRAM,
            given_at=clock.now() + timedelta(days=1),
            topics=[],
        )

    first, second = in_order(
        from_the_future, lambda: counsel(call, patient), behind=(PATIENTS, patient.pk)
    )

    assert isinstance(first.error, InvalidRequest)
    assert second.value().pk


def test_keys_of_different_scopes_never_meet(program: Program) -> None:
    patient = program.ready()
    one = keyed(program.cast.prescribing, "same", scope="client:route")
    longer = keyed(program.cast.prescribing, "same", scope="client:route:longer", body="other")

    outcomes = race(lambda: counsel(one, patient), lambda: counsel(longer, patient))

    assert errors_of(outcomes) == []
    assert len({outcome.value().pk for outcome in outcomes}) == 2


def test_one_key_serves_two_commands_of_a_route(program: Program) -> None:
    patient = program.ready()
    call = keyed(program.cast.prescribing, "both")
    first = counsel(call, patient)
    other = builders.obligations(call, patient)
    assert counsel(call, patient) == first
    assert builders.obligations(call, patient) == other
    assert Operation.objects.filter(key="both").count() == 2


def test_a_clock_that_is_behind_never_decides_before_what_is_recorded(program: Program) -> None:
    authorization = program.authorized()
    patient = authorization.patient
    recorded = builders.pregnancy_test(program.cast.prescribing, patient, result="positive")

    with time_machine.travel(clock.now() - timedelta(hours=1), tick=True):
        decision = builders.request(program.cast.prescribing, patient, "adult_frp")

    assert decision.recorded_at > recorded.recorded_at
    assert "L-PT-5" in decision.document["unmet"]
    patient.refresh_from_db()
    assert patient.latest_recorded_at == decision.recorded_at


def test_instants_of_one_patient_only_grow_whatever_the_clocks_say(program: Program) -> None:
    patient = program.ready()
    call = program.cast.prescribing
    recorded = []
    for hours in (0, -1, -2, 1, 0, -3):
        with time_machine.travel(clock.now() + timedelta(hours=hours), tick=False):
            recorded.append(
                evidence.record_health_status(
                    call, patient_id=patient.pk, cycle="regular", breastfeeding=False
                ).recorded_at
            )
    assert recorded == sorted(set(recorded))


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_check_by_a_server_with_another_clock_sees_all_that_is_recorded(
    program: Program, hours: int
) -> None:
    authorization = program.authorized()
    with time_machine.travel(clock.now() + timedelta(hours=hours), tick=True):
        confirmed = builders.confirm(program.cast.dispensing, authorization)
    later = builders.confirm(program.second_dispensing, authorization)
    assert confirmed.allowed
    assert later.recorded_at > confirmed.recorded_at
    assert later.document["unmet"] == ["L-AUT-7"]
