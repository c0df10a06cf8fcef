"""manage.py record_policy_editions: run by the owner after every migration.

The texts of the served programs are recorded with them.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit.texts import TextRefused
from apps.eligibility import editions
from apps.rules.calendar import utc_text


class Command(BaseCommand):
    """Writes the served programs' editions and texts into their ledgers; says what was new."""

    help = "Record the policy editions of the served programs, so that they can decide."

    def handle(self, *_args: object, **_options: Any) -> None:
        """Prints a line for each that is new or withdrawn; raises CommandError for a wrong one."""
        try:
            recorded = editions.record()
        except (editions.EditionRefused, TextRefused) as error:
            raise CommandError(str(error)) from error
        for edition in recorded.withdrawn:
            self.stdout.write(
                f"Withdrew {edition.version}: its file is gone, and it decided nothing."
            )
        for edition in recorded.added:
            since = utc_text(edition.came_into_force_at)
            self.stdout.write(f"Recorded {edition.version}, which decides from {since} on.")
        for text in recorded.texts:
            self.stdout.write(f"Recorded the words of {text}, {text.program}.")
        if recorded.added or recorded.texts:
            self.stdout.write("Restart web and worker: they read the files only when they start.")
        if not (recorded.added or recorded.withdrawn or recorded.texts):
            self.stdout.write("Every edition is recorded.")
