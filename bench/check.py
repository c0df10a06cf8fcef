"""What an eligibility check over HTTP costs, beside the least that any kept answer costs.

Three addresses of one server, asked in turn over loopback: *bare* (one SELECT, no middleware),
*floor* (middleware and authentication, one SELECT, one committed INSERT), *check* (the product's).
Production settings, two gunicorn workers, and a PostgreSQL of our own whose commits are durable; or
the servers in DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL (`./rems services -- …` sets them, but
its PostgreSQL does not wait for the disk). The data are a clone of the tests' template database.
"""

import argparse
import http.client
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from launcher import services
from tests import databases

TARGET = 0.6
WARM_UP = 60
DURABILITY = ("server_version", "fsync", "synchronous_commit", "full_page_writes")
PATHS = {"bare": "/bare", "floor": "/floor", "check": "/api/v1/eligibility-checks"}


@dataclass(frozen=True)
class Question:
    """What is asked, and by whom."""

    body: bytes
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """As a pharmacy's system sends them, past a proxy that ended TLS."""
        return {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.token}",
            "X-Forwarded-Proto": "https",
        }


def main(argv: list[str]) -> int:
    """Print the ratios and where the time goes; exit status 1 when the target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench check", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15.0, help="how long to ask")
    parser.add_argument("--worker-class", default="sync", choices=["sync", "gthread"])
    options = parser.parse_args(argv)
    os.environ["REMSPORTAL_ENV"] = "test"  # for the template; the server's is production
    with servers_of_run(), databases.clone() as name:
        prepare_environment(name)
        from bench import check_profile  # noqa: PLC0415 - after the environment is set

        with check_profile.closing_connections():
            question = Question(*check_profile.prepared())
            with server(options.worker_class) as port:
                times = measure(port, question, seconds=options.seconds)
            report_server()
            report(times)
            check_profile.report(question.body, question.token)
    ratio = statistics.median(times["floor"]) / statistics.median(times["check"])
    return 0 if ratio >= TARGET else 1


@contextmanager
def servers_of_run() -> Iterator[None]:
    """The servers in the environment; without any, our own, as durable as in production."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with services.throw_away(durable=True) as running:
        os.environ.update(running.environment())
        yield


def prepare_environment(database: str) -> None:
    """Production settings on the clone, for this process and the server's."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    os.environ.update(
        REMSPORTAL_ENV="production",
        DJANGO_SETTINGS_MODULE="bench.settings",
        DATABASE_URL=urlunsplit(parts._replace(path=f"/{database}")),
        SECRET_KEY=secrets.token_urlsafe(64),
        ALLOWED_HOSTS="127.0.0.1",
        PORTAL_URL="https://127.0.0.1",
        TLS_PROXY_HEADER="1",
        PROXY_COUNT="1",
        EMAIL_SECURITY="starttls",
        API_CALLS_PER_MINUTE="1000000",
    )


@contextmanager
def server(worker_class: str) -> Iterator[int]:
    """Gunicorn with two workers on a free port; yields the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "bench.wsgi:application", "--workers", "2"]
    command += ["--worker-class", worker_class, "--threads", "1", "--bind", f"127.0.0.1:{port}"]
    command += ["--log-level", "warning", "--keep-alive", "30"]
    process = subprocess.Popen(command)  # noqa: S603 - our own server
    try:
        wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Until the server answers. Raises RuntimeError when it ends or stays silent."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("The server did not start.")


def measure(port: int, question: Question, *, seconds: float) -> dict[str, list[float]]:
    """Seconds of each call by kind: the kinds in turn, on one connection each."""
    connections = {
        kind: http.client.HTTPConnection("127.0.0.1", port, timeout=30) for kind in PATHS
    }
    times: dict[str, list[float]] = {kind: [] for kind in PATHS}
    for _ in range(WARM_UP):
        for kind in PATHS:
            ask(connections[kind], kind, question)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for kind in PATHS:
            begin = time.perf_counter()
            ask(connections[kind], kind, question)
            times[kind].append(time.perf_counter() - begin)
    for each in connections.values():
        each.close()
    return times


def ask(connection: http.client.HTTPConnection, kind: str, question: Question) -> Any:
    """One call. Raises RuntimeError unless it is answered as it should be."""
    connection.request("POST", PATHS[kind], question.body, question.headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{kind}: {answer.status} {content[:300]!r}")
    if kind == "check" and b'"allowed":true' not in content:
        raise RuntimeError("The check was to be allowed.")
    return content


def report_server() -> None:
    """What PostgreSQL does for a commit, and how busy the machine was besides."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as server:
        settings = server.execute(
            "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(DURABILITY)]
        ).fetchall()
    print("PostgreSQL: " + ", ".join(f"{name} {setting}" for name, setting in settings))
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")


def report(times: dict[str, list[float]]) -> None:
    """The medians and the two ratios."""
    medians = {kind: statistics.median(values) for kind, values in times.items()}
    print(f"{'':24}median ms  fastest tenth ms  calls")
    for kind, values in times.items():
        tenth = statistics.quantiles(values, n=10)[0]
        print(f"{kind:24}{medians[kind] * 1e3:9.2f}{tenth * 1e3:18.2f}{len(values):7}")
    print(f"check to floor          {medians['floor'] / medians['check']:9.2f}  (target: {TARGET})")
    print(f"check to bare           {medians['bare'] / medians['check']:9.2f}")
