"""Two of the office open one action: who sends it second is told what the first changed."""

from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from apps.accounts import services as accounts
from apps.core import clock
from apps.core.call import Role
from apps.evidence import services as evidence
from apps.evidence.services import Details
from apps.patients import services as patients
from apps.patients.selectors import contact_of
from tests import browsers, builders
from tests.api.clients import SECRET
from tests.backoffice.test_actions import page

pytestmark = pytest.mark.django_db


def opened(browser: Client, record: Model, name: str) -> dict[str, Any]:
    """An action's form as it is opened, ready to be sent with what it says."""
    form = browser.get(page(record, name)).context["form"]
    typed = {bound.html_name: bound.value() or "" for bound in form.visible_fields()}
    return {**typed, **browsers.hidden_in(form)}


def test_contact_data_of_a_colleague_are_not_overwritten_unseen(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    sent = opened(staff, patient, "contact")
    now = {**contact_of(patient), "email": "right@patients.example"}
    patients.correct_contact(cast.prescribing, patient_id=patient.pk, **now)

    told = staff.post(page(patient, "contact"), {**sent, "phone": "212-555-0142"})

    patient.refresh_from_db()
    assert patient.email == "right@patients.example"
    assert told.context["form"].errors["email"] == ["On record by now: right@patients.example."]
    again = {**sent, **browsers.hidden_in(told.context["form"]), "email": patient.email}
    assert staff.post(page(patient, "contact"), again).status_code == 302


def test_case_details_of_a_colleague_are_not_replaced_unseen(
    cast: builders.Cast, staff: Client
) -> None:
    """L-PRG-2"""
    patient = builders.enroll(cast.prescribing)
    case = evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="patient",
        source="She called",
        reported_at=clock.now(),
    )
    sent = opened(staff, case, "details")
    evidence.record_case_details(
        cast.prescribing, case_id=case.pk, details=Details(notes="Seen on Monday")
    )

    told = staff.post(page(case, "details"), {**sent, "root_cause": "contraception_failed"})

    assert case.details.count() == 1
    assert told.context["form"].errors["notes"] == ["On record by now: Seen on Monday."]


def test_a_name_that_a_colleague_corrected_is_not_turned_back_unseen(
    cast: builders.Cast, staff: Client
) -> None:
    """L-SRC-3"""
    patient = builders.enroll(cast.prescribing)
    sent = {
        **opened(staff, patient, "identity"),
        "source_document": "Passport",
        "reason": "A letter was missing",
        "family_name": "Syntheticus",
    }
    evidence.correct_identity(
        cast.administrator,
        patient_id=patient.pk,
        given_name="Fionna",
        family_name=patient.family_name,
        born_on=patient.born_on,
        source_document="Passport",
        reason="Another letter was missing",
    )

    told = staff.post(page(patient, "identity"), sent)

    patient.refresh_from_db()
    assert patient.given_name == "Fionna"
    assert told.context["form"].errors["given_name"] == ["On record by now: Fionna."]


def test_scopes_that_another_administrator_chose_are_not_replaced_unseen(
    cast: builders.Cast, administrator: Client
) -> None:
    client = accounts.register_api_client(
        cast.administrator,
        organization_id=cast.pharmacy.organization_id,
        role=Role.PHARMACIST,
        name="Counter system",
        secret=SECRET,
        scopes=["dispenses.write"],
    )
    sent = {**opened(administrator, client, "scopes"), "reason": "Reads, too"}
    accounts.set_client_scopes(
        cast.administrator, client_id=client.pk, scopes=None, reason="Until Monday"
    )

    told = administrator.post(page(client, "scopes"), sent)

    client.refresh_from_db()
    assert client.scopes is None
    assert told.context["form"].errors["scopes"] == ["On record by now: all that its role may."]
