"""How many statements a call takes, and that a miss tells nothing."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import numbers
from apps.core.call import Role
from apps.core.models import Operation
from apps.evidence import models
from apps.patients.models import Patient
from apps.patients.services import Identity
from tests import builders
from tests.api.clients import System, system
from tests.api.test_journey import request_for

pytestmark = pytest.mark.django_db


def statements(ask: Callable[[], Any], status: int) -> list[str]:
    """The SQL of one call, in order."""
    with CaptureQueriesContext(connection) as captured:
        answer = ask()
    assert answer.status_code == status, answer.content
    return [query["sql"] for query in captured.captured_queries]


def history(patient: Patient, length: int) -> None:
    """That many entries of each kind that grows with time."""
    operation = Operation.objects.latest("started_at")
    start = patient.registered_at - timedelta(days=400)
    shared = {"patient": patient, "operation": operation, "recorded_at": patient.registered_at}
    instants = [start + timedelta(minutes=step) for step in range(length)]
    models.PregnancyTest.objects.bulk_create(
        models.PregnancyTest(
            **shared,
            collected_at=at,
            resulted_at=at,
            result="negative",
            sensitivity_miu_ml=25,
            specimen="serum",
        )
        for at in instants
    )
    models.ContraceptionAttestation.objects.bulk_create(
        models.ContraceptionAttestation(
            **shared, attested_at=at, abstinence=True, methods=[], lapse=False
        )
        for at in instants
    )
    models.Counseling.objects.bulk_create(
        models.Counseling(**shared, program=builders.PROGRAM, given_at=at, topics=[])
        for at in instants
    )
    models.PatientSurvey.objects.bulk_create(
        models.PatientSurvey(
            **shared,
            program=builders.PROGRAM,
            completed_at=at,
            text_version="1",
            text_language="en",
            answers={},
            at_risk=False,
        )
        for at in instants
    )


def test_no_call_takes_more_statements_for_a_longer_history(cast: builders.Cast) -> None:
    practice = system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)
    pharmacy = system(cast.pharmacy.organization_id, Role.PHARMACIST)
    taken = {}
    for name, length in (("Short", 10), ("Long", 1000)):
        identity = Identity("Tess", name, date(1980, 1, len(name)), name)
        patient = builders.ready_frp(cast.prescribing, identity)
        history(patient, length)
        asked = request_for(str(patient.pk), "adult_frp")
        page = f"patients/{patient.pk}"
        authorize = statements(partial(practice.post, "authorizations", asked), 201)
        check = {
            "number": patient.authorizations.get().number,
            "born_on": patient.born_on.isoformat(),
            "risk_category": "adult_frp",
        }
        taken[length] = {
            "authorize": len(authorize),
            "check": len(statements(partial(pharmacy.post, "eligibility-checks", check), 200)),
            "page": len(statements(partial(practice.get, page), 200)),
            "tests": len(statements(partial(practice.get, f"{page}/pregnancy-tests"), 200)),
        }
    assert taken[10] == taken[1000]
    assert taken[10]["check"] <= 6


def unlike_only_in_values(sql: str) -> str:
    """A statement without its literals."""
    inside = False
    kept = []
    for character in sql:
        if character == "'":
            inside = not inside
        elif not inside and not character.isdigit():
            kept.append(character)
    return "".join(kept)


@pytest.mark.parametrize(
    ("path", "more"), [("eligibility-checks", {}), ("confirmations", {"handover": "pickup"})]
)
def test_a_wrong_date_of_birth_reads_exactly_like_an_unknown_number(
    path: str, more: dict[str, str], cast: builders.Cast
) -> None:
    authorization = builders.authorized_frp(cast)
    pharmacy: System = system(cast.pharmacy.organization_id, Role.PHARMACIST)
    right = {
        "number": authorization.number,
        "born_on": authorization.patient.born_on.isoformat(),
        "risk_category": "adult_frp",
        **more,
    }
    misses = [
        {**right, "born_on": builders.today().isoformat()},
        {**right, "number": numbers.new_number(numbers.AUTHORIZATION)},
    ]
    answers, asked = [], []
    for miss in misses:
        with CaptureQueriesContext(connection) as captured:
            answers.append(pharmacy.post(path, miss, key=str(uuid4())))
        asked.append([unlike_only_in_values(query["sql"]) for query in captured.captured_queries])
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert dict(answers[0].items()) == dict(answers[1].items())
    assert asked[0] == asked[1]
