"""manage.py legal_hold place | lift | list: what of whom may not be disposed of.

Ids only: nobody's name is printed.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from apps.accounts.console import call_of
from apps.audit.models import LegalHold
from apps.audit.selectors import legal_holds
from apps.core.errors import CommandError as Refusal
from apps.core.options import refused
from apps.oversight import services


class Command(BaseCommand):
    """Places, lifts and lists legal holds."""

    help = "Keep what would be disposed of: place a legal hold, lift one, or list them."

    def add_arguments(self, parser: CommandParser) -> None:
        """The three things to do."""
        tasks = parser.add_subparsers(dest="task", required=True, metavar="place | lift | list")
        place = tasks.add_parser("place", help="keep everything of one patient or organization")
        whom = place.add_mutually_exclusive_group(required=True)
        whom.add_argument("--patient", type=UUID, metavar="ID")
        whom.add_argument("--organization", type=UUID, metavar="ID")
        lift = tasks.add_parser("lift", help="end a hold")
        lift.add_argument("hold", type=UUID, metavar="ID")
        for task in (place, lift):
            task.add_argument(
                "--authority", required=True, help="who ordered it: court and docket, counsel"
            )
            task.add_argument("--reason", required=True, help="why, for the record")
            task.add_argument("--by", required=True, metavar="EMAIL", help="an administrator")
        listing = tasks.add_parser("list", help="the holds that are open")
        listing.add_argument("--all", action="store_true", help="also those that were lifted")

    def handle(self, *_args: object, **options: Any) -> None:
        """One task. Exit status 2 for what cannot be meant."""
        tasks: dict[str, Callable[[dict[str, Any]], None]] = {
            "place": self._place,
            "lift": self._lift,
            "list": self._list,
        }
        try:
            tasks[options["task"]](options)
        except Refusal as error:
            raise refused(error) from error

    def _place(self, options: dict[str, Any]) -> None:
        hold = services.place_legal_hold(
            call_of(options["by"]),
            patient_id=options["patient"],
            organization_id=options["organization"],
            authority=options["authority"],
            reason=options["reason"],
        )
        self.stdout.write(
            f"Placed: {hold.pk}. Nothing of theirs is disposed of until it is lifted."
        )
        self.stdout.write("Backups and exports are files: see that the operator keeps those, too.")

    def _lift(self, options: dict[str, Any]) -> None:
        hold = services.lift_legal_hold(
            call_of(options["by"]),
            hold_id=options["hold"],
            authority=options["authority"],
            reason=options["reason"],
        )
        self.stdout.write(f"Lifted: {hold.pk}. Other holds on the same go on.")

    def _list(self, options: dict[str, Any]) -> None:
        found = legal_holds(lifted_too=options["all"])
        for hold in found:
            self.stdout.write(_line(hold))
        if not found:
            self.stdout.write("No legal hold is open.")


def _line(hold: LegalHold) -> str:
    whom = (
        f"patient {hold.patient_id}" if hold.patient_id else f"organization {hold.organization_id}"
    )
    until = f"lifted {hold.lifted_at:%Y-%m-%d}" if hold.lifted_at else "open"
    return f"{hold.pk}  {whom}  since {hold.recorded_at:%Y-%m-%d}, {until}: {hold.authority}"
