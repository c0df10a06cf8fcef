"""Each kind of item comes into its queue and leaves it by the command that ends it."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine

from apps.accounts import services as accounts
from apps.accounts.models import Membership
from apps.core import clock as program_clock
from apps.core.errors import Conflict, InvalidRequest
from apps.eligibility import reconciliation
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.services.intakes import Source
from apps.notices.models import Notice
from apps.oversight import services
from apps.patients import reaching
from apps.patients import services as patients
from apps.patients.models import Patient
from apps.patients.services import CategoryBasis, Signatures
from apps.prescriptions.models import Outage
from apps.providers import services as providers
from apps.providers.selectors import roles_held
from apps.rules.policy import policy_in_force
from tests import builders
from tests.builders import PROGRAM, Cast
from tests.oversight import cases

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def patient(clock: time_machine.Traveller, cast: Cast) -> Patient:
    enrolled = builders.enroll(cast.prescribing)
    clock.shift(MINUTE)
    return enrolled


def waits(cast: Cast, kind: str) -> list[UUID]:
    """The records in the queue; the count beside it is the same."""
    found = cases.subjects(cast.staff, kind)
    assert cases.queue(cast.staff, kind).count == len(found)
    return found


def test_a_change_to_less_monitoring_waits_for_an_administrator_once_both_have_signed(
    cast: Cast, patient: Patient
) -> None:
    """L-CAT-3."""
    now = program_clock.now()
    change = evidence.change_category(
        cast.prescribing,
        patient_id=patient.pk,
        program=PROGRAM,
        risk_category="adult_fnrp",
        basis=CategoryBasis(kind="hysterectomy", on=date(2026, 5, 1)),
        reason="Operated on",
        said_by="The surgeon's letter",
        signatures=Signatures(
            signer="patient",
            signer_name="Fiona Synthetic",
            patient_signed_at=now,
            prescriber_signed_at=now,
        ),
    )
    (item,) = cases.items(cast.staff, "category_change")
    assert (item.subject_id, item.owner, item.opened_at) == (change.pk, "administrator", now)
    evidence.decide_category_change(
        cast.administrator, change_id=change.pk, decision="refuse", reason="No letter"
    )
    assert waits(cast, "category_change") == []


def test_an_intake_that_would_make_eligible_waits_for_a_second_person(
    cast: Cast, patient: Patient
) -> None:
    """L-SRC-1."""
    at = (program_clock.now() - timedelta(seconds=30)).isoformat()
    intake = evidence.enter_intake(
        cast.staff,
        patient_id=patient.pk,
        kind="pregnancy_test",
        content={
            "result": "negative",
            "sensitivity_miu_ml": 25,
            "specimen": "serum",
            "collected_at": at,
            "resulted_at": at,
        },
        source=Source(
            channel="phone",
            told_by="prescriber",
            told_by_name="Nina Nurse",
            prescriber_id=cast.prescriber.pk,
            verification="called_back",
            verification_note="On the practice's number",
        ),
        scan=None,
    )
    (item,) = cases.items(cast.staff, "intake_check")
    assert (item.subject_id, item.label) == (intake.pk, "Pregnancy test, by phone")
    evidence.refuse_intake(cast.administrator, intake_id=intake.pk, reason="Another patient's")
    assert waits(cast, "intake_check") == []


def test_a_request_for_an_exception_waits_for_another_person(cast: Cast, patient: Patient) -> None:
    """L-DSP-10."""
    request = evidence.request_exception(
        cast.staff,
        patient_id=patient.pk,
        program=PROGRAM,
        rule="L-DSP-5",
        expires_at=program_clock.now() + timedelta(days=1),
        reason="Travel",
    )
    assert waits(cast, "exception_request") == [request.pk]
    evidence.grant_exception(cast.administrator, request_id=request.pk, reason="Ticket seen")
    assert waits(cast, "exception_request") == []


def test_of_two_records_that_may_be_one_person_the_later_one_waits(
    clock: time_machine.Traveller, cast: Cast, patient: Patient
) -> None:
    """L-PAT-1."""
    other = builders.enroll(
        cast.prescribing,
        identity=replace(
            builders.IDENTITY,
            given_name="Fay",
            family_name="Elsewhere",
            postal_code="99501",
            phone="907-555-0100",
            email="fay@patients.example",
        ),
    )
    assert waits(cast, "duplicate") == []
    patients.correct_contact(
        cast.staff,
        patient_id=other.pk,
        postal_code=patient.postal_code,
        phone="",
        email="",
        time_zone="America/New_York",
    )
    (item,) = cases.items(cast.staff, "duplicate")
    assert (item.subject_id, item.patient_id) == (other.pk, other.pk)
    patients.decide_not_duplicate(
        cast.staff, patient_id=other.pk, resembles_id=patient.pk, reason="Sisters"
    )
    assert waits(cast, "duplicate") == []


def test_an_address_that_reaches_nobody_waits_until_there_is_another_one(
    cast: Cast, patient: Patient
) -> None:
    """L-END-3."""
    entry = reaching.record_undeliverable(
        cast.staff, patient_id=patient.pk, kind="email", finding="It bounced"
    )
    assert waits(cast, "undeliverable_address") == [entry.pk]
    patients.correct_contact(
        cast.staff,
        patient_id=patient.pk,
        postal_code=patient.postal_code,
        phone=patient.phone,
        email="new@patients.example",
        time_zone=patient.time_zone,
    )
    assert waits(cast, "undeliverable_address") == []


def unsigned(**signed: Any) -> Signatures:
    sides = {"patient_signed_at": None, "prescriber_signed_at": None, **signed}
    return Signatures(
        signer="patient", signer_name="Fiona Synthetic", signer_relationship="", **sides
    )


def test_an_agreement_waits_for_whoever_has_not_signed_it_until_all_have(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """L-ENR-3: an enrollment of which the signed form never came is not forgotten."""
    patient = builders.enroll(cast.prescribing, signatures=unsigned())
    agreement = patient.agreements.get()
    sign = partial(
        evidence.sign_agreement,
        cast.prescribing,
        patient_id=patient.pk,
        agreement_id=agreement.pk,
    )
    assert waits(cast, "unsigned_agreement") == [agreement.pk]
    (item,) = cases.items(cast.staff, "unsigned_agreement")
    assert item.label == f"{patient}, signature missing: patient, prescriber"
    assert item.target_at == item.opened_at + timedelta(days=7)
    clock.shift(MINUTE)
    sign(patient_signed_at=program_clock.now())
    (item,) = cases.items(cast.staff, "unsigned_agreement")
    assert item.label == f"{patient}, signature missing: prescriber"
    sign(prescriber_signed_at=program_clock.now())
    assert waits(cast, "unsigned_agreement") == []


def test_an_agreement_that_serves_nobody_any_more_waits_for_no_signature(
    clock: time_machine.Traveller, cast: Cast
) -> None:
    """A later one is complete, the patient died since, or it was withdrawn."""
    someone = [
        builders.enroll(
            cast.prescribing,
            identity=replace(
                builders.IDENTITY,
                given_name=name,
                born_on=date(1980, 1, day),
                phone="",
                email=f"{name.lower()}@patients.example",
            ),
            signatures=unsigned(),
        )
        for day, name in enumerate(("Fanny", "Greta", "Harriet", "Imogen"), start=1)
    ]
    followed, died, withdrawn, waiting = someone
    assert len(waits(cast, "unsigned_agreement")) == 4
    clock.shift(MINUTE)
    now = program_clock.now()
    complete = unsigned(patient_signed_at=now, prescriber_signed_at=now)
    evidence.renew_agreement(
        cast.prescribing, patient_id=followed.pk, program=PROGRAM, signatures=complete
    )
    evidence.record_death(
        cast.staff,
        patient_id=died.pk,
        happened_on=now.date(),
        reason="Unknown",
        said_by="A relative, by phone",
    )
    evidence.withdraw_entry(
        cast.prescribing,
        kind="agreement",
        entry_id=withdrawn.agreements.get().pk,
        reason="Of somebody else",
    )
    assert waits(cast, "unsigned_agreement") == [waiting.agreements.get().pk]


def test_a_message_that_reached_nobody_waits_until_it_is_settled_once(
    cast: Cast, patient: Patient
) -> None:
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    lost = Notice.objects.filter(state="scheduled").earliest("created_at")
    assert waits(cast, "undeliverable_notice") == []
    lost.state, lost.ended_reason = "undeliverable", "not_handed_over"
    lost.ended_at = program_clock.now()
    lost.save()
    (item,) = cases.items(cast.staff, "undeliverable_notice")
    assert item.subject_id == lost.pk
    assert lost.address not in item.label

    about: dict[str, Any] = {
        "program": PROGRAM,
        "kind": "undeliverable_notice",
        "subject_id": lost.pk,
    }
    with pytest.raises(InvalidRequest):
        services.settle(cast.staff, **about, note=" ")
    services.settle(cast.staff, **about, note="Told by telephone")
    assert waits(cast, "undeliverable_notice") == []
    with pytest.raises(Conflict, match="waits no longer"):
        services.settle(cast.staff, **about, note="Again")


def test_what_ends_with_its_record_is_never_settled_by_hand(cast: Cast, patient: Patient) -> None:
    builders.contraception(cast.prescribing, patient, lapse=True)
    (intervention,) = waits(cast, "intervention")
    with pytest.raises(Conflict, match="ends with its record"):
        services.settle(
            cast.staff,
            program=PROGRAM,
            kind="intervention",
            subject_id=intervention,
            note="Looked away",
        )
    assert waits(cast, "intervention") == [intervention]


def test_the_patients_of_a_prescriber_who_lost_the_certification_wait_from_then_on(
    clock: time_machine.Traveller, cast: Cast, patient: Patient
) -> None:
    """L-ENR-5."""
    other = builders.certified_prescriber(cast.administrator, serial=2)
    clock.shift(timedelta(days=3))
    providers.change_prescriber_standing(
        cast.administrator, prescriber_id=cast.prescriber.pk, event="decertify", reason="Retired"
    )
    (item,) = cases.items(cast.staff, "stranded_patient")
    assert (item.subject_id, item.opened_at) == (patient.pk, program_clock.now())
    clock.shift(MINUTE)
    evidence.hand_over_patients(
        cast.staff,
        from_prescriber_id=cast.prescriber.pk,
        to_prescriber_id=other.pk,
        reason="Retired",
    )
    assert waits(cast, "stranded_patient") == []


def test_the_patients_of_a_prescriber_who_left_wait_and_nobody_acts_for_who_is_gone(
    clock: time_machine.Traveller, cast: Cast, patient: Patient
) -> None:
    """L-ENR-5, L-SUR-1: as certified as before, but nobody signs in as them any more."""
    named = providers.name_delegate(
        cast.prescribing, email="dee@practice.example", given_name="Dee", family_name="Legate"
    )
    assert len(roles_held(named.delegate)) == 1
    clock.shift(timedelta(days=3))
    own = Membership.objects.get(user=cast.prescriber.user, role="prescriber")
    accounts.end_membership(cast.staff, membership_id=own.pk, reason="Retired")
    (item,) = cases.items(cast.staff, "stranded_patient")
    assert (item.subject_id, item.opened_at) == (patient.pk, program_clock.now())
    assert roles_held(named.delegate) == []


def test_a_step_of_a_cases_follow_up_waits_a_week_before_its_day_ends(
    clock: time_machine.Traveller, cast: Cast, patient: Patient
) -> None:
    """L-PRG-2: its target is the last instant of its day in the program's zone."""
    builders.pregnancy_test(cast.prescribing, patient, result="positive")
    step = patient.pregnancycase_set.get().steps.filter(ended_at=None).latest("due_on")
    calendar = policy_in_force(PROGRAM, program_clock.now()).calendar
    end_of_day = calendar.end_of_day(step.due_on.toordinal())

    clock.move_to(end_of_day - timedelta(days=7, microseconds=1))
    assert step.pk not in waits(cast, "case_follow_up")
    clock.move_to(end_of_day - timedelta(days=7))
    item = next(
        each for each in cases.items(cast.staff, "case_follow_up") if each.subject_id == step.pk
    )
    assert (item.target_at, item.patient_id) == (end_of_day, patient.pk)
    assert not item.is_overdue

    evidence.complete_case_step(cast.staff, step_id=step.pk, note="Called the specialist")
    assert step.pk not in waits(cast, "case_follow_up")


def test_an_outage_waits_while_an_entry_of_it_is_unchecked(
    clock: time_machine.Traveller, cast: Cast, patient: Patient
) -> None:
    """The queue finds the same outages as the reconciliation itself."""
    outage = eligibility.declare_outage(
        cast.administrator,
        from_at=program_clock.now(),
        parts=["pages"],
        description="Nobody can sign in",
    )
    clock.shift(timedelta(hours=2))
    assert waits(cast, "outage_reconciliation") == []
    eligibility.end_outage(cast.administrator, outage_id=outage.pk, until_at=program_clock.now())
    clock.shift(timedelta(hours=1))
    # Collected in the outage, entered after it.
    test = builders.negative_test(cast.prescribing, patient, ago=timedelta(hours=2))

    def both() -> list[UUID]:
        found = waits(cast, "outage_reconciliation")
        assert found == [each.pk for each, _ in reconciliation.waiting(program_clock.now())]
        return found

    assert both() == [outage.pk]
    (item,) = cases.items(cast.staff, "outage_reconciliation")
    assert item.opened_at == Outage.objects.get().until_at
    eligibility.check_outage_entry(
        cast.staff,
        outage_id=outage.pk,
        subject_model="evidence.pregnancytest",
        subject_id=test.pk,
        note="Agrees with the fax",
    )
    assert both() == []
