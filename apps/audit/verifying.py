"""Verifying the trail: every seal against its rows, its predecessor and its anchor. Reads only.

One seal is in memory at a time, however long the trail. It names the first broken link and ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.db import connection

from apps.audit import anchors
from apps.audit.anchors import Anchor, AnchorsDisagree
from apps.audit.chain import PARTS, PARTS_OF, Part, Range, digest_of, digested, marks_of, range_of
from apps.audit.models import Seal
from apps.audit.sealing import AHEAD, CUT

PUT_IN = "{row} was put into a range that seal {seal} had closed."
REMOVED = "{row} was removed after seal {seal} had closed its range."
CHANGED = "{row} was changed after seal {seal} had closed its range."
SOME_CHANGED = (
    "Some row of {nouns} {first} to {last} was changed after seal {seal} had closed them."
)
ALTERED = "Seal {seal} was altered: its digest does not fit its content."
MISSING = "Seal {seal} is missing: it was removed."
DOES_NOT_FOLLOW = "Seal {seal} does not follow seal {before}: one of the two was altered."
UNLIKE = "Seal {seal} was altered: the anchor file holds another digest of it."
LINE_ALTERED = (
    "Line {seal} of the anchor file was altered: seal {seal} and the line after it agree."
)
NOT_COMPARED = "\nCompared with no anchor file: a chain that was rewritten whole looks alike."
SWITCHED_OFF = "The trigger {trigger} of {table} is missing or switched off."


class Broken(Exception):
    """The first link that does not hold, in a sentence."""


@dataclass(slots=True)
class Verified:
    """What was found to hold, and what no seal covers yet."""

    seals: int = 0
    rows: dict[str, int] = field(default_factory=lambda: {part.name: 0 for part in PARTS})
    not_sealed: dict[str, int] = field(default_factory=dict)
    anchored: int | None = None
    """The last seal that the anchor file holds; None when nothing was compared with one."""

    def __str__(self) -> str:
        rows, waiting = self.rows, self.not_sealed
        compared = "" if self.anchored is not None else NOT_COMPARED
        return (
            f"The trail is whole: {self.seals} seal{'' if self.seals == 1 else 's'} over "
            f"{rows['events']} events, {rows['changes']} row changes, {rows['operations']} "
            f"operations and {rows['signatures']} signatures.\n"
            f"Not sealed yet: {waiting['events']} events, {waiting['changes']} row changes, "
            f"{waiting['operations']} operations, {waiting['signatures']} signatures.{compared}"
        )


def verify(anchor_file: Path | None) -> Verified:
    """Go through the whole trail. Raises Broken, naming the first broken link.

    Raises OSError for a file that cannot be read. Without a file, who rewrote the whole chain is
    not found out.
    """
    found = Verified()
    previous: Seal | None = None
    lines = Lines(anchor_file)
    try:
        lines.begin()
        while (seal := _seal(found.seals + 1, lines)) is not None:
            check_seal(seal, previous)
            check_anchor(seal, lines)
            for part in PARTS_OF[seal.form]:
                check_rows(seal, part)
                found.rows[part.name] += range_of(seal, part).count
            found.seals, previous = seal.number, seal
        check_end(found.seals, lines)
    except AnchorsDisagree as error:
        raise Broken(str(error)) from error
    finally:
        lines.close()
    check_triggers()
    found.anchored = lines.taken
    found.not_sealed = {part.name: _after(part, previous) for part in PARTS}
    return found


class Lines:
    """The anchor file, read along with the seals: each line, and the one after it."""

    def __init__(self, path: Path | None) -> None:
        self._lines: Iterator[Anchor] = anchors.read(path) if path else iter(())
        self.next: Anchor | None = None
        self.taken: int | None = 0 if path else None

    def begin(self) -> None:
        """Read the first line. Raises AnchorsDisagree, as `take` does, for one that is none."""
        self.next = next(self._lines, None)

    def take(self) -> Anchor | None:
        """The next line; None after the last one."""
        anchor = self.next
        if anchor is not None:
            self.taken = anchor.seal
            self.next = next(self._lines, None)
        return anchor

    def close(self) -> None:
        """Close the file."""
        if hasattr(self._lines, "close"):
            self._lines.close()


def verify_seal(seal: Seal) -> None:
    """Whether one seal is whole, follows the one before, and its rows are as they were sealed.

    A bounded number of rows; the anchors are not read. Raises Broken, naming what does not hold.
    """
    previous = Seal.objects.filter(number=seal.number - 1).first()
    if previous is None and seal.number > 1:
        raise Broken(MISSING.format(seal=seal.number - 1))
    check_seal(seal, previous)
    for part in PARTS_OF[seal.form]:
        check_rows(seal, part)


def _seal(number: int, lines: Lines) -> Seal | None:
    """The seal of this number; None after the last one. Raises Broken when one is missing."""
    seal = Seal.objects.filter(number=number).first()
    if seal is None and lines.next is not None:
        # Made and anchored since we looked; else the file knows more than the database.
        seal = Seal.objects.filter(number=number).first()
    if seal is None and Seal.objects.filter(number__gt=number).exists():
        raise Broken(MISSING.format(seal=number))
    return seal


def check_seal(seal: Seal, previous: Seal | None) -> None:
    """Whether a seal is whole and follows the one before. Raises Broken."""
    if digest_of(seal) != seal.digest:
        raise Broken(ALTERED.format(seal=seal.number))
    before = previous.digest if previous else ""
    starts = {part.name: range_of(previous, part).upto if previous else 0 for part in PARTS}
    follows = all(range_of(seal, part).after == starts[part.name] for part in PARTS)
    if seal.previous_digest != before or not follows:
        raise Broken(DOES_NOT_FOLLOW.format(seal=seal.number, before=seal.number - 1))


def check_anchor(seal: Seal, lines: Lines) -> None:
    """Whether the anchor file says the same of a seal, if it says anything. Raises Broken."""
    anchor = lines.take()
    if anchor is None or anchor == anchors.anchor_of(seal):
        return
    after = lines.next
    if after is not None and after.previous == seal.digest:
        raise Broken(LINE_ALTERED.format(seal=seal.number))
    raise Broken(UNLIKE.format(seal=seal.number))


def check_end(sealed: int, lines: Lines) -> None:
    """Whether both end alike. Raises Broken; what a last sweep left to be anchored may lack."""
    if lines.next is not None:
        newest = lines.next
        while (line := lines.take()) is not None:
            newest = line
        raise Broken(AHEAD.format(anchored=newest.seal, sealed=sealed))
    if lines.taken is None:
        return
    missing = Seal.objects.filter(number__gt=lines.taken, number__lte=sealed)
    if missing.values("sealed_at").distinct().count() > 1:
        raise Broken(CUT.format(anchored=lines.taken, sealed=sealed))


def check_rows(seal: Seal, part: Part) -> None:
    """Whether a range of one table is as it was sealed. Raises Broken, naming the first row."""
    sealed = range_of(seal, part)
    present = digested(part, sealed.after, sealed.upto)
    if present == sealed:
        return
    was, now = marks_of(sealed), marks_of(present)
    for key in sorted(was.keys() | now.keys()):
        if was.get(key) != now.get(key):
            told = PUT_IN if key not in was else REMOVED if key not in now else CHANGED
            raise Broken(told.format(row=f"{part.noun} {key}", seal=seal.number))
    raise Broken(_somewhere(part, sealed, seal))


def _somewhere(part: Part, sealed: Range, seal: Seal) -> str:
    """For a change that the marks do not show: they are too short to exclude it."""
    return SOME_CHANGED.format(
        nouns=f"the {part.name}", first=sealed.after + 1, last=sealed.upto, seal=seal.number
    )


def check_triggers() -> None:
    """Whether every trigger that guards a table is there and on. Raises Broken."""
    declared = {
        (model._meta.db_table, trigger.get_pgid(model))
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", [])
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
            WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
            """
        )
        present = set(cursor.fetchall())
    for table, trigger in sorted(declared - present):
        name = trigger.removeprefix("pgtrigger_").rpartition("_")[0]
        raise Broken(SWITCHED_OFF.format(trigger=name, table=table))


def _after(part: Part, previous: Seal | None) -> int:
    """How many rows of a table no seal covers yet, those without a key included."""
    after = range_of(previous, part).upto if previous else 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM {part.table} "  # noqa: S608 - composed of constants only
            f"WHERE {part.key} > %s OR {part.key} IS NULL",
            [after],
        )
        (count,) = cursor.fetchone() or (0,)
    return int(count)
