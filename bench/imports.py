"""How long it takes to import patients with a year of history, and how much memory.

N patients, then twice as many, each by `manage.py import_registry` in a process and a database of
its own; then the same again, which imports nobody. Uses the servers in DATABASE_URL and
DATABASE_OWNER_URL, or its own throw-away ones.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import django

from bench.check import servers_of_run
from tests import databases

EMAIL = "administrator@program.example"


def main(argv: list[str]) -> int:
    """Print each import's own report; exit status 1 when one has problems."""
    parser = argparse.ArgumentParser(prog="python -m bench imports", description=__doc__)
    parser.add_argument("--patients", type=int, default=500, help="how many; then twice as many")
    parser.add_argument("--rehearse", action="store_true", help="write nothing")
    options = parser.parse_args(argv)
    with servers_of_run():
        os.environ.setdefault("REMSPORTAL_ENV", "test")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remsportal.settings")
        django.setup()
        statuses = [
            _measure(count, rehearse=options.rehearse)
            for count in (options.patients, 2 * options.patients)
        ]
    return max(statuses)


def _measure(count: int, *, rehearse: bool) -> int:
    with databases.clone() as name, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "DATABASE_URL": databases.url_of(os.environ["DATABASE_URL"], name),
        }
        from bench import registry  # noqa: PLC0415 - after the applications are loaded

        registry.write(Path(folder), count, now=datetime.now(UTC))
        _run(environment, "manage", "appoint_administrator", EMAIL, "Ada", "Administrator")
        command = ["manage", "import_registry", folder, "--source", "bench", "--by", EMAIL]
        command += [] if rehearse else ["--apply"]
        statuses = []
        for title in [f"{count} patients"] + ([] if rehearse else ["the same again"]):
            print(f"== {title}", flush=True)
            statuses.append(_run(environment, *command, check=False))
        return max(statuses)


def _run(environment: dict[str, str], module: str, *arguments: str, check: bool = True) -> int:
    """Run a module of ours. Raises CalledProcessError for a preparation that fails."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(  # noqa: S603 - our own modules
        command, env=environment, cwd=Path(__file__).parent.parent, check=check
    )
    return done.returncode
