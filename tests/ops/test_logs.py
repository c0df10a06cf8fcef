"""What operators read: ids, kinds and places in the code. Never a name, a result or an address."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.db import IntegrityError, connection
from django.test import Client

from apps.core import logs

ROOT = Path(__file__).resolve().parents[2]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """All that is written while the test runs, as production writes it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.AllowedOnly())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(handler)


def test_only_what_is_allowed_is_written_and_the_rest_is_named(lines: Lines) -> None:
    notice = uuid4()
    structlog.get_logger("apps.notices").warning(
        "notice_not_handed_over",
        notice=notice,
        kind="SMTPError",
        patient="Fiona",
        result="negative",
    )
    (line,) = lines()
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "apps.notices",
        "event": "notice_not_handed_over",
        "notice": str(notice),
        "kind": "SMTPError",
        "dropped": ["patient", "result"],
    }


@pytest.mark.parametrize(
    "value",
    ["Fiona Frp", "fiona@people.example", {"name": "Fiona"}, "it's", b"Fiona", [1], object()],
)
def test_an_allowed_key_takes_no_sentence(lines: Lines, value: object) -> None:
    structlog.get_logger("apps.notices").info("told", kind=value)
    (line,) = lines()
    assert "kind" not in line
    assert line["dropped"] == ["kind"]


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        ("Locked out %s after %d tries", ("fiona@people.example", 3), "Locked out … after 3 tries"),
        ("%(name)s is unknown", ({"name": "Fiona"},), "… is unknown"),
        ("Invalid HTTP_HOST header: 'Fiona'.", (), "module.function"),
        ("%d failed", ("Fiona",), "%d failed"),
        ("%s and %s", ("Fiona",), "%s and %s"),
        (ValueError("Fiona"), (), "module.function"),
    ],
)
def test_of_a_librarys_words_only_its_own_are_written(
    words: Any, given: tuple[Any, ...], said: str
) -> None:
    record = logging.LogRecord(
        "library", logging.WARNING, "library/module.py", 1, words, given, None, "function"
    )
    assert json.loads(logs.AllowedOnly().format(record))["event"] == said


def reject(words: str) -> None:
    raise IntegrityError(words)


def test_an_exception_is_its_kind_and_the_way_to_it(lines: Lines) -> None:
    try:
        reject("Key (given_name)=(Fiona) already exists.")
    except IntegrityError:
        logging.getLogger("library").exception("It failed")
        structlog.get_logger("apps").exception("it_failed")
    for line in lines():
        assert line["kind"] == "IntegrityError"
        assert line["frames"][-1].endswith(" reject")
        assert "Fiona" not in json.dumps(line)


@pytest.mark.django_db
def test_each_answer_is_logged_under_its_route_and_the_id_of_its_request(lines: Lines) -> None:
    patient = uuid4()
    for address in (f"/patients/{patient}/?name=Fiona", "/Fiona", "/livez"):
        Client().get(address, headers={"user-agent": "Fiona", "x-request-id": "Fiona"})
    answered = [line for line in lines() if line["event"] == "request_answered"]
    assert [(line["route"], line["status"]) for line in answered] == [
        ("patients/<uuid:patient_id>/", 302),
        ("unmatched", 404),
    ]
    assert len({line["request_id"] for line in answered}) == 2
    assert all(line["milliseconds"] >= 0 for line in answered)
    assert "Fiona" not in json.dumps(lines())
    assert str(patient) not in json.dumps(lines())


def test_logging_of_answers_can_be_switched_off(lines: Lines, settings: Any) -> None:
    settings.LOG_REQUESTS = False
    Client().get("/Fiona")
    assert [line for line in lines() if line["event"] == "request_answered"] == []


@pytest.mark.django_db
def test_a_page_that_fails_says_where_and_not_about_whom(
    lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_request: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 'Fiona'::int")

    monkeypatch.setattr("apps.ops.views.Readiness", fail)
    answer = Client(raise_request_exception=False).get("/readyz?name=Fiona")
    assert answer.status_code == 500
    written = json.dumps(lines(), ensure_ascii=False)
    assert "Fiona" not in written
    assert "TypeError" in written
    assert "readyz" in [line.get("route") for line in lines()]


def test_production_writes_like_this_and_nothing_beside_it() -> None:
    """Also Django's own handlers are silent: with them, a record would be written twice."""
    program = (
        "import django, logging; django.setup();"
        "logging.getLogger('django.request').error('%s: %s', 'Fiona', '/Fiona');"
        "logging.getLogger('django.security.DisallowedHost').error('Invalid %r', 'Fiona');"
        "logging.getLogger('django.server').info('GET %s', 'Fiona')"
    )
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "remsportal.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    written = [json.loads(line) for line in run.stderr.splitlines()]
    assert [line["event"] for line in written] == ["…: …", "Invalid '…'", "GET …"]
    assert run.stdout == ""
