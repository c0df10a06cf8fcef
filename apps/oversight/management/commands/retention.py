"""manage.py retention [--apply --by EMAIL --reason TEXT]: report, or dispose of, what may go.

It deletes nothing without --apply, nothing under legal hold, and nothing that is not listed.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.console import call_of
from apps.core.call import Call
from apps.core.errors import CommandError as Refusal
from apps.core.options import WRONG
from apps.oversight import retention, services

COLUMNS = "{:12} {:>6} {:>12,} {:>12,} {:>12,}  {:12} {}"
HEADING = "{:12} {:>6} {:>12} {:>12} {:>12}  {:12} {}"


class Command(BaseCommand):
    """Reports what is past its period; disposes of it, batch by batch, on record."""

    help = (
        "Report what is past its retention period, or dispose of it: as the owner of the tables, "
        "an administrator answering for it. Everything else is kept for the program's life."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """--apply, with who answers and why."""
        parser.add_argument("--apply", action="store_true", help="dispose; else only report")
        parser.add_argument("--by", metavar="EMAIL", help="the administrator who answers for it")
        parser.add_argument("--reason", help="why, for the record")

    def handle(self, *_args: object, **options: Any) -> None:
        """Exit status 2 for what cannot be meant."""
        try:
            found = retention.all_due()
            self._report(found)
            if options["apply"]:
                self._dispose(found, options["by"], options["reason"])
            else:
                self.stdout.write("Nothing was disposed of. To do it: --apply --by … --reason …")
        except Refusal as error:
            raise CommandError(error.message, returncode=WRONG) from error

    def _report(self, due: list[retention.Due]) -> None:
        write = self.stdout.write
        write(HEADING.format("kind", "days", "rows", "may go", "on hold", "oldest", ""))
        for found in due:
            write(
                COLUMNS.format(
                    found.kind.name,
                    found.kind.period.days,
                    found.rows,
                    found.may_go,
                    found.held,
                    f"{found.oldest:%Y-%m-%d}" if found.oldest else "",
                    found.kind.label,
                )
            )

    def _dispose(self, due: list[retention.Due], by: str | None, reason: str | None) -> None:
        if not by or not (reason or "").strip():
            raise CommandError(
                "--apply needs --by, an administrator's address, and --reason.", returncode=WRONG
            )
        if not retention.is_owner():
            raise CommandError(
                "This role may not dispose of anything: run it as the owner of the tables, as "
                "`manage.py backup` is.",
                returncode=WRONG,
            )
        call = call_of(by)
        for found in due:
            count = _all_of(found, call, reason or "")
            if count:
                self.stdout.write(f"Disposed of: {count:,} {found.kind.name}.")
        self.stdout.write("Done. Each batch is in the trail: records_disposed.")


def _all_of(due: retention.Due, call: Call, reason: str) -> int:
    """Batch after batch, until nothing may go; how many went."""
    total = 0
    while due.may_go:
        total += services.dispose(call, kind=due.kind, reason=reason).data["count"]
        due = retention.due(due.kind)
    return total
