"""Every decision is kept with the facts that it used, and gives the same answer ever after."""

import hashlib
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

import pytest
import time_machine

from apps.audit.models import Event
from apps.core import clock
from apps.core.call import ActorKind
from apps.core.command import Run
from apps.core.errors import InvalidRequest, NotAllowed, NotFound, TooManyRequests
from apps.eligibility import deciding, facts
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision, FactsDocument
from apps.eligibility.services.verifying import MISS, MISSES_ALLOWED, MISSES_ALLOWED_TOGETHER
from apps.evidence import services as evidence
from apps.patients import services as patients
from apps.prescriptions.models import Authorization
from apps.rules.facts import parse_facts
from apps.rules.policy import policy_in_force
from tests import builders

pytestmark = pytest.mark.django_db


def check(
    cast: builders.Cast, authorization: Authorization, **fields: Any
) -> eligibility.Verification:
    asked: dict[str, Any] = {
        "pharmacy_id": cast.pharmacy.pk,
        "number": authorization.number,
        "born_on": authorization.patient.born_on,
        "prescription": Prescription(risk_category="adult_frp"),
    }
    return eligibility.verify(cast.dispensing, **{**asked, **fields})


def everything_happens(cast: builders.Cast) -> Authorization:
    """A patient with an entry of every kind, and decisions of every kind, allowed and refused."""
    call = cast.prescribing
    authorization = builders.authorized_frp(cast)
    patient = authorization.patient
    evidence.record_health_status(
        call, patient_id=patient.pk, cycle="irregular", breastfeeding=False,
        advisory_flags=["digoxin"],
    )  # fmt: skip
    builders.request(call, patient, "adult_frp")
    check(cast, authorization)
    check(cast, authorization, prescription=Prescription(risk_category="adult_male"))
    confirmation = builders.confirm(cast.dispensing, authorization).confirmation
    assert confirmation is not None
    builders.confirm(cast.dispensing, authorization)
    builders.dispense(cast.dispensing, confirmation, risk_category="adult_male")
    made = builders.dispense(cast.dispensing, confirmation).dispense
    assert made is not None
    eligibility.return_to_stock(
        cast.dispensing, dispense_id=made.pk, never_left_premises=True, reason="Never collected"
    )
    test = builders.negative_test(call, patient)
    evidence.withdraw_pregnancy_test(call, test_id=test.pk, reason="Another patient's")
    builders.pregnancy_test(call, patient, result="indeterminate")
    builders.pregnancy_test(call, patient, result="positive")
    builders.contraception(call, patient, lapse=True)
    evidence.report_bleeding(
        call, patient_id=patient.pk, reported_at=clock.now(), kind="abnormal_bleeding"
    )
    case = patient.pregnancycase_set.get()
    evidence.close_pregnancy_case(
        cast.administrator,
        case_id=case.pk,
        outcome="lost_to_follow_up",
        reason="No answer",
        waiver="Nobody can be reached",
    )
    builders.request(call, patient, "adult_frp", days_supply=-3)
    check(cast, authorization)
    return authorization


def test_every_stored_decision_replays_to_itself(cast: builders.Cast) -> None:
    everything_happens(cast)
    decisions = Decision.objects.select_related("facts")
    assert {(decision.act, decision.allowed) for decision in decisions} == {
        (act, allowed)
        for act in ("authorize", "verify", "confirm", "dispense")
        for allowed in (True, False)
    }
    for decision in decisions:
        assert deciding.replay(decision) == decision.document
        assert decision.allowed == decision.document["allowed"]


def test_the_facts_that_are_built_are_always_valid_facts(cast: builders.Cast) -> None:
    patient = everything_happens(cast).patient
    policy = policy_in_force(builders.PROGRAM, clock.now())
    for stored in FactsDocument.objects.all():
        parse_facts(stored.document, policy)
    built = facts.for_authorize([patient.pk], program=builders.PROGRAM, now=clock.now())
    document = built[patient.pk]
    lists = {key: value for key, value in document.items() if isinstance(value, list)}
    assert {key for key, value in lists.items() if not value} == {"overrides"}
    document["request"] = {"product": "lenalidomide", "strength_mg": 25, "days_supply": 28}
    parse_facts(document, policy)


def test_entries_are_told_in_the_order_of_what_happened_however_they_were_entered(
    cast: builders.Cast,
) -> None:
    told = []
    with time_machine.travel(clock.real_now(), tick=False):
        for name, born_on, results in (
            ("Ann", date(1985, 1, 1), ["negative", "indeterminate"]),
            ("Zoe", date(1990, 7, 9), ["indeterminate", "negative"]),
        ):
            identity = patients.Identity(
                given_name=name,
                family_name=f"{name}-Synthetic",
                born_on=born_on,
                postal_code="10001",
            )
            patient = builders.enroll(cast.prescribing, identity=identity)
            for result in results:
                builders.pregnancy_test(cast.prescribing, patient, result=result)
            builders.negative_test(cast.prescribing, patient, ago=timedelta(days=40))
            built = facts.for_authorize([patient.pk], program=builders.PROGRAM, now=clock.now())
            told.append(built[patient.pk]["pregnancy_tests"])
    first, second = told
    collected = [test["collected_at"] for test in first]
    assert collected == sorted(collected)
    assert first == second


def test_the_facts_hold_no_name_and_no_contact(cast: builders.Cast) -> None:
    patient = everything_happens(cast).patient
    stored = " ".join(
        deciding.canonical(document)
        for document in FactsDocument.objects.values_list("document", flat=True)
    )
    for secret in (patient.given_name, patient.family_name, patient.email, patient.phone):
        assert secret not in stored


def test_anybody_can_compute_the_digest_of_facts_without_our_software(cast: builders.Cast) -> None:
    everything_happens(cast)
    for stored in FactsDocument.objects.all():
        text = json.dumps(
            stored.document, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        assert hashlib.sha256(text.encode()).hexdigest() == stored.digest


def test_equal_facts_are_stored_once(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    first = Decision.objects.get(pk=check(cast, authorization).decision_id)
    run = Run(cast.dispensing, operation_id=first.operation_id)
    run.read_clock()

    second = deciding.keep(
        run,
        act="verify",
        patient_id=first.patient_id,
        facts=first.facts.document,
        decision=first.document,
        policy=policy_in_force(builders.PROGRAM, run.now),
        authorization=authorization,
    )

    assert second.facts_id == first.facts_id
    assert deciding.digest_of(deciding.canonical(first.facts.document)) == first.facts_id
    assert FactsDocument.objects.filter(pk=first.facts_id).count() == 1


def test_a_refused_request_is_kept_and_issues_nothing(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    refused = builders.request(cast.prescribing, patient, "adult_frp")
    assert not refused.allowed
    assert refused.authorization is None
    assert {"L-PT-1", "L-PT-2", "L-CON-1", "L-CON-6", "L-SUR-2", "L-SUR-4"} <= set(
        refused.document["unmet"]
    )
    assert not patient.authorizations.exists()
    assert Event.objects.filter(code="authorization_refused", subject_id=str(refused.pk)).exists()


def test_a_check_changes_nothing_but_leaves_its_decision_and_an_event(cast: builders.Cast) -> None:
    """L-DSP-1: verifying is no more than a look."""
    authorization = builders.authorized_frp(cast)
    before = authorization.patient.latest_recorded_at
    checked = check(cast, authorization)
    authorization.refresh_from_db()
    authorization.patient.refresh_from_db()
    assert authorization.state == "issued"
    assert authorization.patient.latest_recorded_at == Authorization.objects.get().issued_at
    assert before <= authorization.patient.latest_recorded_at
    event = Event.objects.get(code="eligibility_checked")
    assert event.subject_id == str(checked.decision_id)
    assert event.organization_id == cast.pharmacy.organization_id
    assert event.patient_id == authorization.patient_id


def test_a_check_is_asked_for_the_own_pharmacy_alone(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    other = builders.certified_pharmacy(cast.administrator, serial=2)
    with pytest.raises(NotFound):
        check(cast, authorization, pharmacy_id=other.pk)


def test_only_a_pharmacy_checks(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    with pytest.raises(NotAllowed):
        eligibility.verify(
            cast.prescribing,
            pharmacy_id=cast.pharmacy.pk,
            number=authorization.number,
            born_on=authorization.patient.born_on,
            prescription=Prescription(risk_category="adult_frp"),
        )


@pytest.mark.parametrize(
    ("prescription", "field"),
    [
        (Prescription(risk_category="adult"), "risk_category"),
        (Prescription(risk_category="adult_frp", strength_mg=0), "strength_mg"),
        (Prescription(risk_category="adult_frp", strength_mg="NaN"), "strength_mg"),
    ],
)
def test_a_prescription_that_cannot_be_is_refused_whatever_the_number(
    cast: builders.Cast, prescription: Prescription, field: str
) -> None:
    authorization = builders.authorized_frp(cast)
    for number in (authorization.number, "000000000000"):
        with pytest.raises(InvalidRequest) as refusal:
            check(cast, authorization, number=number, prescription=prescription)
        assert set(refusal.value.fields) == {field}
        with pytest.raises(InvalidRequest):
            eligibility.confirm(
                cast.dispensing,
                number=number,
                born_on=authorization.patient.born_on,
                prescription=prescription,
                handover="pickup",
            )


@pytest.mark.parametrize("days", [-1, 0, 29, 10**12])
def test_any_number_of_days_is_judged(cast: builders.Cast, days: int) -> None:
    authorization = builders.authorized_frp(cast)
    asked = Prescription(risk_category="adult_frp", days_supply=days)
    assert check(cast, authorization, prescription=asked).decision["unmet"] == ["L-DSP-6"]


def test_repeated_misses_are_throttled_and_seen_by_confirm_too(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    for _ in range(MISSES_ALLOWED // 2):
        with pytest.raises(NotFound):
            check(cast, authorization, number="000000000000")
        with pytest.raises(NotFound):
            builders.confirm(cast.dispensing, authorization, born_on=builders.today())
    with pytest.raises(TooManyRequests) as refusal:
        check(cast, authorization)
    assert refusal.value.retry_after > 0
    with pytest.raises(TooManyRequests):
        builders.confirm(cast.dispensing, authorization)
    misses = Event.objects.filter(code=MISS)
    assert misses.count() == MISSES_ALLOWED
    assert set(misses.values_list("organization_id", flat=True)) == {cast.pharmacy.organization_id}
    assert not misses.filter(patient_id__isnull=False).exists()


def test_who_misses_again_and_again_does_not_stop_the_colleagues(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    for _ in range(MISSES_ALLOWED):
        with pytest.raises(NotFound):
            check(cast, authorization, number="000000000000")
    with pytest.raises(TooManyRequests):
        check(cast, authorization)

    colleague = replace(cast.dispensing, actor=replace(cast.dispensing.actor, id=uuid4()))
    assert check(replace(cast, dispensing=colleague), authorization).decision["allowed"]


def test_who_works_at_several_sites_misses_no_more_often(cast: builders.Cast) -> None:
    """Else whoever serves twenty sites would guess a date of birth twenty times as fast."""
    authorization = builders.authorized_frp(cast)

    def at_site(number: int) -> builders.Cast:
        actor = replace(cast.dispensing.actor, organization_id=uuid5(NAMESPACE_DNS, str(number)))
        return replace(cast, dispensing=replace(cast.dispensing, actor=actor))

    for number in range(MISSES_ALLOWED):
        with pytest.raises(NotFound):
            check(at_site(number), authorization, number="000000000000")
    for elsewhere in (at_site(0), at_site(99), cast):
        with pytest.raises(TooManyRequests):
            check(elsewhere, authorization)
        with pytest.raises(TooManyRequests):
            builders.confirm(elsewhere.dispensing, authorization)


def test_a_system_that_goes_wrong_stops_neither_people_nor_other_systems_nor_they_it(
    cast: builders.Cast,
) -> None:
    authorization = builders.authorized_frp(cast)

    def by(kind: ActorKind) -> builders.Cast:
        actor = replace(cast.dispensing.actor, id=uuid4(), kind=kind)
        return replace(cast, dispensing=replace(cast.dispensing, actor=actor))

    system, another = by(ActorKind.CLIENT), by(ActorKind.CLIENT)
    for _ in range(MISSES_ALLOWED_TOGETHER):
        with pytest.raises(NotFound):
            check(system, authorization, number="000000000000")
    with pytest.raises(TooManyRequests):
        check(system, authorization)
    assert check(cast, authorization).decision["allowed"]
    assert check(another, authorization).decision["allowed"]
    for _ in range(MISSES_ALLOWED_TOGETHER):
        with pytest.raises(NotFound):
            check(by(ActorKind.PERSON), authorization, number="000000000000")
    with pytest.raises(TooManyRequests):
        check(cast, authorization)
    assert check(another, authorization).decision["allowed"]
    assert builders.confirm(another.dispensing, authorization).confirmation is not None


@pytest.mark.parametrize("kind", [ActorKind.PERSON, ActorKind.CLIENT])
def test_a_pharmacy_that_misses_together_waits_together_and_a_system_counts_as_many(
    cast: builders.Cast, kind: ActorKind
) -> None:
    authorization = builders.authorized_frp(cast)

    def of_another() -> builders.Cast:
        another = uuid4() if kind is ActorKind.PERSON else cast.dispensing.actor.id
        actor = replace(cast.dispensing.actor, id=another, kind=kind)
        return replace(cast, dispensing=replace(cast.dispensing, actor=actor))

    for _ in range(MISSES_ALLOWED_TOGETHER):
        with pytest.raises(NotFound):
            check(of_another(), authorization, number="000000000000")
    with pytest.raises(TooManyRequests):
        check(of_another(), authorization)
