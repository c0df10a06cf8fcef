"""Going through what is due one by one: a failure of one never keeps back the others."""

import time
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from django.conf import settings

T = TypeVar("T")

BATCH: Final = 200
"""How many a sweep takes at most: beat wakes the next one soon."""


def each(items: Iterable[T], handle: Callable[[T], int]) -> int:
    """Handle every item for which there is time; returns the sum of what `handle` said.

    The first failure is raised again at the end, after all others had their turn. A sweep ends
    long before the task's time limit would cut off a message that is just being handed over.
    """
    stop_at = time.monotonic() + settings.CELERY_TASK_TIME_LIMIT / 2
    handled = 0
    failures: list[Exception] = []
    for item in items:
        if time.monotonic() > stop_at:
            break
        try:
            handled += handle(item)
        except Exception as error:  # noqa: BLE001 - raised again below
            failures.append(error)
    if failures:
        raise failures[0]
    return handled
