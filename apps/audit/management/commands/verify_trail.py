"""manage.py verify_trail: is the trail as it was sealed, and the chain as it was anchored?"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit import sealing, verdicts
from apps.audit.verifying import Broken, verify

BROKEN, CANNOT_TELL, NOT_ANCHORED = 1, 2, 3


class Command(BaseCommand):
    """Exit status 0: whole. 1: broken. 2: cannot be told. 3: whole, but the end is not anchored."""

    help = (
        "Verify the trail: every sealed row, every seal, every anchor; name the first broken link. "
        "What was found becomes an event, which auditors read in the administration. "
        "Exit status: 0 whole, 1 broken, 2 the anchor file cannot be read, 3 whole but the last "
        "seals are not anchored yet."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """--anchors."""
        parser.add_argument(
            "--anchors",
            type=Path,
            help="a copy of the anchor file (default: TRAIL_ANCHOR_FILE); what is found beside a "
            "copy is printed only",
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Prints what holds; raises CommandError with what does not.

        What is found beside the installation's own anchors is recorded, either way.
        """
        path = options["anchors"] or sealing.anchor_file()
        record = _say_nothing if options["anchors"] else verdicts.record
        try:
            found = verify(path)
        except Broken as broken:
            record(verdicts.BROKEN, str(broken))
            raise CommandError(f"The trail is broken. {broken}", returncode=BROKEN) from broken
        except OSError as error:
            unread = f"The anchor file {path} cannot be read: {error.strerror}."
            record(verdicts.NOT_TOLD, unread)
            raise CommandError(unread, returncode=CANNOT_TELL) from error
        record(verdicts.WHOLE, str(found))
        self.stdout.write(str(found))
        if found.anchored is not None and found.anchored < found.seals:
            raise CommandError(
                f"The anchor file ends with seal {found.anchored} of {found.seals}: the last sweep "
                "was interrupted, or its lines were cut off. The next sweep anchors them.",
                returncode=NOT_ANCHORED,
            )


def _say_nothing(_code: str, _said: str) -> None:
    """An older copy of the anchors disagrees with the chain of today: that is no verdict on it."""
