"""The anchors: one JSON line a seal, in a file outside the database, only ever appended to.

Who rewrites the chain in the database cannot make it fit these lines. The file belongs on a volume
that the database's administrators do not write to; copies elsewhere make it stronger.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from apps.audit.models import Seal

LONGEST_LINE = 2_000


class AnchorsDisagree(Exception):
    """The file and the database do not tell the same story, or the file cannot be read."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the file holds of one seal."""

    seal: int
    sealed_at: str
    digest: str
    previous: str
    events_upto: int
    changes_upto: int
    operations_upto: int
    signatures_upto: int = 0
    """None in the lines of before signatures were sealed."""


def anchor_of(seal: Seal) -> Anchor:
    """The line of a seal."""
    return Anchor(
        seal=seal.number,
        sealed_at=seal.sealed_at.isoformat(),
        digest=seal.digest,
        previous=seal.previous_digest,
        events_upto=seal.events_upto,
        changes_upto=seal.changes_upto,
        operations_upto=seal.operations_upto,
        signatures_upto=seal.signatures_upto,
    )


def read(path: Path) -> Iterator[Anchor]:
    """Every anchor in order. Raises AnchorsDisagree for a line that is none, OSError for no file.

    The first line is that of seal 1, each next one that of the next seal.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            found = parsed(line, f"Line {number} of the anchor file")
            if found.seal != number:
                raise AnchorsDisagree(
                    f"Line {number} of the anchor file is that of seal {found.seal}: a line was "
                    "removed, put in or moved."
                )
            yield found


def last(file: IO[bytes]) -> Anchor | None:
    """The last line of an open file; None of an empty one. Raises AnchorsDisagree."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return None
    file.seek(max(0, size - LONGEST_LINE))
    return parsed(file.read().splitlines(keepends=True)[-1], "The last line of the anchor file")


def parsed(line: bytes, where: str) -> Anchor:
    """One line. Raises AnchorsDisagree, naming `where`, for anything else than a whole anchor."""
    try:
        content = json.loads(line)
        found = Anchor(**content)
    except (ValueError, TypeError) as error:
        raise AnchorsDisagree(
            f"{where} cannot be read: it was altered, or half written."
        ) from error
    if not line.endswith(b"\n"):
        raise AnchorsDisagree(f"{where} is half written.")
    return found


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file for one process at a time, made when there is none."""
    is_new = not path.exists()
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    if is_new:
        _keep_name(path.parent)


def append(file: IO[bytes], seals: Iterable[Seal]) -> int:
    """Write the lines of these seals; they are on the disk when this returns, and counted."""
    file.seek(0, os.SEEK_END)
    count = 0
    for seal in seals:
        file.write(json.dumps(asdict(anchor_of(seal))).encode() + b"\n")
        count += 1
    file.flush()
    os.fsync(file.fileno())
    return count


def _keep_name(folder: Path) -> None:
    """A new file survives a power cut only with its folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
