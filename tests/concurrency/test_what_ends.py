"""A category change taking effect, and the end of a therapy, race what uses an authorization.

Whoever comes second sees what the first one did (L-CAT-3, L-END-2, L-AUT-8).
"""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from apps.core import clock
from apps.core.errors import Conflict
from apps.evidence import services as evidence
from apps.patients.models import CategoryChange
from apps.patients.selectors import current_category
from apps.patients.services import CategoryBasis, Signatures
from tests import builders
from tests.concurrency.program import Program
from tests.concurrency.racing import Command, in_order, race
from tests.concurrency.test_what_voids import (
    ACTIONS,
    Action,
    Scene,
    asking,
    assert_nothing_is_left,
    dispensing,
)

Prepared = Callable[[Scene], Command]


def waiting_change(scene: Scene) -> CategoryChange:
    now = clock.now()
    return evidence.change_category(
        scene.program.cast.prescribing,
        patient_id=scene.patient.pk,
        program=builders.PROGRAM,
        risk_category="adult_fnrp",
        basis=CategoryBasis(kind="hysterectomy", on=date(2020, 1, 1)),
        reason="Operated on",
        said_by="The surgeon's letter",
        signatures=Signatures(
            signer="patient",
            signer_name="Given Family",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    )


def approval(scene: Scene) -> Command:
    waiting = waiting_change(scene)

    def approve() -> datetime:
        done = evidence.decide_category_change(
            scene.program.cast.administrator,
            change_id=waiting.pk,
            decision="approve",
            reason="Letter checked",
        )
        assert done.decided_at is not None
        return done.decided_at

    return approve


def discontinuation(scene: Scene) -> Command:
    def discontinue() -> datetime:
        return evidence.discontinue_therapy(
            scene.program.cast.prescribing,
            patient_id=scene.patient.pk,
            program=builders.PROGRAM,
            happened_on=builders.program_day(clock.now()),
            reason="Progression",
            said_by="Dr. Prescriber",
        ).recorded_at

    return discontinue


RACES = [
    pytest.param(event, action, id=f"{event.__name__}-{action.__name__}")
    for event in (approval, discontinuation)
    for action in ACTIONS
]


@pytest.mark.parametrize(("event", "action"), RACES)
def test_what_ends_it_first_is_seen_by_what_waited(
    program: Program, event: Prepared, action: Action
) -> None:
    scene = action(program)
    end = event(scene)

    happened, used = in_order(end, scene.action, behind=("patients_patient", scene.patient.pk))

    if (event, action) == (discontinuation, asking):
        assert isinstance(used.error, Conflict)
    else:
        assert not used.value().allowed
        assert used.value().recorded_at > happened.value()
    assert_nothing_is_left(scene, happened.value())


@pytest.mark.parametrize(("event", "action"), RACES)
def test_what_used_it_first_is_void_afterwards_and_a_supply_stops_the_approval(
    program: Program, event: Prepared, action: Action
) -> None:
    scene = action(program)
    end = event(scene)

    used, happened = in_order(scene.action, end, behind=("patients_patient", scene.patient.pk))

    assert used.value().allowed
    if (event, action) == (approval, dispensing):
        assert isinstance(happened.error, Conflict)
        assert current_category(scene.patient).risk_category == "adult_frp"
        return
    assert used.value().recorded_at < happened.value()
    assert_nothing_is_left(scene, happened.value())


@pytest.mark.parametrize(("event", "action"), RACES)
def test_a_free_race_leaves_nothing_open_that_the_end_should_have_voided(
    program: Program, event: Prepared, action: Action
) -> None:
    scene = action(program)
    end = event(scene)

    happened, used = race(end, scene.action)

    if happened.error is not None:
        assert isinstance(happened.error, Conflict)
        assert (event, action) == (approval, dispensing)
        assert used.value().allowed
        return
    if used.error is not None:
        assert isinstance(used.error, Conflict)
        assert (event, action) == (discontinuation, asking)
    else:
        came_first = happened.value() < used.value().recorded_at
        assert used.value().allowed == (not came_first)
    assert_nothing_is_left(scene, happened.value())
