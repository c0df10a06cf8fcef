"""A production start is refused while it is unsafe: each fault by a real process that has it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from launcher.checks import PRODUCTION
from launcher.services import private_folder
from tests import databases

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ["-c", "import remsportal.settings"]
# The settings are read anew for each environment; only the libraries are imported once.
READ_EACH = """
import json, os, runpy, sys
from django.core.exceptions import ImproperlyConfigured
told = []
for environment in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update({name: value for name, value in environment.items() if value})
    try:
        runpy.run_module("remsportal.settings")
        told.append("")
    except ImproperlyConfigured as error:
        told.append(str(error))
print(json.dumps(told))
"""
WEB = ["-m", "gunicorn", "remsportal.wsgi", "--check-config"]
WORKER = ["-m", "celery", "--app", "remsportal", "worker", "--pool", "solo"]
BEAT = ["-m", "celery", "--app", "remsportal", "beat", "--pidfile="]
BEAT += ["--scheduler", "celery.beat:Scheduler"]  # without a file


def start(*command: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    """Start a process of production with these changes; an empty value takes the variable away."""
    environment = {**os.environ, **PRODUCTION, **changes}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def elsewhere(own_database: str, tmp_path: Path) -> dict[str, str]:
    """The test's servers under another path: that of embedded ones would be refused."""
    url = os.environ["DATABASE_URL"]
    host = str(conninfo_to_dict(url)["host"])
    if Path(host).is_absolute():
        link = tmp_path / "sql"
        link.symlink_to(host)
        for written in (quote(host, safe=""), host):
            url = url.replace(f"host={written}", f"host={link}")
    return {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0"}


def is_durable() -> bool:
    with psycopg.connect(os.environ["DATABASE_URL"]) as server:
        off = server.execute(
            "SELECT FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', "
            "'synchronous_commit') AND setting = 'off'"
        )
        return off.fetchone() is None


def test_a_safe_production_starts(elsewhere: dict[str, str]) -> None:
    """On a server for tests, which may lose its data, nothing else is found fault with."""
    begun = start(*WEB, **elsewhere)
    faults = begun.stderr.partition("This is no safe production start.\n")[2].splitlines()
    if is_durable():
        assert (begun.returncode, faults) == (0, [])
    else:
        assert len(faults) == 1
        assert faults[0].startswith("The database server runs with fsync")


def test_a_server_that_may_lose_what_it_acknowledged_is_refused(
    own_database: str, elsewhere: dict[str, str]
) -> None:
    owner = databases.url_of(databases.owner_url(), own_database)
    with psycopg.connect(owner, autocommit=True) as server:
        name = sql.Identifier(own_database)
        server.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))
    refused = start(*WEB, **elsewhere)
    assert refused.returncode != 0
    assert "synchronous_commit off: what was acknowledged could be lost" in refused.stderr


UNSAFE = [
    ({"DEBUG": "1"}, "DEBUG is set: production never shows its insides"),
    ({"DJANGO_DEBUG": "true"}, "DJANGO_DEBUG is set"),
    ({"PATIENT_WRONG_CODES": "0"}, "A one-time code is right for 7 days and 10 wrong tries"),
    ({"PATIENT_CODE_HOURS": "200"}, "A one-time code is right for 7 days and 10 wrong tries"),
    ({"DEMO_CLOCK": "1"}, "DEMO_CLOCK is set: production never moves its clock"),
    ({"SECRET_KEY": ""}, "Set SECRET_KEY in the environment"),
    ({"SECRET_KEY": "not-secret-for-demo-and-tests-only"}, "SECRET_KEY must be random"),
    ({"SECRET_KEY": "k3j4h5g6f7d8s9a0" * 3}, "SECRET_KEY must be random"),
    ({"SECRET_KEY": "abcabcab" * 10}, "SECRET_KEY must be random"),
    ({"ALLOWED_HOSTS": ""}, "Set ALLOWED_HOSTS in the environment"),
    ({"ALLOWED_HOSTS": "remsportal.example,*"}, "'*' is refused in production"),
    ({"ALLOWED_HOSTS": "remsportal.example,.example"}, "'.example' is refused"),
    ({"ALLOWED_HOSTS": "https://remsportal.example"}, "has a scheme or a port"),
    ({"PORTAL_URL": ""}, "Set PORTAL_URL in the environment"),
    ({"PORTAL_URL": "http://remsportal.example"}, "PORTAL_URL must begin with https://"),
    ({"PORTAL_URL": "https://elsewhere.example"}, "which ALLOWED_HOSTS does not name"),
    ({"CSRF_TRUSTED_ORIGINS": "http://remsportal.example"}, "https:// origins only"),
    ({"CSRF_TRUSTED_ORIGINS": "https://*.example"}, "https:// origins only"),
    ({"TLS_PROXY_HEADER": ""}, "Set TLS_PROXY_HEADER in the environment"),
    ({"TLS_PROXY_HEADER": "yes"}, "TLS_PROXY_HEADER must say who ends TLS"),
    ({"PROXY_COUNT": "0"}, "but PROXY_COUNT says that none does"),
    ({"PROXY_COUNT": "one"}, "PROXY_COUNT must be a number"),
    ({"DATABASE_URL": "postgresql://app:secret@db.example/rems"}, "crosses a network"),
    ({"DATABASE_URL": "postgresql://app:secret@10.0.0.7/rems"}, "crosses a network"),
    (
        {"DATABASE_URL": "postgresql://app:secret@db.example/rems?sslmode=prefer"},
        "crosses a network",
    ),
    ({"EMAIL_SECURITY": ""}, "EMAIL_SECURITY must be starttls or tls"),
    ({"EMAIL_SECURITY": "ssl"}, "EMAIL_SECURITY must be starttls or tls"),
    (
        {"EMAIL_SECURITY": "none", "EMAIL_HOST_PASSWORD": "secret"},
        "EMAIL_HOST_PASSWORD would be sent in the clear",
    ),
    (
        {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"},
        "its mail reaches nobody",
    ),
    (
        {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"},
        "its mail reaches nobody",
    ),
    ({"METRICS_TOKEN": "short"}, "METRICS_TOKEN must be random"),
    ({"REMSPORTAL_ENV": "staging"}, "REMSPORTAL_ENV is 'staging'"),
]
TOGETHER = {"DEBUG": "1", "PORTAL_URL": "http://remsportal.example"}
BEYOND = [
    {"DATABASE_URL": f"postgresql://app:secret@db.example/rems?sslmode={mode}"}
    for mode in ("require", "verify-full", "disable")
] + [
    {"DATABASE_URL": f"postgresql://app:secret@{host}/rems"}
    for host in ("localhost", "127.0.0.1:5433", "[::1]")
]


@pytest.fixture(scope="module")
def refusals() -> dict[str, str]:
    """What each environment is told; empty for one that is safe. One process reads them all."""
    environments = [changes for changes, _ in UNSAFE] + [TOGETHER, *BEYOND]
    done = subprocess.run(
        [sys.executable, "-c", READ_EACH],
        cwd=ROOT,
        input=json.dumps([{**os.environ, **PRODUCTION, **each} for each in environments]),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return dict(zip(map(str, environments), json.loads(done.stdout), strict=True))


@pytest.mark.parametrize(("changes", "told"), UNSAFE, ids=str)
def test_an_unsafe_environment_is_refused(
    changes: dict[str, str], told: str, refusals: dict[str, str]
) -> None:
    refused = refusals[str(changes)]
    assert told in refused
    assert "secret@" not in refused
    assert PRODUCTION["SECRET_KEY"] not in refused


def test_every_fault_is_told_at_once(refusals: dict[str, str]) -> None:
    assert "DEBUG is set" in refusals[str(TOGETHER)]
    assert "PORTAL_URL must begin" in refusals[str(TOGETHER)]


def test_a_refused_environment_ends_the_process() -> None:
    refused = start(*SETTINGS, **TOGETHER)
    assert refused.returncode != 0
    assert "DEBUG is set" in refused.stderr


def test_a_database_beyond_a_network_is_asked_through_tls(refusals: dict[str, str]) -> None:
    assert {refusals[str(environment)] for environment in BEYOND} == {""}


@pytest.mark.parametrize("command", [WEB, WORKER, BEAT], ids=["web", "worker", "beat"])
def test_the_owner_of_the_tables_does_not_serve(own_database: str, command: list[str]) -> None:
    owner = databases.url_of(databases.owner_url(), own_database)
    refused = start(*command, DATABASE_URL=owner)
    assert refused.returncode != 0
    assert "a role that owns the tables" in refused.stderr


def test_the_embedded_servers_never_serve_production() -> None:
    with private_folder() as folder:
        broker = f"redis+socket://{folder}/valkey.sock?virtual_host=0"
        database = f"postgresql://app@/rems?host={folder}"
        refused = start(*WEB, DATABASE_URL=database, REDIS_URL=broker)
    assert refused.returncode != 0
    assert "DATABASE_URL leads to the embedded server" in refused.stderr
    assert "REDIS_URL leads to the embedded server" in refused.stderr
