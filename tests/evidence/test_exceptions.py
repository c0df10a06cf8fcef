"""Exceptions by two persons, each under their own sign-in (L-DSP-10)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from apps.audit.models import Event
from apps.core import clock
from apps.core.call import ActorKind, Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.eligibility import services as eligibility
from apps.evidence import services as evidence
from apps.evidence.models import ExceptionRequest, RuleException
from apps.notices.models import Notice
from apps.patients.models import Patient
from tests import builders
from tests.eligibility.supplies import DAY, dispensed_to, man, next_supply

pytestmark = [pytest.mark.django_db, pytest.mark.registered_at_start]


@pytest.fixture
def cast(cast: builders.Cast) -> Iterator[builders.Cast]:
    with time_machine.travel(builders.START, tick=True):
        yield cast


def ask(call: Call, patient: Patient, **changes: Any) -> ExceptionRequest:
    asked: dict[str, Any] = {
        "program": builders.PROGRAM,
        "rule": "L-DSP-5",
        "expires_at": clock.now() + DAY,
        "reason": "Travel",
        "asked_by": "Practice 1, by telephone",
        **changes,
    }
    return evidence.request_exception(call, patient_id=patient.pk, **asked)


def test_l_dsp_10_an_exception_holds_once_a_second_person_grants_it(cast: builders.Cast) -> None:
    patient = man(cast)
    dispensed_to(cast, patient)
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        request = ask(cast.staff, patient)
        assert "L-DSP-5" in next_supply(cast, patient).document["unmet"]
        exception = evidence.grant_exception(
            cast.administrator, request_id=request.pk, reason="Agreed"
        )
        authorization = patient.authorizations.latest("issued_at")
        assert builders.confirm(cast.dispensing, authorization).allowed
    assert exception.requested_by_id == cast.staff.actor.id
    assert exception.granted_by_id == cast.administrator.actor.id
    assert exception.expires_at == request.expires_at
    assert Event.objects.get(code="exception_requested").actor_id == cast.staff.actor.id
    assert Event.objects.get(code="exception_granted").actor_id == cast.administrator.actor.id


def test_l_dsp_10_an_exception_ends_at_its_end(cast: builders.Cast) -> None:
    patient = man(cast)
    dispensed_to(cast, patient)
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        builders.exception(cast, patient, days=1)
    with time_machine.travel(builders.START + 4 * DAY, tick=True):
        assert "L-DSP-5" in next_supply(cast, patient).document["unmet"]


def test_l_dsp_10_nobody_grants_or_refuses_their_own_request(cast: builders.Cast) -> None:
    request = ask(cast.staff, man(cast))
    for decide in (evidence.grant_exception, evidence.refuse_exception):
        with pytest.raises(NotAllowed, match="Another person"):
            decide(cast.staff, request_id=request.pk, reason="Agreed")
    assert not RuleException.objects.exists()


def test_l_dsp_10_only_who_requested_withdraws(cast: builders.Cast) -> None:
    request = ask(cast.staff, man(cast))
    with pytest.raises(NotAllowed, match="refuse it instead"):
        evidence.withdraw_exception_request(
            cast.administrator, request_id=request.pk, reason="Not needed"
        )
    withdrawn = evidence.withdraw_exception_request(
        cast.staff, request_id=request.pk, reason="Not needed"
    )
    assert withdrawn.state == "withdrawn"
    with pytest.raises(Conflict, match="withdrawn already"):
        evidence.grant_exception(cast.administrator, request_id=request.pk, reason="Agreed")


def test_l_dsp_10_a_refusal_changes_nothing_and_is_told(cast: builders.Cast) -> None:
    request = ask(cast.staff, man(cast))
    evidence.refuse_exception(cast.administrator, request_id=request.pk, reason="No need")
    assert not RuleException.objects.exists()
    assert Notice.objects.get(template="exception_decided").address == cast.prescriber.email
    assert Notice.objects.filter(template="exception_requested").exists()


@pytest.mark.parametrize("rule", ["L-PT-3", "L-PT-5", "L-PRG-1", "L-CON-1", "L-DSP-3", "nonsense"])
def test_l_dsp_10_never_from_tests_contraception_or_pregnancy(
    cast: builders.Cast, rule: str
) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        ask(cast.staff, man(cast), rule=rule)
    assert set(refusal.value.fields) == {"rule"}


def test_l_dsp_10_a_request_needs_a_reason_and_an_end_to_come(cast: builders.Cast) -> None:
    patient = man(cast)
    for wrong, field in (
        ({"reason": " "}, "reason"),
        ({"expires_at": clock.now()}, "expires_at"),
        ({"expires_at": clock.now() + 367 * DAY}, "expires_at"),
        ({"program": "unknown"}, "program"),
    ):
        with pytest.raises(InvalidRequest) as refusal:
            ask(cast.staff, patient, **wrong)
        assert set(refusal.value.fields) == {field}
    with pytest.raises(NotAllowed):
        ask(cast.prescribing, patient)
    with pytest.raises(NotFound):
        evidence.grant_exception(cast.staff, request_id=uuid4(), reason="Agreed")


def test_l_dsp_10_one_request_waits_for_a_rule(cast: builders.Cast) -> None:
    patient = man(cast)
    ask(cast.staff, patient)
    with pytest.raises(Conflict, match="waits"):
        ask(cast.administrator, patient)
    assert ask(cast.administrator, patient, rule="L-ENR-4").state == "requested"


def test_l_dsp_10_no_system_requests_or_grants(cast: builders.Cast) -> None:
    patient = man(cast)
    machine = replace(
        cast.administrator, actor=replace(cast.administrator.actor, kind=ActorKind.CLIENT)
    )
    with pytest.raises(NotAllowed, match="signed in"):
        ask(machine, patient)
    request = ask(cast.staff, patient)
    with pytest.raises(NotAllowed, match="signed in"):
        evidence.grant_exception(machine, request_id=request.pk, reason="Agreed")


def test_l_dsp_10_what_came_to_its_end_before_a_decision_is_requested_anew(
    cast: builders.Cast,
) -> None:
    request = ask(cast.staff, man(cast))
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        with pytest.raises(Conflict, match="anew"):
            evidence.grant_exception(cast.administrator, request_id=request.pk, reason="Agreed")
        refused = evidence.refuse_exception(
            cast.administrator, request_id=request.pk, reason="Over"
        )
    assert refused.state == "refused"


def test_l_dsp_10_a_later_exception_from_the_same_rule_ends_the_one_before(
    cast: builders.Cast,
) -> None:
    """So what two persons granted by mistake, two persons end."""
    patient = man(cast)
    dispensed_to(cast, patient)
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        builders.exception(cast, patient, days=90)
        request = ask(cast.staff, patient, expires_at=clock.now() + timedelta(minutes=1))
        evidence.grant_exception(cast.administrator, request_id=request.pk, reason="A mistake")
    with time_machine.travel(builders.START + 3 * DAY, tick=True):
        assert "L-DSP-5" in next_supply(cast, patient).document["unmet"]


def test_l_dsp_10_one_exception_from_the_supply_rule_serves_one_supply(
    cast: builders.Cast,
) -> None:
    """Else early supplies would pile up until its end (L-DSP-5)."""
    patient = man(cast)
    dispensed_to(cast, patient)
    with time_machine.travel(builders.START + 2 * DAY, tick=True):
        builders.exception(cast, patient, days=30)
        held = next_supply(cast, patient).confirmation
        assert held is not None
        early = builders.dispense(cast.dispensing, held).dispense
        assert early is not None
    with time_machine.travel(builders.START + 3 * DAY, tick=True):
        refused = next_supply(cast, patient)
        assert "L-DSP-5" in refused.document["unmet"]
        assert refused.authorization is not None
        eligibility.return_to_stock(
            cast.dispensing, dispense_id=early.pk, never_left_premises=True, reason="Not fetched"
        )
        assert builders.confirm(cast.dispensing, refused.authorization).allowed


def test_l_dsp_10_two_of_the_staff_suffice(cast: builders.Cast) -> None:
    colleague = builders.office_member(Role.STAFF, "colleague@program.example")
    request = ask(cast.staff, man(cast), expires_at=clock.now() + timedelta(hours=2))
    granted = evidence.grant_exception(colleague, request_id=request.pk, reason="Agreed")
    assert granted.granted_by_id == colleague.actor.id
