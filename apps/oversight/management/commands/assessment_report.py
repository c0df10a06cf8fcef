"""manage.py assessment_report: counts of a period, as text, JSON or CSV. It names nobody."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import clock
from apps.core.call import SYSTEM
from apps.core.errors import InvalidRequest
from apps.core.options import WRONG, day_of
from apps.oversight.assessment import assessment
from apps.oversight.assessment.rendering import FORMATS
from apps.rules.policy import programs


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
        from_on = day_of(options["from"], "--from")
        last_on = day_of(options["until"], "--until")
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
            raise CommandError(said, returncode=WRONG) from error
        self.stdout.write(FORMATS[options["format"]](report), ending="")
