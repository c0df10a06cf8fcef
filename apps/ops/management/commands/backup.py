"""`manage.py backup FILE`: the whole database in one file, run as the owner of the tables."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.ops import backups
from apps.ops.client_programs import ProgramFailed, ProgramMissing


class Command(BaseCommand):
    help = "Write the whole database, as of one instant, into a new file with its manifest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="must not be there yet")

    def handle(self, *_: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            made = backups.back_up(file)
        except (backups.BackupRefused, ProgramMissing, ProgramFailed) as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{file} cannot be written: {error.strerror}. "
                "Check the folder, its permissions and the room in it."
            ) from error
        rows = sum(content.rows for content in made.tables.values())
        self.stdout.write(
            f"{file}: {rows:,} rows of {len(made.tables)} tables, as of {made.made_at}.\n"
            f"SHA-256 of the dump: {made.sha256}\n"
            "It holds patients' data: keep it on encrypted storage, and try it with "
            "`manage.py restore`."
        )
