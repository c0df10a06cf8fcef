"""`manage.py populate_demo`: synthetic people for the demo, and who may sign in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import selectors as accounts
from apps.audit import sealing
from apps.core.call import SYSTEM
from apps.prescriptions import selectors as ledger
from apps.simulation.people import CLIENT_SECRET, PASSWORD, SIGN_INS
from apps.simulation.populate import populate
from apps.simulation.story import StoryError
from apps.simulation.visitors import entrances


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
        sealing.seal()
        self.stdout.write(sign_ins())


def sign_ins() -> str:
    """The people and systems that may enter, as tables for a terminal."""
    people = [(row.role, row.name, row.email, row.what_to_try) for row in SIGN_INS]
    systems = list(accounts.client_ids().items())
    return "\n".join(
        [
            f"Everybody signs in with the password  {PASSWORD}",
            "and then a code, which the page shows: these people have no phones.",
            "",
            *table(("Role", "Name", "E-mail", "What to try"), *people),
            "",
            "Prescriptions in patients' hands, for a pharmacy to check:",
            "",
            *table(("Number", "Date of birth", "Category", "Patient", "State"), *prescriptions()),
            "",
            "Patients come in with a one-time code; to sign, they ask for another one on the page:",
            "",
            *table(("Patient", "Link", "Code", "Date of birth", "What to try"), *entrances()),
            "",
            f"Systems get a token from /api/v1/token with the client secret  {CLIENT_SECRET}",
            "",
            *table(("System", "Client id"), *systems),
            "",
            "Patients and what they show: docs/demo.md",
        ]
    )


def prescriptions() -> list[tuple[str, ...]]:
    """What a pharmacist reads on each open authorization's prescription, by the patient's name."""
    open_ones = ledger.authorizations_visible_to(SYSTEM).filter(state__in=ledger.OPEN)
    return [
        (
            str(authorization),
            str(authorization.patient.born_on),
            authorization.get_risk_category_display(),
            str(authorization.patient),
            authorization.state,
        )
        for authorization in open_ones.order_by("patient__given_name")
    ]


def table(*rows: tuple[str, ...]) -> list[str]:
    """Lines with aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
