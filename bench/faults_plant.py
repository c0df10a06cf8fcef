"""The product's processes and servers on one machine, and what can happen to each of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from launcher.processes import Processes, Program
from launcher.servers import accepts_connections
from tests.databases import ROOT
from tests.delivery.plant import Plant

LEASE_SECONDS = 10.0
SWEEP_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
WEB_WORKERS = 3
STEP_SECONDS = -3600


class Machine:
    """What runs, what breaks, and what is brought back."""

    def __init__(self, folder: Path, servers: Processes, port: int) -> None:
        self.folder, self.port = folder, port
        self._servers = servers
        self._web = Processes()
        self.clock_step = folder / "clock-step"
        self.plant = Plant(
            folder,
            lease_seconds=LEASE_SECONDS,
            sweep_seconds=SWEEP_SECONDS,
            CLOCK_STEP=str(self.clock_step),
        )
        self._worker: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Web, worker and beat."""
        command = [sys.executable, "-m", "gunicorn", "bench.faults_wsgi:application"]
        command += ["--config", "python:remsportal.gunicorn", "--workers", str(WEB_WORKERS)]
        command += ["--bind", f"127.0.0.1:{self.port}", "--preload"]  # One start of Django.
        environment = {
            **os.environ,
            "LOG_REQUESTS": "1",
            "CLOCK_STEP": str(self.clock_step),
        }
        log = self.folder / "web.log"
        self._web.start(Program("Web", command, log, environment, folder=ROOT))
        self.start_worker()
        self.plant.beat()

    def start_worker(self) -> None:
        """A worker with two processes of its own."""
        self._worker = self.plant.worker(processes=2, loading="bench.faults_clock")

    def stop(self) -> None:
        """All but the servers."""
        self.plant.stop()
        self._web.stop()

    # --- Faults: each is there while its block runs ---------------------------------------------

    @contextmanager
    def mail_refused(self) -> Iterator[None]:
        """The mail spool cannot be written: its folder is none."""
        away = self.folder / "mail-away"
        self.plant.mailbox.mkdir(exist_ok=True)
        self.plant.mailbox.rename(away)
        self.plant.mailbox.touch()
        yield
        self.plant.mailbox.unlink()
        away.rename(self.plant.mailbox)

    @contextmanager
    def worker_killed(self) -> Iterator[None]:
        """The worker dies with all its processes; another one is started."""
        assert self._worker is not None
        self.plant.kill(self._worker)
        yield
        self.start_worker()

    @contextmanager
    def web_workers_killed(self) -> Iterator[None]:
        """All of gunicorn's processes but one die at work; gunicorn itself replaces them."""
        for process in self.web_workers()[1:]:
            os.kill(process, signal.SIGKILL)
        yield

    @contextmanager
    def clock_stepped_back(self) -> Iterator[None]:
        """The clock of web and worker goes back an hour; the database's does not."""
        draft = self.clock_step.with_suffix(".draft")
        draft.write_text(str(STEP_SECONDS))
        draft.rename(self.clock_step)
        yield
        self.clock_step.unlink()

    @contextmanager
    def broker_killed(self) -> Iterator[None]:
        """The broker dies, and comes back with nothing of what it held."""
        program = self._servers.end("Valkey", signal.SIGKILL)
        yield
        self._servers.start(_again(program))

    @contextmanager
    def database_stopped(self) -> Iterator[None]:
        """PostgreSQL stops at once, as in a crash, and recovers from its log when it starts."""
        program = self._servers.end("PostgreSQL", signal.SIGQUIT)
        yield
        self._servers.start(_again(program))
        self._servers.wait_until(_database_answers, "PostgreSQL", PATIENCE_SECONDS)

    def web_workers(self) -> list[int]:
        """The processes that answer."""
        master = self._web.pid("Web")
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return sorted(map(int, children.split()))

    def handed_over(self) -> dict[str, list[float]]:
        """When each Message-ID left, by the time of its file."""
        left: dict[str, list[float]] = {}
        for message, at in self.plant.hand_overs():
            left.setdefault(message, []).append(at)
        return left


def _database_answers() -> bool:
    return accepts_connections(os.environ["DATABASE_URL"])


def _again(program: Program) -> Program:
    """The same with a log of its own: that of before the accident is kept."""
    return replace(program, log=program.log.with_suffix(f".{time.time():.0f}.log"))
