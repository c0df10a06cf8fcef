"""What time it is for the program. Only services and doors read it; the rules never do.

In the demo, staff may move the program's time forward; sign-in, tokens and leases use real time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

from django.conf import settings

from apps.core.errors import Unavailable
from apps.core.models import DemoClock

SECONDS_UNTIL_RETRY = 10
ASTRAY = (
    "The system's clock is wrong, so nothing can be decided by it. Nothing was recorded. Send the "
    "same again in a few minutes; if it goes on, call the program. Do not dispense meanwhile."
)

_ahead: ContextVar[timedelta | None] = ContextVar("ahead", default=None)


def now() -> datetime:
    """The program's present instant, aware, in UTC."""
    return real_now() + offset()


def real_now() -> datetime:
    """The machine's present instant, aware, in UTC: for leases, sign-in and tokens."""
    return datetime.now(UTC)


def refuse_if_astray(theirs: datetime, *, asked_at: datetime) -> None:
    """Raises Unavailable when this machine's clock is too far from the database's to decide by.

    `asked_at` is this machine's instant just before the database said that it is `theirs`. On a
    clock that was put back, what has ended would seem to last.
    """
    if settings.CLOCK_IS_COMPARED and apart(asked_at, theirs, real_now()) > timedelta(
        seconds=settings.CLOCK_SKEW_UNFIT_SECONDS
    ):
        raise Unavailable(ASTRAY, retry_after=SECONDS_UNTIL_RETRY)


def apart(before: datetime, theirs: datetime, after: datetime) -> timedelta:
    """How far an instant lies outside the span in which it was read."""
    return max(before - theirs, theirs - after, timedelta(0))


def offset() -> timedelta:
    """How far the program's time runs ahead of real time: zero but in the demo."""
    known = _ahead.get()
    if known is not None:
        return known
    if not settings.DEMO_CLOCK:
        return timedelta(0)
    ahead = DemoClock.objects.values_list("ahead", flat=True).first()
    return ahead or timedelta(0)


@contextmanager
def looked_up_once() -> Iterator[None]:
    """Let all that a page asks meanwhile know the demo's offset, without looking it up each time.

    Not for commands: they read the time after their locks.
    """
    token = _ahead.set(offset())
    try:
        yield
    finally:
        _ahead.reset(token)


def set_demo_time(instant: datetime) -> None:
    """Make `instant` the program's present time.

    Raises RuntimeError outside the demo: nothing else may move the clock.
    """
    if not settings.DEMO_CLOCK:
        raise RuntimeError("Only the demo's clock can be moved.")
    DemoClock.objects.bulk_create(
        [DemoClock(ahead=instant - real_now())],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["ahead"],
    )


def follow_real_time() -> None:
    """Make the program's time real time again, to the microsecond."""
    DemoClock.objects.update(ahead=timedelta(0))
