"""Whoever is shown a patient by the API leaves an event that names the patient: every endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from tests.api.test_access import EVERYBODY, endpoints, filled
from tests.api.world import world
from tests.audit.seeing import signs_of_patients, watched

pytestmark = pytest.mark.django_db
OK = range(200, 300)


@contextmanager
def rolled_back() -> Iterator[None]:
    """What is done meanwhile leaves nothing behind."""
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)


def test_every_answer_that_shows_a_patient_leaves_a_view_of_that_patient() -> None:
    place = world()
    signs, forgotten, shown = signs_of_patients(), [], 0
    for name, method, route in endpoints():
        if method != "GET":
            continue
        for who in EVERYBODY:
            with watched() as look:
                answer = place.systems[who].get(filled(route, name, place))
                if answer.status_code in OK:
                    look.answers.append(answer)
            shown += len(look.answers)
            forgotten += [f"{who} GET {name} shows {sign}" for sign in look.untold(signs)]
    assert "\n".join(forgotten) == ""
    assert shown > len(EVERYBODY)


def test_every_command_that_answers_with_a_patient_leaves_an_event_of_that_patient() -> None:
    place = world()
    signs, forgotten = signs_of_patients(), []
    for name, method, route in endpoints():
        if method != "POST":
            continue
        for who in EVERYBODY:
            # Watched inside what is rolled back: one call must not change the next one's answer.
            with rolled_back(), watched() as look:
                body = place.bodies.get(name, {})
                answer = place.systems[who].post(filled(route, name, place), body)
                if answer.status_code in OK:
                    look.answers.append(answer)
            forgotten += [f"{who} POST {name} shows {sign}" for sign in look.untold(signs)]
    assert "\n".join(forgotten) == ""
