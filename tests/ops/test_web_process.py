"""gunicorn as production runs it: ends in peace, adds its workers' figures up, refuses too much."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import databases
from tests.conftest import connected_to

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-thirty-two-characters-or-more"
PATIENCE_SECONDS = 30.0
SMUGGLED = (
    b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
)


@dataclass
class Web:
    """A server of its own on a database of its own."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def ask(
        self, address: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, address, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                assert self.ask("/livez") == (200, b'{"status": "ok"}')
            except OSError:
                assert time.monotonic() < deadline, self.log.read_text()
                time.sleep(0.1)
            else:
                return

    def raw(self, sent: bytes) -> bytes:
        """What comes back for these very bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS) as line:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65_536), b""))


@contextmanager
def serving(folder: Path) -> Iterator[Web]:
    """A server on a database of its own, which ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (folder / "web.log").open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", "remsportal.wsgi", "--config",
                "python:remsportal.gunicorn", "--bind", f"127.0.0.1:{port}", "--preload",
            ],
            cwd=ROOT,
            env={
                **os.environ, "WEB_CONCURRENCY": "2", "METRICS_TOKEN": TOKEN,
                "TMPDIR": str(folder),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    served = Web(process, port, folder / "web.log")
    try:
        served.wait_until_it_answers()
        yield served
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def web(
    django_test_environment: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Web]:
    """One server for the tests that leave it as it is."""
    with (
        django_db_blocker.unblock(),
        databases.clone() as name,
        connected_to(name),
        serving(tmp_path_factory.mktemp("web")) as served,
    ):
        yield served


def test_a_request_under_way_is_answered_before_the_server_ends(
    own_database: str, tmp_path: Path
) -> None:
    with serving(tmp_path) as web:
        end_while_it_answers(web, own_database)
    assert list(tmp_path.glob("remsportal-figures-*")) == []


def end_while_it_answers(web: Web, database: str) -> None:
    answers: list[tuple[int, bytes]] = []
    asking = threading.Thread(target=lambda: answers.append(web.ask("/readyz")))
    with psycopg.connect(databases.url_of(databases.owner_url(), database)) as holding:
        holding.execute("LOCK TABLE notices_notice")
        asking.start()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holding.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        web.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            web.process.wait(timeout=1.5)
        holding.rollback()
    asking.join(PATIENCE_SECONDS)
    ((status, content),) = answers
    assert (status, json.loads(content)["parts"]["notices"]) == (200, "ok")
    assert web.process.wait(PATIENCE_SECONDS) == 0


def test_figures_are_those_of_all_workers_and_none_goes_backwards(web: Web) -> None:
    def counted() -> float:
        status, text = web.ask("/metrics", Authorization=f"Bearer {TOKEN}")
        assert status == 200
        found = re.search(rb'remsportal_requests_total{.*route="livez".*} (\S+)', text)
        return float(found[1]) if found else 0.0

    before = counted()
    threads = [threading.Thread(target=web.ask, args=("/livez",)) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {counted() - before for _ in range(6)} == {40.0}
    web.process.send_signal(signal.SIGHUP)  # New workers take over; what was counted stays.
    time.sleep(2)
    assert counted() - before == 40.0


def test_a_body_that_is_too_large_is_refused_in_the_door_s_own_form(web: Web) -> None:
    large = b"x" * 2_000_000
    status, content = web.ask("/accounts/login/", "POST", large)
    assert status == 413
    assert b"<h1>This is too large</h1>" in content
    status, content = web.ask("/api/v1/patients", "POST", large, Content_Type="application/json")
    assert (status, json.loads(content)["code"]) == (413, "content_too_large")
    status, _ = web.ask(
        "/accounts/login/", "POST", b"x" * 7_000_000, Content_Type="multipart/form-data; boundary=x"
    )
    assert status == 413


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: local host\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 5_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 70 + b"\r\n", b"431"),
        (SMUGGLED, b"400"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX Y: z\r\n\r\n", b"400"),
        (b"NONSENSE\r\n\r\n", b"400"),
    ],
    ids=range(10),
)
def test_what_no_browser_sends_is_refused_and_not_repeated(
    web: Web, sent: bytes, status: bytes
) -> None:
    answer = web.raw(sent)
    line, _, rest = answer.partition(b"\r\n")
    assert line.split()[1] == status, answer
    assert b"evil.example" not in rest
    assert web.ask("/livez")[0] == 200


def test_no_header_tells_under_which_path_we_are_served(web: Web) -> None:
    told = b"Host: localhost\r\nSCRIPT_NAME: /elsewhere\r\n\r\n"
    assert b" 404 " in web.raw(b"GET /elsewhere/accounts/login/ HTTP/1.1\r\n" + told)[:20]
    assert b"\r\nLocation: /accounts/login/" in web.raw(b"GET /check/ HTTP/1.1\r\n" + told)


def test_nothing_of_what_is_asked_is_logged(web: Web) -> None:
    web.ask("/patients/?name=Fiona-Frp")
    web.raw(b"GET /Fiona-Frp HTTP/1.1\r\nHost: Fiona-Frp.example\r\n\r\n")
    web.raw(b"Fiona-Frp\r\n\r\n")
    written = web.log.read_text()
    assert "Fiona" not in written
    lines: list[dict[str, Any]] = [json.loads(line) for line in written.splitlines()]
    assert "request_answered" in {line["event"] for line in lines}
