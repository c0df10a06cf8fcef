"""manage.py record_policy_editions: run by the owner after every migration."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.eligibility import editions
from apps.rules.calendar import utc_text


class Command(BaseCommand):
    """Writes the editions of the served programs into the ledger; says what was new."""

    help = "Record the policy editions of the served programs, so that they can decide."

    def handle(self, *_args: object, **_options: Any) -> None:
        """Prints one line an edition that was new; raises CommandError when one has changed."""
        try:
            recorded = editions.record()
        except editions.EditionChanged as error:
            raise CommandError(str(error)) from error
        for edition in recorded:
            since = utc_text(edition.came_into_force_at)
            self.stdout.write(f"Recorded {edition.version}, which decides from {since} on.")
        if not recorded:
            self.stdout.write("Every edition is recorded.")
