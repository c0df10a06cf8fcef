"""Sweeps: tasks that beat wakes, each of which notes when it last ran to its end.

What a sweep does belongs to its app; that none of them stands still is known here.
"""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db import connection

NOTE = """
    INSERT INTO core_sweeprun (sweep, ended_at) VALUES (%s, clock_timestamp())
    ON CONFLICT (sweep) DO UPDATE SET ended_at = greatest(core_sweeprun.ended_at, excluded.ended_at)
"""


def sweep(name: str) -> Callable[[Callable[[], int]], Any]:
    """Make a function the task of that name; one that raises has not run to its end."""

    def decorate(work: Callable[[], int]) -> Any:
        @functools.wraps(work)
        def carry_out() -> int:
            done = work()
            note_end(name)
            return done

        return shared_task(name=name)(carry_out)

    return decorate


def note_end(name: str) -> None:
    """Remember that a sweep has just run to its end, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(NOTE, [name])


def ages() -> dict[str, timedelta]:
    """How long ago each sweep last ran to its end; one that never did is not among them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sweep, clock_timestamp() - ended_at FROM core_sweeprun")
        return dict(cursor.fetchall())
