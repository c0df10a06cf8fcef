"""One round: start everything, let clients work, break one part after another, judge, report.

Imported once the environment is set: it starts Django.
"""

import argparse
import http.client
import json
import multiprocessing
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from bench import faults_world as world  # first: it starts Django

from django.db import InterfaceError, OperationalError, connections  # isort: skip

from bench import faults_clients, faults_judge
from bench.check import report_server
from bench.faults_judge import Span, Trouble
from bench.faults_plant import LEASE_SECONDS, Machine
from launcher.console import say, step
from launcher.processes import Processes
from tests.databases import ROOT

WARM_UP_SECONDS = 5.0
SHARE = 0.4  # of the time between two faults, a fault is there
DRAIN_SECONDS = 240.0
HEADING = (
    f"{'':22}{'s':>5}{'writes':>8}{'longest gap s':>15}{'without sweep s':>17}"
    "  tried again, and what else was seen"
)
LOOK_SECONDS = 0.2
END_SECONDS = 150.0


@dataclass(frozen=True)
class Fault:
    """What breaks, and what may then happen to answers and mail."""

    name: str
    breaks: Any
    may_repeat_mail: bool = False
    may_cut_answers: bool = False


def faults_of(machine: Machine) -> list[Fault]:
    """In turn. Mail first: what it delays is sent again after a minute."""
    return [
        Fault("mail spool refuses", machine.mail_refused),
        Fault("worker killed", machine.worker_killed, may_repeat_mail=True),
        Fault("web workers killed", machine.web_workers_killed, may_cut_answers=True),
        Fault("clock back an hour", machine.clock_stepped_back),
        Fault("broker killed", machine.broker_killed),
        Fault("database stopped", machine.database_stopped, may_repeat_mail=True),
    ]


def run(options: argparse.Namespace, folder: Path, servers: Processes, port: int) -> int:
    """The whole round; its exit status."""
    faults_clients.RANDOM.seed(options.seed)
    with step("Making practices, pharmacies and systems"):
        people = world.made(options.clients)
        before = Counter({kind: len(found) for kind, found in world.there().items()})
    journal, machine = folder / "journal.jsonl", Machine(folder, servers, port)
    journal.touch()
    clients = Clients(people, port, journal)
    try:
        with step("Starting web, worker and beat"):
            machine.start()
            wait_for_web(port)
        clients.start()
        with step("Waiting until patients are served"):
            clients.wait_for_work(journal)
        sweeps: set[float] = set()
        look_on(time.time() + WARM_UP_SECONDS, sweeps)
        spans, problems = break_all(machine, people, options.seconds, sweeps)
        with step("Letting the clients end"):
            clients.end()
        with step("Waiting until everything due is sent"):
            problems += drained()
        machine.stop()
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        problems += judged(lines, spans, before + world.PLANTED, machine)
        problems += commands()
        report_server()
    finally:
        clients.kill()
        machine.stop()
        connections.close_all()
    report(lines, spans, sweeps, problems)
    return 1 if problems else 0


class Clients:
    """All clients in a process of their own: this one starts servers and must not have threads."""

    def __init__(self, people: world.World, port: int, journal: Path) -> None:
        context = multiprocessing.get_context("fork")
        self._stop = context.Event()
        self._process = context.Process(
            target=work, args=(people, port, journal, self._stop), daemon=True
        )

    def start(self) -> None:
        """Begin; the database is left to the product."""
        connections.close_all()
        self._process.start()

    def wait_for_work(self, journal: Path) -> None:
        """Until a patient is served. Raises RuntimeError."""
        deadline = time.monotonic() + END_SECONDS
        while '"served"' not in journal.read_text():
            if time.monotonic() > deadline:
                raise RuntimeError("No patient is served.")
            time.sleep(LOOK_SECONDS)

    def end(self) -> None:
        """Let each patient under way be served to the end. Raises RuntimeError if one is not."""
        self._stop.set()
        self._process.join(END_SECONDS)
        if self._process.exitcode != 0:
            raise RuntimeError("The clients did not come to an end.")

    def kill(self) -> None:
        """Whatever they are at."""
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def work(people: world.World, port: int, path: Path, stop: Any) -> None:
    """The clients' process."""
    journal = faults_clients.Journal(path)
    threads = [
        threading.Thread(
            target=faults_clients.Client(
                number,
                faults_clients.caller(pair.practice, pair.prescriber, port, journal),
                faults_clients.caller(pair.pharmacy, None, port, journal),
                journal,
            ).work,
            args=(stop,),
        )
        for number, pair in enumerate(people.pairs, start=1)
    ]
    watching = (port, people.cookie, journal, stop)
    threads.append(threading.Thread(target=faults_clients.watch, args=watching))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wait_for_web(port: int) -> None:
    """Until the product answers. Raises RuntimeError."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            faults_clients.ask(port, "GET", "/livez", None, {})
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The web process did not start.")


def break_all(
    machine: Machine, people: world.World, seconds: float, sweeps: set[float]
) -> tuple[list[Span], list[str]]:
    """Every fault in turn, and what went wrong at once; notes in `sweeps` when one ended."""
    spans, problems = [], []
    for fault in faults_of(machine):
        with step(f"{fault.name.capitalize()}"):
            since = time.time()
            there: AbstractContextManager[None] = fault.breaks()
            with there:
                if fault.breaks == machine.clock_stepped_back:
                    problems += wrong_yes(machine.port, people)
                look_on(since + seconds * SHARE, sweeps)
            spans.append(
                Span(fault.name, since, time.time(), fault.may_repeat_mail, fault.may_cut_answers)
            )
            look_on(since + seconds, sweeps)
    return spans, problems


def look_on(until: float, sweeps: set[float]) -> None:
    """Wait, and note meanwhile when a sweep last ran to its end."""
    while time.time() < until:
        try:
            sweeps.add(world.latest_sweep())
        except (OperationalError, InterfaceError):
            connections.close_all()  # The database is away.
        time.sleep(LOOK_SECONDS)


def wrong_yes(port: int, people: world.World) -> list[str]:
    """Ask, on the wrong clock, to dispense on a confirmation that has ended."""
    content, token = world.ended_confirmation(people.cast)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Idempotency-Key": str(uuid4()),
    }
    answer = faults_clients.ask(port, "POST", "/api/v1/dispenses", json.dumps(content), headers)
    said = f"{answer.status_code} {answer.content[:120].decode()}"
    if answer.status_code == http.client.CREATED:
        return [f"A confirmation that had ended was dispensed on: {said}"]
    say(f"\n    (to an ended confirmation on that clock: {said})")
    return []


def drained() -> list[str]:
    """Wait until nothing due waits; what still does is a problem."""
    connections.close_all()  # What was open broke with the database.
    deadline = time.monotonic() + DRAIN_SECONDS
    while (left := world.waiting()) and time.monotonic() < deadline:
        time.sleep(1)
    time.sleep(LEASE_SECONDS)
    return [f"{left} notices that are due were not sent."] if left else []


def judged(
    lines: list[dict[str, Any]], spans: list[Span], before: dict[str, int], machine: Machine
) -> list[str]:
    """All that does not hold."""
    written, there = world.written(lines), world.there()
    copies = machine.handed_over()
    reports = [each for each in written if each.kind == "bleeding-reports"]
    beyond, within = faults_judge.repeated(copies, spans, LEASE_SECONDS)
    back = world.out_of_order()
    say(
        f"\n{len(written)} writes acknowledged, {len({each.key for each in written})} requests; "
        f"{len(copies)} messages left, {world.tried_again()} not at the first attempt, "
        f"{within} twice within the guarantee."
    )
    return [
        *(line["what"] for line in lines if line["kind"] == "broken"),
        *faults_judge.lost(written, there),
        *faults_judge.doubled(written),
        *faults_judge.surplus(written, there, before),
        *faults_judge.unasked_for(troubles(lines), spans),
        *faults_judge.unsent(world.expected_messages(reports), copies),
        *beyond,
        *([f"{back} decisions are out of order."] if back else []),
    ]


def troubles(lines: list[dict[str, Any]]) -> list[Trouble]:
    """What the clients had to try again."""
    return [
        Trouble(line["at"], line["what"], line["path"], line.get("status", 0),
                line.get("retry_after", ""))
        for line in lines
        if line["kind"] == "trouble"
    ]  # fmt: skip


def commands() -> list[str]:
    """Replay every decision, seal what is left, verify the trail; those that failed."""
    failed = []
    for command in (["replay"], ["sweep", "audit.seal"], ["verify_trail"]):
        done = subprocess.run(  # noqa: S603 - our own commands
            [sys.executable, "manage.py", *command],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        say(f"manage.py {' '.join(command)}: {(done.stdout + done.stderr).strip()}")
        if done.returncode:
            failed.append(f"manage.py {' '.join(command)} ended with {done.returncode}.")
    return failed


def report(
    lines: list[dict[str, Any]], spans: list[Span], sweeps: set[float], problems: list[str]
) -> None:
    """What each fault was like, and the problems."""
    successes = [line["at"] for line in lines if line["kind"] == "written"]
    begin, end = min(successes), max(successes)
    served = sum(line["kind"] == "served" for line in lines)
    say(f"{served} patients served in {end - begin:.0f} s.\n")
    ends = [span.since for span in spans[1:]] + [end]
    windows = [("nothing broken", begin, spans[0].since), *((span.name, span.since, until)
               for span, until in zip(spans, ends, strict=True))]  # fmt: skip
    say(HEADING)
    for name, since, until in windows:
        during = [line for line in lines if since <= line["at"] < until]
        gap = faults_judge.longest_gap(successes, since, until)
        still = faults_judge.longest_gap(sweeps, max(since, min(sweeps)), until)
        writes = sum(line["kind"] == "written" for line in during)
        say(f"{name:22}{until - since:5.0f}{writes:8}{gap:15.1f}{still:17.1f}  {seen(during)}")
    for problem in problems:
        say(f"FAILED: {problem}")
    say("\nEverything holds." if not problems else f"\n{len(problems)} problems.")


def seen(lines: list[dict[str, Any]]) -> str:
    """What clients and onlookers were told but success, counted."""
    found: Counter[str] = Counter(line["what"] for line in lines if line["kind"] == "trouble")
    for line in lines:
        if line["kind"] != "seen":
            continue
        if line["path"] == "/readyz" and line["status"]:
            for part, state in line["said"].items():
                if state != "ok":
                    found[f"/readyz {line['status']} {part} {state}"] += 1
        elif line["status"] != http.client.OK:
            waits = " with Retry-After" if line.get("retry_after") else ""
            found[f"{line['path']} {line['status'] or line['said']}{waits}"] += 1
    return ", ".join(f"{count} × {what}" for what, count in found.most_common()) or "nothing"
