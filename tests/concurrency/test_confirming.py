"""Of simultaneous confirmations of one authorization exactly one wins (L-DSP-2)."""

import threading
from collections import Counter

from apps.core.call import Call
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.prescriptions.models import Authorization, Confirmation
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import (
    SECONDS,
    Racer,
    holding,
    in_order,
    race,
    wait_until_blocked,
)

RACES = 200


def test_two_hundred_races_of_two_pharmacies_have_two_hundred_single_winners(
    program: Program,
) -> None:
    authorizations = program.authorized_men(RACES)
    line = threading.Barrier(2)

    def confirm_all(call: Call) -> list[Decision]:
        decisions = []
        for authorization in authorizations:
            line.wait(SECONDS)
            decisions.append(builders.confirm(call, authorization))
        return decisions

    racers = [Racer(lambda call=call: confirm_all(call)) for call in program.dispensing()]  # type: ignore[misc]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(10 * SECONDS)
    first, second = (racer.finish().value() for racer in racers)

    for one, other in zip(first, second, strict=True):
        winner, loser = (one, other) if one.allowed else (other, one)
        assert (winner.allowed, loser.allowed) == (True, False)
        assert loser.document["unmet"] == ["L-AUT-7"]
        assert loser.recorded_at > winner.recorded_at
    wins = Counter(
        decision.operation.organization_id for decision in [*first, *second] if decision.allowed
    )
    assert wins.total() == RACES
    held = Confirmation.objects.filter(authorization__in=authorizations)
    assert held.count() == held.values("authorization").distinct().count() == RACES
    states = Authorization.objects.filter(pk__in=[a.pk for a in authorizations])
    assert set(states.values_list("state", flat=True)) == {"confirmed"}


def test_the_one_who_waited_is_refused_by_what_the_first_committed(program: Program) -> None:
    (authorization,) = program.authorized_men(1)
    first_call, second_call = program.dispensing()

    first, second = in_order(
        lambda: builders.confirm(first_call, authorization),
        lambda: builders.confirm(second_call, authorization),
        behind=("patients_patient", authorization.patient_id),
    )

    assert first.value().allowed
    assert second.value().document["unmet"] == ["L-AUT-7"]
    state = [a["state"] for a in [second.value().facts.document["authorization"]]]
    assert state == ["confirmed"]


def test_two_dispenses_of_one_confirmation_hand_over_once(program: Program) -> None:
    confirmation = program.confirmed(*program.authorized_men(1))
    call = program.cast.dispensing

    outcomes = race(*[lambda: builders.dispense(call, confirmation)] * 3)

    assert sorted(outcome.value().allowed for outcome in outcomes) == [False, False, True]
    assert confirmation.authorization.dispenses.count() == 1


def test_two_requests_for_one_patient_issue_one_number(program: Program) -> None:
    patient = program.ready()
    call = program.cast.prescribing

    outcomes = race(*[lambda: builders.request(call, patient, "adult_frp")] * 3)

    decisions = [outcome.value() for outcome in outcomes]
    assert sorted(decision.allowed for decision in decisions) == [False, False, True]
    assert patient.authorizations.count() == 1
    assert all(
        "L-AUT-3" in decision.document["unmet"] for decision in decisions if not decision.allowed
    )


def test_a_check_waits_for_nobody(program: Program) -> None:
    """Else it and a confirmation that waits for the check's rows would wait for each other."""
    (authorization,) = program.authorized_men(1)
    confirming = Racer(lambda: builders.confirm(program.second_dispensing, authorization))
    checking = Racer(
        lambda: eligibility.verify(
            program.cast.dispensing,
            pharmacy_id=program.cast.pharmacy.pk,
            number=authorization.number,
            born_on=authorization.patient.born_on,
            prescription=Prescription(risk_category="adult_male"),
        )
    )

    with holding("providers_pharmacy", program.second_pharmacy.pk):
        confirming.start()
        wait_until_blocked(1)
        checking.start()
        assert checking.finish().value().decision["allowed"]

    assert confirming.finish().value().allowed
