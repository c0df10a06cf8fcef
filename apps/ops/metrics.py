"""Everything that Prometheus is told: figures of requests, of decisions, and of the database.

Requests and decisions are counted where they happen; the rest is read when it is asked for.
"""

import os
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from apps.audit import selectors as audit
from apps.audit import verdicts
from apps.core import clock
from apps.ops import measures

SHARED = "PROMETHEUS_MULTIPROC_DIR"
NEVER_SECONDS = float("inf")


def text() -> bytes:
    """All figures in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(FromDatabase())
    if os.environ.get(SHARED):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(REGISTRY)


class FromDatabase:
    """What the database tells; one that does not answer is a figure, too."""

    def collect(self) -> Iterator[Metric]:
        """Read now."""
        info = gauge("build_info", "The release that runs.", ["version"])
        info.add_metric([settings.VERSION], 1)
        yield info
        is_up = gauge("database_up", "Whether the database answers.")
        try:
            found = [*_outbox(), *_sweeps(), *_trail(), *_locks(), *_clock()]
        except DatabaseError:
            found = []
        is_up.add_metric([], 1 if found else 0)
        yield is_up
        yield from found


def gauge(name: str, meaning: str, labels: list[str] | None = None) -> GaugeMetricFamily:
    """A figure of this product."""
    return GaugeMetricFamily(f"remsportal_{name}", meaning, labels=labels or [])


def _outbox() -> Iterator[Metric]:
    waiting = gauge("notices_waiting", "Notices that are due and not sent.", ["purpose"])
    lag = gauge("notice_lag_seconds", "How long the oldest of them waits.", ["purpose"])
    for purpose, found in measures.waiting_notices().items():
        waiting.add_metric([purpose], found.count)
        lag.add_metric([purpose], found.seconds)
    yield waiting
    yield lag
    lost = gauge("notices_undeliverable", "Notices that reached nobody.")
    lost.add_metric([], measures.undeliverable_notices())
    yield lost


def _sweeps() -> Iterator[Metric]:
    ages = gauge("sweep_age_seconds", "Since a sweep last ran to its end.", ["sweep"])
    for sweep, age in measures.sweep_ages().items():
        ages.add_metric([sweep], NEVER_SECONDS if age is None else age.total_seconds())
    yield ages


def _trail() -> Iterator[Metric]:
    found = audit.sealing()
    age = gauge("seal_age_seconds", "Since the trail was last sealed; nothing new makes no seal.")
    age.add_metric([], NEVER_SECONDS if found.age is None else found.age.total_seconds())
    yield age
    waits = gauge("seal_wait_seconds", "How long the trail's oldest row waits for its seal.")
    waits.add_metric([], found.waits.total_seconds())
    yield waits
    verdict = verdicts.latest()
    whole = gauge("trail_whole", "Whether the trail was found whole when it was last verified.")
    whole.add_metric([], 1 if verdict is not None and verdict.is_whole else 0)
    yield whole
    since = gauge("trail_verified_age_seconds", "Since the whole trail was last verified.")
    since.add_metric(
        [], NEVER_SECONDS if verdict is None else (clock.now() - verdict.at).total_seconds()
    )
    yield since


def _locks() -> Iterator[Metric]:
    found = measures.lock_waits()
    sessions = gauge("lock_waits", "Sessions that wait for a lock just now.")
    sessions.add_metric([], found.sessions)
    yield sessions
    longest = gauge("lock_wait_seconds", "The longest of these waits.")
    longest.add_metric([], found.seconds)
    yield longest
    deadlocks = CounterMetricFamily("remsportal_deadlocks", "Deadlocks that the server ended.")
    deadlocks.add_metric([], measures.deadlocks())
    yield deadlocks


def _clock() -> Iterator[Metric]:
    skew = gauge("clock_skew_seconds", "Between this machine's clock and the database's.")
    skew.add_metric([], measures.clock_skew().total_seconds())
    yield skew
