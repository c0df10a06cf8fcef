"""Databases for tests: a migrated template, and clones of it that the application's role uses.

A trigger against TRUNCATE and a teardown by TRUNCATE do not go together; a clone is dropped.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
ONE_AT_A_TIME = 4_711_001
SECONDS_TO_CLOSE = 10


def url_of(url: str, database: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def owner_url() -> str:
    """The URL of the role that owns the tables, from `./rems test` or `./rems services`."""
    url = os.environ.get("DATABASE_OWNER_URL", "")
    if not url:
        raise RuntimeError("DATABASE_OWNER_URL is not set: run the tests with `./rems test`.")
    return url


def application_role() -> str:
    """The role that the product connects as."""
    return urlsplit(os.environ["DATABASE_URL"]).username or "remsportal_app"


def template() -> str:
    """The name of a migrated database of this very source; made when there is none yet."""
    name = f"remsportal_template_{_digest_of_schema()}"
    with psycopg.connect(url_of(owner_url(), "postgres"), autocommit=True) as server:
        server.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not found:
            _make_template(server, name)
    return name


def _make_template(server: psycopg.Connection, name: str) -> None:
    draft = f"{name}_draft"
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(draft)))
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    environment = {**os.environ, "DATABASE_URL": url_of(owner_url(), draft)}
    for command in (
        ["migrate", "-v0"],
        ["grant_application_role", application_role()],
        ["record_policy_editions"],
    ):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    server.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(draft), sql.Identifier(name)
        )
    )


def drop(server: psycopg.Connection, name: str) -> None:
    """Drop a clone, giving sessions that were just closed a moment to end."""
    deadline = time.monotonic() + SECONDS_TO_CLOSE
    while True:
        try:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _digest_of_schema() -> str:
    digest = hashlib.sha256(application_role().encode())
    sources = [
        *ROOT.glob("apps/*/migrations/*.py"),
        *ROOT.glob("apps/rules/policies/*.toml"),
        ROOT / "apps/core/grants.py",
    ]
    for path in [*sorted(sources), ROOT / "requirements.txt"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def clone(name: str = "", *, source: str = "") -> Iterator[str]:
    """A fresh database, of that name if one is given, dropped at the end; yields its name.

    It begins like `source`, to which nobody may be connected, or else empty.
    """
    source = source or template()
    name = name or f"remsportal_test_{uuid4().hex[:12]}"
    with psycopg.connect(url_of(owner_url(), "postgres"), autocommit=True) as server:
        # Two clones of one template at the same time would refuse each other.
        server.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        server.execute(
            # File by file: half the time of what PostgreSQL does unless it is told.
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(name), sql.Identifier(source)
            )
        )
        server.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
        try:
            yield name
        finally:
            drop(server, name)
