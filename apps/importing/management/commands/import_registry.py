"""`manage.py import_registry FOLDER --source NAME --by EMAIL [--apply]`: a registry from CSV files.

It reports first and writes only with --apply. Its output bears no name of a patient.
"""

import resource
import time
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.accounts.console import call_of
from apps.core.options import WRONG
from apps.importing.layout import FILES
from apps.importing.models import ImportedRecord
from apps.importing.reading import LayoutError
from apps.importing.services import Outcome, import_all

PROBLEMS = 1
EVERY = 200
LONGEST_SOURCE = 60
PLURALS = {
    ImportedRecord.Kind.PRESCRIBER: "prescribers",
    ImportedRecord.Kind.PHARMACY: "pharmacies",
    ImportedRecord.Kind.PATIENT: "patients",
}


class Command(BaseCommand):
    """Rehearses an import, or carries it out."""

    help = "Take in prescribers, pharmacies and patients with their history from CSV files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The folder, the registry's name, who answers for it."""
        parser.add_argument("folder", type=Path, help="where the CSV files are (docs/import.md)")
        parser.add_argument("--source", required=True, help="the other registry; always the same")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="an administrator")
        parser.add_argument("--apply", action="store_true", help="write; else only report")

    def handle(self, *_: Any, **options: Any) -> None:
        """Exit status 1 when there are problems, 2 for what cannot be meant."""
        call = call_of(options["by"])
        source = options["source"].strip()
        if not 0 < len(source) <= LONGEST_SOURCE:
            raise CommandError("--source must have 1 to 60 characters.", returncode=WRONG)
        if not options["folder"].is_dir():
            raise CommandError(f"There is no folder {options['folder']}.", returncode=WRONG)
        _refuse_unknown_files(options["folder"])
        began = time.monotonic()
        report = _Report(self, began)
        try:
            for outcome in import_all(
                call, options["folder"], source, rehearse=not options["apply"]
            ):
                report.add(outcome)
        except LayoutError as error:
            raise CommandError(str(error), returncode=WRONG) from error
        report.close(is_applied=options["apply"])
        if report.problems:
            problems = "1 problem" if report.problems == 1 else f"{report.problems} problems"
            raise CommandError(
                f"{problems}, told above. Mend the files and run it again. What is not refused "
                f"{'is imported' if options['apply'] else 'can be imported already: --apply'}.",
                returncode=PROBLEMS,
            )
        if not options["apply"] and report.has_news:
            self.stdout.write("No problem found. To import it, run the same with --apply.")


class _Report:
    """Counts outcomes as they come, so that memory does not grow; problems are written at once."""

    def __init__(self, command: BaseCommand, began: float) -> None:
        self.command, self.began = command, began
        self.lines: Counter[str] = Counter()
        self.results: Counter[tuple[str, str]] = Counter()
        self.problems = 0
        self._patients = 0

    def add(self, outcome: Outcome) -> None:
        """Count one record, write its problems, and tell of progress."""
        self.lines.update(outcome.lines)
        self.results[outcome.kind, outcome.result] += 1
        for problem in outcome.problems:
            self.problems += 1
            self.command.stdout.write(str(problem))
        if outcome.kind == ImportedRecord.Kind.PATIENT:
            self._patients += 1
            if self._patients % EVERY == 0:
                rate = self._patients / (time.monotonic() - self.began)
                self.command.stderr.write(f"{self._patients:,} patients, {rate:.0f} a second …")

    @property
    def has_news(self) -> bool:
        """Whether somebody is not imported yet."""
        return any(result == "new" for _, result in self.results)

    def close(self, *, is_applied: bool) -> None:
        """The sums, and what it took."""
        write = self.command.stdout.write
        write("Imported:" if is_applied else "A rehearsal; nothing was written:")
        for file in FILES:
            lines = self.lines[file.name]
            write(f"  {file.file_name:20}  {lines:7,} {'line' if lines == 1 else 'lines'}")
        for kind, name in PLURALS.items():
            said = [
                f"{count:,} {result}"
                for (of, result), count in sorted(self.results.items())
                if of == kind
            ]
            count, _, rest = ", ".join(said or ["0"]).partition(" ")
            write(f"  {name:20}  {count:>7} {rest}".rstrip())
        seconds = time.monotonic() - self.began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        write(f"{seconds:.1f} seconds, at most {peak:.0f} MB of memory.")


def _refuse_unknown_files(folder: Path) -> None:
    """A misspelt name would leave a whole history out, and nobody would know."""
    known = {file.file_name for file in FILES}
    unknown = sorted(path.name for path in folder.glob("*.csv") if path.name not in known)
    if unknown:
        raise CommandError(
            f"{', '.join(unknown)} in {folder}: no file of an import has this name. The names are "
            f"{', '.join(file.file_name for file in FILES)}.",
            returncode=WRONG,
        )
