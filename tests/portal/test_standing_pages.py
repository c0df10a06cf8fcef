"""The prescriber's pages on category, therapy, who speaks for a patient, and contact."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.models import TherapyEvent
from apps.patients import reaching, standing
from apps.patients.models import CategoryChange, Patient
from apps.patients.selectors import current_category
from apps.patients.services import Signatures
from tests import builders
from tests.portal.people import (
    date_parts,
    send,
    signed_paper,
)

pytestmark = pytest.mark.django_db


def address(name: str, *ids: Any) -> str:
    return reverse(name, args=ids)


def ask_for(browser: Client, patient: Patient, body: str, **basis: Any) -> Any:
    """Both steps of changing a category; the answer to the last one."""
    send(
        browser,
        address("change_category", patient.pk),
        body=body,
        said_by="The patient",
        reason="It has changed",
        **basis,
    )
    agreed = send(
        browser,
        address("category_agreement", patient.pk),
        signer="patient",
        signer_name="Fiona Synthetic",
        how="paper",
        signer_relationship="",
    )
    if agreed.status_code != 302:
        return agreed
    return send(browser, agreed["Location"], **signed_paper(clock.now()))


def test_l_cat_3_the_answers_lead_to_a_change_that_waits_and_is_taken_back(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    operated_on = builders.program_day(clock.now()) - timedelta(days=30)

    # The patient's agreement is of this minute: the new one must be later.
    answer = ask_for(prescriber, patient, "hysterectomy", **date_parts("basis_on", operated_on))

    assert answer.status_code == 302, answer.content.decode()
    change = CategoryChange.objects.get()
    assert (change.state, change.risk_category) == ("pending", "adult_fnrp")
    page = prescriber.get(address("patient", patient.pk)).content.decode()
    assert "waits for an administrator" in page
    withdraw = address("withdraw_change", patient.pk, change.pk)
    send(prescriber, withdraw, reason="A mistake")
    change.refresh_from_db()
    assert change.state == "withdrawn"


def test_l_cat_3_a_change_onto_the_pregnancy_path_takes_effect_with_both_signatures(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    ask_for(prescriber, patient, "fertile")
    assert current_category(patient).risk_category == "adult_frp"


def test_l_cat_3_no_page_offers_a_request_while_a_stricter_category_waits_to_be_signed(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "adult_male")
    builders.prepare(cast.prescribing, patient, "adult_male")
    offered = "An authorization can be requested"
    assert offered in prescriber.get(address("patient", patient.pk)).content.decode()
    now = clock.now()
    evidence.change_category(
        cast.prescribing, patient_id=patient.pk, program=builders.PROGRAM,
        risk_category="adult_frp", basis=None, reason="A mistake", said_by="The patient",
        signatures=Signatures("patient", "Fiona Synthetic", prescriber_signed_at=now),
    )  # fmt: skip
    for name in ("patient", "timeline", "request", "my_patients"):
        about = () if name == "my_patients" else (patient.pk,)
        page = prescriber.get(address(name, *about)).content.decode()
        assert "waits for a signature on its agreement" in page, name
        assert offered not in page, name
        assert "An authorization is possible now" not in page, name


def test_answers_that_change_nothing_lead_to_a_new_agreement_instead(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    answer = send(
        prescriber,
        address("change_category", patient.pk),
        body="fertile",
        said_by="The patient",
        reason="None",
    )
    assert "sign a new agreement" in answer.content.decode()
    assert prescriber.get(address("category_agreement", patient.pk)).status_code == 302


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("interrupt", "Interrupted since"),
        ("discontinue", "Discontinued since"),
        ("withdrawal", "Withdrew from the program since"),
        ("death", "Died since"),
    ],
)
def test_l_end_1_what_is_said_of_a_therapy_shows_on_the_patients_page(
    cast: builders.Cast, prescriber: Client, kind: str, status: str
) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)
    patient = held.authorization.patient
    today = builders.program_day(clock.now())

    answer = send(
        prescriber,
        address("say", patient.pk, kind),
        said_by="The family",
        reason="As told",
        **date_parts("happened_on", today),
    )

    assert answer.status_code == 302, answer.content.decode()
    page = prescriber.get(address("patient", patient.pk)).content.decode()
    assert status in page
    event = TherapyEvent.objects.get()
    send(prescriber, address("withdraw_saying", patient.pk, event.pk), reason="A mistake")
    page = prescriber.get(address("patient", patient.pk)).content.decode()
    assert "On therapy since" in page


def test_l_con_5_the_page_shows_until_when_obligations_last(
    cast: builders.Cast, prescriber: Client
) -> None:
    held = builders.confirm(cast.dispensing, builders.authorized_frp(cast)).confirmation
    assert held is not None
    builders.dispense(cast.dispensing, held)
    patient = held.authorization.patient
    today = builders.program_day(clock.now())
    evidence.discontinue_therapy(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        happened_on=today,
        reason="Progression",
        said_by="Dr. Prescriber",
    )
    page = prescriber.get(address("patient", patient.pk)).content.decode()
    last = today + timedelta(days=28)
    assert f"In force until {last.day} {last:%B %Y}" in page
    assert page.count("Nothing can be requested") == 1
    assert "Therapy is discontinued" in page
    listed = prescriber.get("/patients/").content.decode()
    assert "An authorization can be requested" not in listed
    # No checklist that says that all is met, and no form that could only be refused
    assert "Requirements for the next authorization" not in page
    asking = prescriber.get(address("request", patient.pk)).content.decode()
    assert "Therapy is discontinued" in asking
    assert "To begin anew, sign a new agreement" in asking
    assert "Checklist from the record" not in asking
    assert 'name="password"' not in asking


def test_an_unknown_saying_and_a_strangers_entry_do_not_exist(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    assert prescriber.get(address("say", patient.pk, "party")).status_code == 404
    for name in ("withdraw_saying", "withdraw_change", "end_representative"):
        assert prescriber.get(address(name, patient.pk, patient.pk)).status_code == 404


def test_l_cat_4_a_guardian_is_proposed_from_the_agreement_named_and_ended(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing, "child_frp")
    page = prescriber.get(address("patient", patient.pk)).content.decode()
    assert "No parent or guardian is named yet" in page
    url = address("name_representative", patient.pk)
    assert "Gail Guardian" in prescriber.get(url).content.decode()

    send(
        prescriber, url, kind="guardian", name="Gail Guardian", relationship="mother",
        phone="", email="gail@families.example",
    )  # fmt: skip

    named = standing.representative_of(patient)
    assert named is not None
    send(prescriber, address("end_representative", patient.pk, named.pk), reason="Custody")
    assert standing.representative_of(patient) is None


def test_l_cat_4_who_signs_for_the_patient_is_named_and_then_let_in(
    cast: builders.Cast, prescriber: Client
) -> None:
    """Whoever signs with a code comes in as a person of their own: no page ends before that."""
    patient = builders.enroll(
        cast.prescribing,
        "child_male",
        signatures=Signatures(
            "guardian", "Gail Günther", "mother", prescriber_signed_at=clock.now()
        ),
    )
    let_in, name = address("let_in", patient.pk), address("name_representative", patient.pk)
    page = prescriber.get(let_in).content.decode()
    assert "Gail Günther, who is to sign the agreement, is not named" in page
    assert name in page

    led = send(
        prescriber, name, kind="guardian", name="Gail Gunther", relationship="mother",
        phone="", email="gail@families.example",
    )  # fmt: skip

    assert led["Location"] == let_in
    shown = prescriber.get(let_in)
    assert shown.context["form"]["person"].value() == "representative"
    assert "is not named" not in shown.content.decode()


def test_l_end_3_an_address_that_fails_is_shown_and_corrected(
    cast: builders.Cast, prescriber: Client
) -> None:
    patient = builders.enroll(cast.prescribing)
    reaching.record_undeliverable(
        cast.staff, patient_id=patient.pk, kind="email", finding="Refused"
    )
    page = prescriber.get(address("patient", patient.pk)).content.decode()
    assert "These reach nobody: E-mail" in page

    send(
        prescriber,
        address("correct_contact", patient.pk),
        postal_code="10001",
        phone="",
        email="new@patients.example",
        time_zone="America/Chicago",
    )

    patient.refresh_from_db()
    assert (patient.email, patient.time_zone) == ("new@patients.example", "America/Chicago")
    assert not standing.waits_for_an_address().exists()
