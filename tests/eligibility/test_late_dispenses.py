"""Dispenses reported late: stored whatever they broke, counted as supply, marked (L-DSP-8)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from apps.accounts import services as accounts
from apps.accounts.models import Membership
from apps.audit.models import Meaning
from apps.audit.signatures import signatures_of
from apps.core import clock
from apps.core.call import Actor, ActorKind, Role
from apps.core.errors import Conflict, InvalidRequest, NotFound
from apps.eligibility import facts
from apps.eligibility import services as eligibility
from apps.eligibility.models import Decision
from apps.evidence.models import Deviation
from apps.notices.models import Notice
from apps.oversight.signed_records import is_unchanged
from apps.patients.models import Patient
from apps.prescriptions.models import Confirmation, Dispense
from apps.providers import services as providers
from tests import builders
from tests.eligibility.supplies import (
    DAY,
    HOUR,
    authorized,
    confirmed,
    dispensed_to,
    enter_late,
    late_record,
    man,
    report_late,
)

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


def broken(made: Dispense) -> set[tuple[str, str]]:
    """The deviations of a dispense: kind and rule."""
    found = Deviation.objects.filter(occurrence__startswith=str(made.pk))
    return set(found.values_list("kind", "rule"))


def supplies(patient: Patient) -> list[dict[str, Any]]:
    """The dispenses among the patient's facts."""
    document = facts.for_authorize([patient.pk], program=builders.PROGRAM, now=clock.now())
    found: list[dict[str, Any]] = document[patient.pk]["dispenses"]
    return found


# --- Within the rules -----------------------------------------------------------------------------


def test_l_dsp_8_a_late_entry_under_a_confirmation_that_was_valid_is_within_the_rules(
    cast: builders.Cast,
) -> None:
    """The outage outlasted the confirmation; the drug was handed out in its first hour."""
    authorization = authorized(cast, man(cast))
    confirmation = confirmed(cast, authorization)
    handed_out = clock.now()
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        made = report_late(cast.dispensing, authorization, dispensed_at=handed_out)
        assert made.authorized
        assert made.reported_late
        assert made.dispensed_at == handed_out
        assert made.recorded_at > handed_out
        assert not broken(made)
    confirmation.refresh_from_db()
    authorization.refresh_from_db()
    assert (confirmation.state, authorization.state) == ("dispensed", "dispensed")
    decision = Decision.objects.get(act="dispense", dispense=made)
    assert decision.allowed
    assert decision.document["as_of"] == handed_out.isoformat().replace("+00:00", "Z")


def test_l_enr_2_a_late_entry_is_within_the_rules_only_where_a_trained_pharmacist_counseled(
    cast: builders.Cast,
) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    made = report_late(cast.dispensing, authorization, counselor="Nobody Here")
    assert not made.authorized
    assert broken(made) == {("dispense_record_incomplete", "L-DSP-6")}
    assert made.counselor == "Nobody Here"


def test_l_dsp_6_a_technician_says_for_no_pharmacist_that_they_counseled(
    cast: builders.Cast,
) -> None:
    """What a technician could not dispense alone is not made good by reporting it afterwards."""
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    technician = builders.pharmacy_call(
        cast.pharmacy, Role.TECHNICIAN, builders.person_of(cast.dispensing).pk
    )
    with pytest.raises(InvalidRequest) as refused:
        report_late(technician, authorization)
    assert set(refused.value.fields) == {"counselor"}
    made = report_late(technician, authorization, counselor="")
    assert not made.authorized
    assert broken(made) == {("dispense_record_incomplete", "L-DSP-6")}


@pytest.mark.parametrize("left_first", [False, True])
def test_l_enr_2_who_counseled_is_asked_of_then_not_of_the_day_of_the_entry(
    cast: builders.Cast, left_first: bool
) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    counselor = builders.person_of(cast.dispensing)
    own = Membership.objects.get(user=counselor, role=Role.PHARMACIST)

    def leave() -> None:
        accounts.end_membership(cast.administrator, membership_id=own.pk, reason="Retired")

    handed_out = clock.now()
    leave()
    if left_first:
        handed_out = clock.now()
    made = report_late(cast.dispensing, authorization, dispensed_at=handed_out)
    incomplete = {("dispense_record_incomplete", "L-DSP-6")}
    assert broken(made) == (incomplete if left_first else set())
    assert made.authorized is not left_first


def test_l_dsp_8_a_late_entry_lets_nobody_dispense_twice_on_one_prescription(
    cast: builders.Cast,
) -> None:
    """The confirmation ran out, the authorization was free again, another pharmacy confirmed it."""
    patient = man(cast)
    authorization = authorized(cast, patient)
    confirmed(cast, authorization)
    handed_out = clock.now()
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    elsewhere = builders.pharmacist_call(cast.administrator, other)
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        second = builders.confirm(elsewhere, authorization).confirmation
        assert second is not None
        made = report_late(cast.dispensing, authorization, dispensed_at=handed_out)
        assert made.authorized
        second.refresh_from_db()
        assert second.state == "void"
        assert Notice.objects.filter(template="authorization_voided", address=other.email).exists()
        refused = builders.dispense(elsewhere, second)
        assert not refused.allowed


def test_l_dsp_8_a_late_entry_within_the_rules_continues_the_therapy(cast: builders.Cast) -> None:
    patient = man(cast)
    authorization = authorized(cast, patient)
    confirmed(cast, authorization)
    handed_out = clock.now()
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        report_late(cast.dispensing, authorization, dispensed_at=handed_out)
        builders.counseling(cast.prescribing, patient)
        builders.survey(cast.prescribing, patient, "adult_male")
        assert builders.request(cast.prescribing, patient, "adult_male").document["path"] == (
            "continuing"
        )


# --- Outside them: stored all the same ------------------------------------------------------------


def test_l_dsp_8_what_broke_a_rule_counts_as_supply_and_clears_no_restart(
    cast: builders.Cast,
) -> None:
    patient = man(cast)
    made = enter_late(cast, patient)
    assert not made.authorized
    (supply,) = supplies(patient)
    assert (supply["authorized"], supply["days_supply"]) == (False, 28)
    decision = builders.request(cast.prescribing, patient, "adult_male")
    assert decision.document["path"] == "initiation"
    assert decision.authorization is not None
    assert "L-DSP-5" in builders.confirm(cast.dispensing, decision.authorization).document["unmet"]


def test_l_dsp_8_a_dispense_without_a_confirmation_is_a_critical_deviation_once(
    cast: builders.Cast,
) -> None:
    patient = man(cast)
    made = enter_late(cast, patient, number="never seen such")
    assert made.authorization is None
    assert made.stated_number == "never seen such"
    (found,) = Deviation.objects.filter(kind="dispense_without_confirmation")
    assert (found.rule, found.severity, found.state) == ("L-DSP-2", "critical", "open")
    assert found.occurred_at == made.dispensed_at
    assert Notice.objects.filter(
        template="late_dispense_recorded", address="administrator@program.example"
    ).exists()


@pytest.mark.parametrize(
    ("changes", "deviation"),
    [
        ({"days_supply": 60}, ("dispense_over_days_supply", "L-AUT-5")),
        ({"days_supply": 60}, ("dispense_unlike_authorization", "L-DSP-6")),
        ({"quantity": 22}, ("dispense_unlike_authorization", "L-DSP-6")),
        ({"product": "another"}, ("dispense_unlike_authorization", "L-DSP-6")),
        ({"risk_category": "adult_fnrp"}, ("dispense_not_eligible", "L-DSP-4")),
        ({"counselor": ""}, ("dispense_record_incomplete", "L-DSP-6")),
        ({"checklist": ()}, ("dispense_record_incomplete", "L-DSP-6")),
    ],
)
def test_l_dsp_8_each_rule_that_a_late_dispense_broke_is_a_deviation(
    cast: builders.Cast, changes: dict[str, Any], deviation: tuple[str, str]
) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    with time_machine.travel(builders.START + HOUR, tick=True):
        made = report_late(cast.dispensing, authorization, **changes)
    assert not made.authorized
    assert deviation in broken(made)
    authorization.refresh_from_db()
    assert authorization.state == "dispensed"


def test_l_dsp_8_a_dispense_after_its_window_is_outside_the_rules(cast: builders.Cast) -> None:
    authorization = authorized(cast, man(cast))
    confirmation = confirmed(cast, authorization)
    limit = confirmation.expires_at
    with time_machine.travel(builders.START + 3 * DAY, tick=True):
        late = report_late(
            cast.dispensing, authorization, dispensed_at=limit + timedelta(microseconds=1)
        )
    assert not late.authorized
    assert ("dispense_outside_window", "L-DSP-3") in broken(late)


def test_l_dsp_8_a_dispense_in_the_last_instant_of_its_window_is_within(
    cast: builders.Cast,
) -> None:
    authorization = authorized(cast, man(cast))
    limit = confirmed(cast, authorization).expires_at
    with time_machine.travel(builders.START + 3 * DAY, tick=True):
        assert report_late(cast.dispensing, authorization, dispensed_at=limit).authorized


def test_l_dsp_8_a_decertified_pharmacy_is_judged_as_it_stood_then(cast: builders.Cast) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    in_good_standing = clock.now()
    with time_machine.travel(builders.START + HOUR, tick=True):
        providers.change_pharmacy_standing(
            cast.administrator,
            pharmacy_id=cast.pharmacy.pk,
            event="decertify",
            reason="Closed",
        )
        out_of_it = clock.now()
    with time_machine.travel(builders.START + 2 * HOUR, tick=True):
        made = enter_late(cast, authorization.patient, authorization.number, dispensed_at=out_of_it)
        assert ("dispense_not_eligible", "L-ENR-2") in broken(made)
        eligibility.withdraw_late_dispense(cast.staff, dispense_id=made.pk, reason="Wrong time")
        before = enter_late(cast, authorization.patient, dispensed_at=in_good_standing)
        assert ("dispense_not_eligible", "L-ENR-2") not in broken(before)


def test_l_dsp_8_a_dispense_to_a_patient_on_hold_is_stored(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    confirmed(cast, authorization)
    with time_machine.travel(builders.START + HOUR, tick=True):
        builders.pregnancy_test(cast.prescribing, patient, result="positive")
    with time_machine.travel(builders.START + 2 * HOUR, tick=True):
        made = report_late(
            cast.dispensing,
            authorization,
            checklist=tuple(builders.checklist("adult_frp")),
        )
    assert not made.authorized
    assert {("dispense_not_eligible", rule) for rule in ("L-PT-5", "L-PRG-1")} <= broken(made)
    found = Deviation.objects.filter(kind="dispense_not_eligible")
    assert set(found.values_list("severity", flat=True)) == {"critical"}


def test_l_dsp_8_a_dispense_before_the_hold_is_judged_as_of_then(cast: builders.Cast) -> None:
    """What came later does not make it wrong: the test was positive an hour after it."""
    authorization = builders.authorized_frp(cast)
    confirmed(cast, authorization)
    handed_out = clock.now()
    with time_machine.travel(builders.START + HOUR, tick=True):
        builders.pregnancy_test(cast.prescribing, authorization.patient, result="positive")
    with time_machine.travel(builders.START + 2 * HOUR, tick=True):
        made = report_late(
            cast.dispensing,
            authorization,
            dispensed_at=handed_out,
            checklist=tuple(builders.checklist("adult_frp")),
        )
    assert made.authorized, broken(made)
    authorization.refresh_from_db()
    assert authorization.state == "dispensed"


def test_l_dsp_8_a_second_dispense_on_one_authorization_is_outside_the_rules(
    cast: builders.Cast,
) -> None:
    made = dispensed_to(cast, man(cast))
    assert made.authorization is not None
    with time_machine.travel(builders.START + HOUR, tick=True):
        again = report_late(cast.dispensing, made.authorization, is_another=True)
    assert not again.authorized
    assert again.confirmation is None
    assert {rule for _, rule in broken(again)} >= {"L-DSP-2", "L-AUT-7", "L-DSP-5"}


def test_l_dsp_8_under_a_confirmation_that_the_pharmacy_gave_back_nothing_is_within_the_rules(
    cast: builders.Cast,
) -> None:
    authorization = authorized(cast, man(cast))
    confirmation = confirmed(cast, authorization)
    handed_out = clock.now()
    eligibility.reverse_confirmation(
        cast.dispensing, confirmation_id=confirmation.pk, reason="Not picked up"
    )
    with time_machine.travel(builders.START + HOUR, tick=True):
        made = report_late(cast.dispensing, authorization, dispensed_at=handed_out)
    assert not made.authorized
    assert ("dispense_outside_window", "L-DSP-3") in broken(made)
    assert Confirmation.objects.get(pk=confirmation.pk).state == "reversed"


def test_l_dsp_8_a_pharmacy_outside_the_program_is_named(cast: builders.Cast) -> None:
    patient = man(cast)
    made = eligibility.enter_late_dispense(
        cast.staff,
        patient_id=patient.pk,
        program=builders.PROGRAM,
        unknown_pharmacy="Harbor Drugs, Lisbon",
        record=late_record(),
    )
    assert (made.pharmacy, made.unknown_pharmacy) == (None, "Harbor Drugs, Lisbon")
    assert ("dispense_not_eligible", "L-ENR-2") in broken(made)
    for pharmacy_id, unknown in ((None, ""), (cast.pharmacy.pk, "Another")):
        with pytest.raises(InvalidRequest) as refusal:
            eligibility.enter_late_dispense(
                cast.staff,
                patient_id=patient.pk,
                program=builders.PROGRAM,
                record=late_record(),
                pharmacy_id=pharmacy_id,
                unknown_pharmacy=unknown,
            )
        assert set(refusal.value.fields) == {"pharmacy_id"}


def test_l_dsp_8_one_from_before_the_first_policy_is_stored(cast: builders.Cast) -> None:
    made = enter_late(cast, man(cast), dispensed_at=datetime(2015, 3, 4, 17, tzinfo=UTC))
    assert not made.authorized
    assert ("dispense_not_eligible", "L-DSP-4") in broken(made)


# --- Its time -------------------------------------------------------------------------------------


def test_l_src_2_of_a_day_alone_the_dispenses_are_a_minute_apart_in_the_order_given(
    cast: builders.Cast,
) -> None:
    patient = man(cast)
    on = date(2026, 5, 20)
    first = enter_late(cast, patient, dispensed_on=on)
    second = enter_late(cast, patient, dispensed_on=on, is_another=True)
    # The first instant of the day in New York.
    assert first.dispensed_at == datetime(2026, 5, 20, 4, tzinfo=UTC)
    assert second.dispensed_at == datetime(2026, 5, 20, 4, 1, tzinfo=UTC)
    assert first.only_day_is_known


def test_l_dsp_8_of_a_day_alone_nobody_can_tell_that_it_was_in_the_window(
    cast: builders.Cast,
) -> None:
    """The prescription is used up all the same."""
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    with time_machine.travel(builders.START + DAY, tick=True):
        made = report_late(cast.dispensing, authorization, dispensed_on=date(2026, 6, 1))
    assert not made.authorized
    assert broken(made) == {("dispense_outside_window", "L-DSP-3")}
    authorization.refresh_from_db()
    assert authorization.state == "dispensed"


def test_l_aut_5_a_late_entry_says_no_fewer_days_of_everything(cast: builders.Cast) -> None:
    authorization = authorized(cast, man(cast))
    confirmed(cast, authorization)
    with time_machine.travel(builders.START + HOUR, tick=True):
        with pytest.raises(InvalidRequest) as refusal:
            report_late(cast.dispensing, authorization, days_supply=21)
        assert set(refusal.value.fields) == {"days_supply"}
        assert report_late(cast.dispensing, authorization, days_supply=14, quantity=10).authorized


def test_l_dsp_8_two_dispenses_at_one_instant_are_told_apart(cast: builders.Cast) -> None:
    patient, at = man(cast), clock.now() - HOUR
    first = enter_late(cast, patient, dispensed_at=at)
    second = enter_late(cast, patient, dispensed_at=at, days_supply=7, quantity=5)
    assert second.dispensed_at - first.dispensed_at == timedelta(microseconds=1)


def test_l_dsp_8_what_looks_like_one_recorded_already_must_be_said_to_be_another(
    cast: builders.Cast,
) -> None:
    patient = man(cast)
    enter_late(cast, patient)
    with pytest.raises(Conflict, match="another dispense"):
        enter_late(cast, patient)
    enter_late(cast, patient, is_another=True)
    assert len(supplies(patient)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dispensed_at": datetime(2026, 6, 3, tzinfo=UTC)}, "dispensed_at"),
        ({"dispensed_on": date(2026, 6, 2)}, "dispensed_on"),
        ({"dispensed_at": datetime(1980, 6, 3, tzinfo=UTC)}, "dispensed_at"),
        ({"dispensed_on": date(1980, 6, 2)}, "dispensed_on"),
        ({"dispensed_at": None}, "dispensed_at"),
        ({"days_supply": 0}, "days_supply"),
        ({"quantity": 0}, "quantity"),
        ({"handover": "drone"}, "handover"),
        ({"reason": " "}, "reason"),
        ({"product": " "}, "product"),
        ({"lot_number": "LOT\u202e7"}, "lot_number"),
    ],
)
def test_l_dsp_8_only_what_no_record_can_say_is_refused(
    cast: builders.Cast, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        enter_late(cast, man(cast), **changes)
    assert set(refusal.value.fields) == {field}


# --- Who, and mistakes ----------------------------------------------------------------------------


def test_l_dsp_8_a_pharmacy_needs_the_number_in_hand_and_nothing_can_be_probed(
    cast: builders.Cast,
) -> None:
    authorization = authorized(cast, man(cast))
    told = []
    for number, born_on in (
        (authorization.number, date(1999, 1, 1)),
        ("0" * 12, authorization.patient.born_on),
    ):
        with pytest.raises(NotFound) as refusal:
            eligibility.report_late_dispense(
                cast.dispensing, number=number, born_on=born_on, record=late_record()
            )
        told.append(refusal.value.message)
    assert told[0] == told[1]
    assert "program's staff" in told[0]


def test_who_reports_a_dispense_signs_the_report(cast: builders.Cast) -> None:
    patient = man(cast)
    authorization = authorized(cast, patient)
    with pytest.raises(InvalidRequest, match="must be signed"):
        report_late(cast.dispensing.signed(None), authorization)
    assert not Dispense.objects.exists()

    made = report_late(cast.dispensing, authorization)
    (signature,) = signatures_of(made)
    assert (signature.meaning, signature.user_id) == (
        Meaning.LATE_DISPENSE,
        cast.dispensing.signing.user_id if cast.dispensing.signing else None,
    )
    assert is_unchanged(signature, made)
    made.quantity += 1
    assert not is_unchanged(signature, made)


def test_a_pharmacys_system_answers_for_its_report_in_its_name(cast: builders.Cast) -> None:
    system = builders.call_of(
        Actor(
            kind=ActorKind.CLIENT,
            id=cast.pharmacy.pk,
            role=Role.PHARMACIST,
            organization_id=cast.pharmacy.organization_id,
        )
    ).signed(None)
    (signature,) = signatures_of(report_late(system, authorized(cast, man(cast))))
    assert (signature.method, signature.printed_name) == (
        "system",
        str(cast.pharmacy.organization),
    )
