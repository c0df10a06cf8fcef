"""Reading one cell of a file: text in, value out. It says what is wrong, and judges nothing.

Each reader raises ValueError with a sentence that can stand behind the column's name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.rules.calendar import Calendar
from apps.rules.dates import Dated, least_favorable

Reader = Callable[[str], Any]
FIRST_YEAR, LAST_YEAR = 1900, 2199
LARGEST = 9999


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened: an instant, or only its day (L-SRC-2)."""

    at: datetime | None = None
    on: date | None = None

    @property
    def is_date_only(self) -> bool:
        """Whether only the day is known."""
        return self.at is None

    def instant(self, kind: Dated, calendar: Calendar, now: datetime) -> datetime:
        """Its instant; of a mere date the least favorable one for this kind of evidence."""
        if self.at is not None:
            return self.at
        if self.on is None:
            raise ValueError("A moment has an instant or a day.")
        return least_favorable(kind, self.on, calendar=calendar, now=now)


def text(limit: int) -> Reader:
    """At most so many characters."""

    def read(cell: str) -> str:
        if len(cell) > limit:
            raise ValueError(f"is longer than {limit} characters")
        return cell

    return read


def address(cell: str) -> str:
    """An e-mail address: what reaches nobody signs nobody in, and reminds nobody."""
    try:
        validate_email(text(254)(cell))
    except ValidationError:
        raise ValueError("is no e-mail address") from None
    return cell


def day(cell: str) -> date:
    """A date."""
    try:
        read = date.fromisoformat(cell)
    except ValueError:
        raise ValueError("is no date: write it like 2026-03-09") from None
    _check_year(read)
    return read


def moment(cell: str) -> Moment:
    """An instant with its offset, or a date alone."""
    if len(cell) == len("2026-03-09"):
        return Moment(on=day(cell))
    try:
        at = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError(
            "is neither an instant like 2026-03-09T14:30:00-04:00 nor a date like 2026-03-09"
        ) from None
    if at.tzinfo is None:
        raise ValueError("lacks its offset from UTC: write it like 2026-03-09T14:30:00-04:00")
    _check_year(at)
    return Moment(at=at.astimezone(UTC))


def _check_year(said: date) -> None:
    if not FIRST_YEAR <= said.year <= LAST_YEAR:
        raise ValueError(f"lies in no year from {FIRST_YEAR} to {LAST_YEAR}")


def instant(cell: str) -> datetime:
    """An instant with its offset."""
    at = moment(cell).at
    if at is None:
        raise ValueError("needs the time of day: write it like 2026-03-09T14:30:00-04:00")
    return at


def ids(cell: str) -> tuple[UUID, ...]:
    """Ids with a blank between them."""
    try:
        return tuple(UUID(each) for each in cell.split())
    except ValueError:
        raise ValueError("must be ids of patients, a blank between them") from None


def yes_no(cell: str) -> bool:
    """yes or no."""
    if cell not in {"yes", "no"}:
        raise ValueError("must be yes or no")
    return cell == "yes"


def whole(cell: str) -> int:
    """A whole number."""
    if not cell.isascii() or not cell.isdigit() or len(cell) > len(str(LARGEST)):
        raise ValueError(f"must be a whole number, at most {LARGEST}")
    return int(cell)


def amount(cell: str) -> Decimal:
    """A number above zero with at most two decimal places."""
    try:
        value = Decimal(cell)
    except InvalidOperation:
        value = Decimal(0)
    if not (value.is_finite() and 0 < value <= LARGEST) or value != round(value, 2):
        raise ValueError(
            f"must be a number above zero, at most {LARGEST}, with at most two decimal places"
        )
    return value


def codes(cell: str) -> tuple[str, ...]:
    """Codes with a blank between them."""
    return tuple(sorted(set(cell.split())))


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of these codes."""

    allowed: tuple[str, ...]

    def __call__(self, cell: str) -> str:
        """The code. Raises ValueError for another one."""
        if cell not in self.allowed:
            raise ValueError(f"must be one of: {', '.join(self.allowed)}")
        return cell
