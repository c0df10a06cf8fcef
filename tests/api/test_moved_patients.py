"""What a practice's system still reads of a patient who moved to another prescriber (L-ENR-5)."""

import pytest

from apps.core import clock
from apps.core.call import Role
from apps.evidence import services as evidence
from apps.patients.services import Signatures
from apps.patients.transfers import Sought
from tests import builders
from tests.api.clients import system
from tests.builders import PROGRAM

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


def test_how_a_case_goes_on_after_a_move_is_not_for_the_practice_of_before(
    cast: builders.Cast,
) -> None:
    """L-ENR-5"""
    old = system(cast.prescriber.practice_id, Role.PRESCRIBER, cast.prescriber.pk)
    patient = builders.enroll(cast.prescribing)
    builders.contraception(cast.prescribing, patient, lapse=True)
    case = evidence.report_pregnancy(
        cast.prescribing,
        patient_id=patient.pk,
        subject="patient",
        source="The patient called",
        reported_at=clock.now(),
    )
    lists = ("pregnancy-cases", "interventions")
    parts = [f"patients/{patient.pk}/pregnancy-cases/{case.pk}/{it}" for it in ("details", "steps")]
    assert [len(old.get(path).json()["results"]) for path in lists] == [1, 1]
    assert [old.get(path).status_code for path in parts] == [200, 200]

    now, new = clock.now(), builders.certified_prescriber(cast.administrator, serial=2)
    evidence.take_over_patient(
        builders.prescribing_call(new),
        program=PROGRAM,
        sought=Sought(
            given_name=patient.given_name,
            family_name=patient.family_name,
            born_on=patient.born_on,
            postal_code=patient.postal_code,
        ),
        risk_category="adult_frp",
        signatures=Signatures(
            signer="patient",
            signer_name="Fiona Synthetic",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
        reason="The patient moved house",
    )
    evidence.record_case_details(
        builders.prescribing_call(new),
        case_id=case.pk,
        details=evidence.Details(notes="Told to nobody else"),
    )
    assert [old.get(path).json()["results"] for path in lists] == [[], []]
    assert [old.get(path).status_code for path in parts] == [404, 404]
