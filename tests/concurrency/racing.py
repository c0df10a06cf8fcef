"""Real connections that race each other: freely, or in an order that locks enforce."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

SECONDS = 30
Command = Callable[[], Any]


@dataclass
class Outcome:
    """What one racer got: its result, or what it raised."""

    result: Any = None
    error: Exception | None = None

    def value(self) -> Any:
        """The result; raises what the racer raised."""
        if self.error is not None:
            raise self.error
        return self.result


class Racer(threading.Thread):
    """One command on a connection of its own."""

    def __init__(self, command: Command, start: threading.Barrier | None = None) -> None:
        super().__init__()
        self.command = command
        self.gate = start
        self.outcome = Outcome()

    def run(self) -> None:
        try:
            if self.gate is not None:
                self.gate.wait(SECONDS)
            self.outcome.result = self.command()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.outcome.error = error
        finally:
            connection.close()

    def finish(self) -> Outcome:
        """Wait for the end."""
        self.join(SECONDS)
        assert not self.is_alive(), "A racer is stuck."
        return self.outcome


def race(*commands: Command) -> list[Outcome]:
    """Start all at once; their outcomes in the order given."""
    gate = threading.Barrier(len(commands))
    racers = [Racer(command, gate) for command in commands]
    for racer in racers:
        racer.start()
    return [racer.finish() for racer in racers]


def in_order(first: Command, second: Command, *, behind: tuple[str, Any]) -> list[Outcome]:
    """Both wait for one row (table, key), the first ahead of the second; then it is let go.

    So the second takes its lock only when the first has committed.
    """
    racers = [Racer(first), Racer(second)]
    with holding(*behind):
        for waiting, racer in enumerate(racers, start=1):
            racer.start()
            wait_until_blocked(waiting)
    return [racer.finish() for racer in racers]


@contextmanager
def holding(table: str, key: Any) -> Iterator[None]:
    """Hold one row's lock, as somebody in the midst of a command would."""
    with another_connection() as database:
        database.execute(
            sql.SQL("SELECT FROM {} WHERE id = %s FOR UPDATE").format(sql.Identifier(table)), [key]
        )
        yield
        database.rollback()


def another_connection() -> psycopg.Connection:
    """A connection to the same database beside Django's."""
    options = connection.get_connection_params()
    names = ("dbname", "host", "port", "user", "password")
    chosen = {name: options[name] for name in names if options.get(name)}
    chosen["dbname"] = settings.DATABASES["default"]["NAME"]
    return psycopg.connect(**chosen)


def wait_until_blocked(count: int) -> None:
    """Wait until so many sessions of this database wait for a lock."""
    deadline = time.monotonic() + SECONDS
    with another_connection() as database:
        database.autocommit = True
        while True:
            (blocked,) = database.execute(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone() or (0,)
            if blocked >= count:
                return
            assert time.monotonic() < deadline, "Nobody waits for the lock."
            time.sleep(0.005)


def deadlocks() -> int:
    """How many deadlocks PostgreSQL has counted in this database."""
    with another_connection() as database:
        (count,) = database.execute(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone() or (0,)
        return int(count)


def errors_of(outcomes: Sequence[Outcome]) -> list[type[Exception]]:
    """The kinds of errors among the outcomes."""
    return [type(outcome.error) for outcome in outcomes if outcome.error is not None]
