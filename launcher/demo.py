"""`rems demo`: the whole product on this machine, with synthetic people, until Ctrl-C."""

import hashlib
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from pathlib import Path

from launcher import managing, services
from launcher.console import Failure, last_lines, say, step
from launcher.environment import make_folder
from launcher.places import DEMO, LOGS, PYTHON, ROOT, STATIC
from launcher.processes import Processes, Program

USUAL_PORT = 8000
# Files, and one domain that refuses everybody.
MAILBOX = "apps.simulation.mail.DemoMailbox"
PORTS_TRIED = 50
START_SECONDS = 60.0


def run(*, port: int | None, fresh: bool) -> int:
    """Bring everything up, say where and as whom to enter, and stay until told to stop."""
    started = time.monotonic()
    make_folder(DEMO)
    with managing.only_demo(), services.lasting(fresh=fresh) as running:
        listening = choose_port(port)
        variables = running.variables(**demo_variables(listening))
        environment = running.environment(**variables)
        owner = running.as_owner(environment)
        with step("Migrating the database"):
            manage("migrate", "--no-input", environment=owner)
            manage("grant_application_role", running.database.application_role, environment=owner)
            manage("record_policy_editions", environment=owner)
        collect_static(environment)
        with step("Filling in synthetic people"):
            sign_ins = manage("populate_demo", environment=environment)
        verify_trail(environment)
        with Processes() as product, managing.reachable(variables):
            start_product(product, listening, environment)
            announce(listening, sign_ins, time.monotonic() - started)
            while True:
                running.processes.raise_if_one_ended()
                product.raise_if_one_ended()
                time.sleep(0.5)


def demo_variables(port: int) -> dict[str, str]:
    """What the product's settings read from the environment in a demo."""
    return {
        "REMSPORTAL_ENV": "demo",
        "SECRET_KEY": secret_key(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "EMAIL_BACKEND": MAILBOX,
        "EMAIL_FILE_PATH": str(DEMO / "mail"),
    }


def secret_key() -> str:
    """Made once and kept, so that a sign-in outlives a restart."""
    file = DEMO / "secret-key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()


def choose_port(wanted: int | None) -> int:
    """The wanted port, or a free one near the usual; a wanted one that is taken is a failure."""
    if wanted is not None:
        if not is_free(wanted):
            raise Failure(f"Port {wanted} is taken. Name another one, or none: ./rems demo")
        return wanted
    for candidate in range(USUAL_PORT, USUAL_PORT + PORTS_TRIED):
        if is_free(candidate):
            if candidate != USUAL_PORT:
                say(f"  Port {USUAL_PORT} is taken; using {candidate}.")
            return candidate
    raise Failure(f"No port from {USUAL_PORT} on is free. Name one: ./rems demo --port N")


def is_free(port: int) -> bool:
    """Whether we could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def manage(*arguments: str, environment: dict[str, str]) -> str:
    """Run one of the product's management commands; what it printed."""
    log = LOGS / f"{arguments[0]}.log"
    with log.open("wb") as errors:
        answer = subprocess.run(
            [PYTHON, ROOT / "manage.py", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            text=True,
            check=False,
        )
    with log.open("a") as all_output:
        all_output.write(answer.stdout)
    if answer.returncode:
        raise Failure(f"manage.py {arguments[0]} failed.\n{last_lines(log)}")
    return answer.stdout


def verify_trail(environment: dict[str, str]) -> None:
    """For an auditor to read; also where somebody has tried to break it, the demo starts."""
    try:
        with step("Verifying the trail"):
            manage("verify_trail", environment=environment)
    except Failure as failure:
        say(str(failure))


def collect_static(environment: dict[str, str]) -> None:
    """Gather and compress the static files, if they changed since the last time."""
    record = DEMO / "static-files"
    now = static_fingerprint()
    if record.exists() and record.read_text() == now and STATIC.exists():
        return
    with step("Collecting static files"):
        shutil.rmtree(STATIC, ignore_errors=True)
        manage("collectstatic", "--no-input", environment=environment)
    record.write_text(now)


def static_fingerprint() -> str:
    """Changes with any static file of ours, and with the packages that bring some."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    ours = [ROOT / "static", *ROOT.glob("apps/*/static")]
    for file in sorted(file for folder in ours for file in folder.rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def start_product(product: Processes, port: int, environment: dict[str, str]) -> None:
    """Start web, worker and beat, and wait until the web answers."""
    web = ["gunicorn", "remsportal.wsgi", "--config", "python:remsportal.gunicorn"]
    # One start of Django instead of two.
    web += ["--bind", f"127.0.0.1:{port}", "--workers", "2", "--preload"]
    celery = ["celery", "--app", "remsportal"]
    worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "INFO"]
    beat = [*celery, "beat", "--schedule", str(DEMO / "beat-schedule"), "--pidfile=", "-l", "INFO"]
    with step("Starting web, worker and beat"):
        for name, command in (("Web", web), ("Worker", worker), ("Beat", beat)):
            product.start(
                Program(
                    name=name,
                    command=[str(PYTHON), "-m", *command],
                    log=LOGS / f"{name.lower()}.log",
                    environment=environment,
                    stop_signal=signal.SIGTERM,
                    folder=ROOT,
                )
            )
        product.wait_until(lambda: answers(port), "Web", START_SECONDS)


def answers(port: int) -> bool:
    """Whether the first page comes; a server error is a failure to show, not to wait out."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10):
            return True
    except urllib.error.HTTPError as error:
        if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Failure(
                f"The first page fails with {error.code}.\n{last_lines(LOGS / 'web.log')}"
            ) from error
        return True
    except OSError:
        return False


def announce(port: int, sign_ins: str, seconds: float) -> None:
    """Tell where the product is and who may enter."""
    say(f"\nremsportal is up in {seconds:.1f} s:  http://127.0.0.1:{port}/\n")
    say(sign_ins.rstrip())
    say(f"\nE-mail goes to {shown(DEMO / 'mail')}, logs to {shown(LOGS)}. Ctrl-C stops everything.")
    say("Commands of the product, in another terminal: ./rems manage help")


def shown(path: Path) -> str:
    """A path for a person: from the repository's folder."""
    return f"{path.relative_to(ROOT)}/"
