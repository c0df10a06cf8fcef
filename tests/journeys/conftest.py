"""A real server on a database of its own, whose clock the tests move, and a browser to use it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.site import Site

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS_TO_START = 30
CHROMIUM_FLAGS = [
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
def seen() -> set[str]:
    """The kinds of pages that were inspected already: once a run is enough."""
    return set()


@pytest.fixture
def site(
    own_database: str, settings: Any, browser: Browser, seen: set[str], tmp_path: Path
) -> Iterator[Site]:
    """The product as people meet it: gunicorn, a committed database, the demo's clock."""
    settings.DEMO_CLOCK = True
    port = _free_port()
    log = (tmp_path / "gunicorn.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "remsportal.wsgi", "--bind", f"127.0.0.1:{port}",
         "--workers", "1", "--threads", "4"],
        cwd=ROOT,
        env={**os.environ, "REMSPORTAL_ENV": "test", "DEMO_CLOCK": "1"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(port, server, tmp_path / "gunicorn.log")
        visited = Site(address, browser, seen)
        yield visited
        visited.close()
    finally:
        server.terminate()
        server.wait(timeout=SECONDS_TO_START)
        log.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
