"""`rems manage`: the product's own commands, on the data of the demo that runs in this clone."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from launcher.console import Failure
from launcher.places import DEMO, PYTHON, ROOT
from launcher.processes import run_in_foreground

LOCK = DEMO / "lock"
RUNNING = DEMO / "running.json"
# What only the owner of the tables may do.
OWNERS = {"backup", "grant_application_role", "migrate", "record_policy_editions"}


@contextmanager
def only_demo() -> Iterator[None]:
    """Two demos of one clone would share their data; the second one is refused."""
    with LOCK.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Failure("A demo of this clone is already running. Stop it first.") from error
        yield


@contextmanager
def reachable(variables: Mapping[str, str]) -> Iterator[None]:
    """While the block runs, `manage` finds the demo by these variables."""
    RUNNING.unlink(missing_ok=True)
    RUNNING.touch(mode=0o600)  # It holds the demo's secret key and the ways to its servers.
    RUNNING.write_text(json.dumps(dict(variables)))
    try:
        yield
    finally:
        RUNNING.unlink(missing_ok=True)


def run(arguments: list[str]) -> int:
    """Run manage.py where the caller stands, so that its folders mean theirs; its exit code.

    Raises Failure when no demo of this clone runs.
    """
    if not is_running() or not RUNNING.exists():
        raise Failure(
            "No demo of this clone is running, or it is still starting.\n"
            "Start it in another terminal and wait for its address: ./rems demo"
        )
    variables = json.loads(RUNNING.read_text())
    if set(arguments[:1]) & OWNERS:
        variables["DATABASE_URL"] = variables["DATABASE_OWNER_URL"]
    command = [str(PYTHON), str(ROOT / "manage.py"), *(arguments or ["help"])]
    return run_in_foreground(command, {**os.environ, **variables}, Path.cwd())


def is_running() -> bool:
    """Whether a demo holds its lock; what a killed one left behind does not count."""
    if not LOCK.exists():
        return False
    with LOCK.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
