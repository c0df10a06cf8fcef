"""What a person sees: one short line a step with its duration, and one clear message on failure."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.places import ROOT

SHOWN_LOG_LINES = 15
SHOWN_WIDTH = 160


class Failure(Exception):
    """Something a person has to do before this can work; the text says what."""


def say(text: str = "") -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show `text` while the block runs, then how long it took."""
    started = time.monotonic()
    print(f"  {text} … ", end="", flush=True)
    try:
        yield
    except BaseException as error:
        print("failed" if isinstance(error, Exception) else "stopped", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def last_lines(log: Path) -> str:
    """The end of a log file with its place, ready to be shown under a failure's message."""
    lines = log.read_text(errors="replace").rstrip().splitlines() if log.exists() else []
    shown = "\n".join(f"    {line[:SHOWN_WIDTH]}" for line in lines[-SHOWN_LOG_LINES:])
    return f"The end of {relative(log)}:\n{shown or '    (empty)'}"


def relative(path: Path) -> str:
    """The path as seen from the repository, when it lies inside."""
    return os.path.relpath(path, ROOT) if path.is_relative_to(ROOT) else str(path)
