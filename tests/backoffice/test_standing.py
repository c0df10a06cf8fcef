"""The office's actions on category changes, therapy, representatives and addresses."""

from datetime import date
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import TherapyEvent
from apps.patients import reaching, standing
from apps.patients.models import CategoryChange, Patient
from apps.patients.selectors import current_category
from apps.patients.services import CategoryBasis, Signatures
from tests import browsers, builders
from tests.backoffice.conftest import proof

pytestmark = pytest.mark.django_db


def page(record: Model, name: str) -> str:
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_do", args=[record.pk, name])


def act(browser: Client, record: Model, name: str, /, **entered: Any) -> Any:
    shown = browser.get(page(record, name))
    assert shown.status_code == 200
    form = shown.context["form"]
    sent = {**browsers.hidden_in(form), **proof(browser, form), **entered}
    return browser.post(page(record, name), sent)


def waiting(cast: builders.Cast, patient: Patient) -> CategoryChange:
    now = clock.now()
    return evidence.change_category(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        risk_category="adult_fnrp",
        basis=CategoryBasis(kind="hysterectomy", on=date(2020, 1, 1)),
        reason="Operated on",
        said_by="The surgeon's letter",
        signatures=Signatures(
            signer="patient",
            signer_name="Fiona Synthetic",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    )


def test_l_cat_3_an_administrator_approves_a_change_with_a_reason(
    cast: builders.Cast, administrator: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    change = waiting(cast, patient)
    assert act(administrator, change, "approve", reason="").status_code == 200

    assert act(administrator, change, "approve", reason="Letter checked").status_code == 302

    change.refresh_from_db()
    assert (change.state, change.decision_reason) == ("approved", "Letter checked")
    assert current_category(patient).risk_category == "adult_fnrp"


def test_l_cat_3_an_administrator_refuses_a_change_and_staff_decide_nothing(
    cast: builders.Cast, administrator: Client, staff: Client
) -> None:
    change = waiting(cast, builders.enroll(cast.prescribing))
    assert staff.get(page(change, "approve")).status_code == 403
    assert staff.get(page(change, "refuse")).status_code == 403

    act(administrator, change, "refuse", reason="No letter")

    change.refresh_from_db()
    assert change.state == "refused"
    again = act(administrator, change, "approve", reason="After all")
    assert again.status_code == 200
    assert "nothing is to do" in again.content.decode()


def test_l_end_3_staff_record_a_death_and_withdraw_the_entry(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    today = builders.program_day(clock.now()).isoformat()
    act(staff, patient, "death", happened_on=today, said_by="The family", reason="Unknown")
    died = TherapyEvent.objects.get()
    assert (died.kind, died.program) == ("died", "")

    act(staff, died, "withdraw", reason="Another patient")

    died.refresh_from_db()
    assert died.withdrawal_reason == "Another patient"


def test_l_end_3_staff_record_a_withdrawal_from_the_program(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    act(
        staff,
        patient,
        "leave",
        program=builders.PROGRAM,
        happened_on=builders.program_day(clock.now()).isoformat(),
        said_by="The patient",
        reason="Moves abroad",
    )
    assert TherapyEvent.objects.get().kind == "withdrew"


def test_l_cat_4_staff_name_who_speaks_for_a_patient_and_end_it(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    act(staff, patient, "representative", kind="guardian", name="Gus", relationship="father")
    named = standing.representative_of(patient)
    assert named is not None

    act(staff, named, "end", reason="Custody has changed")

    assert standing.representative_of(patient) is None


def test_l_end_3_staff_record_an_address_that_fails_settle_it_and_correct_contact(
    cast: builders.Cast, staff: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    act(staff, patient, "undeliverable", kind="phone", finding="Nobody answers")
    (failing,) = standing.waits_for_an_address()
    act(staff, failing, "settle", reason="The patient called back")
    assert not standing.waits_for_an_address().exists()
    reaching.record_undeliverable(
        cast.staff, patient_id=patient.pk, kind="email", finding="Refused"
    )

    act(
        staff,
        patient,
        "contact",
        postal_code="10002",
        phone="",
        email="new@patients.example",
        time_zone="America/Chicago",
    )

    patient.refresh_from_db()
    assert patient.email == "new@patients.example"
    assert not standing.waits_for_an_address().exists()
