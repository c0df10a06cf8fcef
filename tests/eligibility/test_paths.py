"""Each risk category through two supplies, the clock moving: from the request to the dispense."""

from datetime import timedelta

import pytest
import time_machine

from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.patients.models import Patient
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

CATEGORIES = ["adult_frp", "child_frp", "adult_fnrp", "child_fnrp", "adult_male", "child_male"]
PREGNANCY_PATH = {"adult_frp", "child_frp"}
NEXT_SUPPLY = timedelta(days=21)


def prepare(cast: builders.Cast, patient: Patient, category: str, *, first: bool) -> None:
    """What this category needs for this supply, and no more."""
    call = cast.prescribing
    builders.counseling(call, patient)
    if first:
        builders.obligations(call, patient)
    if category in PREGNANCY_PATH:
        since = builders.today() - timedelta(days=40) if first else None
        builders.contraception(call, patient, since=since)
        if first:
            builders.negative_test(call, patient, ago=timedelta(days=11))
        builders.negative_test(call, patient, ago=timedelta(hours=2))
    if category in PREGNANCY_PATH or (not first and category != "adult_fnrp"):
        builders.survey(call, patient, category)


def supply(cast: builders.Cast, patient: Patient, category: str) -> Decision:
    """From the request to the dispense; the decision of the request."""
    decision = builders.request(cast.prescribing, patient, category)
    assert decision.authorization is not None, decision.document["unmet"]
    checked = eligibility.verify(
        cast.dispensing,
        pharmacy_id=cast.pharmacy.pk,
        number=decision.authorization.number,
        born_on=patient.born_on,
        prescription=Prescription(risk_category=category),
    )
    assert checked.decision["allowed"], checked.decision["unmet"]
    confirmed = builders.confirm(cast.dispensing, decision.authorization)
    assert confirmed.confirmation is not None, confirmed.document["unmet"]
    dispensed = builders.dispense(cast.dispensing, confirmed.confirmation)
    assert dispensed.dispense is not None, dispensed.document["unmet"]
    return decision


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_patient_of_each_category_gets_two_supplies(cast: builders.Cast, category: str) -> None:
    with time_machine.travel(builders.START, tick=True):
        patient = builders.enroll(cast.prescribing, category)
        prepare(cast, patient, category, first=True)
        first = supply(cast, patient, category)
    with time_machine.travel(builders.START + NEXT_SUPPLY, tick=True):
        prepare(cast, patient, category, first=False)
        second = supply(cast, patient, category)

    assert (first.document["path"], second.document["path"]) == ("initiation", "continuing")
    assert patient.dispenses.count() == 2
    assert set(patient.authorizations.values_list("state", flat=True)) == {"dispensed"}


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_next_supply_a_day_too_early_is_not_confirmed(cast: builders.Cast, category: str) -> None:
    with time_machine.travel(builders.START, tick=True):
        patient = builders.enroll(cast.prescribing, category)
        prepare(cast, patient, category, first=True)
        supply(cast, patient, category)
    with time_machine.travel(builders.START + NEXT_SUPPLY - timedelta(days=1), tick=True):
        prepare(cast, patient, category, first=False)
        decision = builders.request(cast.prescribing, patient, category)
        assert decision.authorization is not None, decision.document["unmet"]
        refused = builders.confirm(cast.dispensing, decision.authorization)
    assert refused.document["unmet"] == ["L-DSP-5"]


@pytest.mark.parametrize("category", ["child_fnrp", "adult_male", "child_male"])
def test_a_second_request_without_a_survey_is_refused(cast: builders.Cast, category: str) -> None:
    with time_machine.travel(builders.START, tick=True):
        patient = builders.enroll(cast.prescribing, category)
        prepare(cast, patient, category, first=True)
        supply(cast, patient, category)
    with time_machine.travel(builders.START + NEXT_SUPPLY, tick=True):
        builders.counseling(cast.prescribing, patient)
        refused = builders.request(cast.prescribing, patient, category)
    assert refused.document["unmet"] == ["L-SUR-2"]
    assert refused.authorization is None
