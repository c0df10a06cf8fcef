"""Clients at work: whole journeys over HTTP, each write repeated under its key until answered.

They behave as docs/openapi.yaml asks of a system: after a lost answer or a 503 the same request
goes again. Whatever they are told, they write down at once, one JSON line each.
"""

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NoReturn
from urllib.parse import urlencode
from uuid import UUID

from apps.accounts.models import ApiClient
from tests.api import test_journey as journey
from tests.api.clients import System
from tests.builders import PROGRAM

PATIENCE_SECONDS = 90.0
TIMEOUT_SECONDS = 30.0
WAIT_SECONDS = 0.5
# A client cannot know whether an answer was lost on its side: now and then it asks once more.
REPEATED_SHARE = 0.1
NOT_REPEATED = {"eligibility-checks"}  # Each check is a new decision.
CATEGORY = "adult_frp"


class Broken(Exception):
    """A client was told what it cannot work with."""


class Journal:
    """What the clients saw, in a file, for the process that judges it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def note(self, kind: str, **what: Any) -> None:
        """One line, at this instant."""
        with self._lock:
            self._file.write(json.dumps({"kind": kind, "at": time.time(), **what}) + "\n")


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status_code: int
    content: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        """The content."""
        return json.loads(self.content)


@dataclass
class Line:
    """HTTP to the product, one connection a request, in the place of a test's browser."""

    port: int
    journal: Journal

    def post(
        self, path: str, data: Any = None, *, headers: dict[str, str], content_type: str = ""
    ) -> Answer:
        """Send until there is an answer to work with. Raises Broken when patience ends."""
        body, sent_as = _encoded(data, content_type)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                answer = ask(self.port, "POST", path, body, {**headers, "Content-Type": sent_as})
            except (OSError, http.client.HTTPException) as error:
                self.journal.note("trouble", what=type(error).__name__, path=route_of(path))
                time.sleep(WAIT_SECONDS)
                continue
            if answer.status_code in {200, 201}:
                return answer
            wait = answer.headers.get("retry-after", "")
            self.journal.note(
                "trouble",
                what=_said(answer),
                path=route_of(path),
                status=answer.status_code,
                retry_after=wait,
            )
            if answer.status_code not in {429, 500, 502, 503}:
                return answer
            time.sleep(float(wait or WAIT_SECONDS))
        raise Broken(f"No answer from {route_of(path)} within {PATIENCE_SECONDS:.0f} seconds.")


def ask(port: int, method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
    """One request. Raises OSError or HTTPException when the answer is lost."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, answer.read(), told)
    finally:
        connection.close()


def _encoded(data: Any, content_type: str) -> tuple[Any, str]:
    if content_type:
        return data, content_type
    return urlencode(data or {}), "application/x-www-form-urlencoded"


def _said(answer: Answer) -> str:
    """A problem's code; of what is no problem document, its kind of content."""
    kind = answer.headers.get("content-type", "nothing").partition(";")[0]
    if kind != "application/problem+json":
        return f"{answer.status_code} {kind}"
    return f"{answer.status_code} {answer.json()['code']}"


def route_of(path: str) -> str:
    """An address without ids."""
    return "/".join("…" if part.count("-") == 4 else part for part in path.split("/"))  # noqa: PLR2004 - a UUID


@dataclass
class Caller(System):
    """A system of the tests that calls over HTTP, and gets itself a new token when it needs one."""

    def post(self, path: str, content: Any = None, *, key: str | None = None) -> Any:
        """POST under one key until it is done; each acknowledged write is noted."""
        chosen = key or str(UUID(int=RANDOM.getrandbits(128), version=4))
        answer = super().post(path, content, key=chosen)
        if answer.status_code == http.client.UNAUTHORIZED:
            self.authenticate()
            answer = super().post(path, content, key=chosen)
        if answer.status_code in {200, 201}:
            self.note(chosen, path, answer)
            if path not in NOT_REPEATED and RANDOM.random() < REPEATED_SHARE:
                self.note(chosen, path, super().post(path, content, key=chosen))
        return answer

    def note(self, key: str, path: str, answer: Any) -> None:
        """Write down what was acknowledged."""
        self.line.journal.note("written", key=key, path=path, content=_kept(answer.json()))

    @property
    def line(self) -> Line:
        """The line, which stands in a browser's place."""
        return self.browser  # type: ignore[return-value]


def _kept(content: dict[str, Any]) -> dict[str, Any]:
    """Ids, numbers and whether it was allowed: nothing of a person."""
    wanted = ("id", "number", "allowed")
    made = ("authorization", "confirmation", "dispense")
    kept = {name: content[name] for name in wanted if name in content}
    return kept | {
        name: _kept(content[name]) for name in made if isinstance(content.get(name), dict)
    }


RANDOM = Random()  # noqa: S311 - keys and names of a bench


@dataclass
class Client:
    """One practice and one pharmacy that serve one new patient after another."""

    number: int
    practice: Caller
    pharmacy: Caller
    journal: Journal
    served: int = field(default=0)

    def work(self, stop: threading.Event) -> None:
        """Serve patients until told to stop; the one under way is served to the end."""
        while not stop.is_set():
            self.served += 1
            try:
                self.serve()
            except Exception as error:  # noqa: BLE001 - noted; the next patient is not to wait
                self.journal.note("broken", what=f"{type(error).__name__}: {error}"[:400])
                time.sleep(WAIT_SECONDS)

    def serve(self) -> None:
        """Enroll, prepare, authorize, check, confirm, dispense; then a report that tells people."""
        patient, born_on = self.enrolled()
        now = datetime.now(UTC)
        since = (now - timedelta(days=40)).date().isoformat()
        journey.contraception(self.practice, patient, now, since)
        for ago in (timedelta(days=11), timedelta(hours=2)):
            journey.negative_test(self.practice, patient, now - ago)
        journey.prepared(self.practice, patient, now, CATEGORY)
        issued = self.practice.make("authorizations", journey.request_for(patient, CATEGORY))
        if issued["authorization"] is None:
            refuse(f"The authorization was refused: {issued['decision']['unmet']}")
        journey.dispensed(self.pharmacy, issued["authorization"], CATEGORY, born_on)
        self.practice.make(
            f"patients/{patient}/bleeding-reports",
            {"reported_at": journey.iso(now), "kind": "abnormal_bleeding"},
        )
        self.journal.note("served")

    def enrolled(self) -> tuple[str, str]:
        """A new synthetic woman who resembles nobody, and her date of birth."""
        now, serial = datetime.now(UTC), self.number * 1_000 + self.served
        born_on = (date(1970, 1, 1) + timedelta(days=serial % 9_000)).isoformat()
        name = f"{'ABCDEFGHIJ'[serial % 10]}{RANDOM.getrandbits(40):x}"
        made = self.practice.make(
            "patients",
            {
                "program": PROGRAM,
                "given_name": f"Given{name}",
                "family_name": f"Family{name}",
                "born_on": born_on,
                "postal_code": f"{10_000 + serial}",
                "email": f"{name.lower()}@patients.example",
                "risk_category": CATEGORY,
                "signer": "patient",
                "signer_name": f"Given{name} Family{name}",
                "patient_signed_at": journey.iso(now),
                "prescriber_signed_at": journey.iso(now),
            },
        )
        return str(made["id"]), born_on


def refuse(why: str) -> NoReturn:
    """Raises Broken."""
    raise Broken(why)


def caller(client: ApiClient, prescriber: UUID | None, port: int, journal: Journal) -> Caller:
    """A system that calls over HTTP."""
    line: Any = Line(port, journal)
    return Caller(client=client, prescriber=prescriber, browser=line)


def watch(port: int, cookie: str, journal: Journal, stop: threading.Event) -> None:
    """Look at /readyz and at a page as a signed-in person, twice a second."""
    while not stop.is_set():
        for path, headers in (("/readyz", {}), ("/", {"Cookie": cookie})):
            try:
                answer = ask(port, "GET", path, None, headers)
            except (OSError, http.client.HTTPException) as error:
                journal.note("seen", path=path, status=0, said=type(error).__name__)
                continue
            said = answer.json()["parts"] if path == "/readyz" else {}
            wait = answer.headers.get("retry-after", "")
            journal.note("seen", path=path, status=answer.status_code, said=said, retry_after=wait)
        time.sleep(WAIT_SECONDS)
