"""A real worker, beat and broker for one test, and the mailbox that they fill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_string
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from kombu import Connection
from redis import Redis

from remsportal.celery import app
from tests.databases import ROOT

LEASE_SECONDS = 6.0
SWEEP_SECONDS = 0.5
PATIENCE_SECONDS = 60.0
LAST_DATABASE = 15
SEPARATOR = "-" * 79


class Plant:
    """Starts and kills processes of the product; its queue and mailbox are its own."""

    def __init__(
        self,
        folder: Path,
        *,
        lease_seconds: float = LEASE_SECONDS,
        sweep_seconds: float = SWEEP_SECONDS,
        **environment: str,
    ) -> None:
        self.folder = folder
        self._environment = {
            "NOTICE_LEASE_SECONDS": str(lease_seconds),
            "SWEEP_SECONDS": str(sweep_seconds),
            **environment,
        }
        self.mailbox = folder / "mail"
        self.broker_url = _database_of(os.environ["REDIS_URL"], own_database_number())
        self._order = folder / "order"
        self._queue = f"test-{uuid4().hex[:12]}"
        self._running: list[subprocess.Popen[bytes]] = []

    def worker(self, *, processes: int = 1, loading: str = "") -> subprocess.Popen[bytes]:
        """Start a worker with so many processes of its own, and with another module of tests."""
        modules = ",".join(filter(None, ["tests.delivery.failpoints", loading]))
        return self._start(
            "worker", "--concurrency", str(processes), "--include", modules,
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        )  # fmt: skip

    def beat(self) -> subprocess.Popen[bytes]:
        """Start beat; one killed before may have left its schedule behind."""
        return self._start("beat", "--schedule", str(self.folder / "beat"), "--pidfile=")

    def start_task(self, name: str) -> str:
        """Start a task as any process of the product does; its id."""
        with Connection(self.broker_url) as broker:
            started = app.send_task(name, queue=self._queue, connection=broker)
        return str(started.id)

    def said(self) -> list[dict[str, Any]]:
        """What the processes logged so far, line by line."""
        return [json.loads(line) for line in self.logs().splitlines() if line.startswith("{")]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process and whatever it started."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)

    def stop(self) -> None:
        """Kill all that still runs, and leave nothing on the broker."""
        for process in self._running:
            self.kill(process)
        self.lose_broker_data()

    def fail_at(self, point: str, victim: str) -> None:
        """Let the worker fail the next time that it reaches a point."""
        draft = self._order.with_suffix(".draft")
        draft.write_text(f"{point}\n{victim}")
        draft.rename(self._order)

    def has_failed(self) -> bool:
        """Whether the worker reached the point where it was to fail."""
        return not self._order.exists()

    def lose_broker_data(self) -> None:
        """Empty our database of the broker: all that FLUSHALL takes from the product."""
        with Redis.from_url(_as_redis_writes_it(self.broker_url)) as broker:
            broker.flushdb()

    def messages(self) -> list[Message]:
        """Everything that was handed over so far."""
        return [message for message, _ in self._handed_over()]

    def hand_overs(self) -> list[tuple[str, float]]:
        """Each Message-ID that was handed over, with the time when its file was closed."""
        return [(message["Message-ID"], at) for message, at in self._handed_over()]

    def _handed_over(self) -> Iterator[tuple[Message, float]]:
        for path in sorted(self.mailbox.glob("*")):
            for text in path.read_text().split(f"\n{SEPARATOR}\n"):
                if text.strip():
                    yield message_from_string(text), path.stat().st_mtime

    def copies(self) -> Counter[str]:
        """How many times each Message-ID was handed over."""
        return Counter(message["Message-ID"] for message in self.messages())

    def logs(self) -> str:
        """What the processes said."""
        return "".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something holds. Raises AssertionError when patience ends."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"{what} did not happen:\n{self.logs()}"
            time.sleep(0.1)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        number = len(self._running)
        with (self.folder / f"{number:02d}-{command[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "--app", "remsportal", *command, "-l", "ERROR"],
                cwd=ROOT,
                env={
                    **os.environ,
                    "DEMO_CLOCK": "1",
                    "REDIS_URL": self.broker_url,
                    "CELERY_QUEUE": self._queue,
                    "EMAIL_BACKEND": "tests.delivery.failpoints.FailingMailbox",
                    "EMAIL_FILE_PATH": str(self.mailbox),
                    "FAIL_ORDER": str(self._order),
                    **self._environment,
                },
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._running.append(process)
        return process


def own_database_number() -> int:
    """Each test process empties a database of its own: another's tasks are not to vanish."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return LAST_DATABASE - int(process.removeprefix("gw"))


def _database_of(url: str, number: int) -> str:
    """The same broker, another of its databases."""
    address, _, _ = url.partition("?")
    if address.startswith("redis+socket://"):
        return f"{address}?virtual_host={number}"
    return urlunsplit(urlsplit(url)._replace(path=f"/{number}"))


def _as_redis_writes_it(url: str) -> str:
    """Celery and redis-py write a socket's address differently."""
    return url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
