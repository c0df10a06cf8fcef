"""Every state machine in the services: each state, event and kind of actor, asked of the commands.

Moved as the table says, or refused with a reason and nothing changed. Authorizations, confirmations
and certified parties are asked the same in the tests of their own apps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Model

from apps.core import clock
from apps.core.call import SYSTEM_CALL, ActorKind, Call, Role, Signing, SigningMethod
from apps.core.errors import Conflict, NotAllowed, NotFound
from apps.core.models import Operation
from apps.evidence import services as evidence
from apps.evidence.models import Deviation, ExceptionRequest, Intake
from apps.notices import sending
from apps.notices import services as notices
from apps.notices.models import Notice
from apps.oversight import services as oversight
from apps.patients.models import CategoryChange, Patient
from apps.rules import lifecycle
from apps.rules.lifecycle import Lifecycle
from tests import builders
from tests.evidence import test_intakes as intakes
from tests.guards.standing import ask_for
from tests.notices import outbox
from tests.oversight import cases
from tests.visitors import give_code

pytestmark = pytest.mark.django_db

Cast = builders.Cast
Rows = Mapping[str, Model]
REFUSED = "No letter"


@dataclass(frozen=True)
class Machine:
    """A lifecycle table, a row in each state by the real commands, and each event's command."""

    table: Lifecycle
    rows: Callable[[Cast], Rows]
    events: Mapping[str, Callable[[Call, Any], object]]
    own: frozenset[str] = frozenset()
    """The events that only the one who made the row may bring about."""


def person(cast: Cast, serial: int, risk_category: str = "adult_frp") -> Patient:
    """An enrolled patient who resembles nobody."""
    name = "ABCDEFGHIJ"[serial] * 4
    identity = replace(
        builders.IDENTITY, given_name=name, family_name=name, born_on=date(1960 + serial, 5, 6),
        postal_code=f"3000{serial}", phone="", email="",
    )  # fmt: skip
    return builders.enroll(cast.prescribing, risk_category, identity=identity)


# --- A row in each state ------------------------------------------------------------------------


def less_monitoring(cast: Cast) -> Rows:
    """Changes that wait for an administrator, or did."""
    found = {
        state: ask_for(cast, person(cast, serial), "adult_fnrp", signed=True)
        for serial, state in enumerate(sorted(lifecycle.CATEGORY_CHANGE.states()))
    }
    decide(cast.administrator, found["approved"], "approve")
    decide(cast.administrator, found["refused"], "refuse")
    withdraw_change(cast.prescribing, found["withdrawn"])
    return found


def more_monitoring(cast: Cast) -> Rows:
    """Changes that wait for the patient's signature, or did."""
    found = {
        state: ask_for(cast, person(cast, serial, "adult_fnrp"), "adult_frp", signed=False)
        for serial, state in enumerate(sorted(lifecycle.CATEGORY_CHANGE.states()))
    }
    sign(cast.prescribing, found["approved"])
    decide(cast.administrator, found["refused"], "refuse")
    withdraw_change(cast.prescribing, found["withdrawn"])
    return found


def taken_in(cast: Cast) -> Rows:
    found = {
        state: intakes.enter(cast, person(cast, serial))
        for serial, state in enumerate(("waiting", "accepted", "refused"))
    }
    accept_intake(cast.administrator, found["accepted"])
    refuse_intake(cast.administrator, found["refused"])
    harm = intakes.negative(result="positive")
    return {**found, "effective": intakes.enter(cast, person(cast, 3), content=harm)}


def requested(cast: Cast) -> Rows:
    found = {
        state: evidence.request_exception(
            cast.staff,
            patient_id=person(cast, serial).pk,
            program=builders.PROGRAM,
            rule="L-DSP-5",
            expires_at=clock.now() + timedelta(days=1),
            reason="Travel",
        )
        for serial, state in enumerate(sorted(lifecycle.EXCEPTION_REQUEST.states()))
    }
    grant(cast.administrator, found["granted"])
    refuse_exception(cast.administrator, found["refused"])
    withdraw_request(cast.staff, found["withdrawn"])
    return found


def deviated(cast: Cast) -> Rows:
    patient = person(cast, 0)
    found = {
        state: cases.deviation(patient, occurrence=state)
        for state in sorted(lifecycle.DEVIATION.states())
    }
    for state in ("under_review", "corrected", "accepted"):
        review(cast.staff, found[state])
    correct(cast.staff, found["corrected"])
    accept_deviation(cast.administrator, found["accepted"])
    return found


# --- The command that stands for an event -------------------------------------------------------


def decide(call: Call, row: CategoryChange, decision: str) -> object:
    return evidence.decide_category_change(
        call, change_id=row.pk, decision=decision, reason=REFUSED
    )


def withdraw_change(call: Call, row: CategoryChange) -> object:
    return evidence.withdraw_category_change(call, change_id=row.pk, reason="A mistake")


def sign(call: Call, row: CategoryChange) -> object:
    if call.actor.role is Role.PATIENT:
        return sign_as_patient(call, row)
    return evidence.sign_agreement(
        call,
        patient_id=row.patient_id,
        agreement_id=row.agreement_id,
        patient_signed_at=clock.now(),
    )


def sign_as_patient(call: Call, row: CategoryChange) -> object:
    """With a one-time code, where there is something to sign at all."""
    actor = replace(call.actor, id=row.patient_id, patient_id=row.patient_id, prescriber_id=None)
    if CategoryChange.objects.get(pk=row.pk).state == "pending":
        care = Call(replace(call.actor, role=Role.PRESCRIBER), channel=call.channel)
        code = give_code(care, row.patient, purpose="sign")
        call = call.signed(
            Signing(SigningMethod.ONE_TIME_CODE, None, "Fiona Synthetic", code_id=code.pk)
        )
    return evidence.sign_own_agreement(replace(call, actor=actor), agreement_id=row.agreement_id)


def accept_intake(call: Call, row: Intake) -> object:
    return evidence.accept_intake(call, intake_id=row.pk)


def refuse_intake(call: Call, row: Intake) -> object:
    return evidence.refuse_intake(call, intake_id=row.pk, reason="Illegible")


def grant(call: Call, row: ExceptionRequest) -> object:
    return evidence.grant_exception(call, request_id=row.pk, reason="Agreed")


def refuse_exception(call: Call, row: ExceptionRequest) -> object:
    return evidence.refuse_exception(call, request_id=row.pk, reason="No need")


def withdraw_request(call: Call, row: ExceptionRequest) -> object:
    return evidence.withdraw_exception_request(call, request_id=row.pk, reason="Not needed")


def review(call: Call, row: Deviation) -> object:
    return oversight.start_review(call, deviation_id=row.pk, reason="Ask the pharmacy")


def correct(call: Call, row: Deviation) -> object:
    return oversight.correct_deviation(call, deviation_id=row.pk, corrective_action="Trained")


def accept_deviation(call: Call, row: Deviation) -> object:
    return oversight.accept_deviation(call, deviation_id=row.pk, reason="Beyond anybody's reach")


CHANGE_EVENTS = {
    "refuse": lambda call, row: decide(call, row, "refuse"),
    "withdraw": withdraw_change,
}
MACHINES = {
    "a change to less monitoring": Machine(
        lifecycle.CATEGORY_CHANGE,
        less_monitoring,
        {**CHANGE_EVENTS, "approve": lambda call, row: decide(call, row, "approve")},
    ),
    "a change to more monitoring": Machine(
        lifecycle.CATEGORY_CHANGE, more_monitoring, {**CHANGE_EVENTS, "take_effect": sign}
    ),
    "an intake": Machine(
        lifecycle.INTAKE, taken_in, {"accept": accept_intake, "refuse": refuse_intake}
    ),
    "an exception request": Machine(
        lifecycle.EXCEPTION_REQUEST,
        requested,
        {"grant": grant, "refuse": refuse_exception, "withdraw": withdraw_request},
        own=frozenset({"withdraw"}),
    ),
    "a deviation": Machine(
        lifecycle.DEVIATION,
        deviated,
        {"review": review, "correct": correct, "accept": accept_deviation},
    ),
}


def caller(cast: Cast, role: Role) -> Call:
    """Somebody of that role who may see the patients; at the office, somebody who made nothing."""
    side = {
        Role.PHARMACIST: cast.dispensing,
        Role.TECHNICIAN: cast.dispensing,
        Role.REPRESENTATIVE: cast.dispensing,
        Role.STAFF: cast.staff,
        Role.ADMINISTRATOR: cast.staff,
        Role.AUDITOR: cast.staff,
        Role.SYSTEM: SYSTEM_CALL,
    }.get(role, cast.prescribing)
    if role in {Role.PRESCRIBER, Role.SYSTEM}:
        return side
    return builders.call_of(replace(side.actor, id=uuid4(), role=role))


def who_made_it(cast: Cast, role: Role) -> Call:
    """The person of the staff who made the rows, in that role."""
    call = caller(cast, role)
    if call.actor.kind is ActorKind.SYSTEM:
        return call
    return builders.call_of(replace(call.actor, id=cast.staff.actor.id))


@pytest.mark.parametrize("what", MACHINES)
def test_a_row_moves_as_the_table_says_or_is_refused_with_a_reason(cast: Cast, what: str) -> None:
    machine = MACHINES[what]
    rows = machine.rows(cast)
    assert set(rows) == machine.table.states()
    for state, event, role in product(rows, machine.events, Role):
        call = who_made_it(cast, role) if event in machine.own else caller(cast, role)
        undone = transaction.savepoint()
        ask(machine, event, rows[state], state, call)
        transaction.savepoint_rollback(undone)


def ask(machine: Machine, event: str, row: Model, state: str, call: Call) -> None:
    """Ask for the event, and compare what came of it with the table."""
    target = machine.table.target(event=event, state=state, role=call.actor.role.value)
    asked = f"{event} of one that is {state} by {call.actor.role}"
    before, operations = stored(row), Operation.objects.count()
    assert before["state"] == state
    if target is not None:
        machine.events[event](call, row)
        assert stored(row)["state"] == target, asked
        return
    try:
        machine.events[event](call, row)
    except (NotAllowed, Conflict, NotFound) as refusal:
        assert refusal.message.endswith("."), asked  # noqa: PT017 - which one depends on the role
    else:
        pytest.fail(f"Not refused: {asked}")
    assert stored(row) == before, asked
    assert Operation.objects.count() == operations, asked


def stored(row: Model) -> dict[str, Any]:
    """What the database has of the row."""
    return type(row)._default_manager.filter(pk=row.pk).values().get()


# --- Notices: the product's own moves -----------------------------------------------------------


NOBODY_THERE = "tests.notices.outbox.AddressIsUnknown"


def noticed(settings: Any) -> dict[str, Notice]:
    """A notice in each state."""
    rows = {state: outbox.notice() for state in sorted(lifecycle.NOTICE.states())}
    assert sending.send(rows["sent"].pk)
    assert cancel(rows["cancelled"])
    answering, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, NOBODY_THERE
    assert not sending.send(rows["undeliverable"].pk)
    settings.EMAIL_BACKEND = answering
    return rows


def cancel(notice: Notice) -> bool:
    rows = Notice.objects.filter(pk=notice.pk)
    return notices.cancel(rows, reason="changed", at=clock.now()) == 1


@pytest.mark.parametrize("event", ["send", "cancel", "give_up"])
def test_a_notice_moves_as_the_table_says_or_not_at_all(event: str, settings: Any) -> None:
    rows = noticed(settings)
    if event == "give_up":
        settings.EMAIL_BACKEND = NOBODY_THERE
    for state, notice in rows.items():
        target = lifecycle.NOTICE.target(event=event, state=state, role=Role.SYSTEM)
        before = stored(notice)
        assert before["state"] == state
        left = cancel(notice) if event == "cancel" else sending.send(notice.pk)
        assert left is (target is not None and event != "give_up")
        after = stored(notice)
        assert after["state"] == (target or state), state
        assert target is not None or after == before, state


def test_nobody_but_the_product_itself_moves_a_notice() -> None:
    assert {role for row in lifecycle.NOTICE.transitions for role in row.by} == {"system"}
    assert not [each for each in vars(notices).values() if hasattr(each, "allowed_roles")]


# --- None is left out ---------------------------------------------------------------------------

IN_THEIR_APPS = {"AUTHORIZATION", "CONFIRMATION", "CERTIFIED_PARTY"}


def test_every_table_and_every_event_of_it_is_asked() -> None:
    tables = {name: each for name, each in vars(lifecycle).items() if isinstance(each, Lifecycle)}
    asked: dict[str, set[str]] = {"notice": {"send", "cancel", "give_up"}}
    for machine in MACHINES.values():
        asked.setdefault(machine.table.name, set()).update(machine.events)
    assert asked == {
        each.name: {row.event for row in each.transitions}
        for name, each in tables.items()
        if name not in IN_THEIR_APPS
    }
