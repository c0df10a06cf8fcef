"""Every state machine, exhaustively: the database moves a row as the table says, or not at all."""

from itertools import product
from uuid import uuid4

import psycopg
import pytest

from apps.core.triggers import StateMoves, StateStarts
from apps.rules.lifecycle import (
    AUTHORIZATION,
    CATEGORY_CHANGE,
    CERTIFIED_PARTY,
    CONFIRMATION,
    DEVIATION,
    EXCEPTION_REQUEST,
    INTAKE,
    NOTICE,
    Lifecycle,
)
from tests.guards.world import Row, World, drop_constraints, insert, our_models, update

MACHINES: dict[str, Lifecycle] = {
    "providers_prescriber": CERTIFIED_PARTY,
    "providers_pharmacy": CERTIFIED_PARTY,
    "prescriptions_authorization": AUTHORIZATION,
    "prescriptions_confirmation": CONFIRMATION,
    "notices_notice": NOTICE,
    "evidence_deviation": DEVIATION,
    "patients_categorychange": CATEGORY_CHANGE,
    "evidence_exceptionrequest": EXCEPTION_REQUEST,
    "evidence_intake": INTAKE,
}
PAIRS = [
    (table, source, target)
    for table, machine in MACHINES.items()
    for source, target in product(sorted(machine.states()), repeat=2)
    if source != target
]
STARTS = [
    (table, state)
    for table, machine in MACHINES.items()
    for state in [*sorted(machine.states()), "unheard_of"]
]


def only(database: psycopg.Connection, table: str, *prefixes: str) -> None:
    """Leave only the triggers of the state machine: what else guards a row has its own tests."""
    for (name,) in database.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table]
    ).fetchall():
        if not name.startswith(tuple(f"pgtrigger_{prefix}" for prefix in prefixes)):
            database.execute(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
    drop_constraints(database, table, "c")


def begin_as(world: World, table: str, state: str) -> Row:
    """A new row in that state, whose key collides with nothing."""
    fresh = {"id": str(uuid4()), "state": state}
    if table == "providers_pharmacy":
        fresh["organization_id"] = str(uuid4())
    if table == "prescriptions_authorization":
        fresh["program"] = uuid4().hex
    if table == "patients_categorychange":
        fresh["patient_id"] = str(uuid4())
    if table == "prescriptions_confirmation":
        fresh["authorization_id"] = str(uuid4())
    return world.copy(table, fresh)


@pytest.mark.parametrize(("table", "source", "target"), PAIRS)
def test_a_state_moves_as_the_table_says_or_not_at_all(
    world: World, table: str, source: str, target: str
) -> None:
    with world.owner() as database:
        only(database, table, "state_moves")
        row = begin_as(world, table, source)
        insert(database, table, row)
        if (source, target) in MACHINES[table].moves():
            update(database, table, row["id"], {"state": target})
        else:
            with pytest.raises(psycopg.Error, match="Invalid transition"):
                update(database, table, row["id"], {"state": target})


@pytest.mark.parametrize(("table", "state"), STARTS)
def test_a_row_begins_as_the_table_says_or_not_at_all(world: World, table: str, state: str) -> None:
    with world.owner() as database:
        only(database, table, "state_starts")
        row = begin_as(world, table, state)
        if state in MACHINES[table].initial:
            insert(database, table, row)
        else:
            with pytest.raises(psycopg.Error, match="do not begin as"):
                insert(database, table, row)


def test_every_table_with_a_state_is_here() -> None:
    with_state = {
        model._meta.db_table
        for model in our_models()
        if any(field.name == "state" for field in model._meta.fields)
    }
    guarded = {
        model._meta.db_table
        for model in our_models()
        if {StateMoves, StateStarts} <= {type(t) for t in getattr(model._meta, "triggers", [])}
    }
    assert with_state == guarded == set(MACHINES)
