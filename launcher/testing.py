"""`rems test`, `validation`, `services`: what runs on services that leave nothing behind."""

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from launcher import services
from launcher.console import Failure, relative, say
from launcher.places import PYTHON, ROOT, STATE
from launcher.processes import run_in_foreground

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_CHROMIUM = "Debian and Ubuntu: apt-get install chromium; elsewhere set REMS_CHROMIUM."


def run(arguments: list[str]) -> int:
    """Run the tests, all of them in parallel or exactly what the arguments say; pytest's code."""
    chromium = find_chromium()
    if chromium is None and os.environ.get("REMS_REQUIRE_BROWSER") == "1":
        raise Failure(f"No chromium found, and this run insists on it.\n{HOW_TO_GET_CHROMIUM}")
    selection = [] if chromium else ["-m", "not browser"]
    command = [str(PYTHON), "-m", "pytest", *selection, *(arguments or ["-n", str(workers())])]
    with services.throw_away() as running:
        variables = {"REMSPORTAL_ENV": "test"} | ({"REMS_CHROMIUM": chromium} if chromium else {})
        code = run_in_foreground(command, running.environment(**variables), ROOT)
    if chromium is None:
        say(f"Not run: the browser journeys, because no chromium was found.\n{HOW_TO_GET_CHROMIUM}")
    return code


def run_validation(folder: Path | None) -> int:
    """Run all tests, browser included, and write the package of what they show; 1 if not all."""
    made = (folder or STATE / "validation" / f"{datetime.now(UTC):%Y-%m-%dT%H%MZ}").resolve()
    if made.exists() and any(made.iterdir()):
        raise Failure(f"{made} is not empty: name another folder.")
    made.mkdir(parents=True, exist_ok=True)
    if find_chromium() is None:
        raise Failure(f"The package needs the browser journeys.\n{HOW_TO_GET_CHROMIUM}")
    tested = run(["-n", str(workers()), f"--junitxml={made / 'results.xml'}"])
    written = subprocess.run([PYTHON, "-m", "bench", "validation", made], cwd=ROOT, check=False)
    say(f"The package is in {relative(made)}: open its index.html.")
    return tested or written.returncode


def run_on_services(command: list[str]) -> int:
    """Run any command where the caller stands, with the services in its environment."""
    with services.throw_away() as running:
        environment = running.environment(REMSPORTAL_ENV="test")
        if shutil.which(command[0], path=environment["PATH"]) is None:
            raise Failure(f"There is no command {command[0]!r}.")
        return run_in_foreground(command, environment, Path.cwd())


def find_chromium() -> str | None:
    """The browser to drive: the one that REMS_CHROMIUM names, else one on the machine."""
    named = os.environ.get("REMS_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise Failure(f"REMS_CHROMIUM is {named!r}, which is not a program.")
        return named
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def workers() -> int:
    """Test processes: one more than there are cores, for many wait for servers and browsers."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    return max(1, min(available, 8)) + 1
