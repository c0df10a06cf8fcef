"""L-SRC-3: what was wrong is withdrawn with a reason or moved; L-SRC-2: a date is remembered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from apps.audit.models import Event
from apps.core import clock
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import facts
from apps.evidence import services as evidence
from apps.evidence.models import ObligationsAttestation, PregnancyCase, PregnancyTest
from apps.patients.models import Patient
from apps.patients.services import NotDuplicate
from tests import builders
from tests.builders import PROGRAM

pytestmark = pytest.mark.django_db

Cast = builders.Cast


def another(cast: Cast, patient: Patient, **fields: Any) -> Patient:
    """A second patient of the same prescriber."""
    identity = replace(builders.IDENTITY, given_name="Greta")
    return builders.enroll(
        cast.prescribing,
        identity=identity,
        not_duplicates=(NotDuplicate(patient.pk, "Twin sister"),),
        **fields,
    )


def facts_of(patient: Patient) -> dict[str, Any]:
    return facts.for_authorize([patient.pk], program=PROGRAM, now=clock.now())[patient.pk]


def health(cast: Cast, patient: Patient) -> Any:
    return evidence.record_health_status(
        cast.prescribing, patient_id=patient.pk, cycle="irregular", breastfeeding=False
    )


KINDS: list[tuple[str, str, Callable[[Patient], Any]]] = [
    ("obligations", "obligations", lambda patient: patient.obligationsattestation_set.get()),
    ("counseling", "counseling", lambda patient: patient.counseling_set.get()),
    ("patient_survey", "patient_surveys", lambda patient: patient.patientsurvey_set.get()),
    ("agreement", "agreements", lambda patient: patient.agreements.get()),
]


@pytest.mark.parametrize(("kind", "key", "entry_of"), KINDS)
def test_what_is_withdrawn_leaves_the_facts_and_voids_what_may_rest_on_it_l_src_3(
    cast: Cast, kind: str, key: str, entry_of: Callable[[Patient], Any]
) -> None:
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    entry = entry_of(patient)
    assert facts_of(patient)[key]
    withdrawn = evidence.withdraw_entry(
        cast.prescribing, kind=kind, entry_id=entry.pk, reason="Another patient's"
    )
    assert withdrawn.withdrawal_reason == "Another patient's"
    assert not facts_of(patient)[key]
    authorization.refresh_from_db()
    assert (authorization.state, authorization.ended_reason) == ("void", "entry_withdrawn")
    with pytest.raises(Conflict):
        evidence.withdraw_entry(cast.staff, kind=kind, entry_id=entry.pk, reason="Again")


def test_a_withdrawn_health_status_gives_way_to_the_one_before(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    evidence.record_health_status(
        cast.prescribing, patient_id=patient.pk, cycle="regular", breastfeeding=True
    )
    wrong = health(cast, patient)
    assert facts_of(patient)["patient"]["breastfeeding"] is False
    evidence.withdraw_entry(
        cast.prescribing, kind="health_status", entry_id=wrong.pk, reason="Another patient's"
    )
    assert facts_of(patient)["patient"]["breastfeeding"] is True


def test_a_prescriber_s_side_withdraws_only_what_it_entered(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    colleague = builders.certified_prescriber(
        cast.administrator, serial=2, practice_id=cast.prescriber.practice_id
    )
    practice = cast.prescriber.practice
    practice.members_cover_each_other = True
    practice.save()
    entry = builders.obligations(cast.prescribing, patient)
    theirs = builders.prescribing_call(colleague)
    with pytest.raises(NotAllowed):
        evidence.withdraw_entry(theirs, kind="obligations", entry_id=entry.pk, reason="Wrong")
    evidence.withdraw_entry(cast.staff, kind="obligations", entry_id=entry.pk, reason="Wrong")


def test_a_stranger_s_entry_and_none_are_told_apart_nowhere(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    entry = builders.obligations(cast.prescribing, patient)
    stranger = builders.prescribing_call(
        builders.certified_prescriber(cast.administrator, serial=3)
    )
    for entry_id in (entry.pk, uuid4()):
        with pytest.raises(NotFound, match="no such entry"):
            evidence.withdraw_entry(stranger, kind="obligations", entry_id=entry_id, reason="x")


def test_an_entry_moves_to_the_right_person_with_its_real_time_l_src_3(cast: Cast) -> None:
    wrong = builders.enroll(cast.prescribing)
    right = another(cast, wrong)
    test = builders.negative_test(cast.prescribing, wrong, ago=timedelta(days=2))
    moved = evidence.move_entry(
        cast.prescribing,
        kind="pregnancy_test",
        entry_id=test.pk,
        to_patient_id=right.pk,
        reason="Twins mixed up",
    )
    test.refresh_from_db()
    assert test.withdrawal_reason == "Twins mixed up"
    assert isinstance(moved, PregnancyTest)
    assert (moved.patient, moved.collected_at) == (right, test.collected_at)
    event = Event.objects.get(code="entry_moved")
    assert event.data == {"from_patient": str(wrong.pk), "from_entry": str(test.pk)}


def test_a_moved_entry_still_remembers_that_only_its_day_is_known(cast: Cast) -> None:
    wrong = builders.enroll(cast.prescribing)
    right = another(cast, wrong)
    entry = evidence.record_obligations(
        cast.prescribing,
        patient_id=wrong.pk,
        attested_on=date(2026, 3, 8),
        condom=False,
        abstinence=True,
        no_sperm_donation=True,
        no_blood_donation=True,
        no_sharing=True,
    )
    moved = evidence.move_entry(
        cast.prescribing,
        kind="obligations",
        entry_id=entry.pk,
        to_patient_id=right.pk,
        reason="Twins mixed up",
    )
    assert isinstance(moved, ObligationsAttestation)
    assert (moved.date_only, moved.attested_at) == (True, entry.attested_at)


def test_moving_voids_what_rests_on_it_and_sets_off_what_follows(cast: Cast) -> None:
    authorization = builders.authorized_frp(cast)
    wrong = authorization.patient
    right = another(cast, wrong)
    positive = builders.pregnancy_test(cast.prescribing, right, result="positive")
    authorization.refresh_from_db()
    assert authorization.state == "issued"
    evidence.move_entry(
        cast.administrator,
        kind="pregnancy_test",
        entry_id=positive.pk,
        to_patient_id=wrong.pk,
        reason="Twins mixed up",
    )
    authorization.refresh_from_db()
    assert authorization.state == "void"
    assert PregnancyCase.objects.filter(patient=wrong, closed_at=None).exists()


def test_only_an_administrator_moves_a_positive_test(cast: Cast) -> None:
    wrong = builders.enroll(cast.prescribing)
    right = another(cast, wrong)
    test = builders.pregnancy_test(cast.prescribing, wrong, result="positive")
    for call in (cast.prescribing, cast.staff):
        with pytest.raises(NotAllowed):
            evidence.move_entry(
                call,
                kind="pregnancy_test",
                entry_id=test.pk,
                to_patient_id=right.pk,
                reason="Twins",
            )
    test.refresh_from_db()
    assert test.withdrawn_at is None


def test_the_staff_alone_move_nothing_that_would_make_the_other_one_eligible_l_src_1(
    cast: Cast,
) -> None:
    wrong = builders.enroll(cast.prescribing)
    right = another(cast, wrong)
    test = builders.negative_test(cast.prescribing, wrong)
    with pytest.raises(NotAllowed, match="second person"):
        evidence.move_entry(
            cast.staff,
            kind="pregnancy_test",
            entry_id=test.pk,
            to_patient_id=right.pk,
            reason="Twins",
        )
    test.refresh_from_db()
    assert test.withdrawn_at is None


def test_what_cannot_move_is_refused_and_nothing_changes(cast: Cast) -> None:
    wrong = builders.enroll(cast.prescribing)
    right = another(cast, wrong)
    agreement = wrong.agreements.get()
    with pytest.raises(InvalidRequest, match="cannot move"):
        evidence.move_entry(
            cast.prescribing,
            kind="agreement",
            entry_id=agreement.pk,
            to_patient_id=right.pk,
            reason="Twins",
        )
    test = builders.negative_test(cast.prescribing, wrong)
    with pytest.raises(InvalidRequest):
        evidence.move_entry(
            cast.prescribing,
            kind="pregnancy_test",
            entry_id=test.pk,
            to_patient_id=wrong.pk,
            reason="Twins",
        )
    test.refresh_from_db()
    assert test.withdrawn_at is None


def test_an_entry_that_the_other_one_cannot_have_stays_where_it_is(cast: Cast) -> None:
    wrong = builders.enroll(cast.prescribing)
    male = another(cast, wrong, risk_category="adult_male")
    report = evidence.report_bleeding(
        cast.prescribing, patient_id=wrong.pk, reported_at=clock.now(), kind="missed_period"
    )
    with pytest.raises(InvalidRequest, match="female"):
        evidence.move_entry(
            cast.prescribing,
            kind="bleeding_report",
            entry_id=report.pk,
            to_patient_id=male.pk,
            reason="Mixed up",
        )
    report.refresh_from_db()
    assert report.withdrawn_at is None


DATED: list[tuple[str, str, str]] = [
    ("negative", "2026-03-08T05:00:00+00:00", "2026-03-09T03:59:59.999999+00:00"),
    ("positive", "2026-03-08T05:00:00+00:00", "2026-03-09T03:59:59.999999+00:00"),
    (
        "indeterminate",
        "2026-03-09T03:59:59.999999+00:00",
        "2026-03-09T03:59:59.999999+00:00",
    ),
]


@pytest.mark.parametrize(("result", "collected", "resulted"), DATED)
def test_a_test_of_a_mere_date_takes_that_day_s_least_favorable_instant_l_src_2(
    cast: Cast, result: str, collected: str, resulted: str
) -> None:
    patient = builders.enroll(cast.prescribing)
    test = evidence.record_pregnancy_test(
        cast.prescribing,
        patient_id=patient.pk,
        collected_on=date(2026, 3, 8),
        resulted_on=date(2026, 3, 8),
        result=result,
        sensitivity_miu_ml=Decimal(25),
        specimen="serum",
    )
    assert test.date_only
    assert (test.collected_at.isoformat(), test.resulted_at.isoformat()) == (collected, resulted)


def test_an_indeterminate_specimen_is_never_younger_than_its_result(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    resulted = clock.now() - timedelta(days=30)
    test = evidence.record_pregnancy_test(
        cast.prescribing,
        patient_id=patient.pk,
        collected_on=builders.program_day(resulted),
        resulted_at=resulted,
        result="indeterminate",
        sensitivity_miu_ml=Decimal(25),
        specimen="serum",
    )
    assert test.collected_at <= test.resulted_at == resulted


def test_a_date_and_an_instant_together_are_refused(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest) as wrong:
        evidence.report_bleeding(
            cast.prescribing,
            patient_id=patient.pk,
            kind="missed_period",
            reported_at=clock.now(),
            reported_on=date(2026, 3, 8),
        )
    assert list(wrong.value.fields) == ["reported_at"]


def test_a_day_that_has_not_begun_is_refused_by_its_name(cast: Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest) as wrong:
        evidence.report_bleeding(
            cast.prescribing,
            patient_id=patient.pk,
            kind="missed_period",
            reported_on=builders.today() + timedelta(days=2),
        )
    assert list(wrong.value.fields) == ["reported_on"]
