"""Intakes, dates, corrections and merges through the API (L-SRC-1 to 3, L-PAT-1)."""

import base64
from datetime import date
from typing import Any

import pytest

from apps.core import clock
from apps.core.call import Role
from apps.evidence.models import Intake, ObligationsAttestation, PregnancyTest
from apps.patients.models import Patient
from apps.patients.services import Identity
from tests import builders
from tests.api.clients import System, system

pytestmark = pytest.mark.django_db

SCAN = b"%PDF-1.7 a synthetic form"
OTHER = Identity("Olga", "Other", date(1981, 5, 6), "20001")


@pytest.fixture
def patient(cast: builders.Cast) -> Patient:
    return builders.enroll(cast.prescribing)


@pytest.fixture
def practice(cast: builders.Cast) -> System:
    return system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)


@pytest.fixture
def staff(cast: builders.Cast) -> System:
    return system(cast.administrator.actor.own_organization, Role.STAFF)


def faxed(cast: builders.Cast, **changes: Any) -> dict[str, Any]:
    at = clock.now().isoformat()
    form = {
        "kind": "pregnancy_test",
        "content": {
            "result": "negative",
            "sensitivity_miu_ml": 25,
            "specimen": "urine",
            "collected_at": at,
            "resulted_at": at,
        },
        "channel": "fax",
        "told_by": "prescriber",
        "told_by_name": "Nina Nurse",
        "prescriber_id": str(cast.prescriber.pk),
        "scan": base64.b64encode(SCAN).decode(),
    }
    return {**form, **changes}


def test_a_fax_waits_with_its_scan_which_the_prescriber_may_see_l_src_1(
    cast: builders.Cast, patient: Patient, practice: System, staff: System
) -> None:
    made = staff.post(f"patients/{patient.pk}/intakes", faxed(cast))
    assert made.status_code == 201, made.content
    entry = made.json()
    assert (entry["state"], entry["entry_id"]) == ("waiting", None)
    assert not PregnancyTest.objects.exists()
    scan = practice.get(f"patients/{patient.pk}/intakes/{entry['id']}/scan")
    assert scan.content == SCAN
    assert scan.headers["Content-Type"] == "application/pdf"
    assert scan.headers["Content-Disposition"].startswith("attachment")
    assert scan.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_not_base64_or_no_scan_is_refused_by_its_field(
    cast: builders.Cast, patient: Patient, staff: System
) -> None:
    for scan in ("no base64!", "é", base64.b64encode(b"GIF89a").decode()):
        answer = staff.post(f"patients/{patient.pk}/intakes", faxed(cast, scan=scan))
        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/scan"]
    assert not Intake.objects.exists()


def test_a_positive_test_by_phone_is_in_effect_at_once(
    cast: builders.Cast, patient: Patient, staff: System
) -> None:
    content = faxed(cast)["content"] | {"result": "positive"}
    body = faxed(cast, channel="phone", verification="called_back", content=content)
    del body["scan"]
    made = staff.post(f"patients/{patient.pk}/intakes", body)
    assert (made.status_code, made.json()["state"]) == (201, "effective")
    assert str(PregnancyTest.objects.get().pk) == made.json()["entry_id"]


def test_a_day_may_stand_for_an_instant_l_src_2(patient: Patient, practice: System) -> None:
    made = practice.post(
        f"patients/{patient.pk}/pregnancy-tests",
        {
            "result": "negative",
            "sensitivity_miu_ml": 25,
            "specimen": "urine",
            "collected_on": "2026-03-08",
            "resulted_on": "2026-03-08",
        },
    )
    assert made.status_code == 201, made.content
    assert (made.json()["collected_at"], made.json()["date_only"]) == (
        "2026-03-08T05:00:00Z",
        True,
    )


def test_a_withdrawn_entry_stays_listed_with_its_reason_l_src_3(
    cast: builders.Cast, patient: Patient, practice: System
) -> None:
    entry = builders.obligations(cast.prescribing, patient)
    made = practice.post(
        f"patients/{patient.pk}/obligations/{entry.pk}/withdrawal", {"reason": "Another's"}
    )
    assert made.status_code == 201, made.content
    (listed,) = practice.get(f"patients/{patient.pk}/obligations").json()["results"]
    assert listed["withdrawal_reason"] == "Another's"
    assert listed["withdrawn_at"]


def test_an_entry_moves_through_the_api_l_src_3(
    cast: builders.Cast, patient: Patient, practice: System
) -> None:
    entry = builders.obligations(cast.prescribing, patient)
    right = builders.enroll(cast.prescribing, identity=OTHER)
    made = practice.post(
        "entry-moves",
        {
            "kind": "obligations",
            "entry_id": str(entry.pk),
            "to_patient_id": str(right.pk),
            "reason": "Mixed up",
        },
    )
    assert made.status_code == 201, made.content
    assert made.json()["patient"] == str(right.pk)
    assert ObligationsAttestation.objects.filter(patient=right, withdrawn_at=None).exists()


def test_a_merged_patient_names_the_kept_one_who_lists_the_entries_of_both_l_pat_1(
    cast: builders.Cast, patient: Patient, practice: System, staff: System
) -> None:
    other = builders.enroll(cast.prescribing, identity=OTHER)
    builders.obligations(cast.prescribing, patient)
    builders.obligations(cast.prescribing, other)
    merged = staff.post(
        f"patients/{patient.pk}/merges", {"merged_id": str(other.pk), "reason": "One person"}
    )
    assert merged.status_code == 201, merged.content
    page = practice.get(f"patients/{other.pk}").json()
    assert (page["patient"]["merged_into"], page["outlook"]) == (str(patient.pk), None)
    assert len(practice.get(f"patients/{patient.pk}/obligations").json()["results"]) == 2
    refused = practice.post(
        f"patients/{other.pk}/health-statuses", {"cycle": "regular", "breastfeeding": False}
    )
    assert refused.status_code == 409
    assert str(patient.pk) in refused.json()["detail"]


def test_resemblances_are_decided_through_the_api(
    cast: builders.Cast, patient: Patient, staff: System
) -> None:
    other = builders.enroll(cast.prescribing, identity=OTHER)
    typed = {
        **{name: getattr(patient, name) for name in ("given_name", "family_name")},
        "born_on": patient.born_on.isoformat(),
        "source_document": "Passport, seen",
        "reason": "Another name",
    }
    corrected = staff.post(f"patients/{other.pk}/identity-corrections", typed)
    assert corrected.status_code == 201, corrected.content
    assert corrected.json()["resembled"] == [str(patient.pk)]
    (pair,) = staff.get("resemblances").json()["results"]
    assert {pair["patient"], pair["resembles"]} == {str(patient.pk), str(other.pk)}
    made = staff.post(
        f"patients/{pair['patient']}/duplicate-decisions",
        {"resembles_id": pair["resembles"], "reason": "Two persons"},
    )
    assert made.status_code == 201, made.content
    assert staff.get("resemblances").json()["results"] == []
