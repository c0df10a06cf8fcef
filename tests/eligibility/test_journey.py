"""The main job through the services: from enrollment to dispense, and what stops it."""

import pytest

from apps.core.errors import NotFound
from apps.eligibility import deciding
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.prescriptions.models import Authorization
from tests import builders

pytestmark = pytest.mark.django_db


def test_a_woman_on_the_pregnancy_path_gets_her_first_supply(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)

    checked = eligibility.verify(
        cast.dispensing,
        pharmacy_id=cast.pharmacy.pk,
        number=authorization.number,
        born_on=authorization.patient.born_on,
        prescription=Prescription(risk_category="adult_frp"),
    )
    assert checked.decision["allowed"], checked.decision["unmet"]

    confirmed = builders.confirm(cast.dispensing, authorization)
    assert confirmed.confirmation is not None, confirmed.document["unmet"]

    dispensed = builders.dispense(cast.dispensing, confirmed.confirmation)
    assert dispensed.dispense is not None, dispensed.document["unmet"]
    assert Authorization.objects.get().state == "dispensed"


def test_every_stored_decision_replays_to_itself(cast: builders.Cast) -> None:
    confirmed = builders.confirm(cast.dispensing, builders.authorized_frp(cast))
    assert confirmed.confirmation is not None
    builders.dispense(cast.dispensing, confirmed.confirmation)

    decisions = Decision.objects.all()
    assert {decision.act for decision in decisions} == {"authorize", "confirm", "dispense"}
    for decision in decisions:
        assert deciding.replay(decision) == decision.document


def test_a_positive_test_opens_a_case_and_voids_everything_at_once(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    confirmed = builders.confirm(cast.dispensing, authorization)
    assert confirmed.confirmation is not None

    builders.pregnancy_test(cast.prescribing, authorization.patient, result="positive")

    authorization.refresh_from_db()
    confirmed.confirmation.refresh_from_db()
    assert (authorization.state, confirmed.confirmation.state) == ("void", "void")
    assert authorization.patient.pregnancycase_set.filter(closed_at__isnull=True).count() == 1
    refused = builders.dispense(cast.dispensing, confirmed.confirmation)
    assert not refused.allowed
    assert {"L-PT-5", "L-PRG-1", "L-AUT-7"} <= set(refused.document["unmet"])


def test_a_wrong_date_of_birth_and_an_unknown_number_read_the_same(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)

    def miss(**fields: object) -> str:
        asked = {
            "number": authorization.number,
            "born_on": authorization.patient.born_on,
            **fields,
        }
        with pytest.raises(NotFound) as refusal:
            eligibility.verify(
                cast.dispensing,
                pharmacy_id=cast.pharmacy.pk,
                prescription=Prescription(risk_category="adult_frp"),
                **asked,  # type: ignore[arg-type]
            )
        return refusal.value.message

    assert miss(born_on=builders.today()) == miss(number="000000000000")


def test_an_unusual_number_of_capsules_is_remarked_on_and_changes_no_answer(
    cast: builders.Cast,
) -> None:
    """§11: advisories inform; they never block."""
    patient = builders.ready_frp(cast.prescribing)
    decision = builders.request(cast.prescribing, patient, "adult_frp", quantity=28)
    assert decision.allowed
    told = [each["code"] for each in decision.document["advisories"]]
    assert told == ["REGIMEN_UNLIKE_MULTIPLE_MYELOMA"]
