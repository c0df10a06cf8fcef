"""Who may not do something learns it on the record's page, before they write anything."""

import pytest
from django.db.models import Model
from django.test import Client

from apps.backoffice.shown import page_of
from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import ExceptionRequest, Intervention
from tests import builders
from tests.backoffice.test_actions import act, exception_fields, page

pytestmark = pytest.mark.django_db


def offers(browser: Client, record: Model, name: str) -> bool:
    """Whether the page of a record links to an action."""
    return f'href="{page(record, name)}"' in browser.get(page_of(record)).content.decode()


def test_who_took_down_risky_answers_is_told_so_before_they_resolve_them(
    cast: builders.Cast, staff: Client, administrator: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    evidence.record_patient_survey(
        cast.staff, patient_id=patient.pk, program=builders.PROGRAM,
        completed_at=clock.now(),
        answers={**builders.safe_answers("adult_frp"), "shared_drug": "yes"},
    )  # fmt: skip
    intervention = Intervention.objects.get()
    assert not offers(staff, intervention, "resolve")
    for address in (page_of(intervention), page(intervention, "resolve")):
        assert "entered these answers yourself" in staff.get(address).content.decode()
    assert offers(administrator, intervention, "resolve")
    opened = administrator.get(page(intervention, "resolve")).content.decode()
    assert "entered these answers yourself" not in opened


def test_two_persons_see_their_own_half_of_an_exception(
    cast: builders.Cast, staff: Client, administrator: Client
) -> None:
    """L-DSP-10: who asked withdraws, another one decides."""
    patient = builders.enroll(cast.prescribing)
    assert "L-SUR-2: Patient survey" in staff.get(page(patient, "except")).content.decode()
    act(staff, patient, "except", **exception_fields())
    request = ExceptionRequest.objects.get()
    own = {name: offers(staff, request, name) for name in ("grant", "refuse", "withdraw")}
    others = {name: offers(administrator, request, name) for name in own}
    assert own == {"grant": False, "refuse": False, "withdraw": True}
    assert others == {"grant": True, "refuse": True, "withdraw": False}
