"""What an operator types behind an option of a command. Reads; a refusal names the option."""

from datetime import date

from django.core.management.base import CommandError
from django.utils.dateparse import parse_date

WRONG = 2
"""The exit status of a command that was asked for what it cannot read."""


def day_of(text: str, option: str) -> date:
    """A day of the calendar. Raises CommandError for anything else."""
    try:
        on = parse_date(text)
    except ValueError:
        on = None
    if on is None:
        raise CommandError(
            f"{option} {text}: write a day that exists, like 2026-11-01.", returncode=WRONG
        )
    return on
