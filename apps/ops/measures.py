"""What the database tells of the product's health: cheap to ask, and the same for all processes.

Reads only: ages, counts and waits. Never a person, never an id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection

from apps.core import clock, sweeps

# What waits to be sent, and for how long; what reached nobody.
OUTBOX = """
    SELECT purpose, count(*), greatest(0, extract(epoch FROM %(now)s - min(due_at)))::float8
    FROM notices_notice WHERE state = 'scheduled' AND due_at <= %(now)s GROUP BY purpose
"""
UNDELIVERABLE = "SELECT count(*) FROM notices_notice WHERE state = 'undeliverable'"
LOCKS = """
    SELECT count(DISTINCT l.pid),
        coalesce(max(extract(epoch FROM clock_timestamp() - l.waitstart)), 0)::float8
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE NOT l.granted AND a.datname = current_database()
"""
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
PURPOSES = ("event", "reminder")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Notices of one purpose that are due and not sent: how many, the oldest since when."""

    count: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LockWaits:
    """Sessions that wait for a lock just now, and the longest wait in seconds."""

    sessions: int
    seconds: float


def waiting_notices() -> Mapping[str, Waiting]:
    """By purpose; in the program's time."""
    with connection.cursor() as cursor:
        cursor.execute(OUTBOX, {"now": clock.now()})
        found = {purpose: Waiting(*rest) for purpose, *rest in cursor.fetchall()}
    return {purpose: found.get(purpose, Waiting()) for purpose in PURPOSES}


def undeliverable_notices() -> int:
    """Messages that reached nobody, since ever."""
    return _number(UNDELIVERABLE)


def deadlocks() -> int:
    """How many the server has ended in this database, since it counts."""
    return _number(DEADLOCKS)


def _number(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        (number,) = cursor.fetchone() or (0,)
    return int(number)


def lock_waits() -> LockWaits:
    """Who waits for whom, as a number."""
    with connection.cursor() as cursor:
        cursor.execute(LOCKS)
        return LockWaits(*(cursor.fetchone() or (0, 0.0)))


def sweep_ages() -> dict[str, timedelta | None]:
    """How long ago each sweep of the schedule last ran to its end; None: never."""
    ages = sweeps.ages()
    return {sweep: ages.get(sweep) for sweep in settings.SWEEPS}


def clock_skew() -> timedelta:
    """How far this machine's clock is from the database's, beyond what asking took; never less
    than zero."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # The first statement may have to connect.
        before = clock.real_now()
        cursor.execute("SELECT clock_timestamp()")
        (theirs,) = cursor.fetchone() or (before,)
        after = clock.real_now()
    return clock.apart(before, theirs, after)
