"""manage.py verify_trail: is the trail as it was sealed, and the chain as it was anchored?"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit import sealing
from apps.audit.verifying import Broken, Verified, verify

BROKEN, CANNOT_TELL, NOT_ANCHORED = 1, 2, 3


class Command(BaseCommand):
    """Exit status 0: whole. 1: broken. 2: cannot be told. 3: whole, but the end is not anchored."""

    help = (
        "Verify the trail: every sealed row, every seal, every anchor; name the first broken link. "
        "Exit status: 0 whole, 1 broken, 2 the anchor file cannot be read, 3 whole but the last "
        "seals are not anchored yet."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """--anchors."""
        parser.add_argument(
            "--anchors", type=Path, help="a copy of the anchor file (default: TRAIL_ANCHOR_FILE)"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Prints what holds; raises CommandError with what does not."""
        path = options["anchors"] or sealing.anchor_file()
        try:
            found = verify(path)
        except Broken as broken:
            raise CommandError(f"The trail is broken. {broken}", returncode=BROKEN) from broken
        except OSError as error:
            raise CommandError(
                f"The anchor file {path} cannot be read: {error.strerror}.", returncode=CANNOT_TELL
            ) from error
        self.stdout.write(_summary(found))
        if found.anchored is not None and found.anchored < found.seals:
            raise CommandError(
                f"The anchor file ends with seal {found.anchored} of {found.seals}: the last sweep "
                "was interrupted, or its lines were cut off. The next sweep anchors them.",
                returncode=NOT_ANCHORED,
            )


def _summary(found: Verified) -> str:
    rows, waiting = found.rows, found.not_sealed
    said = (
        f"The trail is whole: {found.seals} seals over {rows['events']} events, "
        f"{rows['changes']} row changes, {rows['operations']} operations and "
        f"{rows['signatures']} signatures.\n"
        f"Not sealed yet: {waiting['events']} events, {waiting['changes']} row changes, "
        f"{waiting['operations']} operations, {waiting['signatures']} signatures."
    )
    if found.anchored is None:
        said += "\nCompared with no anchor file: a chain that was rewritten whole looks alike."
    return said
