"""`manage.py populate_demo`: synthetic people for the demo, and who may sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.simulation.people import PASSWORD, SIGN_INS
from apps.simulation.populate import populate
from apps.simulation.story import StoryError


class Command(BaseCommand):
    """Fill the demo's database once; print the sign-ins each time."""

    help = "Fill the demo's database with synthetic people, once, and print the sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="for dates of birth and the like")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            populate(options["seed"])
        except StoryError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(sign_ins())


def sign_ins() -> str:
    """The table of sign-ins, for a terminal."""
    rows = [("Role", "Name", "E-mail", "What to try")]
    rows += [(row.role, row.name, row.email, row.what_to_try) for row in SIGN_INS]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    ]
    return "\n".join([f"Everybody's password: {PASSWORD}", "", *lines])
