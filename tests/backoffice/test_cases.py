"""The office follows pregnancy cases: details, steps, the end; each by who may."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import CaseStep, PregnancyCase
from tests import builders
from tests.backoffice.test_actions import act, page, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: builders.Cast) -> PregnancyCase:
    patient = builders.enroll(cast.prescribing)
    made: PregnancyCase = evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="patient",
        reported_at=clock.now(),
        source="The patient called",
    )
    return made


def shown(client: Client, record: Any) -> Any:
    name = f"admin:evidence_{record._meta.model_name}_change"
    return client.get(reverse(name, args=[record.pk]))


def offered(client: Client, record: Any) -> list[str]:
    return [action.name for action, *_ in shown(client, record).context["record_actions"]]


def test_a_case_shows_its_steps_and_who_may_do_what(
    case: PregnancyCase, staff: Client, administrator: Client
) -> None:
    """L-PRG-2, L-PRG-3"""
    step = case.steps.get(kind="birth")
    text = shown(staff, case).content.decode()
    assert all(each.title.split("'")[0] in text for each in case.steps.all())
    assert offered(staff, case) == ["details"]
    assert offered(administrator, case) == ["details", "close"]
    assert offered(staff, step) == ["complete"]
    assert offered(administrator, step) == ["complete", "waive"]


def test_the_office_records_what_is_known_and_the_steps_move(
    case: PregnancyCase, staff: Client
) -> None:
    """L-PRG-2"""
    sent = act(staff, case, "details", birth_expected_on="2027-03-04", notes="By ultrasound")
    assert sent.status_code == 302
    detail = case.details.get()
    assert (detail.birth_expected_on, detail.notes) == (date(2027, 3, 4), "By ultrasound")
    assert case.steps.filter(ended_as="rescheduled").exists()
    known = staff.get(page(case, "details")).context["form"]
    assert known["notes"].initial == "By ultrasound"


def test_a_step_is_done_by_the_staff_and_waived_by_an_administrator(
    case: PregnancyCase, staff: Client, administrator: Client
) -> None:
    """L-PRG-2"""
    birth, year = case.steps.get(kind="birth"), case.steps.get(kind="one_year")
    assert act(staff, birth, "complete", note="A healthy child").status_code == 302
    assert staff.get(page(year, "waive")).status_code == 403
    assert act(administrator, year, "waive", reason="Moved abroad").status_code == 302
    ended = {step.kind: step.ended_as for step in CaseStep.objects.exclude(ended_at=None)}
    assert ended == {"birth": "done", "one_year": "waived"}


def test_a_case_closes_only_when_its_open_steps_are_waived_with_a_reason(
    case: PregnancyCase, administrator: Client
) -> None:
    """L-PRG-3"""
    refused = act(administrator, case, "close", outcome="pregnancy_ended", reason="A loss")
    assert "Complete these first, or say why they are waived" in said(refused)
    closed = act(
        administrator, case, "close", outcome="pregnancy_ended", reason="A loss",
        waiver="Nothing more to follow",
    )  # fmt: skip
    assert closed.status_code == 302
    case.refresh_from_db()
    assert case.outcome == "pregnancy_ended"
