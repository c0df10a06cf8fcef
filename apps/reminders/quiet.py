"""Quiet hours: when a recipient is left in peace, on the recipient's own clock. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class QuietHours(Protocol):
    """From when until when it is quiet; over midnight when it begins later than it ends."""

    @property
    def quiet_from(self) -> time:
        """When it begins."""

    @property
    def quiet_until(self) -> time:
        """The first instant after it."""


def awake(at: datetime, zone: tzinfo, quiet: QuietHours) -> datetime:
    """The first instant from `at` on that lies outside the quiet hours of a zone."""
    local = at.astimezone(zone)
    begins, ends = quiet.quiet_from, quiet.quiet_until
    now = local.time()
    over_midnight = begins > ends
    is_late, is_early = now >= begins, now < ends
    is_quiet = (is_late or is_early) if over_midnight else (is_late and is_early)
    if not is_quiet:
        return at
    on = local.date() + timedelta(days=1 if over_midnight and is_late else 0)
    end = datetime.combine(on, ends, zone)
    ended_at = end.astimezone(UTC)
    # An hour that the clock shows twice: within its second run the quiet ends for the second time.
    return ended_at if ended_at > at else end.replace(fold=1).astimezone(UTC)


def zone_named(name: str, otherwise: tzinfo) -> tzinfo:
    """The zone of that name; no misspelled zone is worth a lost reminder."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return otherwise
