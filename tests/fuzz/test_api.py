"""Every operation of the document, asked with sense and nonsense: only documented answers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, close_old_connections
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import builders
from tests.api.world import world
from tests.fuzz.systems import CONFLICTS, Asked, Door
from tests.fuzz.trying import (
    API_CASES,
    Figures,
    try_out,
    what_a_commit_would_say,
    without_trace,
)

pytestmark = pytest.mark.django_db

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
INTERNAL = re.compile(rb"Traceback|psycopg|django|SELECT |\bapps\.|site-packages|object at 0x")
PARTS = 3


@pytest.fixture(autouse=True)
def a_fixed_noon_and_no_throttle(settings: Any) -> Iterator[None]:
    """The same moment in each run; more calls in a minute than one system may make."""
    settings.API_CALLS_PER_MINUTE = 1_000_000
    settings.LOG_REQUESTS = False
    with time_machine.travel(builders.START, tick=True):
        yield


@contextmanager
def served_in_one_transaction() -> Iterator[None]:
    """With each request a server looks whether its connection is to be closed. Here it is not."""
    moments = (request_started, request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    try:
        yield
    finally:
        for moment in moments:
            moment.connect(close_old_connections)


@pytest.mark.parametrize("part", range(PARTS))
def test_no_request_gets_an_answer_that_the_document_does_not_name(part: int) -> None:
    door, figures = Door(world()), Figures()
    mine = door.operations[part::PARTS]
    act = partial(ask, figures)
    left = API_CASES * len(mine) // len(door.operations) + 1
    with served_in_one_transaction():
        for position, operation in enumerate(mine):
            share, place = -(-left // (len(mine) - position)), operation.label
            told = door.as_told(operation)
            for asked in told:
                without_trace(act, asked)
            try_out(door.asked(operation), max(1, share - len(told)), act, place=place)
            left -= figures.cases(place)
    figures.leave(f"api-{part}")
    assert not figures.defects, figures.told()
    answered_well = figures.reached(range(200, 300))
    assert {each.label for each in mine} - answered_well <= door.labels(CONFLICTS)


def ask(figures: Figures, asked: Asked) -> None:
    """Send it; note the answer and whatever is wrong with it."""
    place = asked.case.operation.label
    response = asked.case.call()
    figures.note(place, response.status_code)
    for defect in wrongs(asked, response):
        figures.found(place, defect, shown(asked, response))


def wrongs(asked: Asked, response: Any) -> Iterator[str]:
    """What is wrong with an answer."""
    try:
        asked.case.validate_response(response, checks=CHECKS)
    except FailureGroup as group:
        for failure in group.exceptions:
            yield " ".join(str(failure).split())[:300]
    inside = INTERNAL.search(response.content)
    if inside and inside[0].decode() not in str(asked.case.body):
        yield f"The answer speaks of the inside: {inside[0]!r}"
    if response.status_code < 300:
        try:
            what_a_commit_would_say()
        except DatabaseError as error:
            yield f"The transaction would not have been committed: {error}"


def shown(asked: Asked, response: Any) -> str:
    """The request and its answer, without the token."""
    case = asked.case
    headers = {**case.headers, "Authorization": f"({asked.caller})"}
    sent = f"{asked.manner.name} {case.method} {case.formatted_path} {case.query} {headers}"
    return f"{sent}\n  {str(case.body)[:1500]}\n  {response.status_code} {response.content[:600]!r}"
