"""What `./rems` promises about servers: it finds or starts them, and leaves nothing behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from launcher import database, demo, environment, managing, servers
from launcher.console import Failure
from launcher.processes import Processes, Program

ROOT = Path(__file__).resolve().parents[2]
ON_SERVICES = """
import json, sys
from launcher import services
from launcher.processes import stop_on_signals
stop_on_signals()
with services.throw_away() as running:
    print("\\n" + json.dumps(running.environment()), flush=True)
    sys.stdin.read()
"""


def servers_folder(given: dict[str, str]) -> str:
    """Where the sockets of a run lie."""
    return str(psycopg.conninfo.conninfo_to_dict(given["DATABASE_URL"])["host"])


@pytest.fixture
def run_on_its_own_services() -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A run that starts servers of its own and then waits for its input to end."""
    without_servers = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"}
    }
    with subprocess.Popen(
        [sys.executable, "-c", ON_SERVICES],
        cwd=ROOT,
        env=without_servers,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout
        given = next(line for line in run.stdout if line.startswith("{"))
        yield run, json.loads(given)
        run.kill()
    shutil.rmtree(servers_folder(json.loads(given)), ignore_errors=True)


def wait_until_down(given: dict[str, str]) -> None:
    deadline = time.monotonic() + 10
    while servers.accepts_connections(given["DATABASE_URL"]) or servers.answers_ping(
        given["REDIS_URL"]
    ):
        assert time.monotonic() < deadline, "a server outlived the run that started it"
        time.sleep(0.05)


def test_the_owner_owns_and_the_application_may_not_create(
    run_on_its_own_services: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    _run, given = run_on_its_own_services
    with psycopg.connect(given["DATABASE_OWNER_URL"]) as owner:
        owner.execute("CREATE TABLE kept (id int)")
    with psycopg.connect(given["DATABASE_URL"]) as application:
        assert application.info.user == given["APPLICATION_DATABASE_ROLE"]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("SELECT * FROM kept")
    assert servers.answers_ping(given["REDIS_URL"])


def test_a_run_that_ends_leaves_no_server_and_no_file(
    run_on_its_own_services: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    run, given = run_on_its_own_services
    sockets = Path(servers_folder(given))
    assert sockets.is_dir()
    run.terminate()
    run.wait(timeout=20)
    assert not servers.accepts_connections(given["DATABASE_URL"])
    assert not sockets.exists()


def test_even_a_killed_run_leaves_no_server(
    run_on_its_own_services: tuple[subprocess.Popen[str], dict[str, str]],
) -> None:
    run, given = run_on_its_own_services
    run.send_signal(signal.SIGKILL)
    run.wait(timeout=5)
    wait_until_down(given)


def test_an_account_without_rights_is_told_which_sql_gives_them() -> None:
    with pytest.raises(Failure, match=r'ALTER ROLE "\w+" CREATEDB CREATEROLE;'):
        database.check_server(os.environ["DATABASE_URL"])


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(
        Failure, match=r"PostgreSQL at 127\.0\.0\.1 does not let maker in"
    ) as caught:
        database.check_server("postgresql://maker:secret@127.0.0.1:1/postgres")
    assert "secret" not in str(caught.value)


def test_a_url_of_another_database_is_refused() -> None:
    with pytest.raises(Failure, match="DATABASE_URL must look like"):
        database.check_server("mysql://root@127.0.0.1/mysql")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            "postgresql://a:b@h:5433/d?sslmode=require",
            "postgresql://r:p%2F@h:5433/d?sslmode=require",
        ),
        ("postgresql://a@/d?host=/s&user=a&password=b", "postgresql://r:p%2F@/d?host=%2Fs"),
        ("postgresql://[::1]/d", "postgresql://r:p%2F@[::1]/d"),
    ],
)
def test_a_role_enters_where_the_given_account_does(given: str, expected: str) -> None:
    assert database.as_role(given, "r", "p/") == expected


def test_a_taken_port_is_refused_when_asked_for_and_passed_over_otherwise() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Failure, match=f"Port {port} is taken"):
            demo.choose_port(port)
    assert demo.choose_port(port) == port


def test_a_program_that_ends_by_itself_is_shown_with_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no room left')"]
    with Processes() as processes:
        processes.start(Program("Worker", command, tmp_path / "worker.log", os.environ))
        with pytest.raises(Failure, match=r"(?s)Worker ended \(exit code 1\).*no room left"):
            processes.wait_until(lambda: False, "Worker", seconds=10)


def test_a_python_without_venv_is_told_which_package_brings_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(environment, "find_spec", lambda _name: None)
    with pytest.raises(Failure, match=r"apt-get install python3\.\d+-venv"):
        environment.require_venv()


def test_a_changed_lock_makes_the_environment_outdated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements-dev.txt").write_text("one==1\n")
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "RECORD", tmp_path / "installed.json")
    (tmp_path / "installed.json").write_text(json.dumps({"dev": environment.fingerprint("dev")}))
    assert environment.is_current("dev")
    (tmp_path / "requirements-dev.txt").write_text("one==2\n")
    assert not environment.is_current("dev")


@pytest.fixture
def no_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A clone in which no demo runs; afterwards Ctrl-C works again for the tests."""
    monkeypatch.setattr(managing, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(managing, "RUNNING", tmp_path / "running.json")
    before = signal.getsignal(signal.SIGINT)
    yield tmp_path
    signal.signal(signal.SIGINT, before)


def test_a_command_without_a_demo_is_told_to_start_one(no_demo: Path) -> None:
    with pytest.raises(Failure, match=r"No demo .*\n.*\./rems demo"):
        managing.run(["policy", "list"])
    (no_demo / "lock").touch()
    (no_demo / "running.json").write_text("{}")  # What a killed demo leaves behind.
    with pytest.raises(Failure, match="No demo"):
        managing.run(["policy", "list"])


def test_a_command_runs_on_the_demo_that_runs_and_gives_its_exit_code(
    no_demo: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with managing.only_demo(), managing.reachable({"REMSPORTAL_ENV": "test"}):
        assert (no_demo / "running.json").stat().st_mode & 0o077 == 0
        assert managing.run(["policy", "show", "none@0"]) != 0
    assert "There is no edition none@0" in capfd.readouterr().err
    assert not (no_demo / "running.json").exists()


def test_a_second_demo_of_a_clone_is_refused(no_demo: Path) -> None:
    with managing.only_demo():
        assert managing.is_running()
        with pytest.raises(Failure, match="already running"), managing.only_demo():
            pytest.fail("two demos at once")
    assert not managing.is_running()
