"""Whether this process can serve, part by part, in words for the person on call.

Never names a person or a secret. `unavailable` takes the process out of service; `degraded` only
asks for help, because whoever is turned away here may be a patient at the counter.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils.functional import cached_property
from kombu import Connection
from kombu.exceptions import OperationalError

from apps.audit import selectors as audit
from apps.audit import texts, verdicts
from apps.eligibility import editions
from apps.ops import measures, starting

BROKER_SECONDS = 2
LATE_SECONDS = 300.0
OK = "ok"
# With one of these the process must not decide anything.
UNFIT = frozenset({"unreachable", "unsafe", "changed", "far_apart"})


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that the product needs: its state in a word, and what that means."""

    name: str
    state: str
    message: str = ""


class Readiness:
    """One look at all parts. Without the database nothing else can be asked but the broker."""

    @cached_property
    def parts(self) -> list[Part]:
        """Every part, in the order in which to mend them."""
        try:
            found = [part() for part in DATABASE_PARTS]
        except DatabaseError:
            away = Part("database", "unreachable", "The database does not answer: nothing works.")
            return [away, broker()]
        return [*found, broker()]

    @property
    def status(self) -> str:
        """`ok`, `degraded` or `unavailable`."""
        unfit = {part.state for part in self.parts if part.name != "broker"} & UNFIT
        if unfit:
            return "unavailable"
        return OK if all(part.state == OK for part in self.parts) else "degraded"

    @property
    def messages(self) -> list[str]:
        """What is wrong, in sentences."""
        return [part.message for part in self.parts if part.message]


def database() -> Part:
    """That it answers, and that this role may not touch history. Raises DatabaseError."""
    problems = starting.database_problems()
    if problems and settings.PRODUCTION:
        return Part("database", "unsafe", " ".join(problems))
    return Part("database", OK)


def clocks() -> Part:
    """That this machine and the database agree on the time: windows are judged by it."""
    skew = measures.clock_skew()
    said = f"This machine's clock and the database's are {_span(skew)} apart: mend the wrong one."
    if skew > timedelta(seconds=settings.CLOCK_SKEW_UNFIT_SECONDS):
        return Part("clock", "far_apart", f"{said} Nothing is served with such a clock.")
    if skew > timedelta(seconds=settings.CLOCK_SKEW_SECONDS):
        return Part("clock", "apart", said)
    return Part("clock", OK)


def policies() -> Part:
    """That the policy files are those that decided, that the words of the programs' texts are kept,
    and that this process has read the latest edition.
    """
    if problems := [*editions.problems(), *texts.problems()]:
        return Part("policies", "changed", " ".join(problems))
    if behind := editions.not_read():
        return Part("policies", "behind", " ".join(behind))
    return Part("policies", OK)


def notices() -> Part:
    """Late when a notice that fell due a while ago still waits: then nothing sends."""
    waiting = measures.waiting_notices().values()
    oldest = max(each.seconds for each in waiting)
    if oldest <= LATE_SECONDS:
        return Part("notices", OK)
    count = sum(each.count for each in waiting)
    span = _span(timedelta(seconds=oldest))
    return Part(
        "notices",
        "late",
        f"{count} due notices wait, the oldest for {span}. Does the worker run? Does mail leave?",
    )


def sweeps() -> Part:
    """Late when one of the sweeps has not run to its end for too long."""
    late = list(_late_sweeps())
    if not late:
        return Part("sweeps", OK)
    return Part(
        "sweeps",
        "late",
        f"Not run to the end: {', '.join(late)}. Does beat run? Does a worker? Does a task fail?",
    )


def _late_sweeps() -> Iterator[str]:
    for sweep, age in measures.sweep_ages().items():
        if age is None:
            yield f"{sweep} (never)"
        elif age > timedelta(seconds=settings.SWEEP_LATE_SECONDS):
            yield f"{sweep} (for {_span(age)})"


def trail() -> Part:
    """Broken when it was found so; late when something has not been sealed for too long."""
    found = verdicts.latest()
    if found is not None and not found.is_whole:
        return Part(
            "trail",
            "broken" if found.code == verdicts.BROKEN else "not verified",
            f"When the trail was last verified, on {found.at:%Y-%m-%d %H:%M} UTC, it was not found "
            "whole. `manage.py verify_trail` says what does not hold; once it does, this ends.",
        )
    waits = audit.sealing().waits
    if waits <= timedelta(seconds=settings.SEAL_LATE_SECONDS):
        return Part("trail", OK)
    return Part(
        "trail",
        "late",
        f"The trail waits for its seal for {_span(waits)}. Does the sweep audit.seal run? Does a "
        "transaction stay open? Does the anchor file disagree? `manage.py verify_trail` tells.",
    )


def broker() -> Part:
    """Without it all is decided and recorded; reminders go out once it is back."""
    try:
        with Connection(
            settings.CELERY_BROKER_URL,
            connect_timeout=BROKER_SECONDS,
            transport_options={
                **settings.CELERY_BROKER_TRANSPORT_OPTIONS,
                "socket_timeout": BROKER_SECONDS,
            },
        ) as connection:
            connection.ensure_connection(max_retries=1, timeout=BROKER_SECONDS)
    except (OperationalError, OSError):
        return Part(
            "broker",
            "unreachable",
            "Redis does not answer: notices wait until it does, and nothing else.",
        )
    return Part("broker", OK)


DATABASE_PARTS: tuple[Callable[[], Part], ...] = (
    database,
    clocks,
    policies,
    notices,
    sweeps,
    trail,
)


def _span(age: timedelta) -> str:
    """A length of time as a person says it."""
    seconds = age.total_seconds()
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.1f} seconds"
