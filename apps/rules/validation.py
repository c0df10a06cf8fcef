"""Reading JSON values strictly: every error of a document with its pointer, or the value.

Knows types and shapes, nothing of the program. Messages never repeat a value: it may be personal.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any, Final, NoReturn

Reader = Callable[[Any], Any]
Problem = tuple[str, str]
"""A pointer relative to the value that was read, and what is wrong there."""

# The standard parser takes far more, and reads some of it as another time: only this may reach it.
_is_instant: Final = re.compile(
    r"\d\d\d\d-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:[0-5]\d)", re.ASCII
).fullmatch
_is_date: Final = re.compile(r"\d\d\d\d-\d\d-\d\d", re.ASCII).fullmatch
_SPACE: Final = " \t\r\n"
"""What JSON takes as blank."""
_FIRST_YEAR: Final = 2
"""The first year of which every instant exists in every zone."""
_INSTANT_NEEDED: Final = (
    "A date and time with an offset is needed, such as 2026-03-03T14:05:00-05:00 or "
    "2026-03-03T19:05:00Z, with at most six digits after the second."
)


class InvalidFacts(ValueError):
    """A facts document breaks the contract; `errors` holds every pointer with its message."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        lines = (f"{error['pointer'] or '(document)'}: {error['message']}" for error in errors)
        super().__init__("; ".join(lines))
        self.errors = errors


class Wrong(Exception):
    """A value is not what its place needs."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = problems


def wrong(message: str) -> NoReturn:
    """Refuses the value that is being read."""
    raise Wrong(("", message))


class _UnreadableError(ValueError):
    """JSON by its grammar, or nearly so, but with more than one meaning or none."""


def load_document(text: str | bytes) -> object:
    """Parses JSON strictly; raises InvalidFacts (pointer "") for anything that is not JSON."""
    try:
        # The parser by itself would also take UTF-16, UTF-32 and half characters.
        text = text if isinstance(text, str) else text.decode("utf-8-sig")
        text = text.rstrip(_SPACE)
        return _DECODER.decode(text)
    except UnicodeDecodeError:
        message = "The document is not UTF-8 text."
    except RecursionError:
        message = "The document is nested too deeply."
    except json.JSONDecodeError as error:
        message = f"The document is not JSON: {_what_and_where(error)}."
    except _UnreadableError as error:
        message = f"The document is not JSON that can be read: {error}."
    except ValueError:
        message = "The document holds a number with too many digits."
    raise InvalidFacts([{"pointer": "", "message": message}])


def _what_and_where(error: json.JSONDecodeError) -> str:
    """A document of one line may stand on any line of its file: only the column is told."""
    if not error.doc:
        return "it is empty"
    line = f"line {error.lineno}, " if "\n" in error.doc else ""
    return f"{error.msg.removesuffix(' at')} at {line}column {error.colno}"


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _UnreadableError("an object has the same key twice")
    return content


def _no_constant(name: str) -> NoReturn:
    raise _UnreadableError(f"{name} is not a number")


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant)


def escape(key: object) -> str:
    """One reference token of an RFC 6901 pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def read_instant(value: object) -> datetime:
    """An ISO 8601 date and time with an offset, as an aware UTC datetime."""
    if type(value) is not str or _is_instant(value) is None:
        wrong(_INSTANT_NEEDED)
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is not UTC:
            instant = instant.astimezone(UTC)
    except ValueError:
        wrong("There is no such date, time or offset. Correct it.")
    except OverflowError:
        wrong("The instant is outside the years 2 to 9999. Check the year.")
    if instant.year < _FIRST_YEAR:
        wrong("The instant is outside the years 2 to 9999. Check the year.")
    return instant


def read_date(value: object) -> date:
    """A calendar date, YYYY-MM-DD."""
    if type(value) is not str or _is_date(value) is None:
        wrong("A date is needed, in the form YYYY-MM-DD.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        wrong("There is no such date. Give a date in the form YYYY-MM-DD.")


def read_boolean(value: object) -> bool:
    """true or false."""
    if type(value) is not bool:
        wrong("true or false is needed.")
    return value


def read_integer(value: object) -> int:
    """A JSON integer: 28, not 28.0 and not "28"."""
    if type(value) is not int:
        wrong("A whole number is needed, without a decimal point or quotes.")
    return value


def read_count(value: object) -> int:
    """A JSON integer of at least 1."""
    if read_integer(value) < 1:
        wrong("A whole number of at least 1 is needed.")
    return value  # type: ignore[return-value]


def read_quantity(value: object) -> float:
    """A JSON number above zero."""
    if type(value) is float:
        if not isfinite(value):
            wrong("The number is too large.")
    elif type(value) is not int:
        wrong("A number is needed, without quotes.")
    if value <= 0:
        wrong("A number above zero is needed.")
    return value


def read_text(value: object) -> str:
    """A string that can be stored and sent: no lone surrogate and no NUL."""
    if type(value) is not str:
        wrong("A string is needed.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            wrong("The string holds half of a character (a lone surrogate). Send whole characters.")
    if "\0" in value:
        wrong("The string holds a NUL character. Remove it.")
    return value


def read_code(value: object) -> str:
    """An id or an open code: text that is not blank."""
    code = read_text(value)
    if not code or code.isspace():
        wrong("The string is blank. Give the id or the code.")
    return code


def one_of(codes: Iterable[str]) -> Reader:
    """A reader of one of these codes."""
    allowed = frozenset(codes)
    message = f"One of these codes is needed: {', '.join(sorted(allowed))}."

    def read(value: object) -> str:
        if type(value) is not str or value not in allowed:
            wrong(message)
        return value

    return read


def list_of(read: Reader) -> Reader:
    """A reader of a list, as a tuple; every wrong item is reported."""

    def read_list(value: object) -> tuple[Any, ...]:
        if type(value) is not list:
            wrong("A list is needed.")
        try:
            return tuple([read(item) for item in value])
        except Wrong:
            raise Wrong(*_problems_of_items(read, value)) from None

    return read_list


def _problems_of_items(read: Reader, items: list[object]) -> Iterable[Problem]:
    for position, item in enumerate(items):
        try:
            read(item)
        except Wrong as error:
            for pointer, message in error.problems:
                yield f"/{position}{pointer}", message


class Shape:
    """An object with known keys, read into a record. Null equals absent."""

    __slots__ = ("_build", "_check", "_check_readable", "_fields", "_names")

    def __init__(
        self,
        build: Callable[..., Any],
        required: Mapping[str, Reader],
        optional: Mapping[str, tuple[Reader, object]] | None = None,
        check: Callable[[Any], Iterable[Problem]] | None = None,
        check_readable: Callable[[dict[str, object]], Iterable[Problem]] | None = None,
    ) -> None:
        """`build` takes the required, then the optional fields.

        `check` compares the fields of the record; `check_readable` does so with what can be read
        of an object that makes no record.
        """
        self._build = build
        self._check = check
        self._check_readable = check_readable
        self._fields: tuple[tuple[str, Reader, bool, object], ...] = (
            *((name, read, True, None) for name, read in required.items()),
            *((name, read, False, default) for name, (read, default) in (optional or {}).items()),
        )
        self._names = frozenset(name for name, *_ in self._fields)

    def __call__(self, value: object) -> Any:
        """The record; raises Wrong with every problem."""
        if type(value) is not dict:
            wrong("An object is needed.")
        try:
            record = self._build(*self.values(value))
        except Wrong:
            compared = self._check_readable(value) if self._check_readable is not None else ()
            raise Wrong(*self._problems(value), *compared) from None
        if self._check is not None:
            problems = tuple(self._check(record))
            if problems:
                raise Wrong(*problems)
        return record

    def values(self, content: dict[str, object]) -> list[Any]:
        """The values in order of the fields; raises Wrong at the first problem."""
        if not content.keys() <= self._names:
            raise Wrong
        values: list[Any] = []
        take = content.get
        for name, read, required, default in self._fields:
            value = take(name)
            if value is not None:
                values.append(read(value))
            elif required:
                raise Wrong
            else:
                values.append(default)
        return values

    def _problems(self, content: dict[str, object]) -> Iterable[Problem]:
        for key in content:
            if key not in self._names:
                yield f"/{escape(key)}", "This key is unknown here. Remove it or correct its name."
        for name, read, required, _ in self._fields:
            value = content.get(name)
            if value is None:
                if required:
                    yield f"/{name}", "This value is required and is missing."
                continue
            try:
                read(value)
            except Wrong as error:
                for pointer, message in error.problems:
                    yield f"/{name}{pointer}", message
