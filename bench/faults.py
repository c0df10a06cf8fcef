"""Whole journeys under load while one part after another breaks: what is lost, repeated or felt.

Clients work over HTTP against gunicorn, a worker, beat, a durable PostgreSQL and a broker, all our
own. Faults come in turn; each is undone again. Then every acknowledged write is looked up, numbers
and notices are counted, decisions replayed and the trail verified. Exit status 1 when one fails.
"""

import argparse
import os
import shutil
import socket
from pathlib import Path

from launcher import services
from launcher.places import STATE
from tests import databases

# What the last run's processes said, its mail and its journal, to look at when something fails.
FOLDER = STATE / "faults"
OURS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def main(argv: list[str]) -> int:
    """Print what each fault was like and what does not hold; 1 when anything does not."""
    parser = argparse.ArgumentParser(prog="python -m bench faults", description=__doc__)
    parser.add_argument("--clients", type=int, default=10, help="practices with a pharmacy each")
    parser.add_argument("--seconds", type=float, default=14.0, help="from one fault to the next")
    parser.add_argument("--seed", type=int, default=1, help="of names and keys")
    options = parser.parse_args(argv)
    for name in OURS:
        os.environ.pop(name, None)  # Nobody else's server is stopped.
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with services.throw_away(durable=True) as running:
        port = free_port()
        os.environ.update(running.variables(**variables(FOLDER, port)))
        os.environ["DATABASE_URL"] = databases.url_of(
            os.environ["DATABASE_URL"], databases.template()
        )
        from bench import faults_round  # noqa: PLC0415 - after the environment is set

        return faults_round.run(options, FOLDER, running.processes, port)


def variables(folder: Path, port: int) -> dict[str, str]:
    """Settings as in production, but for the embedded servers and mail into files."""
    return {
        "REMSPORTAL_ENV": "demo",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DJANGO_SETTINGS_MODULE": "bench.faults_settings",
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "TRAIL_ANCHOR_FILE": str(folder / "anchors.jsonl"),
        "EMAIL_FILE_PATH": str(folder / "invitations"),
        "LOG_REQUESTS": "0",  # of this process's own calls
    }


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
