"""manage.py restart_anchors: begin a new anchor file, after a restored backup or at first."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.audit import sealing
from apps.audit.verifying import Broken, verify
from apps.core.options import WRONG


class Command(BaseCommand):
    """Exit status 1 for a broken trail; 2 without an anchor file in the settings."""

    help = (
        "Keep the anchor file under another name, and anchor the whole chain of this database in a "
        "new one. For a database that was set back to a backup, or was never anchored; the reason "
        "goes into the trail."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """--reason."""
        parser.add_argument("--reason", required=True, help="why, for the record")

    def handle(self, *_args: object, **options: Any) -> None:
        """Verifies what is there first: a broken chain gets no anchors."""
        if not options["reason"].strip():
            raise CommandError("--reason: Say why, for the record.", returncode=WRONG)
        if sealing.anchor_file() is None:
            raise CommandError("Set TRAIL_ANCHOR_FILE to the new file's path.", returncode=WRONG)
        try:
            verify(None)
        except Broken as broken:
            raise CommandError(f"The trail is broken. {broken}", returncode=1) from broken
        kept, anchored = sealing.restart_anchors(options["reason"])
        self.stdout.write(f"Anchored {anchored} seals in a new file.")
        if kept is not None:
            self.stdout.write(f"The file before is kept: {kept}")
