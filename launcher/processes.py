"""Starting, watching and stopping processes, so that none is left behind.

Must stay free of threads: children run Python code between fork and exec.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from launcher.console import Failure, last_lines

SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, from linux/prctl.h.
PATIENCE_SECONDS = 10.0
REQUESTS_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Somebody asked us to end: Ctrl-C, SIGTERM, or a closed terminal."""


def stop_on_signals() -> None:
    """Turn every polite request to end into `Stop`, so that clean-up runs."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stop

    for number in REQUESTS_TO_END:
        signal.signal(number, stop)


@contextmanager
def without_interruption() -> Iterator[None]:
    """While cleaning up, a second Ctrl-C must not leave half of it undone."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in REQUESTS_TO_END}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ended_with_parent(number: int) -> Callable[[], None] | None:
    """What a child runs first, so that even our SIGKILL leaves no orphan. Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def prepare() -> None:
        # What we ignore while cleaning up, a child would inherit as ignored.
        for ignored in REQUESTS_TO_END:
            signal.signal(ignored, signal.SIG_DFL)
        prctl(SET_PARENT_DEATH_SIGNAL, number)

    return prepare


@dataclass(frozen=True)
class Program:
    """A long-running program: how to start it, where it writes, which signal ends it politely."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    account: int | None = None
    folder: Path | None = None


class Processes:
    """A set of programs that live and end together."""

    def __init__(self) -> None:
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        with without_interruption():
            self.stop()

    def start(self, program: Program) -> None:
        """Start a program in a process group of its own: the terminal's Ctrl-C is for us only."""
        with program.log.open("wb") as output:
            process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(program.environment),
                cwd=program.folder,
                start_new_session=True,
                preexec_fn=ended_with_parent(program.stop_signal),
                user=program.account,
                group=program.account,
                extra_groups=None if program.account is None else [],
            )
        self._running.append((program, process))

    def raise_if_one_ended(self) -> None:
        """A program that ends by itself is a failure; show the end of its log."""
        for program, process in self._running:
            code = process.poll()
            if code is not None:
                how = f"signal {-code}" if code < 0 else f"exit code {code}"
                raise Failure(f"{program.name} ended ({how}).\n{last_lines(program.log)}")

    def pid(self, name: str) -> int:
        """The process id of one program."""
        return next(process.pid for program, process in self._running if program.name == name)

    def end(self, name: str, number: signal.Signals) -> Program:
        """End one program by a signal, as an accident would; what it takes to start it again."""
        found = next(each for each in self._running if each[0].name == name)
        self._running.remove(found)
        program, process = found
        process.send_signal(number)
        process.wait(PATIENCE_SECONDS)
        kill_group(process.pid)
        return program

    def wait_until(self, is_ready: Callable[[], bool], name: str, seconds: float) -> None:
        """Ask `is_ready` until it says yes; a program that ends or stays silent is a failure."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            self.raise_if_one_ended()
            if time.monotonic() > deadline:
                logs = [program.log for program, _ in self._running if program.name == name]
                raise Failure(
                    f"{name} did not answer within {seconds:.0f} seconds.\n{last_lines(logs[0])}"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask all to end, wait, and kill what does not; no process of theirs remains."""
        for program, process in self._running:
            if process.poll() is None:
                process.send_signal(program.stop_signal)
        deadline = time.monotonic() + PATIENCE_SECONDS
        for _program, process in self._running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            kill_group(process.pid)
        self._running.clear()


def kill_group(leader: int) -> None:
    """End what a program's own children left running after it."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return  # The usual case: the group ended with its leader.


def run_in_foreground(command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> int:
    """Run a command that owns the terminal and return its exit code; Ctrl-C reaches it directly."""
    process = subprocess.Popen(
        command, env=dict(environment), cwd=cwd, preexec_fn=ended_with_parent(signal.SIGTERM)
    )
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
