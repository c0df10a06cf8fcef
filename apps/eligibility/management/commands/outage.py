"""manage.py outage declare | end | report: for the operator, also when nobody can sign in.

It acts as the system; what an outage left behind is listed without any name.
"""

import textwrap
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.core import clock
from apps.core.call import SYSTEM_CALL
from apps.core.errors import CommandError as Refusal
from apps.core.options import WRONG, refused
from apps.eligibility import reconciliation, services
from apps.prescriptions import selectors
from apps.prescriptions.models import Outage

WIDTH = 94
OPTIONS = {
    "parts": "PART",
    "from_at": "--since",
    "until_at": "--at",
    "description": "--description",
}
"""What the commands' fields are called here."""


class Command(BaseCommand):
    """Declares, ends and reports outages."""

    help = "Declare an outage, end it, or list what it left to be reconciled."

    def add_arguments(self, parser: CommandParser) -> None:
        """The three things to do."""
        tasks = parser.add_subparsers(dest="task", required=True, metavar="declare | end | report")
        declare = tasks.add_parser("declare", help="say that a part of the program has failed")
        declare.add_argument("parts", nargs="+", metavar="PART", help=f"one or more of: {_parts()}")
        declare.add_argument("--since", help="when it began; now, if left out")
        declare.add_argument(
            "--description", required=True, help="what could not be done, and by whom"
        )
        end = tasks.add_parser("end", help="say that the program can be used again")
        end.add_argument("outage", nargs="?", help="its id; not needed while only one is open")
        end.add_argument("--at", help="when it ended; now, if left out")
        report = tasks.add_parser("report", help="list what is to be checked and what ran out")
        report.add_argument("outage", nargs="?", help="its id; the latest one, if left out")

    def handle(self, *_args: object, **options: Any) -> None:
        """One task. Exit status 2 for what cannot be meant."""
        tasks: dict[str, Callable[[dict[str, Any]], None]] = {
            "declare": self._declare,
            "end": self._end,
            "report": self._report,
        }
        try:
            tasks[options["task"]](options)
        except Refusal as error:
            raise refused(error, **OPTIONS) from error

    def _declare(self, options: dict[str, Any]) -> None:
        outage = services.declare_outage(
            SYSTEM_CALL,
            from_at=_instant(options["since"], "--since"),
            parts=options["parts"],
            description=options["description"],
        )
        self._tell(
            f"Declared: {', '.join(outage.parts)} since {_shown(outage.from_at)}.",
            f"Its id is {outage.pk}.",
            "The administrators are told. Windows go on running: nothing is extended by itself.",
            f"When the program can be used again: manage.py outage end {outage.pk}",
        )

    def _end(self, options: dict[str, Any]) -> None:
        outage = services.end_outage(
            SYSTEM_CALL,
            outage_id=_one_open(options["outage"]).pk,
            until_at=_instant(options["at"], "--at"),
        )
        until_at = outage.until_at or outage.from_at
        self._tell(
            f"Ended: {', '.join(outage.parts)}, {_shown(outage.from_at)} to {_shown(until_at)}.",
            "Have what was done on paper entered with its real times.",
            f"What is left to be done: manage.py outage report {outage.pk}",
        )

    def _report(self, options: dict[str, Any]) -> None:
        listed = reconciliation.reconciliation(_latest(options["outage"]), clock.now())
        outage = listed.outage
        until = f"to {_shown(outage.until_at)}" if outage.until_at else "and not over yet"
        self._tell(
            f"Outage {outage.pk}, {_shown(outage.from_at)} {until}",
            f"{', '.join(outage.parts)}: {outage.description}",
            "",
            f"Entered with a time inside it: {len(listed.entries)}"
            + (f", {listed.unchecked} still to be checked" if listed.unchecked else ""),
        )
        for entry in listed.entries:
            self._tell(f"  {_shown(entry.happened_at)}  {entry.name} {entry.id}")
            self._advise(entry.still_to_do or "Checked.")
        self._tell("", f"Windows that ran out meanwhile: {len(listed.ran_out)}")
        for each in listed.ran_out:
            self._tell(f"  {_shown(each.ended_at)}  {_kind(each.model)} {each.number}")
            self._advise(each.what_to_do)

    def _tell(self, *lines: str) -> None:
        for line in lines:
            self.stdout.write(line)

    def _advise(self, text: str) -> None:
        self._tell(*(f"    {line}" for line in textwrap.wrap(text, WIDTH)))


def _kind(model: str) -> str:
    return str(apps.get_model(model)._meta.verbose_name)


def _parts() -> str:
    return ", ".join(Outage.Part.values)


def _instant(text: str | None, option: str) -> datetime:
    """An instant with its offset, or now. Raises CommandError for anything else."""
    if text is None:
        return clock.now()
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or timezone.is_naive(at):
        raise CommandError(
            f"{option} {text}: write an instant with its offset, like 2026-11-01T08:30:00-05:00.",
            returncode=WRONG,
        )
    return at


def _one_open(text: str | None) -> Outage:
    if text is not None:
        return _by_id(text)
    open_ones = list(selectors.outages().filter(until_at__isnull=True)[:2])
    if not open_ones:
        raise CommandError("No outage is open.", returncode=WRONG)
    if len(open_ones) > 1:
        raise CommandError("Several outages are open: name the one by its id.", returncode=WRONG)
    return open_ones[0]


def _latest(text: str | None) -> Outage:
    if text is not None:
        return _by_id(text)
    outage = selectors.outages().order_by("-from_at").first()
    if outage is None:
        raise CommandError("No outage was ever declared.", returncode=WRONG)
    return outage


def _by_id(text: str) -> Outage:
    try:
        outage = selectors.outages().filter(pk=UUID(text)).first()
    except ValueError:
        outage = None
    if outage is None:
        raise CommandError(f"{text} is no outage's id.", returncode=WRONG)
    return outage


def _shown(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
