"""L-PAT-1: two records become one lifelong id, keeping every entry and the stricter hold."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from apps.core import clock
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.core.models import Operation
from apps.eligibility import facts, selectors
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.evidence import selectors as records
from apps.evidence import services as evidence
from apps.notices.models import Notice
from apps.patients import selectors as patients
from apps.patients import services as enrolling
from apps.patients.models import Patient, PatientMerge
from apps.patients.resemblances import undecided_resemblances
from apps.patients.services import Merged, NotDuplicate
from apps.prescriptions.models import Authorization, Dispense
from apps.rules.facts import parse_facts
from apps.rules.policy import policy_in_force
from tests import builders
from tests.builders import PROGRAM

pytestmark = pytest.mark.django_db

Cast = builders.Cast


def another(cast: Cast, patient: Patient, category: str = "adult_frp") -> Patient:
    """The same person once more, under another name."""
    identity = replace(builders.IDENTITY, given_name="Greta")
    alike = NotDuplicate(patient.pk, "She says so")
    return builders.enroll(cast.prescribing, category, identity, not_duplicates=(alike,))


def merge(cast: Cast, kept: Patient, merged: Patient) -> PatientMerge:
    return evidence.merge_patients(
        cast.staff, kept_id=kept.pk, merged_id=merged.pk, reason="One person"
    )


def facts_of(patient: Patient) -> dict[str, Any]:
    return facts.for_authorize([patient.pk], program=PROGRAM, now=clock.now())[patient.pk]


def test_every_entry_of_both_is_among_the_facts_of_the_kept_one_l_pat_1(cast: Cast) -> None:
    kept = builders.ready_frp(cast.prescribing)
    merged = another(cast, kept)
    builders.pregnancy_test(cast.prescribing, merged, result="indeterminate")
    builders.contraception(cast.prescribing, merged, lapse=True)
    evidence.report_bleeding(
        cast.prescribing, patient_id=merged.pk, reported_at=clock.now(), kind="missed_period"
    )
    before, theirs = facts_of(kept), facts_of(merged)
    merge(cast, kept, merged)
    after = facts_of(kept)
    for key in before:
        if isinstance(before[key], list):
            assert len(after[key]) == len(before[key]) + len(theirs[key]), key


def test_the_hold_of_either_record_holds_for_the_kept_one_l_pat_1(cast: Cast) -> None:
    kept = builders.ready_frp(cast.prescribing)
    merged = another(cast, kept)
    builders.pregnancy_test(cast.prescribing, merged, result="positive")
    merge(cast, kept, merged)
    outlook = selectors.outlook(cast.prescribing.actor, [kept.pk], PROGRAM)[kept.pk]
    assert "pregnancy_hold" in selectors.holds(outlook)
    decision = builders.request(cast.prescribing, kept, "adult_frp")
    assert decision.authorization is None


def test_what_is_open_of_both_is_void(cast: Cast) -> None:
    first = builders.authorized_frp(cast)
    second_patient = another(cast, first.patient)
    builders.make_ready_frp(cast.prescribing, second_patient)
    second = builders.request(cast.prescribing, second_patient, "adult_frp").authorization
    assert second is not None
    merge(cast, first.patient, second_patient)
    for authorization in (first, second):
        authorization.refresh_from_db()
        assert (authorization.state, authorization.ended_reason) == ("void", "records_merged")


def test_a_merged_record_takes_no_command_and_names_the_kept_one_l_pat_1(cast: Cast) -> None:
    kept = builders.enroll(cast.prescribing)
    merged = another(cast, kept)
    merge(cast, kept, merged)
    for act in (
        lambda: builders.negative_test(cast.prescribing, merged),
        lambda: builders.request(cast.prescribing, merged, "adult_frp"),
        lambda: merge(cast, merged, kept),
        lambda: evidence.report_pregnancy(
            cast.staff,
            patient_id=merged.pk,
            subject="patient",
            reported_at=clock.now(),
            source="A call",
        ),
    ):
        with pytest.raises(Merged, match=str(kept.pk)):
            act()
    assert facts.for_authorize([merged.pk], program=PROGRAM, now=clock.now()) == {}


def test_a_stranger_learns_nothing_of_a_merge(cast: Cast) -> None:
    kept = builders.enroll(cast.prescribing)
    merged = another(cast, kept)
    merge(cast, kept, merged)
    stranger = builders.prescribing_call(
        builders.certified_prescriber(cast.administrator, serial=2)
    )
    with pytest.raises(NotFound):
        builders.negative_test(stranger, merged)


def test_the_number_of_a_merged_record_answers_through_the_void_l_pat_1(cast: Cast) -> None:
    authorization = builders.authorized_frp(cast)
    kept = another(cast, authorization.patient)
    merge(cast, kept, authorization.patient)
    answer = eligibility.verify(
        cast.dispensing,
        pharmacy_id=cast.pharmacy.pk,
        number=authorization.number,
        born_on=authorization.patient.born_on,
        prescription=Prescription("adult_frp"),
    )
    assert not answer.decision["allowed"]
    assert "L-AUT-7" in answer.decision["unmet"]
    confirmed = builders.confirm(cast.dispensing, authorization)
    assert confirmed.confirmation is None


@pytest.mark.parametrize(
    ("kept_category", "merged_category", "expected"),
    [
        ("adult_fnrp", "adult_frp", "adult_frp"),
        ("adult_male", "adult_frp", "adult_frp"),
        ("adult_frp", "adult_fnrp", "adult_frp"),
        ("adult_male", "adult_fnrp", "adult_fnrp"),
        ("adult_fnrp", "adult_male", "adult_fnrp"),
    ],
)
def test_the_kept_record_takes_the_stricter_category(
    cast: Cast, kept_category: str, merged_category: str, expected: str
) -> None:
    kept = builders.enroll(cast.prescribing, kept_category)
    merged = another(cast, kept, merged_category)
    merge(cast, kept, merged)
    assert patients.current_category(kept).risk_category == expected
    changed = kept.categories.filter(reason="Merged").exists()
    assert changed is (expected != kept_category)


def test_a_woman_kept_off_the_path_cannot_be_authorized_without_what_the_path_asks(
    cast: Cast,
) -> None:
    """The stricter category brings all of its requirements (fail closed)."""
    kept = builders.enroll(cast.prescribing, "adult_fnrp")
    merged = another(cast, kept)
    merge(cast, kept, merged)
    unmet = builders.request(cast.prescribing, kept, "adult_frp").document["unmet"]
    assert {"L-PT-1", "L-PT-2", "L-CON-2"} <= set(unmet)


def test_breastfeeding_on_either_record_blocks_whatever_came_later(cast: Cast) -> None:
    kept = builders.enroll(cast.prescribing)
    merged = another(cast, kept)
    for patient, breastfeeding in ((merged, True), (kept, False)):
        evidence.record_health_status(
            cast.prescribing, patient_id=patient.pk, cycle="regular", breastfeeding=breastfeeding
        )
    merge(cast, kept, merged)
    assert facts_of(kept)["patient"]["breastfeeding"] is True


def late_dispense(cast: Cast, patient: Patient, at: Any) -> Dispense:
    """A dispense without a confirmation."""
    return Dispense.objects.create(
        program=PROGRAM,
        patient=patient,
        pharmacy=cast.pharmacy,
        dispensed_at=at,
        risk_category="adult_frp",
        authorized=False,
        reported_late=True,
        product="lenalidomide",
        strength_mg=25,
        days_supply=28,
        quantity=21,
        checklist={},
        medication_guide_given=False,
        handover="pickup",
        recorded_at=clock.now(),
        operation=Operation.objects.latest("started_at"),
    )


def test_two_dispenses_of_one_instant_on_two_records_both_count_as_supply_l_dsp_5(
    cast: Cast,
) -> None:
    kept = builders.enroll(cast.prescribing)
    merged = another(cast, kept)
    at = clock.now() - timedelta(days=3)
    late_dispense(cast, kept, at)
    late_dispense(cast, merged, at)
    merge(cast, kept, merged)
    document = facts_of(kept)
    assert len({each["dispensed_at"] for each in document["dispenses"]}) == 2
    outlook = selectors.outlook(cast.prescribing.actor, [kept.pk], PROGRAM)
    assert outlook[kept.pk]["requirements"]


def test_an_exception_of_the_merged_record_loosens_nothing_for_the_kept_one(cast: Cast) -> None:
    document = facts_of(builders.enroll(cast.prescribing))
    assert document["overrides"] == []
    sql = facts.FOR_AUTHORIZE
    assert "evidence_ruleexception r WHERE r.patient_id = p.id" in sql


def test_a_survey_of_the_merged_record_serves_one_authorization_only(cast: Cast) -> None:
    merged = builders.enroll(cast.prescribing)
    builders.survey(cast.prescribing, merged, "adult_frp")
    kept = another(cast, merged)
    merge(cast, kept, merged)
    builders.contraception(cast.prescribing, kept, since=builders.today() - timedelta(days=40))
    builders.negative_test(cast.prescribing, kept, ago=timedelta(days=11))
    builders.negative_test(cast.prescribing, kept, ago=timedelta(hours=2))
    builders.obligations(cast.prescribing, kept)
    builders.counseling(cast.prescribing, kept)
    decision = builders.request(cast.prescribing, kept, "adult_frp")
    assert decision.authorization is not None, decision.document["unmet"]
    (survey,) = facts_of(kept)["patient_surveys"]
    assert survey["used"] is True


def test_what_a_merged_record_left_open_is_worked_under_the_kept_one(cast: Cast) -> None:
    kept = builders.enroll(cast.prescribing)
    merged = another(cast, kept)
    test = builders.pregnancy_test(cast.prescribing, merged, result="positive")
    builders.contraception(cast.prescribing, merged, lapse=True)
    merge(cast, kept, merged)
    before = Patient.objects.get(pk=kept.pk).latest_recorded_at
    evidence.withdraw_pregnancy_test(cast.administrator, test_id=test.pk, reason="A mix-up")
    case = merged.pregnancycase_set.get()
    evidence.close_pregnancy_case(
        cast.administrator, case_id=case.pk, outcome="not_pregnant", reason="Adjudicated"
    )
    assert Patient.objects.get(pk=kept.pk).latest_recorded_at > before
    assert facts_of(kept)["pregnancy_cases"][0]["outcome"] == "not_pregnant"


def test_a_chain_of_merges_ends_at_one_record(cast: Cast) -> None:
    first = builders.enroll(cast.prescribing)
    builders.obligations(cast.prescribing, first)
    second = another(cast, first)
    merge(cast, second, first)
    third = builders.enroll(
        cast.prescribing,
        identity=replace(builders.IDENTITY, given_name="Hanna"),
        not_duplicates=(NotDuplicate(second.pk, "She says so"),),
    )
    merge(cast, third, second)
    first.refresh_from_db()
    assert first.merged_into_id == third.pk
    assert len(facts_of(third)["obligations"]) == 1
    assert patients.kept(first.pk) == third.pk


def test_the_record_of_the_kept_one_shows_the_entries_of_both(cast: Cast) -> None:
    kept = builders.enroll(cast.prescribing)
    merged = another(cast, kept)
    builders.obligations(cast.prescribing, kept)
    builders.obligations(cast.prescribing, merged)
    merge(cast, kept, merged)
    record = records.record_of(cast.prescribing.actor, kept.pk, PROGRAM)
    assert len(record.obligations) == 2


def test_a_merged_record_is_listed_for_nobody_s_work(cast: Cast) -> None:
    kept = builders.enroll(cast.prescribing)
    merged = another(cast, kept)
    merge(cast, kept, merged)
    assert set(patients.registered_to(cast.prescribing.actor)) == {kept}
    assert set(patients.visible_to(cast.prescribing.actor)) == {kept, merged}


def test_a_merge_is_of_two_with_a_reason_and_by_the_staff(cast: Cast) -> None:
    kept = builders.enroll(cast.prescribing)
    with pytest.raises(InvalidRequest):
        merge(cast, kept, kept)
    with pytest.raises(NotFound):
        evidence.merge_patients(cast.staff, kept_id=kept.pk, merged_id=uuid4(), reason="x")
    other = another(cast, kept)
    with pytest.raises(InvalidRequest):
        evidence.merge_patients(cast.staff, kept_id=kept.pk, merged_id=other.pk, reason=" ")
    with pytest.raises(NotAllowed):
        evidence.merge_patients(
            cast.prescribing, kept_id=kept.pk, merged_id=other.pk, reason="Mine"
        )


def test_both_prescribers_are_told_of_a_merge(cast: Cast) -> None:
    kept = builders.enroll(cast.prescribing)
    other = builders.certified_prescriber(cast.administrator, serial=2)
    merged = another(replace(cast, prescribing=builders.prescribing_call(other)), kept)
    merge(cast, kept, merged)
    told = Notice.objects.filter(template="records_merged")
    assert {notice.recipient_id for notice in told} == {cast.prescriber.pk, other.pk}


def test_who_resembles_a_merged_record_resembles_the_kept_one(cast: Cast) -> None:
    merged = builders.enroll(cast.prescribing)
    kept = another(cast, merged)
    merge(cast, kept, merged)
    with pytest.raises(enrolling.LikelyDuplicates) as likely:
        builders.enroll(cast.prescribing)
    assert [found.patient for found in likely.value.resemblances] == [kept]


def test_resemblances_that_nobody_decided_wait_for_the_staff_until_they_do_l_pat_1(
    cast: Cast,
) -> None:
    one = builders.enroll(cast.prescribing)
    other = builders.enroll(
        cast.prescribing,
        identity=replace(
            builders.IDENTITY, family_name="Other", postal_code="90001", phone="", email=""
        ),
    )
    assert undecided_resemblances(cast.staff.actor) == []
    enrolling.correct_contact(
        cast.staff,
        patient_id=other.pk,
        postal_code="10001",
        phone="",
        email="",
        time_zone="America/New_York",
    )
    (found,) = undecided_resemblances(cast.staff.actor)
    assert {found.patient_id, found.resembles_id} == {one.pk, other.pk}
    assert found.alike_in == ("date of birth", "contact")
    assert undecided_resemblances(cast.prescribing.actor) == []
    enrolling.decide_not_duplicate(
        cast.staff, patient_id=other.pk, resembles_id=one.pk, reason="Two persons"
    )
    assert undecided_resemblances(cast.staff.actor) == []
    with pytest.raises(Conflict):
        enrolling.decide_not_duplicate(
            cast.staff, patient_id=one.pk, resembles_id=other.pk, reason="Two persons"
        )


def test_who_is_alike_in_everything_waits_for_the_staff_whatever_was_said_at_enrollment_l_pat_1(
    cast: Cast,
) -> None:
    one = builders.enroll(cast.prescribing)
    alike = (NotDuplicate(one.pk, "Another person, in a hurry"),)
    other = builders.enroll(cast.prescribing, not_duplicates=alike)
    (found,) = undecided_resemblances(cast.staff.actor)
    assert found.alike_in == ("name", "date of birth", "contact")
    ids = {"patient_id": other.pk, "resembles_id": one.pk}
    enrolling.decide_not_duplicate(cast.staff, **ids, reason="Father's namesake, both seen")
    assert undecided_resemblances(cast.staff.actor) == []
    with pytest.raises(Conflict):
        enrolling.decide_not_duplicate(cast.staff, **ids, reason="Once more")


def test_merging_ends_the_wait_of_a_resemblance(cast: Cast) -> None:
    one = builders.enroll(cast.prescribing)
    other = another(cast, one)
    merge(cast, one, other)
    assert undecided_resemblances(cast.staff.actor) == []


def test_facts_of_a_merged_history_are_valid_for_the_rules(cast: Cast) -> None:
    kept = builders.ready_frp(cast.prescribing)
    merged = another(cast, kept)
    builders.make_ready_frp(cast.prescribing, merged)
    merge(cast, kept, merged)
    decision = builders.request(cast.prescribing, kept, "adult_frp")
    document = decision.facts.document
    read = parse_facts(document, policy_in_force(PROGRAM, clock.now()))
    assert len(read.pregnancy_tests) == 4
    assert decision.authorization is not None, decision.document["unmet"]
    assert Authorization.objects.filter(state="issued").count() == 1


def test_the_age_of_the_kept_record_decides(cast: Cast) -> None:
    """A category whose age does not fit blocks until the prescriber sorts it out (L-CAT-1)."""
    kept = builders.enroll(cast.prescribing, "child_frp")
    merged = another(cast, kept)
    merge(cast, kept, merged)
    assert patients.current_category(kept).risk_category == "child_frp"
    assert kept.born_on > date(2000, 1, 1)
