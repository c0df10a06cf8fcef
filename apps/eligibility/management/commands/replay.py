"""manage.py replay: every stored decision again, under its recorded edition.

Prints each one that differs; stores nothing. With --under, another edition is asked instead.
"""

from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from apps.core.options import WRONG
from apps.eligibility import replaying
from apps.rules.edition import Policy
from apps.rules.policy import NoPolicyInForce, policies, policy_by_version

DIFFERS = 1
PROGRESS_EVERY = 5_000


class Command(BaseCommand):
    """Replays decisions; exit status 1 when one differs."""

    help = "Replay stored decisions under their recorded policy editions and name what differs."

    def add_arguments(self, parser: CommandParser) -> None:
        """--since, --until and --under."""
        parser.add_argument("--since", help="from this day or instant on, such as 2026-11-01")
        parser.add_argument("--until", help="before this day or instant")
        parser.add_argument(
            "--under", metavar="VERSION", help="what another edition says of the same facts"
        )

    def handle(self, *_args: object, **options: Any) -> None:
        """Prints the differences and a summary; raises SystemExit(1) when there are any."""
        since = _instant(options["since"], "--since")
        until = _instant(options["until"], "--until")
        if since and until and until <= since:
            raise CommandError(
                f"--until {options['until']} must lie after --since {options['since']}.",
                returncode=WRONG,
            )
        under = _edition(options["under"])
        done, differing = 0, 0
        for difference in replaying.replayed(replaying.recorded(since, until), under):
            done += 1
            if difference is not None:
                differing += 1
                decision = difference.decision
                self.stdout.write(
                    f"{decision.pk}  {decision.recorded_at.isoformat()}  {decision.act}  "
                    f"under {decision.policy_version}: {difference.what}"
                )
            if done % PROGRESS_EVERY == 0:
                self.stderr.write(f"{done:,} replayed, {differing:,} differ …")
        if not done:
            self.stdout.write("No decision was recorded in this time: nothing was replayed.")
            return
        if differing:
            self.stdout.write(f"{done:,} decisions replayed; {differing:,} differ.")
            raise SystemExit(DIFFERS)
        self.stdout.write(f"{done:,} decisions replayed; every one gives the same answer.")


def _edition(version: str | None) -> Policy | None:
    """The edition of that version. Raises CommandError for one that is in no file."""
    try:
        return None if version is None else policy_by_version(version)
    except NoPolicyInForce as error:
        known = ", ".join(policy.version for policy in policies().everything())
        raise CommandError(
            f"There is no edition {version}. There are: {known}.", returncode=WRONG
        ) from error


def _instant(text: str | None, option: str) -> datetime | None:
    """A day (its first instant here) or an instant. Raises CommandError for anything else."""
    if text is None:
        return None
    try:
        on = parse_date(text)
        at = parse_datetime(text) if on is None else datetime.combine(on, time.min)
    except ValueError:
        at = None
    if at is None:
        raise CommandError(
            f"{option} {text}: write a day like 2026-11-01 or an instant like "
            "2026-11-01T08:30:00-05:00.",
            returncode=WRONG,
        )
    return at if timezone.is_aware(at) else timezone.make_aware(at)
