"""Roles and databases on a PostgreSQL server: one role owns the tables, another one uses them.

Touches nothing on the server that it did not make itself.
"""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from launcher.console import Failure

OLDEST_SERVER = 15


@dataclass(frozen=True)
class Database:
    """A database with its two roles, as connection URLs."""

    owner_url: str
    application_url: str
    application_role: str


def check_server(url: str) -> None:
    """Refuse a server that does not answer, is too old, or lets us make no roles and databases."""
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        raise Failure("DATABASE_URL must look like postgresql://user:password@host:port/name.")
    with connect(url) as connection:
        release = connection.info.server_version // 10_000
        if release < OLDEST_SERVER:
            raise Failure(
                f"DATABASE_URL is PostgreSQL {release}; {OLDEST_SERVER} or newer is needed."
            )
        row = connection.execute(
            "SELECT rolsuper OR (rolcreatedb AND rolcreaterole), rolname::text FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        allowed, role = row or (False, "")
        if not allowed:
            sql = SQL("ALTER ROLE {} CREATEDB CREATEROLE;").format(Identifier(role))
            raise Failure(
                "DATABASE_URL names an account that may not create databases and roles; `rems`\n"
                "makes its own there and leaves everything else alone. As a superuser, run:\n"
                f"    {sql.as_string(connection)}"
            )


def connect(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection in which every statement stands for itself."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        place = urlsplit(url)
        where = place.hostname or dict(parse_qsl(place.query)).get("host", "the local socket")
        raise Failure(
            f"PostgreSQL at {where} does not let {place.username or 'us'} in:\n    {error}"
        ) from error


def create_database(server_url: str, name: str, *, with_passwords: bool) -> Database:
    """Make the roles and the database where they are missing; passwords are new each time."""
    owner, application = f"{name}_owner", f"{name}_app"
    passwords = {
        role: secrets.token_urlsafe(24) if with_passwords else "" for role in (owner, application)
    }
    with connect(server_url) as connection:
        for role, rights in ((owner, "LOGIN CREATEDB"), (application, "LOGIN")):
            create_role(connection, role, rights, passwords[role])
    urls = {role: as_role(server_url, role, passwords[role]) for role in passwords}
    with connect(urls[owner]) as connection:
        exists = "SELECT 1 FROM pg_database WHERE datname = %s"
        if connection.execute(exists, [name]).fetchone() is None:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return Database(
        owner_url=in_database(urls[owner], name),
        application_url=in_database(urls[application], name),
        application_role=application,
    )


def create_role(
    connection: "psycopg.Connection[tuple[Any, ...]]", role: str, rights: str, password: str
) -> None:
    """Make a role, or give the one that an earlier run left a new password."""
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    statement = SQL("{} ROLE {} {}").format(
        SQL("ALTER" if known else "CREATE"), Identifier(role), SQL(rights)
    )
    if password:
        statement += SQL(" PASSWORD {}").format(Literal(password))
    connection.execute(statement)


def drop_database(server_url: str, name: str) -> None:
    """Remove the two roles and every database that belongs to the owner."""
    owner, application = f"{name}_owner", f"{name}_app"
    with connect(server_url) as connection:
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [owner]).fetchone():
            # Only its owner may drop a database; the account becomes one for that.
            connection.execute(SQL("GRANT {} TO CURRENT_USER").format(Identifier(owner)))
        owned = connection.execute(
            "SELECT datname::text FROM pg_database WHERE datdba = to_regrole(%s)", [owner]
        ).fetchall()
        for (database,) in owned:
            drop = SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(Identifier(str(database))))
        for role in (owner, application):
            connection.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)))


def as_role(url: str, role: str, password: str) -> str:
    """The same server and database, entered by another account."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    account = quote(role) + (f":{quote(password, safe='')}" if password else "")
    query = [(key, value) for key, value in parse_qsl(parts.query) if key not in CREDENTIALS]
    return urlunsplit(
        SplitResult(parts.scheme, f"{account}@{place}", parts.path, urlencode(query), "")
    )


CREDENTIALS = {"user", "password", "passfile", "service"}


def in_database(url: str, name: str) -> str:
    """The same server and account, in another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
