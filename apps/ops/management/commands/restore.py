"""`manage.py restore FILE`: a backup into an empty database, run as the owner-to-be."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.ops import backups
from apps.ops.client_programs import ProgramFailed, ProgramMissing

# What an operator runs on a restored database before it serves; the drill runs the same.
PROOFS = ("replay", "verify_trail")


class Command(BaseCommand):
    help = "Restore a backup into the empty database of DATABASE_URL, and verify what arrived."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            restored = backups.restore(options["file"])
        except FileNotFoundError as error:
            raise CommandError(f"There is no file {options['file']}.") from error
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}.") from error
        except (backups.BackupRefused, ProgramMissing, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        rows = sum(content.rows for content in restored.tables.values())
        self.stdout.write(
            f"Restored {rows:,} rows of {len(restored.tables)} tables as of {restored.made_at}; "
            "counts and digests are those of the manifest. Everybody is signed out."
        )
        call_command("grant_application_role", settings.APPLICATION_DATABASE_ROLE)
        proofs = "\n".join(f"    manage.py {proof}" for proof in ("migrate", *PROOFS))
        self.stdout.write(
            f"Before it serves, run:\n{proofs}\n"
            "Where the anchor file goes on after the backup, verify with a copy of that day's "
            "(--anchors), then begin a new one: manage.py restart_anchors --reason …"
        )
