"""Authorizations and confirmations move along their tables: every state, event and role."""

from itertools import product

import pytest
from django.db import IntegrityError, transaction

from apps.core import clock
from apps.core.call import SYSTEM_CALL, Role
from apps.core.command import Run
from apps.core.errors import Conflict
from apps.eligibility import services as eligibility
from apps.patients.services import Identity
from apps.prescriptions import services as ledger
from apps.prescriptions.models import Authorization, Confirmation
from apps.rules.lifecycle import AUTHORIZATION, CONFIRMATION, Lifecycle
from tests import builders

pytestmark = pytest.mark.django_db


def events(machine: Lifecycle) -> list[str]:
    return sorted({transition.event for transition in machine.transitions} | {"unheard_of"})


def started() -> Run:
    run = Run(SYSTEM_CALL)
    run.read_clock()
    return run


def authorizations(cast: builders.Cast) -> dict[str, Authorization]:
    """One authorization of one patient in each state."""
    call = cast.prescribing
    found: dict[str, Authorization] = {}
    authorization = builders.authorized_frp(cast)
    found["void"] = eligibility.cancel_authorization(
        call, authorization_id=authorization.pk, reason="Wrong strength"
    )
    expired = again(cast, authorization)
    ledger.move_authorization(
        started(), expired, "expire", role="system", reason="x", at=clock.now()
    )
    found["expired"] = expired
    dispensed = again(cast, authorization)
    held = builders.confirm(cast.dispensing, dispensed).confirmation
    assert held is not None
    assert builders.dispense(cast.dispensing, held).allowed
    found["dispensed"] = dispensed
    other = patient_like(cast, "Hanna")
    builders.confirm(cast.dispensing, other)
    found["confirmed"] = other
    found["issued"] = patient_like(cast, "Greta")
    for authorization in found.values():
        authorization.refresh_from_db()
    assert {state: a.state for state, a in found.items()} == {state: state for state in found}
    return found


def again(cast: builders.Cast, like: Authorization) -> Authorization:
    builders.survey(cast.prescribing, like.patient, "adult_frp")
    decision = builders.request(cast.prescribing, like.patient, "adult_frp")
    assert decision.authorization is not None, decision.document["unmet"]
    return decision.authorization


def patient_like(cast: builders.Cast, name: str) -> Authorization:
    identity = Identity(
        given_name=name, family_name=name, born_on=builders.today().replace(year=1980),
        postal_code=f"9{len(name)}{ord(name[0])}",
    )  # fmt: skip
    patient = builders.ready_frp(cast.prescribing, identity)
    decision = builders.request(cast.prescribing, patient, "adult_frp")
    assert decision.authorization is not None, decision.document["unmet"]
    return decision.authorization


def test_an_authorization_moves_as_the_table_says_or_not_at_all(cast: builders.Cast) -> None:
    rows = authorizations(cast)
    assert set(rows) == AUTHORIZATION.states()
    for state, event, role in product(rows, events(AUTHORIZATION), Role):
        target = AUTHORIZATION.target(event=event, state=state, role=role.value)
        moved = attempt(rows[state], event, role.value)
        assert moved == (target is not None), (state, event, role)
        rows[state].refresh_from_db()
        assert rows[state].state == state


def attempt(row: Authorization | Confirmation, event: str, role: str) -> bool:
    """Whether the move is one; undone. A guard on the rows around it may still refuse it."""
    try:
        with transaction.atomic():
            if isinstance(row, Authorization):
                ledger.move_authorization(started(), row, event, role=role, reason="Because")
            else:
                ledger.move_confirmation(started(), row, event, role=role, reason="Because")
            transaction.set_rollback(True)
    except Conflict:
        return False
    except IntegrityError as error:
        assert any(guard in str(error) for guard in ("state_fits", "dispensed_needs"))  # noqa: PT017
    return True


def test_a_confirmation_moves_as_the_table_says_or_not_at_all(cast: builders.Cast) -> None:
    rows = confirmations(cast)
    assert set(rows) == CONFIRMATION.states()
    for state, event, role in product(rows, events(CONFIRMATION), Role):
        target = CONFIRMATION.target(event=event, state=state, role=role.value)
        moved = attempt(rows[state], event, role.value)
        assert moved == (target is not None), (state, event, role)
        rows[state].refresh_from_db()
        assert rows[state].state == state


def confirmations(cast: builders.Cast) -> dict[str, Confirmation]:
    """One confirmation in each state."""
    found = {}
    for state, name in zip(("valid", "dispensed", "reversed", "void", "expired"), "ABCDE"):  # noqa: B905
        held = builders.confirm(cast.dispensing, patient_like(cast, name)).confirmation
        assert held is not None
        found[state] = held
    builders.dispense(cast.dispensing, found["dispensed"])
    eligibility.reverse_confirmation(
        cast.dispensing, confirmation_id=found["reversed"].pk, reason="Out of stock"
    )
    eligibility.cancel_authorization(
        cast.prescribing, authorization_id=found["void"].authorization_id, reason="Wrong strength"
    )
    ledger.move_confirmation(started(), found["expired"], "expire", role="system", reason="x")
    for confirmation in found.values():
        confirmation.refresh_from_db()
    return found


def test_a_row_that_somebody_else_has_moved_meanwhile_is_not_moved(cast: builders.Cast) -> None:
    authorization = builders.authorized_frp(cast)
    stale = Authorization.objects.get(pk=authorization.pk)
    eligibility.cancel_authorization(
        cast.prescribing, authorization_id=authorization.pk, reason="Wrong strength"
    )
    with pytest.raises(Conflict, match="just been changed"):
        ledger.move_authorization(started(), stale, "void", role="system", reason="x")
