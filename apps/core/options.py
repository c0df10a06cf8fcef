"""What an operator types behind an option of a command. Reads; a refusal names the option."""

from datetime import date

from django.core.management.base import CommandError
from django.utils.dateparse import parse_date

from apps.core.errors import CommandError as Refusal
from apps.core.errors import InvalidRequest

WRONG = 2
"""The exit status of a command that was asked for what it cannot read."""


def refused(error: Refusal, **options: str) -> CommandError:
    """What a service objected to, each field by its option; `options` has those of other names."""
    fields = error.fields if isinstance(error, InvalidRequest) else {}
    told = [f"{options.get(name) or _option(name)}: {text}" for name, text in fields.items()]
    return CommandError(" ".join([error.message, *told]), returncode=WRONG)


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")


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
