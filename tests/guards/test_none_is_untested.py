"""No trigger without a test, no test without a trigger, and the database has what is declared."""

from tests.guards.test_disposal import OLD
from tests.guards.test_row_history import TOUCHED
from tests.guards.test_traces import traced
from tests.guards.test_what_hangs_together import ACROSS
from tests.guards.world import World, our_models, trigger_names

FOR_ALL = {"immutable", "no_delete", "no_truncate"}
BY_LIFECYCLE = {"state_moves", "state_starts"}


def declared() -> set[tuple[str, str]]:
    return {(model._meta.db_table, name) for model in our_models() for name in trigger_names(model)}


def test_every_trigger_has_a_test_and_every_test_a_trigger() -> None:
    special = {(case.table, case.name) for case in ACROSS}
    history = {(table, "row_history") for table in TOUCHED}
    general = {(table, name) for table, name in declared() if name in FOR_ALL | BY_LIFECYCLE}
    traces = {(table, "traced") for table in traced()}
    disposals = {(table, "disposed_in_time") for table in OLD}
    assert special | history | general | traces | disposals == declared()


def test_the_database_has_the_declared_triggers_and_no_others(world: World) -> None:
    expected = {
        (model._meta.db_table, trigger.get_pgid(model))
        for model in our_models()
        for trigger in getattr(model._meta, "triggers", [])
    }
    with world.owner() as database:
        installed = database.execute(
            "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger "
            "WHERE NOT tgisinternal"
        ).fetchall()
    assert {(table, name) for table, name, _ in installed} == expected
    assert {enabled for *_, enabled in installed} == {"O"}
