"""`rems check`: what must hold of the code besides its tests; and `rems lock`."""

import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from launcher import services
from launcher.console import Failure, last_lines, say, step
from launcher.environment import LOCKS
from launcher.places import LOGS, PYTHON, ROOT

MANAGE = [str(PYTHON), "manage.py"]
SCHEMA = "docs/openapi.yaml"
LINTER = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
# What a production start insists on; `check --deploy` asks for nothing else.
PRODUCTION = {
    "REMSPORTAL_ENV": "production",
    "SECRET_KEY": "".join(chr(33 + number % 90) for number in range(0, 640, 7)),
    "ALLOWED_HOSTS": "remsportal.example",
    "PORTAL_URL": "https://remsportal.example",
    "TRAIL_ANCHOR_FILE": "anchors.jsonl",
    "TLS_PROXY_HEADER": "1",
    "PROXY_COUNT": "1",
    "EMAIL_SECURITY": "starttls",
}
LOCK_INPUTS = {"runtime": "requirements.txt", **LOCKS}
COMPILE = ["-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
COMPILE += ["--no-emit-index-url", "--python-version", "3.11"]
COMPILE += ["--custom-compile-command", "./rems lock"]


def run() -> int:
    """Run every check, also after a failed one; 0 when all hold."""
    with services.throw_away() as running, tempfile.TemporaryDirectory() as folder:
        environment = running.environment(REMSPORTAL_ENV="test")
        schema = Path(folder) / "openapi.yaml"
        # The types take as long as all the others together.
        others = checks(schema)
        lanes = [{"types": others.pop("types")}, others]
        with ThreadPoolExecutor() as pool:
            failed = [
                name for lane in pool.map(partial(failures, environment), lanes) for name in lane
            ]
    say(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks hold.")
    return 1 if failed else 0


def failures(environment: dict[str, str], lane: dict[str, list[str]]) -> list[str]:
    """Run these checks one after another; the names of those that fail."""
    return [
        name
        for name, command in lane.items()
        if not holds(name, command, environment | (PRODUCTION if name == "deploy" else {}))
    ]


def checks(schema: Path) -> dict[str, list[str]]:
    """Every check by name. The schema is generated into a new file and then compared."""
    python = str(PYTHON)
    return {
        "lint": [python, "-m", "ruff", "check"],
        "format": [python, "-m", "ruff", "format", "--check"],
        "types": [python, "-m", "mypy"],
        "layers": [python, "-c", LINTER],
        "migrations": [*MANAGE, "makemigrations", "--check", "--dry-run"],
        "deploy": [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"],
        "schema": [*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", str(schema)],
        "schema in step": ["diff", "--unified=0", SCHEMA, str(schema)],
    }


def holds(name: str, command: list[str], environment: dict[str, str]) -> bool:
    """Run one check and show the end of what it found only when it fails."""
    started = time.monotonic()
    log = LOGS / f"check-{name.replace(' ', '-')}.log"
    with log.open("wb") as output:
        code = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False
        ).returncode
    seconds = time.monotonic() - started
    say(f"  {name:<15} {'failed' if code else 'holds '} {seconds:5.1f} s")
    if code:
        say(last_lines(log))
    return code == 0


def lock() -> int:
    """Resolve requirements/*.in into the hashed locks, each on top of the one before it."""
    for name, output in LOCK_INPUTS.items():
        with step(f"Writing {output}"):
            answer = subprocess.run(
                [str(PYTHON), *COMPILE, f"requirements/{name}.in", "--output-file", output],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
            )
            if answer.returncode:
                raise Failure(answer.stderr)
    return 0
