"""L-ENR-5: a patient moves to another prescriber, is covered, is handed over; who sees what."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from apps.audit.models import Event
from apps.core import clock
from apps.core.call import Call
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound, TooManyRequests
from apps.eligibility import selectors as eligibility
from apps.eligibility.models import Decision
from apps.evidence import selectors
from apps.evidence import services as evidence
from apps.evidence.models import ContraceptionAttestation, PregnancyTest
from apps.notices.models import Notice
from apps.patients import selectors as patients
from apps.patients.models import Agreement, Patient, PatientTransfer
from apps.patients.services import Signatures
from apps.patients.transfers import Sought, moved_away_from, transfers_visible_to
from apps.prescriptions import selectors as prescriptions
from apps.providers import services as providers
from apps.providers.models import Practice, Prescriber
from tests import builders
from tests.builders import PROGRAM

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

FIONA = Sought(
    given_name="fiona ",
    family_name="SYNTHETIC",
    born_on=builders.IDENTITY.born_on,
    postal_code="10001",
)
HOUR = timedelta(hours=1)


@pytest.fixture
def moving() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(builders.START, tick=True) as traveller:
        yield traveller


@pytest.fixture
def cast(moving: time_machine.Traveller, cast: builders.Cast) -> builders.Cast:
    return cast


@pytest.fixture
def other(cast: builders.Cast) -> Prescriber:
    return builders.certified_prescriber(cast.administrator, serial=2)


def signed(**fields: Any) -> Signatures:
    now = clock.now()
    defaults = {
        "signer": "patient",
        "signer_name": "Fiona Synthetic",
        "patient_signed_at": now,
        "prescriber_signed_at": now,
    }
    return Signatures(**{**defaults, **fields})


def take_over(call: Call, sought: Sought = FIONA, **fields: Any) -> PatientTransfer:
    defaults = {
        "program": PROGRAM,
        "risk_category": "adult_frp",
        "signatures": signed(),
        "reason": "The patient moved house",
    }
    return evidence.take_over_patient(call, sought=sought, **{**defaults, **fields})


def test_a_new_prescriber_takes_a_patient_over_with_a_new_agreement(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    moving.shift(HOUR)

    made = take_over(builders.prescribing_call(other))

    patient.refresh_from_db()
    authorization.refresh_from_db()
    assert (made.from_prescriber, made.to_prescriber) == (cast.prescriber, other)
    assert made.agreement is not None
    assert made.agreement.prescriber == patient.prescriber == other
    assert (authorization.state, authorization.ended_reason) == ("void", "patient_moved")
    told = Notice.objects.get(template="patient_moved")
    assert told.recipient_id == cast.prescriber.pk
    assert Event.objects.get(code="patient_taken_over").patient_id == patient.pk
    again = builders.prescribing_call(other)
    builders.prepare(again, patient, "adult_frp")
    assert builders.request(again, patient, "adult_frp").allowed


@pytest.mark.parametrize(
    "wrong",
    [
        {"given_name": "Greta"},
        {"family_name": "Synthetik"},
        {"born_on": date(1986, 4, 6)},
        {"postal_code": "10002"},
        {"postal_code": "", "phone": "212-555-0301"},
        {"postal_code": "", "phone": ""},
        {"phone": "212-555-0301"},
    ],
    ids=str,
)
def test_who_does_not_fit_wholly_is_not_found_whatever_is_wrong(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller, wrong: dict[str, Any]
) -> None:
    """L-ENR-5: existence does not leak; every miss is recorded."""
    builders.enroll(cast.prescribing)
    moving.shift(HOUR)
    with pytest.raises(NotFound, match="Nobody in the program fits all of this"):
        take_over(builders.prescribing_call(other), replace(FIONA, **wrong))
    missed = Event.objects.get(code="patient_take_over_missed")
    assert (missed.organization_id, missed.patient_id) == (other.practice_id, None)


def test_a_patient_is_also_found_by_the_telephone_number(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    builders.enroll(cast.prescribing)
    moving.shift(HOUR)
    by_phone = replace(FIONA, postal_code="", phone="+1 (212) 555 0300")
    assert take_over(builders.prescribing_call(other), by_phone).to_prescriber == other


def test_whoever_searches_for_strangers_is_stopped_until_an_hour_has_passed(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    builders.enroll(cast.prescribing)
    moving.shift(HOUR)
    call = builders.prescribing_call(other)
    for serial in range(5):
        with pytest.raises(NotFound):
            take_over(call, replace(FIONA, postal_code=f"2000{serial}"))
    with pytest.raises(TooManyRequests):
        take_over(call)
    moving.shift(HOUR + timedelta(minutes=1))
    assert take_over(call).to_prescriber == other


def test_nobody_but_a_certified_prescriber_takes_over(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    builders.enroll(cast.prescribing)
    moving.shift(HOUR)
    for call in (cast.staff, cast.dispensing):
        with pytest.raises(NotAllowed):
            take_over(call)
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=other.pk, event="suspend", reason="An audit"
    )
    for sought in (FIONA, replace(FIONA, postal_code="20000")):
        with pytest.raises(Conflict, match="suspended"):  # Whoever is sought: nothing is told.
            take_over(builders.prescribing_call(other), sought)
    assert not PatientTransfer.objects.exists()


def test_the_agreement_is_for_the_patients_category_and_signed_by_both(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    before = clock.now()
    patient = builders.enroll(cast.prescribing)
    moving.shift(HOUR)
    call = builders.prescribing_call(other)
    with pytest.raises(Conflict, match="reproductive potential"):
        take_over(call, risk_category="adult_male")
    seen = Event.objects.get(code="patient_take_over_refused")
    assert (seen.organization_id, seen.patient_ids) == (other.practice_id, [patient.pk])
    with pytest.raises(InvalidRequest) as refusal:
        take_over(call, signatures=signed(prescriber_signed_at=None))
    assert set(refusal.value.fields) == {"prescriber_signed_at"}
    with pytest.raises(Conflict, match="has signed with another prescriber"):
        take_over(call, signatures=signed(patient_signed_at=before))
    with pytest.raises(InvalidRequest):
        take_over(call, reason=" ")
    with pytest.raises(Conflict, match="yours already"):
        take_over(cast.prescribing)
    assert Agreement.objects.count() == 1


def test_the_old_prescriber_reads_what_they_entered_and_nothing_newer(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    authorization = builders.authorized_frp(cast)
    patient, old = authorization.patient, cast.prescribing.actor
    own_test = patient.pregnancytest_set.latest("collected_at")
    moving.shift(HOUR)
    take_over(builders.prescribing_call(other))
    moving.shift(HOUR)
    new = builders.prescribing_call(other)
    newer = builders.negative_test(new, patient)
    evidence.withdraw_pregnancy_test(cast.staff, test_id=own_test.pk, reason="Another patient's")
    newer_attestation = builders.contraception(new, patient)

    assert not patients.visible_to(old).exists()
    with pytest.raises(NotFound):
        builders.negative_test(cast.prescribing, patient)
    with pytest.raises(NotFound):
        selectors.record_of(old, patient.pk, PROGRAM)
    with pytest.raises(NotFound):
        builders.request(cast.prescribing, patient, "adult_frp")

    assert newer not in selectors.visible_to(old, PregnancyTest)
    assert own_test in selectors.visible_to(old, PregnancyTest)
    attested = selectors.visible_to(old, ContraceptionAttestation)
    assert attested.count() == 1
    assert newer_attestation not in attested
    assert [a.prescriber for a in patients.agreements_visible_to(old)] == [cast.prescriber]
    assert list(prescriptions.authorizations_visible_to(old)) == [authorization]
    assert eligibility.decisions_visible_to(old).count() == Decision.objects.count() == 1
    (move,) = moved_away_from(old)
    assert list(transfers_visible_to(old)) == [move]
    former = selectors.former_record_of(old, patient.pk, PROGRAM)
    assert [test.withdrawn_at for test in former.record.tests] == [None, None]
    assert [test.withdrawal_reason for test in former.record.tests] == ["", ""]
    assert former.authorizations == [authorization]


def test_nobody_else_has_a_former_record_and_who_gets_the_patient_back_has_none(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    patient = builders.enroll(cast.prescribing)
    stranger = builders.certified_prescriber(cast.administrator, serial=3)
    moving.shift(HOUR)
    take_over(builders.prescribing_call(other))
    for prescriber in (stranger, other):
        actor = builders.prescribing_call(prescriber).actor
        with pytest.raises(NotFound):
            selectors.former_record_of(actor, patient.pk, PROGRAM)
    assert not selectors.visible_to(cast.dispensing.actor, PregnancyTest).exists()

    moving.shift(HOUR)
    take_over(cast.prescribing)
    assert patient in patients.visible_to(cast.prescribing.actor)
    with pytest.raises(NotFound):
        selectors.former_record_of(cast.prescribing.actor, patient.pk, PROGRAM)


# --- Covering ------------------------------------------------------------------------------------


@pytest.fixture
def colleague(cast: builders.Cast) -> Prescriber:
    made = builders.certified_prescriber(
        cast.administrator, serial=4, practice_id=cast.prescriber.practice_id
    )
    providers.change_coverage(
        cast.staff,
        practice_id=made.practice_id,
        members_cover_each_other=True,
        reason="Their letter",
    )
    return made


def test_who_covers_sees_and_treats_a_colleagues_patients_under_their_agreement(
    cast: builders.Cast, colleague: Prescriber
) -> None:
    """L-ENR-5."""
    patient = builders.ready_frp(cast.prescribing)
    covering = builders.prescribing_call(colleague)
    assert patient in patients.visible_to(covering.actor)
    assert builders.request(covering, patient, "adult_frp").allowed

    Practice.objects.update(members_cover_each_other=False)
    assert patient not in patients.visible_to(covering.actor)
    with pytest.raises(NotFound):
        builders.request(covering, patient, "adult_frp")


def test_only_certified_prescribers_cover_and_only_certified_ones_are_covered(
    cast: builders.Cast, colleague: Prescriber
) -> None:
    """L-ENR-5."""
    patient = builders.ready_frp(cast.prescribing)
    covering = builders.prescribing_call(colleague)

    def suspend(prescriber: Prescriber, event: str = "suspend") -> None:
        providers.change_prescriber_standing(
            cast.administrator, prescriber_id=prescriber.pk, event=event, reason="An audit"
        )

    suspend(cast.prescriber)
    # Seen, so that nobody is left alone, but the agreement must be signed anew.
    assert patient in patients.visible_to(covering.actor)
    refused = builders.request(covering, patient, "adult_frp")
    assert refused.document["unmet"] == ["L-ENR-5"]
    suspend(colleague)
    assert patient not in patients.visible_to(covering.actor)


# --- Handing over --------------------------------------------------------------------------------


def hand_over(cast: builders.Cast, to: Prescriber, **fields: Any) -> Prescriber:
    defaults = {
        "from_prescriber_id": cast.prescriber.pk,
        "to_prescriber_id": to.pk,
        "reason": "Retired",
    }
    return evidence.hand_over_patients(cast.staff, **{**defaults, **fields})


def decertify(cast: builders.Cast) -> None:
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=cast.prescriber.pk, event="decertify", reason="Retired"
    )


def test_the_patients_of_one_who_is_decertified_are_handed_over_and_none_left_stranded(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    fiona = builders.ready_frp(cast.prescribing)
    mark = builders.enroll(
        cast.prescribing,
        "adult_male",
        identity=replace(builders.IDENTITY, given_name="Mark", born_on=date(1950, 1, 2),
                         postal_code="20002", phone="", email=""),
    )  # fmt: skip
    assert not selectors.stranded_patients().exists()
    decertify(cast)
    assert set(selectors.stranded_patients()) == {fiona, mark}
    moving.shift(HOUR)

    hand_over(cast, other)

    assert not selectors.stranded_patients().exists()
    new = builders.prescribing_call(other)
    assert set(patients.visible_to(new.actor)) == {fiona, mark}
    assert Notice.objects.get(template="patients_handed_over").recipient_id == other.pk
    moves = PatientTransfer.objects.filter(kind="handed_over", agreement__isnull=True)
    assert {move.patient for move in moves} == {fiona, mark}
    refused = builders.request(new, fiona, "adult_frp")
    assert refused.document["unmet"] == ["L-ENR-5"]
    moving.shift(HOUR)
    evidence.renew_agreement(new, patient_id=fiona.pk, program=PROGRAM, signatures=signed())
    builders.survey(new, fiona, "adult_frp")
    assert builders.request(new, fiona, "adult_frp").allowed


def test_some_are_handed_over_and_only_who_is_still_there(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest):
        hand_over(cast, other, reason=" ")
    with pytest.raises(InvalidRequest):
        hand_over(cast, cast.prescriber)
    with pytest.raises(NotAllowed):
        evidence.hand_over_patients(
            cast.prescribing,
            from_prescriber_id=cast.prescriber.pk,
            to_prescriber_id=other.pk,
            reason="Retired",
        )
    hand_over(cast, other, patient_ids=[patient.pk])
    with pytest.raises(Conflict, match="moved meanwhile"):
        hand_over(cast, other, patient_ids=[patient.pk])
    with pytest.raises(Conflict, match="no patient"):
        hand_over(cast, other)
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=other.pk, event="suspend", reason="An audit"
    )
    with pytest.raises(Conflict, match="must be certified"):
        hand_over(cast, other, patient_ids=[patient.pk])
    assert Patient.objects.get().prescriber == other


def test_what_voids_after_a_hand_over_is_told_to_both_prescribers(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5."""
    authorization = builders.authorized_frp(cast)
    moving.shift(HOUR)
    hand_over(cast, other)
    moving.shift(HOUR)
    builders.pregnancy_test(
        builders.prescribing_call(other), authorization.patient, result="positive"
    )
    told = Notice.objects.filter(template="authorization_voided")
    assert {notice.recipient_id for notice in told} == {cast.prescriber.pk, other.pk}


def test_an_agreement_with_the_former_prescriber_is_not_completed_any_more(
    cast: builders.Cast, other: Prescriber, moving: time_machine.Traveller
) -> None:
    """L-ENR-5: as the latest one it would put the new prescriber's out of force."""
    patient = builders.enroll(cast.prescribing)
    waiting = evidence.renew_agreement(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        signatures=signed(patient_signed_at=None),
    )
    moving.shift(HOUR)
    new = builders.prescribing_call(other)
    take_over(new)
    with pytest.raises(Conflict, match="another prescriber since"):
        evidence.sign_agreement(
            new, patient_id=patient.pk, agreement_id=waiting.pk, patient_signed_at=clock.now()
        )
    found = eligibility.outlook(new.actor, [patient.pk], PROGRAM)
    assert "L-ENR-5" not in found[patient.pk]["unmet"]
