"""Sealing the trail: a sweep digests what nobody can write into any more, and anchors it outside.

It locks out nobody: an eligibility check never waits for a seal. What an open transaction may
still write is left to a later sweep.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from apps.audit import anchors
from apps.audit import services as audit
from apps.audit.anchors import AnchorsDisagree
from apps.audit.chain import (
    FORM,
    OPERATIONS,
    PARTS,
    SIGNATURES,
    Part,
    columns_of,
    digest_of,
    digested,
)
from apps.audit.models import MARKS, Seal
from apps.core import clock
from apps.core.call import SYSTEM_CALL

ROWS_A_SEAL = 2_000
SEALS_A_SWEEP = 200
ONE_AT_A_TIME = 4_711_004
LOOK_AGAIN_SECONDS = 0.05
AHEAD = (
    "The anchor file ends with seal {anchored}, the database with seal {sealed}: the database was "
    "set back to an older state, or seals were removed from it."
)
CUT = (
    "The anchor file ends with seal {anchored}, the database with seal {sealed}: lines were cut "
    "off the file, or it is another one."
)
DIFFERS = "Seal {anchored} is another one in the anchor file than in the database."

logger = structlog.get_logger()


def seal(*, wait: float | None = None) -> int:
    """Seal all that is closed, and anchor it; returns how many seals were made.

    Waits at most `wait` seconds for transactions that are writing into the trail, else leaves the
    work to the next sweep, as it does when another sweep is at it. Raises AnchorsDisagree, before
    anything is sealed, when the anchor file does not end where the chain did.
    """
    with alone() as first:
        if not first:
            return 0
        anchor()
        for part in (OPERATIONS, SIGNATURES):
            number_earlier(part)
        closed = closed_upto(settings.SEAL_WAIT_SECONDS if wait is None else wait)
        if closed is None:
            logger.warning("trail_not_sealed", reason="a transaction writes for too long")
            return 0
        sealed_at, made = clock.real_now(), 0
        while made < SEALS_A_SWEEP and add_seal(closed, sealed_at) is not None:
            made += 1
        anchor()
        return made


@contextmanager
def alone() -> Iterator[bool]:
    """Whether no other sweep is at it; none comes in between until the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        taken = cursor.fetchone() == (True,)
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


def anchor() -> None:
    """Append the seals that the anchor file lacks. Raises AnchorsDisagree where it may not."""
    path = anchor_file()
    if path is not None:
        with anchors.opened(path) as file:
            anchors.append(file, not_anchored(anchors.last(file)))


def anchor_file() -> Path | None:
    """Where the anchors are; None where there are none (never in production)."""
    return Path(settings.TRAIL_ANCHOR_FILE) if settings.TRAIL_ANCHOR_FILE else None


def restart_anchors(reason: str) -> tuple[Path | None, int]:
    """Keep the anchor file under another name, and anchor the whole chain in a new one.

    For a database that was set back to a backup: the old file then knows more than the database.
    Leaves an event with the reason. Returns where the old file is now, and the seals anchored.
    """
    path = anchor_file()
    if path is None:
        raise ImproperlyConfigured("TRAIL_ANCHOR_FILE is not set.")
    now = clock.real_now()
    kept = None
    if path.exists():
        kept = path.with_name(f"{path.name}.until-{now:%Y%m%dT%H%M%S%f}")
        path.rename(kept)
    seals = Seal.objects.order_by("number").defer(*MARKS)
    with anchors.opened(path) as file:
        count = anchors.append(file, seals.iterator(chunk_size=1_000))
    audit.record_view(
        SYSTEM_CALL,
        "anchors_restarted",
        reason=reason,
        data={"kept_as": kept.name if kept else None, "seals": count},
    )
    return kept, count


def not_anchored(anchored: anchors.Anchor | None) -> list[Seal]:
    """The seals that the file lacks: those of the last sweep, when it was interrupted, or none.

    Raises AnchorsDisagree for anything else: to mend it silently would help whoever did it.
    """
    number = anchored.seal if anchored else 0
    newest = Seal.objects.order_by("-number").first()
    sealed = newest.number if newest else 0
    if number > sealed:
        raise AnchorsDisagree(AHEAD.format(anchored=number, sealed=sealed))
    if anchored and not Seal.objects.filter(number=number, digest=anchored.digest).exists():
        raise AnchorsDisagree(DIFFERS.format(anchored=number))
    missing = Seal.objects.filter(number__gt=number).order_by("number").defer(*MARKS)
    if missing.values("sealed_at").distinct().count() > 1:
        raise AnchorsDisagree(CUT.format(anchored=number, sealed=sealed))
    return list(missing)


def number_earlier(part: Part, *, at_most: int = 20_000) -> int:
    """Number the rows of before their table was sealed, so that they have a place in the trail."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {part.table} SET serial = nextval(%s::regclass) WHERE id IN (
                SELECT id FROM {part.table} WHERE serial IS NULL
                ORDER BY {part.begun}, id LIMIT %s
            )
            """,  # noqa: S608 - composed of constants only
            [part.sequence, at_most],
        )
        numbered: int = cursor.rowcount
        return numbered


def closed_upto(wait: float) -> Mapping[str, int] | None:
    """For each table the key up to which nobody can write any more; None when that takes too long.

    Whoever inserts locks the table (in a mode that hinders nobody) before drawing a key, and holds
    that lock until after the commit. So once all those are gone who held it when the newest key
    was read, every key up to that one is either there to be seen or will never be: a gap.
    """
    newest = {part.name: newest_key(part) for part in PARTS}
    writing = writers()
    deadline = time.monotonic() + wait
    while writing:
        if time.monotonic() > deadline:
            return None
        time.sleep(LOOK_AGAIN_SECONDS)
        writing &= writers()
    return newest


def newest_key(part: Part) -> int:
    """The newest key that is there, and that its sequence has given: not one made up."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT least(max({part.key}), pg_sequence_last_value(%s::regclass)) "  # noqa: S608
            f"FROM {part.table}",
            [part.sequence],
        )
        (found,) = cursor.fetchone() or (None,)
    return found or 0


def writers() -> set[str]:
    """The other transactions that may be writing into the trail now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT virtualtransaction FROM pg_locks
            WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND relation = ANY(%s::text[]::regclass[])
                AND pid IS DISTINCT FROM pg_backend_pid()
            """,
            [[part.table for part in PARTS]],
        )
        return {found for (found,) in cursor.fetchall()}


@transaction.atomic
def add_seal(closed: Mapping[str, int], sealed_at: datetime) -> Seal | None:
    """The next link of the chain; None when nothing is left to seal."""
    previous = Seal.objects.order_by("-number").first()
    ranges = {}
    for part in PARTS:
        after = getattr(previous, f"{part.name}_upto") if previous else 0
        ranges[part] = digested(part, after, end_of(part, after, closed[part.name]))
    if not any(found.count for found in ranges.values()):
        return None
    made = Seal(
        number=previous.number + 1 if previous else 1,
        sealed_at=sealed_at,
        form=FORM,
        previous_digest=previous.digest if previous else "",
    )
    for part, found in ranges.items():
        for column, value in columns_of(part, found).items():
            setattr(made, column, value)
    made.digest = digest_of(made)
    made.save(force_insert=True)
    return made


def end_of(part: Part, after: int, closed: int) -> int:
    """Where a seal's range of one table ends: a bounded number of rows on, in what is closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {part.key} FROM {part.table} WHERE {part.key} > %s AND {part.key} <= %s
            ORDER BY {part.key} OFFSET %s LIMIT 1
            """,  # noqa: S608 - composed of constants only
            [after, closed, ROWS_A_SEAL - 1],
        )
        row = cursor.fetchone()
    return row[0] if row else max(after, closed)
