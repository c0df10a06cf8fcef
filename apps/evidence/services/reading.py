"""Reads the JSON content of an intake strictly, each value in one form. It never judges."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from apps.core.checks import says_nothing
from apps.core.errors import InvalidRequest

MOST_CODES = 40


class Reader:
    """The values of one content; collects what is wrong, for `finish` to tell all at once."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._left = dict(content)
        self._wrong: dict[str, str] = {}

    def text(self, name: str, longest: int, *, required: bool = True) -> str:
        """A text without blanks around it."""
        value = self._left.pop(name, None)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or len(value) > longest or "\x00" in value:
            return self._bad(name, f"Enter a text of at most {longest} characters.")
        if required and says_nothing(value):
            return self._bad(name, "This is required.")
        return value.strip()

    def code(self, name: str, codes: Collection[str]) -> str:
        """One code of the list."""
        value = self._left.pop(name, None)
        if not isinstance(value, str) or value not in codes:
            return self._bad(name, f"One of: {', '.join(code for code in codes if code)}.")
        return value

    def codes(self, name: str, *, required: bool = True) -> list[str]:
        """A list of codes."""
        value = self._left.pop(name, None if required else [])
        if not isinstance(value, list) or len(value) > MOST_CODES:
            self._bad(name, "Enter a list of codes.")
            return []
        if not all(isinstance(code, str) and 0 < len(code) <= MOST_CODES for code in value):
            self._bad(name, "Enter a list of codes.")
            return []
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self._left.pop(name, None)
        if not isinstance(value, bool):
            self._bad(name, "Say yes or no.")
        return value is True

    def number(self, name: str) -> Decimal:
        """A decimal number, as a JSON number or a text."""
        value = self._left.pop(name, None)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite():
            self._bad(name, "Enter a number.")
            return Decimal(0)
        return number

    def day(self, name: str) -> date | None:
        """A date, or nothing."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self._bad(name, "Enter a date, as 2026-03-01.")
            return None

    def instant(self, name: str) -> datetime | None:
        """An instant with its offset, or nothing."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            instant = None
        if instant is None or instant.tzinfo is None:
            self._bad(name, "Enter date and time with the offset, as 2026-03-01T09:30:00-05:00.")
            return None
        return instant

    def time(self, field: str, *, required: bool = True) -> dict[str, Any]:
        """`{field}_at` or `{field}_on`: the real time, or the day where only that is known."""
        at, on = self.instant(f"{field}_at"), self.day(f"{field}_on")
        if at is not None and on is not None:
            self._bad(f"{field}_on", "Give the instant or the date, not both.")
        if (
            at is None
            and on is None
            and required
            and not self._wrong.keys()
            & {
                f"{field}_at",
                f"{field}_on",
            }
        ):
            self._bad(f"{field}_at", "Say when it happened.")
        return {f"{field}_at": at, f"{field}_on": on}

    def answers(self, name: str) -> dict[str, str]:
        """Question code to answer."""
        value = self._left.pop(name, None)
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            self._bad(name, "Answer each question.")
            return {}
        return value

    def identifier(self, name: str) -> UUID | None:
        """The id of a record."""
        value = self._left.pop(name, None)
        try:
            return UUID(value)
        except (TypeError, ValueError, AttributeError):
            self._bad(name, "Name the record.")
            return None

    def finish(self) -> None:
        """Raises InvalidRequest with everything that was wrong, unknown names included."""
        unknown = dict.fromkeys(self._left, "Nothing of this name is asked.")
        wrong = {f"content.{name}": message for name, message in (self._wrong | unknown).items()}
        if wrong:
            raise InvalidRequest("Some of the entries cannot be right.", wrong)

    def _bad(self, name: str, message: str) -> str:
        self._wrong.setdefault(name, message)
        return ""
