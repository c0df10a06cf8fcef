"""A real server on a database of its own, whose clock the tests move, and a browser to use it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import databases
from tests.conftest import connected_to
from tests.journeys.discretion import assert_nobody_is_named
from tests.journeys.site import Seen, Site

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 120  # A busy machine is no defect of the product.
# A window that nobody sees keeps two pages for its address bar, which cost more than ours. The
# others are what Playwright turns off, for this list takes the place of its own.
WITHOUT = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
]
CHROMIUM_FLAGS = [
    f"--disable-features={','.join(WITHOUT)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's chromium, without a screen and without connections of its own."""
    # Playwright's own loop runs in this thread; Django would take our calls for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("REMS_CHROMIUM", "/usr/bin/chromium"),
            args=CHROMIUM_FLAGS,
        )
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> Seen:
    """The kinds of pages inspected already, by any process of this run: once is enough."""
    folder = tmp_path_factory.getbasetemp().parent / f"seen-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    return Seen(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """gunicorn as in production: it has the product in memory once, its workers are forked."""

    folder: Path
    database: str = field(default_factory=lambda: f"remsportal_journeys_{uuid4().hex[:12]}")
    port: int = field(default_factory=_free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it, once: it asks for the database of its name, which is another in each test."""
        if self.process is None:
            self.process = self._started()

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / "gunicorn.log"

    @property
    def mails(self) -> Path:
        """Where what it sends lies."""
        return self.folder / "mails"

    def _started(self) -> "subprocess.Popen[bytes]":
        with self.log.open("w") as lines:
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "remsportal.wsgi", "--workers", "1",
                 "--bind", f"127.0.0.1:{self.port}", "--threads", "4",
                 "--preload", "--no-control-socket"],
                cwd=ROOT,
                env={**os.environ, "REMSPORTAL_ENV": "test", "DEMO_CLOCK": "1",
                     "EMAIL_FILE_PATH": str(self.mails)},
                stdout=lines,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        _wait_for(self.port, process, self.log)
        return process

    def forget(self) -> None:
        """A new worker takes over from the one that knows the database of this test."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=SECONDS_TO_START)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The one server of a run."""
    made = Server(tmp_path_factory.mktemp("server"))
    yield made
    made.stop()


@pytest.fixture
def site(
    server: Server, settings: Any, browser: Browser, seen: Seen, django_db_blocker: Any
) -> Iterator[Site]:
    """The product as people meet it: gunicorn, a committed database, the demo's clock."""
    settings.DEMO_CLOCK = True
    name = server.database
    with django_db_blocker.unblock(), databases.clone(name), connected_to(name):
        server.start()
        visited = Site(f"http://127.0.0.1:{server.port}", browser, seen)
        try:
            yield visited
            visited.close()
            assert_nobody_is_named(
                log=server.log.read_text(), addresses=visited.asked_for, mails=server.mails
            )
        finally:
            server.forget()


def _wait_for(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"The server ended at once:\n{log.read_text()}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The server did not answer in time:\n{log.read_text()}")
