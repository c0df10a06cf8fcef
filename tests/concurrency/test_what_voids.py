"""What makes an authorization worthless races what uses it, in both orders and freely (L-AUT-8).

Never a number left valid, never a decision that missed what was committed while it waited.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest

from apps.core import clock
from apps.core.errors import Conflict
from apps.eligibility import deciding
from apps.eligibility import services as eligibility
from apps.eligibility.models import Decision
from apps.evidence import services as evidence
from apps.patients.models import Patient
from apps.patients.services import Signatures
from apps.prescriptions.models import Confirmation
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import Command, Outcome, in_order, race


@dataclass
class Scene:
    """One patient at the point where the action is possible."""

    program: Program
    patient: Patient
    action: Command


def asking(program: Program) -> Scene:
    patient = program.ready()
    call = program.cast.prescribing
    return Scene(program, patient, lambda: builders.request(call, patient, "adult_frp"))


def confirming(program: Program) -> Scene:
    authorization = program.authorized()
    call = program.cast.dispensing
    return Scene(program, authorization.patient, lambda: builders.confirm(call, authorization))


def dispensing(program: Program) -> Scene:
    confirmation = program.confirmed()
    call = program.cast.dispensing
    patient = confirmation.authorization.patient
    return Scene(program, patient, lambda: builders.dispense(call, confirmation))


def positive_test(scene: Scene) -> datetime:
    call = scene.program.cast.prescribing
    test = builders.pregnancy_test(call, scene.patient, result="positive")
    return test.recorded_at  # type: ignore[no-any-return]


def lapse(scene: Scene) -> datetime:
    attested = builders.contraception(scene.program.cast.prescribing, scene.patient, lapse=True)
    return attested.recorded_at  # type: ignore[no-any-return]


def lapse_told_in_a_survey(scene: Scene) -> datetime:
    survey = evidence.record_patient_survey(
        scene.program.cast.prescribing,
        patient_id=scene.patient.pk,
        program=builders.PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers("adult_frp"), "contraception_lapse": "yes"},
    )
    return survey.recorded_at


def withdrawn_test(scene: Scene) -> datetime:
    latest = scene.patient.pregnancytest_set.latest("collected_at")
    withdrawn = evidence.withdraw_pregnancy_test(
        scene.program.cast.prescribing, test_id=latest.pk, reason="Another patient's"
    )
    assert withdrawn.withdrawn_at is not None
    return withdrawn.withdrawn_at


def withdrawn_contraception(scene: Scene) -> datetime:
    latest = scene.patient.contraceptionattestation_set.latest("attested_at")
    withdrawn = evidence.withdraw_contraception(
        scene.program.cast.staff, attestation_id=latest.pk, reason="Another patient's"
    )
    assert withdrawn.withdrawn_at is not None
    return withdrawn.withdrawn_at


def completed_agreement(scene: Scene) -> datetime:
    now = clock.now()
    agreement = evidence.renew_agreement(
        scene.program.cast.prescribing,
        patient_id=scene.patient.pk,
        program=builders.PROGRAM,
        signatures=Signatures(
            signer="patient",
            signer_name="Given Family",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    )
    return agreement.recorded_at


def reported_pregnancy(scene: Scene) -> datetime:
    case = evidence.report_pregnancy(
        scene.program.cast.staff,
        patient_id=scene.patient.pk,
        subject="patient",
        reported_at=clock.now(),
        source="Telephone",
    )
    return case.recorded_at


def cancelled(scene: Scene) -> datetime:
    authorization = scene.patient.authorizations.get()
    ended = eligibility.cancel_authorization(
        scene.program.cast.prescribing, authorization_id=authorization.pk, reason="Wrong strength"
    )
    assert ended.ended_at is not None
    return ended.ended_at


ACTIONS = [asking, confirming, dispensing]
EVENTS = [
    positive_test,
    lapse,
    lapse_told_in_a_survey,
    withdrawn_test,
    withdrawn_contraception,
    completed_agreement,
    reported_pregnancy,
    cancelled,
]
RACES = [
    pytest.param(event, action, id=f"{event.__name__}-{action.__name__}")
    for event in EVENTS
    for action in ACTIONS
    if (event, action) != (cancelled, asking)
]
Event = Callable[[Scene], datetime]
Action = Callable[[Program], Scene]


@pytest.mark.parametrize(("event", "action"), RACES)
def test_what_came_first_is_seen_by_what_waited(
    program: Program, event: Event, action: Action
) -> None:
    scene = action(program)

    happened, used = in_order(
        lambda: event(scene), scene.action, behind=("patients_patient", scene.patient.pk)
    )

    decision = used.value()
    assert decision.recorded_at > happened.value()
    # A new agreement voids what was issued before it, and is no obstacle to a new request.
    assert decision.allowed == ((event, action) == (completed_agreement, asking))
    assert_nothing_is_left(scene, happened.value())


@pytest.mark.parametrize(("event", "action"), RACES)
def test_what_was_used_first_is_void_when_it_happens(
    program: Program, event: Event, action: Action
) -> None:
    scene = action(program)

    used, happened = in_order(
        scene.action, lambda: event(scene), behind=("patients_patient", scene.patient.pk)
    )

    decision = used.value()
    assert decision.allowed
    if (event, action) == (cancelled, dispensing):
        assert isinstance(happened.error, Conflict)
    else:
        assert decision.recorded_at < happened.value()
        assert_nothing_is_left(scene, happened.value())
    states = {authorization.state for authorization in scene.patient.authorizations.all()}
    assert states == ({"dispensed"} if action is dispensing else {"void"})


@pytest.mark.parametrize(("event", "action"), RACES)
def test_a_free_race_ends_in_one_of_the_two_orders(
    program: Program, event: Event, action: Action
) -> None:
    scene = action(program)

    happened, used = race(lambda: event(scene), scene.action)

    decision = used.value()
    if isinstance(happened.error, Conflict):
        assert (event, action) == (cancelled, dispensing)
        assert decision.allowed
        return
    came_first = happened.value() < decision.recorded_at
    new_agreement = (event, action) == (completed_agreement, asking)
    assert decision.allowed == (not came_first or new_agreement)
    assert_nothing_is_left(scene, happened.value())


def assert_nothing_is_left(scene: Scene, happened_at: datetime) -> None:
    """Nothing issued before it is open, and no decision after it rests on what was before."""
    issued = scene.patient.authorizations.filter(issued_at__lte=happened_at)
    assert not issued.filter(state__in=["issued", "confirmed"]).exists()
    valid = Confirmation.objects.filter(authorization__in=issued, state="valid")
    assert not valid.exists()
    for decision in Decision.objects.filter(patient=scene.patient).select_related("facts"):
        assert decision.recorded_at != happened_at
        assert deciding.replay(decision)["allowed"] == decision.allowed


def test_the_outcomes_are_told_apart() -> None:
    """An outcome that raised never passes for one that did not."""
    with pytest.raises(Conflict):
        Outcome(error=Conflict("No.")).value()
