"""Time changes states by itself: what has ended has ended, written or not (L-AUT-7, L-DSP-3)."""

from datetime import datetime, timedelta

import pytest
import time_machine

from apps.core.call import SYSTEM_CALL, Call
from apps.core.errors import Conflict, NotFound
from apps.eligibility import services as eligibility
from apps.eligibility import tasks
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.prescriptions.models import Authorization, Confirmation
from apps.providers.models import Pharmacy
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

DAY = timedelta(days=1)


def man_with_number(cast: builders.Cast) -> Authorization:
    """Off the pregnancy path, where an authorization lasts 30 days."""
    patient = builders.enroll(cast.prescribing, "adult_male")
    builders.obligations(cast.prescribing, patient)
    builders.counseling(cast.prescribing, patient)
    authorization = builders.request(cast.prescribing, patient, "adult_male").authorization
    assert authorization is not None
    return authorization


def held(cast: builders.Cast, authorization: Authorization) -> Confirmation:
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    return confirmation


def other_pharmacist(cast: builders.Cast) -> tuple[Call, Pharmacy]:
    pharmacy = builders.certified_pharmacy(cast.administrator, serial=2)
    return builders.pharmacist_call(cast.administrator, pharmacy), pharmacy


def check(call: Call, pharmacy: Pharmacy, authorization: Authorization) -> Decision:
    found = eligibility.verify(
        call,
        pharmacy_id=pharmacy.pk,
        number=authorization.number,
        born_on=authorization.patient.born_on,
        prescription=Prescription(risk_category=authorization.risk_category),
    )
    return Decision.objects.get(pk=found.decision_id)


def at(instant: datetime) -> time_machine.travel:
    return time_machine.travel(instant, tick=False)


def test_an_overdue_authorization_is_expired_though_nobody_has_written_it(
    cast: builders.Cast,
) -> None:
    with at(builders.START):
        authorization = man_with_number(cast)
    with at(authorization.expires_at):
        assert check(cast.dispensing, cast.pharmacy, authorization).allowed
    with at(authorization.expires_at + timedelta(microseconds=1)):
        decision = check(cast.dispensing, cast.pharmacy, authorization)
    assert decision.document["unmet"] == ["L-AUT-4", "L-AUT-7"]
    assert decision.facts.document["authorization"]["state"] == "expired"
    authorization.refresh_from_db()
    assert authorization.state == "issued"


def test_the_next_command_writes_the_expiry_with_the_instant_at_which_it_came(
    cast: builders.Cast,
) -> None:
    with at(builders.START):
        authorization = man_with_number(cast)
        patient = authorization.patient
    with at(authorization.expires_at + DAY):
        builders.counseling(cast.prescribing, patient)
        again = builders.request(cast.prescribing, patient, "adult_male")
    assert again.authorization is not None, again.document["unmet"]
    authorization.refresh_from_db()
    assert (authorization.state, authorization.ended_at) == ("expired", authorization.expires_at)


def test_the_sweep_writes_what_is_overdue_and_only_that(cast: builders.Cast) -> None:
    with at(builders.START):
        authorization = man_with_number(cast)
        confirmation = held(cast, authorization)
    with at(confirmation.expires_at):
        assert tasks.write_overdue() == 0
    with at(confirmation.expires_at + timedelta(microseconds=1)):
        assert tasks.write_overdue() == 1
        assert tasks.write_overdue() == 0
    authorization.refresh_from_db()
    confirmation.refresh_from_db()
    assert (authorization.state, confirmation.state) == ("issued", "expired")
    assert confirmation.ended_at == confirmation.expires_at


def test_a_confirmation_and_its_authorization_that_are_both_over_end_together(
    cast: builders.Cast,
) -> None:
    with at(builders.START):
        authorization = man_with_number(cast)
        confirmation = held(cast, authorization)
    with at(authorization.expires_at + DAY):
        eligibility.write_overdue_expiries(SYSTEM_CALL, patient_id=authorization.patient_id)
    authorization.refresh_from_db()
    confirmation.refresh_from_db()
    assert (authorization.state, confirmation.state) == ("expired", "expired")


def test_a_confirmation_never_outlives_its_authorization(cast: builders.Cast) -> None:
    with at(builders.START):
        authorization = man_with_number(cast)
    with at(authorization.expires_at - timedelta(hours=1)):
        confirmation = held(cast, authorization)
    assert confirmation.expires_at == authorization.expires_at
    assert builders.START + timedelta(days=29) < confirmation.expires_at


def test_a_confirmation_that_is_over_frees_the_number_for_another_pharmacy(
    cast: builders.Cast,
) -> None:
    with at(builders.START):
        authorization = man_with_number(cast)
        first = held(cast, authorization)
        other, pharmacy = other_pharmacist(cast)
        assert check(other, pharmacy, authorization).document["unmet"] == ["L-AUT-7"]
    assert first.expires_at == first.issued_at + timedelta(hours=24)
    with at(first.expires_at + timedelta(microseconds=1)):
        assert check(other, pharmacy, authorization).allowed
        second = builders.confirm(other, authorization).confirmation
        assert second is not None
        refused = builders.dispense(cast.dispensing, first)
        assert refused.document["unmet"] == ["L-DSP-3"]
        assert builders.dispense(other, second).allowed


def test_a_dispense_in_the_last_instant_is_in_time_and_after_it_is_not(cast: builders.Cast) -> None:
    with at(builders.START):
        confirmation = held(cast, man_with_number(cast))
    with at(confirmation.expires_at + timedelta(microseconds=1)):
        refused = builders.dispense(cast.dispensing, confirmation)
    assert refused.document["unmet"] == ["L-AUT-7", "L-DSP-3"]


def test_a_dispense_in_the_last_instant_is_in_time(cast: builders.Cast) -> None:
    with at(builders.START):
        confirmation = held(cast, man_with_number(cast))
    with at(confirmation.expires_at):
        assert builders.dispense(cast.dispensing, confirmation).allowed


def test_a_reversed_confirmation_frees_the_number_and_is_refused_ever_after(
    cast: builders.Cast,
) -> None:
    with at(builders.START):
        authorization = man_with_number(cast)
        first = held(cast, authorization)
        other, _ = other_pharmacist(cast)
        with pytest.raises(NotFound):
            eligibility.reverse_confirmation(other, confirmation_id=first.pk, reason="Not ours")
        eligibility.reverse_confirmation(
            cast.dispensing, confirmation_id=first.pk, reason="Out of stock"
        )
        authorization.refresh_from_db()
        assert authorization.state == "issued"

        second = builders.confirm(other, authorization).confirmation
        assert second is not None
        refused = builders.dispense(cast.dispensing, first)
        assert refused.document["unmet"] == ["L-DSP-3"]
        with pytest.raises(Conflict):
            eligibility.reverse_confirmation(
                cast.dispensing, confirmation_id=first.pk, reason="Once more"
            )
        assert builders.dispense(other, second).allowed
    authorization.refresh_from_db()
    assert authorization.state == "dispensed"


def test_on_the_pregnancy_path_a_shipment_leaves_on_the_day_of_its_confirmation(
    cast: builders.Cast,
) -> None:
    with at(builders.START):
        authorization = builders.authorized_frp(cast)
        shipped = builders.confirm(cast.dispensing, authorization, handover="ship").confirmation
        assert shipped is not None
    with at(builders.START + timedelta(hours=12)):
        refused = builders.dispense(cast.dispensing, shipped)
    assert refused.document["unmet"] == ["L-DSP-9"]
