"""manage.py assessment_report: counts of a period, as text, JSON or CSV. It names nobody."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.dateparse import parse_date

from apps.core import clock
from apps.core.call import SYSTEM
from apps.core.errors import InvalidRequest
from apps.oversight.assessment import assessment
from apps.oversight.assessment.rendering import FORMATS
from apps.rules.policy import programs

WRONG_INPUT = 2


class Command(BaseCommand):
    """Prints the assessment report; exit status 2 for a period that cannot be assessed."""

    help = (
        "Deviations, enrollment, tests, refusals, authorizations, dispenses, cases, interventions, "
        "surveys and certifications of a period (rules §13)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """--from, --until, --format, --program."""
        parser.add_argument("--from", required=True, help="the first day, such as 2026-01-01")
        parser.add_argument("--until", required=True, help="the last day, included")
        parser.add_argument("--format", choices=sorted(FORMATS), default="text")
        parser.add_argument("--program", choices=programs(), default=programs()[0])

    def handle(self, *_args: object, **options: Any) -> None:
        """Prints the report; raises CommandError for a period that cannot be assessed."""
        from_on = _day(options["from"], "--from")
        last_on = _day(options["until"], "--until")
        try:
            report = assessment(
                SYSTEM,
                program=options["program"],
                from_on=from_on,
                last_on=last_on,
                now=clock.now(),
            )
        except InvalidRequest as error:
            said = " ".join([error.message, *(f"--until: {why}" for why in error.fields.values())])
            raise CommandError(said, returncode=WRONG_INPUT) from error
        self.stdout.write(FORMATS[options["format"]](report), ending="")


def _day(text: str, option: str) -> date:
    """Raises CommandError for what is no day of the calendar."""
    try:
        on = parse_date(text)
    except ValueError:
        on = None
    if on is None:
        raise CommandError(
            f"{option} {text}: write a day that exists, like 2026-11-01.", returncode=WRONG_INPUT
        )
    return on
