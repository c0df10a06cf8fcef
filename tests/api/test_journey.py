"""The whole journey through the API with OAuth, on a moving clock: a woman, and a man."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts.models import Organization
from apps.core.call import Role
from apps.prescriptions.models import Authorization
from apps.rules.documents import document
from tests import builders
from tests.api.clients import System, system
from tests.builders import PROGRAM, START

pytestmark = pytest.mark.django_db

PRODUCT = {
    "product": "lenalidomide",
    "strength_mg": 25,
    "days_supply": 28,
    "quantity": 21,
    "directions": "One capsule daily on days 1 to 21 of 28",
    "indication": "C90.00",
}


def iso(instant: datetime) -> str:
    return instant.isoformat()


def office_system(role: Role) -> System:
    office, _ = Organization.objects.get_or_create(
        kind=Organization.Kind.PROGRAM, name="Program office"
    )
    return system(office.pk, role)


def certified_practice(office: System) -> System:
    """Register, sign and certify a prescriber; the practice's system acts for them."""
    prescriber = office.make(
        "prescribers",
        {
            "npi": builders.npi(1),
            "given_name": "Paula",
            "family_name": "Prescriber",
            "specialty": "Hematology",
            "phone": "212-555-0100",
            "email": "paula@practice.example",
            "practice_name": "Practice 1",
        },
    )
    assert prescriber["state"] == "pending"
    practice = system(prescriber["practice"], Role.PRESCRIBER, prescriber["id"])
    codes = sorted(document(PROGRAM, "prescriber_enrollment").codes)
    path = f"prescribers/{prescriber['id']}"
    practice.make(f"{path}/enrollments", {"program": PROGRAM, "attestations": codes})
    assert office.make(f"{path}/certifications")["state"] == "certified"
    return practice


def certified_pharmacy(office: System) -> System:
    """Register, sign and certify a pharmacy; its system dispenses."""
    pharmacy = office.make(
        "pharmacies",
        {
            "npi": builders.npi(5001),
            "ncpdp_id": "0000001",
            "name": "Elm Street Pharmacy",
            "address": "1 Elm Street, Springfield",
            "phone": "212-555-0200",
            "email": "pharmacy@pharmacy.example",
            "representative_given_name": "Rita",
            "representative_family_name": "Representative",
            "representative_email": "rita@pharmacy.example",
        },
    )
    representative = system(pharmacy["organization"], Role.REPRESENTATIVE)
    path, codes = f"pharmacies/{pharmacy['id']}", document(PROGRAM, "pharmacy_enrollment").codes
    representative.make(f"{path}/enrollments", {"program": PROGRAM, "attestations": sorted(codes)})
    certified = office.make(f"{path}/certifications", {"program": PROGRAM})
    assert certified["last_day_on"] > "2027-05-01"
    return system(pharmacy["organization"], Role.PHARMACIST)


def enrolled(practice: System, now: datetime, risk_category: str) -> dict[str, Any]:
    return practice.make(
        "patients",
        {
            "program": PROGRAM,
            "given_name": "Fiona",
            "family_name": "Synthetic",
            "born_on": "1986-04-05",
            "postal_code": "10001",
            "email": "fiona@patients.example",
            "risk_category": risk_category,
            "signer": "patient",
            "signer_name": "Fiona Synthetic",
            "patient_signed_at": iso(now),
            "prescriber_signed_at": iso(now),
        },
    )


def negative_test(practice: System, patient: str, now: datetime) -> dict[str, Any]:
    return practice.make(
        f"patients/{patient}/pregnancy-tests",
        {
            "collected_at": iso(now),
            "resulted_at": iso(now),
            "result": "negative",
            "sensitivity_miu_ml": 25,
            "specimen": "serum",
        },
    )


def contraception(practice: System, patient: str, now: datetime, since: str) -> None:
    practice.make(
        f"patients/{patient}/contraception",
        {
            "program": PROGRAM,
            "attested_at": iso(now),
            "abstinence": False,
            "methods": ["iud", "male_condom"],
            "in_use_since": since,
            "lapse": False,
        },
    )


def prepared(practice: System, patient: str, now: datetime, risk_category: str) -> None:
    """Obligations, counseling and survey, all of this instant."""
    promised = ["condom", "no_sperm_donation", "no_blood_donation", "no_sharing"]
    path = f"patients/{patient}"
    practice.make(
        f"{path}/obligations",
        {"attested_at": iso(now), "abstinence": False, **dict.fromkeys(promised, True)},
    )
    practice.make(
        f"{path}/counseling",
        {
            "program": PROGRAM,
            "given_at": iso(now),
            "topics": ["contraception", "emergency_contraception"],
        },
    )
    practice.make(
        f"{path}/surveys",
        {
            "program": PROGRAM,
            "completed_at": iso(now),
            "answers": builders.safe_answers(risk_category),
        },
    )


def request_for(patient: str, risk_category: str) -> dict[str, Any]:
    questions = document(PROGRAM, "prescriber_survey", risk_category).codes
    return {
        **PRODUCT,
        "patient_id": patient,
        "program": PROGRAM,
        "risk_category": risk_category,
        "answers": dict.fromkeys(questions, "yes"),
    }


def dispensed(
    pharmacy: System,
    authorization: dict[str, Any],
    risk_category: str,
    born_on: str = "1986-04-05",
) -> None:
    """Check, confirm, dispense."""
    prescription = {
        "number": authorization["number"],
        "born_on": born_on,
        "risk_category": risk_category,
    }
    checked = pharmacy.make("eligibility-checks", prescription)
    assert checked["decision"]["allowed"], checked["decision"]["unmet"]
    confirmed = pharmacy.make("confirmations", {**prescription, "handover": "pickup"})
    assert confirmed["allowed"], confirmed["decision"]["unmet"]
    answer = pharmacy.post(
        "dispenses",
        {
            "confirmation_id": confirmed["confirmation"]["id"],
            "risk_category": risk_category,
            "days_supply": 28,
            "quantity": 21,
            "lot_number": "LOT-1",
            "ndc": "59572-0425-21",
            "counselor": "Phil Pharmacist",
            "checklist": sorted(document(PROGRAM, "checklist", risk_category).codes),
            "medication_guide_given": True,
        },
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["dispense"]["authorized"]
    assert answer.json()["authorization"]["state"] == "dispensed"


def at(moment: datetime, *systems: System) -> datetime:
    """Each system gets a new token for this day: tokens live an hour."""
    for each in systems:
        assert each.authenticate().status_code == 200
    return moment


def test_a_woman_on_the_pregnancy_path_gets_three_cycles() -> None:
    with time_machine.travel(START, tick=False) as clock:
        office = office_system(Role.ADMINISTRATOR)
        practice, pharmacy = certified_practice(office), certified_pharmacy(office)
        patient = enrolled(practice, START, "adult_frp")["id"]
        contraception(practice, patient, START, "2026-06-01")

        refused = practice.post("authorizations", request_for(patient, "adult_frp"))
        assert refused.status_code == 200, refused.content
        assert refused.json()["authorization"] is None
        assert {"L-CON-2", "L-PT-1", "L-PT-2"} <= set(refused.json()["decision"]["unmet"])

        first_test = START + timedelta(days=18)
        clock.move_to(first_test)
        negative_test(practice, patient, at(first_test, practice))

        now = START + timedelta(days=28, hours=1)
        clock.move_to(now)
        at(now, practice, pharmacy)
        contraception(practice, patient, now, "2026-06-01")
        for cycle in range(3):
            negative_test(practice, patient, now)
            prepared(practice, patient, now, "adult_frp")
            issued = practice.post("authorizations", request_for(patient, "adult_frp"))
            assert issued.status_code == 201, (cycle, issued.json()["decision"]["unmet"])
            path = "continuing" if cycle else "initiation"
            assert issued.json()["decision"]["path"] == path
            dispensed(pharmacy, issued.json()["authorization"], "adult_frp")
            for week in range(1, 4):
                clock.move_to(now + timedelta(days=7 * week))
                negative_test(practice, patient, at(now + timedelta(days=7 * week), practice))
            now += timedelta(days=27)
            clock.move_to(now)
            at(now, practice, pharmacy)
            contraception(practice, patient, now, "2026-06-01")

    assert Authorization.objects.filter(state="dispensed").count() == 3


def test_a_man_gets_his_first_and_second_supply() -> None:
    with time_machine.travel(START, tick=False) as clock:
        office = office_system(Role.ADMINISTRATOR)
        practice, pharmacy = certified_practice(office), certified_pharmacy(office)
        patient = enrolled(practice, START, "adult_male")["id"]
        prepared(practice, patient, START, "adult_male")
        issued = practice.make("authorizations", request_for(patient, "adult_male"))
        dispensed(pharmacy, issued["authorization"], "adult_male")

        clock.move_to(START + timedelta(days=24))
        now = at(START + timedelta(days=24), practice, pharmacy)
        prepared(practice, patient, now, "adult_male")
        issued = practice.make("authorizations", request_for(patient, "adult_male"))
        assert issued["decision"]["path"] == "continuing"
        dispensed(pharmacy, issued["authorization"], "adult_male")

    assert Authorization.objects.filter(state="dispensed").count() == 2
