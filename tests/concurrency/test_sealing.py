"""Sealing goes on while transactions are open: nothing is lost, and nothing is flagged."""

import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as configured

from apps.audit import sealing
from apps.audit.models import Event, Seal
from tests import databases
from tests.audit.chained import verdict, write
from tests.concurrency.racing import Racer

PUT = (
    "INSERT INTO audit_event (code, occurred_at, operation_id, actor_kind, role, channel, "
    "subject_model, subject_id, reason, data) VALUES ('signed_in', now(), gen_random_uuid(), "
    "'system', 'system', 'system', '', '', '', '{}') RETURNING id"
)


@pytest.fixture(autouse=True)
def anchored(settings: Any, tmp_path: Path) -> None:
    settings.TRAIL_ANCHOR_FILE = str(tmp_path / "anchors.jsonl")


def writer(database: str) -> psycopg.Connection:
    return psycopg.connect(databases.url_of(databases.owner_url(), database))


def test_what_a_long_transaction_wrote_is_sealed_after_it_ended(own_database: str) -> None:
    with writer(own_database) as slow:
        (early,) = slow.execute(PUT).fetchone() or (0,)
        write()
        assert Event.objects.earliest("pk").pk > early
        assert sealing.seal(wait=0.2) == 0
        assert "Not sealed yet: 4 events" in verdict()[1]
        slow.commit()
    assert sealing.seal(wait=0.2) == 1
    # With what was found meanwhile, which is an event, too
    assert Seal.objects.get().events_count == 6
    assert verdict()[0] == 0


def test_a_sweep_waits_for_a_transaction_that_soon_ends(own_database: str) -> None:
    with writer(own_database) as slow:
        slow.execute(PUT)
        write()
        sweep = Racer(lambda: sealing.seal(wait=20))
        sweep.start()
        sweep.join(0.3)
        assert sweep.is_alive()
        slow.commit()
    assert sweep.finish().value() == 1
    assert Seal.objects.get().events_count == 5


def test_what_was_rolled_back_leaves_a_gap_that_is_no_break(own_database: str) -> None:
    with writer(own_database) as slow:
        slow.execute(PUT)
        write()
        slow.rollback()
    assert sealing.seal(wait=0.2) == 1
    assert verdict()[0] == 0


def test_a_transaction_that_only_reads_holds_nothing_up(own_database: str) -> None:
    with writer(own_database) as reader:
        reader.execute("SELECT count(*) FROM audit_event")
        write()
        assert sealing.seal(wait=0.2) == 1


def test_two_sweeps_at_once_make_one_chain(own_database: str) -> None:
    write(50)
    sweeps = [Racer(lambda: sealing.seal(wait=5)) for _ in range(2)]
    for sweep in sweeps:
        sweep.start()
    assert sum(sweep.finish().value() for sweep in sweeps) == 1
    assert verdict()[0] == 0


def test_sealing_amid_many_writers_loses_nothing(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writers that commit late, early or not at all, while a sweep follows the other."""
    monkeypatch.setattr(sealing, "ROWS_A_SEAL", 7)
    done = threading.Event()

    def keep_writing(turn: int) -> None:
        with writer(own_database) as database:
            for count in range(120):
                database.execute(PUT)
                if count % (turn + 2) == 0:
                    database.rollback() if count % 5 == 0 else database.commit()
            database.commit()

    def keep_sealing() -> None:
        while not done.is_set():
            sealing.seal(wait=2)

    sweeping = Racer(keep_sealing)
    writers = [Racer(lambda turn=turn: keep_writing(turn)) for turn in range(4)]  # type: ignore[misc]
    for racer in [sweeping, *writers]:
        racer.start()
    for racer in writers:
        racer.finish().value()
    done.set()
    sweeping.finish().value()
    sealing.seal()
    written = Event.objects.count()
    status, said = verdict()
    assert (status, Seal.objects.count() > 3) == (0, True), said
    assert f"over {written} events" in said
    assert "Not sealed yet: 0 events" in said
    assert Path(configured.TRAIL_ANCHOR_FILE).read_text().count("\n") == Seal.objects.count()
