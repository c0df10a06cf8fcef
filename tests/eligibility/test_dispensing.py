"""What a dispense needs, what may be less than authorized, and what comes back (L-DSP-5 to 7)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.audit.models import Event
from apps.core.call import Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.patients.models import Patient
from apps.prescriptions.models import Confirmation, Dispense
from apps.providers import services as providers
from tests import builders

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


DAY = timedelta(days=1)


def man_ready(cast: builders.Cast) -> Patient:
    patient = builders.enroll(cast.prescribing, "adult_male")
    builders.obligations(cast.prescribing, patient)
    builders.counseling(cast.prescribing, patient)
    return patient


def held(cast: builders.Cast, patient: Patient) -> Confirmation:
    authorization = builders.request(cast.prescribing, patient, "adult_male").authorization
    assert authorization is not None
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    return confirmation


def dispensed(cast: builders.Cast, confirmation: Confirmation, **fields: Any) -> Dispense:
    made = builders.dispense(cast.dispensing, confirmation, **fields).dispense
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lot_number": " "}, "lot_number"),
        ({"ndc": ""}, "ndc"),
        ({"counselor": ""}, "counselor"),
        ({"lot_number": "LOT\u202e7"}, "lot_number"),  # Not read as it is written.
        ({"quantity": 0}, "quantity"),
        ({"quantity": 22}, "quantity"),
        ({"medication_guide_given": False}, "medication_guide_given"),
        ({"checklist": []}, "checklist"),
        ({"checklist": [*builders.checklist("adult_male"), "more"]}, "checklist"),
    ],
)
def test_an_incomplete_dispense_is_refused_by_name(
    cast: builders.Cast, wrong: dict[str, Any], field: str
) -> None:
    confirmation = held(cast, man_ready(cast))
    with pytest.raises(InvalidRequest) as refusal:
        builders.dispense(cast.dispensing, confirmation, **wrong)
    assert set(refusal.value.fields) == {field}
    confirmation.refresh_from_db()
    assert confirmation.state == "valid"


def test_who_counseled_is_a_trained_pharmacist_of_this_pharmacy_l_enr_2(
    cast: builders.Cast,
) -> None:
    confirmation = held(cast, man_ready(cast))
    colleague = accounts.invite_member(
        cast.administrator,
        organization_id=cast.pharmacy.organization_id,
        role=Role.PHARMACIST,
        email="colleague@pharmacy.example",
        given_name="Petra",
        family_name="Colleague",
    ).user
    own = cast.dispensing.signing
    assert own is not None

    def by(signer: User) -> Call:
        signing = replace(own, user_id=signer.pk, printed_name=str(signer))
        return cast.dispensing.signed(signing)

    for signer in (builders.person_of(cast.staff), colleague):
        with pytest.raises(InvalidRequest) as refusal:
            builders.dispense(by(signer), confirmation)
        assert set(refusal.value.fields) == {"counselor"}
    builders.train(builders.pharmacy_call(cast.pharmacy, Role.PHARMACIST, colleague.pk))
    made = builders.dispense(by(colleague), confirmation)
    assert made.allowed


def test_fewer_days_may_be_dispensed_and_the_rest_is_forfeited(cast: builders.Cast) -> None:
    confirmation = held(cast, man_ready(cast))
    made = dispensed(cast, confirmation, days_supply=14, quantity=10)
    assert (made.days_supply, made.quantity, made.authorized) == (14, 10, True)
    confirmation.authorization.refresh_from_db()
    assert confirmation.authorization.state == "dispensed"


def test_all_that_was_authorized_covers_no_fewer_days_than_authorized_l_aut_5(
    cast: builders.Cast,
) -> None:
    """Else the next supply would be due three weeks too early (L-DSP-5)."""
    confirmation = held(cast, man_ready(cast))
    for days in (1, 21, 27):
        with pytest.raises(InvalidRequest) as refusal:
            builders.dispense(cast.dispensing, confirmation, days_supply=days, quantity=21)
        assert set(refusal.value.fields) == {"days_supply"}
    assert dispensed(cast, confirmation, days_supply=27, quantity=20).days_supply == 27


@pytest.mark.parametrize("days", [0, -1, 29])
def test_more_days_than_authorized_or_none_are_refused(cast: builders.Cast, days: int) -> None:
    confirmation = held(cast, man_ready(cast))
    refused = builders.dispense(cast.dispensing, confirmation, days_supply=days)
    assert refused.document["unmet"] == ["L-DSP-6"]
    assert refused.dispense is None


def suspend_prescriber(cast: builders.Cast) -> None:
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=cast.prescriber.pk, event="suspend", reason="Inspection"
    )


def suspend_pharmacy(cast: builders.Cast) -> None:
    providers.change_pharmacy_standing(
        cast.administrator, pharmacy_id=cast.pharmacy.pk, event="suspend", reason="Inspection"
    )


@pytest.mark.parametrize(
    ("suspend", "rule"), [(suspend_prescriber, "L-ENR-1"), (suspend_pharmacy, "L-ENR-2")]
)
def test_l_dsp_4_everything_is_asked_again_at_the_confirmation_and_at_the_dispense(
    cast: builders.Cast, suspend: Callable[[builders.Cast], None], rule: str
) -> None:
    confirmation = held(cast, man_ready(cast))
    suspend(cast)
    refused = builders.dispense(cast.dispensing, confirmation)
    assert (refused.allowed, refused.document["unmet"]) == (False, [rule])
    assert not Dispense.objects.exists()
    eligibility.reverse_confirmation(
        cast.dispensing, confirmation_id=confirmation.pk, reason="Cannot be dispensed"
    )
    again = builders.confirm(cast.dispensing, confirmation.authorization)
    assert (again.allowed, again.document["unmet"]) == (False, [rule])


def test_only_the_pharmacy_that_holds_the_confirmation_dispenses(cast: builders.Cast) -> None:
    confirmation = held(cast, man_ready(cast))
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    stranger = builders.pharmacist_call(cast.administrator, other)
    with pytest.raises(NotFound):
        builders.dispense(stranger, confirmation)


def test_a_confirmation_is_dispensed_once(cast: builders.Cast) -> None:
    confirmation = held(cast, man_ready(cast))
    dispensed(cast, confirmation)
    again = builders.dispense(cast.dispensing, confirmation)
    assert "L-AUT-7" in again.document["unmet"]
    with pytest.raises(Conflict):
        eligibility.reverse_confirmation(
            cast.dispensing, confirmation_id=confirmation.pk, reason="Too late"
        )


def test_an_unknown_way_of_handing_over_is_refused(cast: builders.Cast) -> None:
    patient = man_ready(cast)
    authorization = builders.request(cast.prescribing, patient, "adult_male").authorization
    assert authorization is not None
    with pytest.raises(InvalidRequest) as refusal:
        builders.confirm(cast.dispensing, authorization, handover="drone")
    assert set(refusal.value.fields) == {"handover"}


# --- Return to stock ----------------------------------------------------------------------------


def returned(cast: builders.Cast, made: Dispense, reason: str = "Never collected") -> None:
    eligibility.return_to_stock(
        cast.dispensing, dispense_id=made.pk, never_left_premises=True, reason=reason
    )


def test_a_dispense_is_returned_until_the_end_of_the_fourteenth_day(cast: builders.Cast) -> None:
    with time_machine.travel(builders.START, tick=False):
        made = dispensed(cast, held(cast, man_ready(cast)))
    # New York's midnight is four hours after that of UTC in June.
    last_instant = builders.START.replace(hour=3, minute=59, second=59) + 15 * DAY
    too_late = time_machine.travel(last_instant + timedelta(seconds=1), tick=False)
    with too_late, pytest.raises(Conflict, match="14 days"):
        returned(cast, made)
    with time_machine.travel(last_instant, tick=False):
        returned(cast, made)
    event = Event.objects.get(code="dispense_returned")
    assert event.reason == "Never collected"


def test_what_came_back_no_longer_counts_and_the_authorization_stays_dispensed(
    cast: builders.Cast,
) -> None:
    with time_machine.travel(builders.START, tick=True):
        patient = man_ready(cast)
        made = dispensed(cast, held(cast, patient))
        returned(cast, made)
    assert made.authorization is not None
    made.authorization.refresh_from_db()
    assert made.authorization.state == "dispensed"
    with time_machine.travel(builders.START + DAY, tick=True):
        builders.counseling(cast.prescribing, patient)
        builders.survey(cast.prescribing, patient, "adult_male")
        again = held(cast, patient)
    assert again.state == "valid"


def test_a_dispense_is_returned_once_with_a_reason_and_by_its_own_pharmacy(
    cast: builders.Cast,
) -> None:
    made = dispensed(cast, held(cast, man_ready(cast)))
    with pytest.raises(InvalidRequest):
        returned(cast, made, reason=" ")
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    stranger = builders.pharmacist_call(cast.administrator, other)
    with pytest.raises(NotFound):
        eligibility.return_to_stock(
            stranger, dispense_id=made.pk, never_left_premises=True, reason="Never collected"
        )
    returned(cast, made)
    with pytest.raises(Conflict, match="already"):
        returned(cast, made)


# --- Which survey serves ------------------------------------------------------------------------


def test_a_survey_serves_one_authorization_and_is_free_again_when_that_ends_undispensed(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    survey = patient.patientsurvey_set.get()
    assert survey.uses.get().authorization == authorization
    eligibility.cancel_authorization(
        cast.prescribing, authorization_id=authorization.pk, reason="Wrong strength"
    )
    again = builders.request(cast.prescribing, patient, "adult_frp").authorization
    assert again is not None
    assert {use.authorization for use in survey.uses.all()} == {authorization, again}


def test_a_survey_that_served_a_dispense_never_serves_again(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    dispensed(cast, confirmation)
    builders.counseling(cast.prescribing, authorization.patient)
    refused = builders.request(cast.prescribing, authorization.patient, "adult_frp")
    assert refused.document["unmet"] == ["L-SUR-2"]
    builders.survey(cast.prescribing, authorization.patient, "adult_frp")
    assert builders.request(cast.prescribing, authorization.patient, "adult_frp").allowed


def test_a_survey_that_is_entered_twice_serves_one_authorization_only(cast: builders.Cast) -> None:
    """L-SUR-2: one form, typed in again, is no other survey."""
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    dispensed(cast, confirmation)
    builders.counseling(cast.prescribing, patient)
    again = evidence.record_patient_survey(
        cast.prescribing,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        completed_at=patient.patientsurvey_set.get().completed_at,
        answers=builders.safe_answers("adult_frp"),
    )
    assert not again.uses.exists()
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert refused.document["unmet"] == ["L-SUR-2"]
    # Nor does it serve where the first entry was the mistake, and is withdrawn.
    first = patient.patientsurvey_set.exclude(pk=again.pk).get()
    evidence.withdraw_entry(
        cast.staff, kind="patient_survey", entry_id=first.pk, reason="Entered twice"
    )
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert refused.document["unmet"] == ["L-SUR-2"]


def test_of_two_free_surveys_the_latest_serves(cast: builders.Cast) -> None:
    patient = builders.ready_frp(cast.prescribing)
    latest = builders.survey(cast.prescribing, patient, "adult_frp")
    authorization = builders.request(cast.prescribing, patient, "adult_frp").authorization
    assert authorization is not None
    assert authorization.survey_use.survey == latest
