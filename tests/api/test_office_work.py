"""Queues, deviations and the assessment report over the API (rules §13)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.core.call import Role
from apps.evidence.models import Deviation
from apps.oversight.models import Assignment
from apps.rules.targets import OFFICE_KINDS, TARGET_KINDS
from tests import builders
from tests.api.clients import System, system
from tests.builders import PROGRAM
from tests.oversight import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: builders.Cast) -> System:
    return system(cast.administrator.actor.own_organization, Role.ADMINISTRATOR)


@pytest.fixture
def deviation(cast: builders.Cast) -> Deviation:
    return cases.deviation(builders.enroll(cast.prescribing))


def test_the_queues_say_owner_count_and_how_many_are_late(
    office: System, deviation: Deviation
) -> None:
    with time_machine.travel(clock.now() + timedelta(days=8)):
        office.authenticate()
        answer = office.get("queues")
    queues = {queue["kind"]: queue for queue in answer.json()["results"]}
    assert set(queues) == {*TARGET_KINDS, *OFFICE_KINDS}
    major = queues["deviation_major"]
    assert (major["count"], major["overdue"], major["owner"], major["hours"]) == (
        1,
        1,
        "staff",
        168,
    )
    assert office.get("queues", program="aspirin").status_code == 422
    assert office.get("queues", patient="x").status_code == 422


def test_a_queue_pages_its_items_by_their_targets(
    office: System, cast: builders.Cast, deviation: Deviation
) -> None:
    patient = deviation.patient
    assert patient is not None
    made = [deviation, *(cases.deviation(patient, occurrence=f"day {day}") for day in range(2))]
    first = office.get("queues/deviation_major", limit="2").json()
    (rest,) = office.browser.get(first["next"], headers=office.headers()).json()["results"]
    shown = [*first["results"], rest]
    assert {item["subject_id"] for item in shown} == {str(each.pk) for each in made}
    assert [item["target_at"] for item in shown] == sorted(item["target_at"] for item in shown)
    assert shown[0]["patient_id"] == str(patient.pk)
    assert office.get("queues/gossip").status_code == 404


def test_an_item_is_assigned_and_given_back_once_for_each_key(
    office: System, cast: builders.Cast, deviation: Deviation
) -> None:
    path = f"queues/deviation_major/{deviation.pk}/assignments"
    body = {"program": PROGRAM, "assignee_id": str(cast.staff.actor.id), "note": "Yours"}
    first, again = (office.post(path, body, key="one-key-for-both") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Assignment.objects.count() == 1
    (item,) = office.get("queues/deviation_major").json()["results"]
    assert item["assignee_id"] == str(cast.staff.actor.id)

    back = office.make(path, {"program": PROGRAM, "assignee_id": None, "note": "On leave"})
    assert back["assignee"] is None
    stranger = office.post(path, {**body, "assignee_id": str(cast.prescribing.actor.id)})
    assert (stranger.status_code, stranger.json()["errors"][0]["pointer"]) == (422, "/assignee_id")


def test_a_deviation_is_worked_to_its_end(office: System, deviation: Deviation) -> None:
    path = f"deviations/{deviation.pk}"
    early = office.post(f"{path}/correction", {"corrective_action": "Too early"})
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    office.make(f"{path}/review", {"reason": "Calling the practice"})
    made = office.make(f"{path}/correction", {"corrective_action": "The practice books ahead"})
    assert (made["state"], made["corrective_action"]) == ("corrected", "The practice books ahead")
    assert office.get(path).json() == made
    listed = office.get("deviations", state="corrected", severity="major").json()["results"]
    assert [each["id"] for each in listed] == [str(deviation.pk)]
    assert office.get("deviations", state="open").json()["results"] == []


def test_only_an_administrator_accepts_a_deviation(
    office: System, cast: builders.Cast, deviation: Deviation
) -> None:
    path = f"deviations/{deviation.pk}"
    office.make(f"{path}/review", {"reason": "Calling the practice"})
    staff = system(cast.administrator.actor.own_organization, Role.STAFF)
    assert staff.post(f"{path}/acceptance", {"reason": "Snow storm"}).status_code == 403
    assert office.make(f"{path}/acceptance", {"reason": "Snow storm"})["state"] == "accepted"


def figures(document: dict[str, Any], code: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = next(
        section["rows"] for section in document["sections"] if section["code"] == code
    )
    return rows


def test_the_assessment_counts_the_month_so_far_or_the_days_that_are_asked_for(
    office: System, deviation: Deviation
) -> None:
    document = office.get("assessment").json()
    assert [row["Deviations"] for row in figures(document, "deviations")] == [1]
    earlier = office.get("assessment", from_on="2025-01-01", last_on="2025-12-31").json()
    assert figures(earlier, "deviations") == []
    refused = office.get("assessment", from_on="2025-12-31", last_on="2025-01-01")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/last_on")
    assert office.get("assessment", from_on="yesterday").status_code == 422


def test_who_is_not_of_the_office_sees_none_of_it(
    cast: builders.Cast, deviation: Deviation
) -> None:
    practice = system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)
    pharmacy = system(cast.pharmacy.organization_id, Role.PHARMACIST)
    for stranger in (practice, pharmacy):
        for path in ("queues", "queues/deviation_major", "deviations", "assessment"):
            assert stranger.get(path).status_code == 403, path
        assert stranger.get(f"deviations/{deviation.pk}").status_code == 403
        answer = stranger.post(f"deviations/{deviation.pk}/review", {"reason": "Curious"})
        assert answer.status_code == 403


def test_a_page_of_a_queue_takes_the_same_statements_however_much_waits(
    office: System, deviation: Deviation
) -> None:
    patient = deviation.patient
    assert patient is not None
    office.get("queues/deviation_major")
    with CaptureQueriesContext(connection) as few:
        office.get("queues/deviation_major")
    for day in range(5):
        cases.deviation(patient, occurrence=f"day {day}")
    with CaptureQueriesContext(connection) as many:
        office.get("queues/deviation_major")
    assert len(few) == len(many)
