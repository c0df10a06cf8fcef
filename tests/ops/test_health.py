"""What an operator's tools are told: alive, ready, degraded; and nothing about people."""

import socket
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as product
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from apps.audit import sealing, selectors
from apps.audit import tasks as audit
from apps.audit.services import record_view
from apps.core import clock, sweeps
from apps.core.call import SYSTEM_CALL
from apps.core.models import SweepRun
from apps.eligibility import tasks as eligibility
from apps.notices import tasks as notices
from apps.notices.models import Notice
from apps.ops import metrics as figures
from apps.ops import readiness
from apps.oversight import tasks as oversight
from apps.portal import tasks as portal
from apps.reminders import tasks as reminders

pytestmark = pytest.mark.django_db

PARTS = ["database", "clock", "policies", "notices", "sweeps", "trail", "broker"]
TASKS = {
    task.name: task
    for module in (audit, eligibility, notices, oversight, portal, reminders)
    for task in vars(module).values()
    if hasattr(task, "apply_async")
}


@pytest.fixture(autouse=True)
def sealed(settings: Any) -> None:
    """The trail has just been sealed."""
    settings.TRAIL_ANCHOR_FILE = ""
    sealing.seal()


@pytest.fixture
def swept() -> None:
    """Every sweep has just run."""
    for sweep in product.SWEEPS:
        sweeps.note_end(sweep)


def ready() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


def test_alive_asks_nothing_of_the_database(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = Client().get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_names_its_parts(swept: None) -> None:
    status, answer = ready()
    assert status == 200
    assert answer == {"status": "ok", "parts": dict.fromkeys(PARTS, "ok"), "messages": []}


def test_without_the_broker_it_serves_on_degraded(swept: None, settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    status, answer = ready()
    assert (status, answer["status"]) == (200, "degraded")
    assert answer["parts"]["broker"] == "unreachable"
    assert answer["messages"] == [
        "Redis does not answer: notices wait until it does, and nothing else."
    ]


def test_a_broker_that_says_nothing_holds_nobody_up(swept: None, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        began = time.monotonic()
        assert ready()[1]["parts"]["broker"] == "unreachable"
    assert time.monotonic() - began < 10


# --- Sweeps ---------------------------------------------------------------------------------------


def test_every_scheduled_sweep_is_a_task_that_notes_its_end() -> None:
    assert set(TASKS) == set(product.SWEEPS)
    for name, task in TASKS.items():
        task()
        assert SweepRun.objects.filter(pk=name).exists()
    assert ready()[1]["parts"]["sweeps"] == "ok"


def test_a_sweep_that_fails_has_not_run_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise LookupError

    monkeypatch.setattr("apps.eligibility.selectors.patients_with_overdue", fail)
    with pytest.raises(LookupError):
        TASKS["eligibility.write_overdue"]()
    assert not SweepRun.objects.exists()


def test_a_sweep_that_never_ran_and_one_that_stands_still_are_named() -> None:
    for sweep in set(product.SWEEPS) - {"notices.sweep_due"}:
        sweeps.note_end(sweep)
    ago = datetime.now(UTC) - timedelta(minutes=12)
    SweepRun.objects.filter(pk="reminders.sweep_due").update(ended_at=ago)
    status, answer = ready()
    assert (status, answer["status"], answer["parts"]["sweeps"]) == (200, "degraded", "late")
    (message,) = answer["messages"]
    assert "notices.sweep_due (never), reminders.sweep_due (for 12 minutes)" in message


def test_a_note_never_goes_back(swept: None) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)
    SweepRun.objects.filter(pk="notices.sweep_due").update(ended_at=later)
    sweeps.note_end("notices.sweep_due")
    assert SweepRun.objects.get(pk="notices.sweep_due").ended_at == later


# --- The trail's seal -----------------------------------------------------------------------------


def test_a_sealing_that_stalls_is_told_and_one_with_nothing_to_do_is_not(settings: Any) -> None:
    """As when a sweep always finds a transaction open: it runs to its end, and seals nothing."""
    settings.SEAL_LATE_SECONDS = 600
    later = datetime.now(UTC) + timedelta(hours=9)
    with time_machine.travel(later, tick=False):
        assert readiness.trail().state == "ok"
        record_view(SYSTEM_CALL, "signed_in")
    with time_machine.travel(later + timedelta(seconds=599), tick=False):
        assert selectors.sealing().waits == timedelta(seconds=599)
        assert readiness.trail().state == "ok"
    with time_machine.travel(later + timedelta(seconds=601), tick=False):
        part = readiness.trail()
        assert (part.state, "for 10 minutes" in part.message) == ("late", True)
        assert b"remsportal_seal_wait_seconds 601.0" in figures.text()
    assert "late" not in readiness.UNFIT


# --- Clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "status", "state"),
    [(1, 200, "ok"), (3, 200, "apart"), (-3, 200, "apart"), (61, 503, "far_apart")],
)
def test_a_clock_that_is_off_is_told_and_one_that_is_far_off_serves_nobody(
    swept: None, seconds: int, status: int, state: str
) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds), tick=True):
        answered, answer = ready()
    assert (answered, answer["parts"]["clock"]) == (status, state)
    assert ("clock" in " ".join(answer["messages"])) is (state != "ok")


def test_the_time_that_asking_takes_is_no_skew() -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    late, early = at + timedelta(seconds=4), at - timedelta(seconds=4)
    assert clock.apart(early, at, late) == timedelta(0)
    assert clock.apart(at, late, at) == clock.apart(at, early, at) == timedelta(seconds=4)


# --- The rest -------------------------------------------------------------------------------------


def test_production_does_not_serve_as_the_owner_of_the_tables(
    swept: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PRODUCTION = True
    monkeypatch.setattr("apps.ops.starting.DURABLE", ())
    assert ready()[1]["parts"]["database"] == "ok"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE mine ()")
    monkeypatch.setattr(
        "apps.ops.starting.ROLE",
        "SELECT false, false, EXISTS (SELECT FROM pg_class WHERE relname = 'mine' "
        "AND pg_has_role(current_user, relowner, 'MEMBER'))",
    )
    status, answer = ready()
    assert (status, answer["parts"]["database"]) == (503, "unsafe")


def test_a_notice_that_is_long_due_shows_that_nothing_sends() -> None:
    now = clock.now()
    Notice.objects.create(
        key="late",
        template="positive_test",
        recipient_kind="staff",
        address="staff@program.example",
        due_at=now - timedelta(minutes=6),
        created_at=now - timedelta(hours=1),
    )
    status, answer = ready()
    assert (status, answer["parts"]["notices"]) == (200, "late")
    assert "1 due notices wait, the oldest for 6 minutes" in " ".join(answer["messages"])


def test_only_reading_is_answered() -> None:
    for address in ("/livez", "/readyz"):
        assert Client().post(address).status_code == 405
        assert Client().head(address).status_code == 200


def test_without_the_database_it_is_not_ready(own_database: str) -> None:
    connection.close()
    name = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = "there_is_no_such_database"
    try:
        status, answer = ready()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
    assert (status, answer["status"]) == (503, "unavailable")
    assert answer["parts"]["database"] == "unreachable"


def test_an_operator_runs_the_sweeps_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sweep", "notices.sweep_due")
    assert capsys.readouterr().out == "notices.sweep_due: 0\n"
    call_command("sweep")
    assert ready()[1]["parts"]["sweeps"] == "ok"
    with pytest.raises(
        CommandError, match=r"There is no sweep all\. There are: audit\.seal, eligibility"
    ):
        call_command("sweep", "all")
