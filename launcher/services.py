"""The database and the broker of one run: the ones named in the environment, else our own."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from launcher import database, servers
from launcher.console import Failure, step
from launcher.places import DEMO, LOGS, VENV
from launcher.processes import Processes, without_interruption

# A socket's path may have some 100 characters; the longest name that we add has 40.
LONGEST_BASE = 50


@dataclass(frozen=True)
class Services:
    """What a run works on. `processes` are the servers that were started for it."""

    database: database.Database
    broker_url: str
    processes: Processes

    def environment(self, **more: str) -> dict[str, str]:
        """The variables that the product and its tests read, over the ones of this process."""
        return {
            **os.environ,
            "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONUNBUFFERED": "1",
            # Dozens of processes start: what one of them compiled, the others load.
            "PYTHONDONTWRITEBYTECODE": "",
            **self.variables(**more),
        }

    def variables(self, **more: str) -> dict[str, str]:
        """Only those that lead to these services, and `more`."""
        return {
            "DATABASE_URL": self.database.application_url,
            "DATABASE_OWNER_URL": self.database.owner_url,
            "APPLICATION_DATABASE_ROLE": self.database.application_role,
            "REDIS_URL": self.broker_url,
            **more,
        }

    def as_owner(self, environment: dict[str, str]) -> dict[str, str]:
        """The same, for the few commands that change tables and rights."""
        return {**environment, "DATABASE_URL": self.database.owner_url}


@contextmanager
def throw_away(*, durable: bool = False) -> Iterator[Services]:
    """Services that leave nothing behind: their data goes when the block ends.

    `durable`: until then a commit survives a crash, at the price that production pays for it.
    """
    name = f"remsportal_test_{secrets.token_hex(4)}"
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder())
        processes = stack.enter_context(Processes())
        folders = servers.Folders(data=folder / "data", sockets=folder, logs=folder)
        broker_url = find_broker(processes, folders)
        server_url = find_server(processes, folders, keeps_data=durable)
        if is_given("DATABASE_URL"):
            stack.callback(remove, server_url, name)
        yield Services(make(server_url, name), broker_url, processes)


@contextmanager
def lasting(*, fresh: bool) -> Iterator[Services]:
    """The demo's services: its data stays between runs, unless it is to be `fresh`."""
    name = "remsportal_demo"
    with ExitStack() as stack:
        folder = stack.enter_context(private_folder())
        processes = stack.enter_context(Processes())
        folders = servers.Folders(data=DEMO / "postgresql", sockets=folder, logs=LOGS)
        if fresh and folders.data.exists():
            shutil.rmtree(folders.data)
        broker_url = find_broker(processes, folders)
        server_url = find_server(processes, folders, keeps_data=True)
        if fresh and is_given("DATABASE_URL"):
            database.drop_database(server_url, name)
        yield Services(make(server_url, name), broker_url, processes)


@contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for sockets that nobody else may enter."""
    base = os.environ.get("XDG_RUNTIME_DIR", "")
    usable = base and os.access(base, os.W_OK) and len(base) < LONGEST_BASE
    folder = Path(tempfile.mkdtemp(prefix="rems-", dir=base if usable else "/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_server(processes: Processes, folders: servers.Folders, *, keeps_data: bool) -> str:
    """The URL of an account that may create roles and databases, on a server that runs."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        with step("Checking the server in DATABASE_URL"):
            database.check_server(given)
        return given
    folders.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return servers.start_postgres(processes, folders, keeps_data=keeps_data)


def find_broker(processes: Processes, folders: servers.Folders) -> str:
    """The URL of a broker that answers."""
    given = os.environ.get("REDIS_URL", "")
    if not given:
        return servers.start_valkey(processes, folders)
    with step("Checking the broker in REDIS_URL"):
        if not servers.answers_ping(given):
            raise Failure("REDIS_URL is set, but no Redis or Valkey answers there.")
    return given


def make(server_url: str, name: str) -> database.Database:
    """The database and its roles. Servers of our own trust their socket: no passwords there."""
    with step("Preparing the database and its two roles"):
        return database.create_database(server_url, name, with_passwords=is_given("DATABASE_URL"))


def remove(server_url: str, name: str) -> None:
    """Leave a server that is not ours as it was."""
    with without_interruption(), step("Removing the throw-away databases and roles"):
        database.drop_database(server_url, name)


def is_given(variable: str) -> bool:
    """Whether somebody named a server for us."""
    return bool(os.environ.get(variable))
