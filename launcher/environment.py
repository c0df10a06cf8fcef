"""The repository's own Python environment, built from a hashed lock with plain pip.

Runs on a bare interpreter: only the standard library, and nothing from the environment itself.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from launcher.console import Failure, last_lines, relative, step
from launcher.places import LOGS, PYTHON, ROOT, STATE, VENV

# A lock includes the ones before it, so what satisfies the tests also satisfies the demo.
LOCKS = {"demo": "requirements-demo.txt", "dev": "requirements-dev.txt"}
RECORD = VENV / "installed.json"
RELEASE = f"{sys.version_info.major}.{sys.version_info.minor}"


def ensure(profile: str) -> None:
    """Make `.venv` hold what the profile's lock says; quick when it already does."""
    make_folder(STATE)
    make_folder(LOGS, mode=0o700)
    with only_one_at_a_time():
        if not is_current(profile):
            install(profile)


def run_inside(arguments: list[str]) -> None:
    """Continue in the environment's interpreter, unless this already is it."""
    if Path(sys.prefix).resolve() != VENV.resolve():
        os.execv(PYTHON, [str(PYTHON), str(ROOT / "rems"), *arguments])  # noqa: S606


def is_current(profile: str) -> bool:
    """Whether the environment was built by this Python from the lock as it is now."""
    if not PYTHON.exists() or not RECORD.exists():
        return False
    return bool(json.loads(RECORD.read_text()).get(profile) == fingerprint(profile))


def fingerprint(profile: str) -> str:
    """Changes when the lock or the interpreter's release (3.11, 3.12, …) changes."""
    lock = (ROOT / LOCKS[profile]).read_bytes()
    return f"python {RELEASE}, lock {hashlib.sha256(lock).hexdigest()}"


def install(profile: str) -> None:
    """Create the environment where it is missing or of another Python, and install the lock."""
    log = LOGS / "environment.log"
    if not matches_this_python():
        require_venv()
        with step("Creating the Python environment in .venv"):
            run([sys.executable, "-m", "venv", "--clear", str(VENV)], log)
    RECORD.unlink(missing_ok=True)
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    # Compiled when it is first imported: most of it never is.
    options += ["--no-compile"]
    with step(f"Installing {LOCKS[profile]} (a minute or so)"):
        run([str(PYTHON), "-m", "pip", "install", *options, "-r", str(ROOT / LOCKS[profile])], log)
    included = list(LOCKS)[: list(LOCKS).index(profile) + 1]
    RECORD.write_text(json.dumps({name: fingerprint(name) for name in included}, indent=2))


def matches_this_python() -> bool:
    """Whether `.venv` exists, works, and is of this interpreter's release."""
    if not PYTHON.exists():
        return False
    question = "import sys; print('%d.%d' % sys.version_info[:2])"
    answer = subprocess.run(
        [str(PYTHON), "-c", question], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() == RELEASE


def require_venv() -> None:
    """Debian and Ubuntu ship Python without the part that makes environments."""
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise Failure(
            "This Python cannot make environments: its venv module is not installed.\n"
            f"On Debian or Ubuntu: apt-get install python{RELEASE}-venv"
        )


def run(command: list[str], log: Path) -> None:
    """Run one step of the installation with its output in `log`."""
    with log.open("wb") as output:
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code:
        raise Failure(
            "The Python environment could not be built.\n"
            f"{last_lines(log)}\n"
            "It needs a way to PyPI (pip's own settings such as PIP_INDEX_URL and HTTPS_PROXY "
            "apply) and some 700 MB of disk."
        )


def make_folder(folder: Path, mode: int = 0o711) -> None:
    """Create a folder of ours, which others may pass but not read, or say why that cannot be."""
    try:
        folder.mkdir(mode=mode, exist_ok=True)
        writable = os.access(folder, os.W_OK)
    except PermissionError:
        writable = False
    if not writable or not os.access(ROOT, os.W_OK):
        raise Failure(
            f"Cannot write to {relative(folder)} in {ROOT}.\n"
            "Run as the account that owns the folder, or clone the repository to one of your own."
        )


@contextmanager
def only_one_at_a_time() -> Iterator[None]:
    """Two `rems` side by side must not build the same environment."""
    with (STATE / "environment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
