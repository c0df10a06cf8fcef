"""A trail of one's own, sealed, and the hands of whoever owns the tables and means harm."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.audit import sealing
from apps.audit import services as audit
from apps.core.call import SYSTEM_CALL
from tests import databases

SWEEPS = 3
EVENTS_A_SWEEP = 4


def write(events: int = EVENTS_A_SWEEP) -> None:
    """Some events."""
    for _ in range(events):
        audit.record_view(SYSTEM_CALL, "signed_in")


def sealed_trail() -> None:
    """Three sweeps' seals."""
    for _ in range(SWEEPS):
        write()
        assert sealing.seal() == 1


@contextmanager
def harm(database: str, *tables: str) -> Iterator[psycopg.Connection]:
    """A connection of the owner of the tables, with the triggers of some switched off meanwhile."""
    with psycopg.connect(databases.url_of(databases.owner_url(), database)) as owner:
        for table in tables:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield owner
        for table in tables:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def verdict(**options: Any) -> tuple[int, str]:
    """Exit status and words of `manage.py verify_trail`."""
    said = StringIO()
    try:
        call_command("verify_trail", stdout=said, **options)
    except CommandError as error:
        return error.returncode, str(error)
    return 0, said.getvalue()


def lines() -> list[str]:
    """The lines of the anchor file."""
    return Path(settings.TRAIL_ANCHOR_FILE).read_text().splitlines(keepends=True)


def rewrite(content: list[str]) -> None:
    """Put other lines into the anchor file."""
    Path(settings.TRAIL_ANCHOR_FILE).write_text("".join(content))
