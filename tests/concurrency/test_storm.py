"""A storm of commands on few patients: no deadlock, and every promise still kept afterwards."""

import random
import threading
from collections.abc import Callable
from dataclasses import replace

from django.db.models import Count, Q

from apps.core.call import SYSTEM_CALL
from apps.core.errors import CommandError
from apps.eligibility import deciding
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.patients.models import Patient
from apps.prescriptions.models import Authorization, Confirmation
from apps.providers import services as providers
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import Racer, deadlocks
from tests.copies import twins

WORKERS, ROUNDS, PATIENTS = 4, 30, 3
Move = Callable[[Program, Patient], object]


def latest(patient: Patient) -> Authorization:
    authorization = patient.authorizations.order_by("-issued_at").first()
    assert authorization is not None
    return authorization


def held(patient: Patient) -> Confirmation | None:
    return (
        Confirmation.objects.filter(authorization__patient=patient).order_by("-issued_at").first()
    )


def request(program: Program, patient: Patient) -> object:
    builders.counseling(program.cast.prescribing, patient)
    builders.survey(program.cast.prescribing, patient, "adult_frp")
    return builders.request(program.cast.prescribing, patient, "adult_frp")


def verify(program: Program, patient: Patient) -> object:
    authorization = latest(patient)
    return eligibility.verify(
        program.cast.dispensing,
        pharmacy_id=program.cast.pharmacy.pk,
        number=authorization.number,
        born_on=patient.born_on,
        prescription=Prescription(risk_category="adult_frp"),
    )


def reverse(program: Program, patient: Patient) -> object:
    confirmation = held(patient)
    return confirmation and eligibility.reverse_confirmation(
        program.cast.dispensing, confirmation_id=confirmation.pk, reason="Out of stock"
    )


def hand_over(program: Program, patient: Patient) -> object:
    confirmation = held(patient)
    return confirmation and builders.dispense(program.cast.dispensing, confirmation)


def give_back(program: Program, patient: Patient) -> object:
    made = patient.dispenses.order_by("-dispensed_at").first()
    return made and eligibility.return_to_stock(
        program.cast.dispensing,
        dispense_id=made.pk,
        never_left_premises=True,
        reason="Never collected",
    )


def cancel(program: Program, patient: Patient) -> object:
    return eligibility.cancel_authorization(
        program.cast.prescribing, authorization_id=latest(patient).pk, reason="Wrong strength"
    )


def withdraw(program: Program, patient: Patient) -> object:
    test = builders.negative_test(program.cast.prescribing, patient)
    return evidence.withdraw_pregnancy_test(
        program.cast.prescribing, test_id=test.pk, reason="Another patient's"
    )


def stand(program: Program, patient: Patient) -> object:
    for event in ("suspend", "reinstate"):
        providers.change_prescriber_standing(
            program.cast.administrator,
            prescriber_id=program.cast.prescriber.pk,
            event=event,
            reason="Inspection",
        )
    return patient


def enroll(program: Program, patient: Patient) -> object:
    return builders.enroll(
        program.cast.prescribing, identity=replace(program.identity(), family_name="Storm")
    )


def tidy(_: Program, patient: Patient) -> object:
    return eligibility.write_overdue_expiries(SYSTEM_CALL, patient_id=patient.pk)


MOVES: list[Move] = [
    request,
    verify,
    lambda program, patient: builders.confirm(program.cast.dispensing, latest(patient)),
    lambda program, patient: builders.confirm(program.second_dispensing, latest(patient)),
    reverse,
    hand_over,
    give_back,
    cancel,
    withdraw,
    stand,
    enroll,
    lambda program, patient: builders.contraception(program.cast.prescribing, patient),
    tidy,
]


def test_a_storm_of_commands_neither_locks_up_nor_breaks_a_promise(program: Program) -> None:
    patients = twins(program.authorized().patient, PATIENTS)
    done: list[str] = []
    gate = threading.Barrier(WORKERS)

    def work(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        gate.wait(30)
        for _ in range(ROUNDS):
            move = dice.choice(MOVES)
            try:
                move(program, dice.choice(patients))
            except CommandError:
                continue
            done.append(move.__name__)

    racers = [Racer(lambda seed=seed: work(seed)) for seed in range(WORKERS)]  # type: ignore[misc]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join(120)
    for racer in racers:
        racer.finish().value()

    assert deadlocks() == 0
    assert len(done) > WORKERS * ROUNDS / 4
    for patient in patients:
        assert_promises_are_kept(patient)


def assert_promises_are_kept(patient: Patient) -> None:
    """One open number; one winner; states that agree; a decision an instant; all replay."""
    authorizations = Authorization.objects.filter(patient=patient).annotate(
        valid=Count("confirmations", filter=Q(confirmations__state="valid")),
        handed_over=Count("confirmations", filter=Q(confirmations__state="dispensed")),
    )
    assert authorizations.filter(state__in=["issued", "confirmed"]).count() <= 1
    for authorization in authorizations:
        assert authorization.valid == (authorization.state == "confirmed")
        assert authorization.handed_over == (authorization.state == "dispensed")
    decisions = list(
        Decision.objects.filter(patient=patient).exclude(act="verify").select_related("facts")
    )
    assert len({decision.recorded_at for decision in decisions}) == len(decisions)
    for decision in decisions:
        assert deciding.replay(decision)["requirements"] == decision.document["requirements"]
