"""One table of a policy file, whose entries are taken out one by one, with their types.

Knows TOML's types and the kinds of source; nothing of what the entries mean.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from typing import Final, TypeVar

KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    date: "a day such as 2026-03-01",
    time: "a time such as 14:30:00",
}
"""What each of TOML's types is called to whoever writes a file."""
NAME: Final = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
SOURCES: Final = ("label", "REMS", "guide", "seed", "choice")
_T = TypeVar("_T")


class PolicyFileError(ValueError):
    """A policy file is wrong; the message names the file's table and entry."""


class Table:
    """One TOML table whose entries are taken out one by one, so that none is left unread."""

    def __init__(self, name: str, content: object) -> None:
        if not isinstance(content, dict):
            raise PolicyFileError(f"{name}: a table is needed")
        self.name = name
        self._content: dict[str, object] = dict(content)

    def take(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        """The entry of exactly this type, no empty text; a default makes it optional."""
        value = self._content.pop(key, default)
        if type(value) is not kind or (isinstance(value, str) and not value.strip()):
            raise PolicyFileError(f"{self.name}.{key}: {KINDS[kind]} is needed")
        return value

    def take_name(self, key: str, longest: int) -> str:
        """A short name without spaces, which stands in commands, addresses and the ledger."""
        name = self.take(key, str)
        if len(name) > longest or not NAME.fullmatch(name):
            raise PolicyFileError(
                f"{self.name}.{key}: a name of at most {longest} small letters, digits, dots and "
                "hyphens is needed"
            )
        return name

    def take_number(self, key: str) -> float:
        value = self._content.pop(key, None)
        if type(value) is not int and type(value) is not float:
            raise PolicyFileError(f"{self.name}.{key}: a number is needed")
        return value

    def take_optional(self, key: str, kind: type[_T]) -> _T | None:
        return self.take(key, kind) if key in self._content else None

    def take_one_of(self, key: str, allowed: frozenset[str]) -> str:
        value = self.take(key, str)
        if value not in allowed:
            raise PolicyFileError(f"{self.name}.{key}: one of {sorted(allowed)} is needed")
        return value

    def take_source(self) -> str:
        source = self.take("source", str)
        if not source.startswith(SOURCES):
            raise PolicyFileError(f"{self.name}.source: begins with one of {SOURCES}")
        return source

    def take_strings(self, key: str, default: list[str] | None = None) -> tuple[str, ...]:
        values = self.take(key, list, default)
        if not all(type(value) is str for value in values):
            raise PolicyFileError(f"{self.name}.{key}: a list of strings is needed")
        return tuple(values)

    def take_some_of(self, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        values = self.take_strings(key)
        if not set(values) <= set(allowed):
            raise PolicyFileError(f"{self.name}.{key}: some of {sorted(allowed)} are needed")
        return values

    def table(self, key: str) -> "Table":
        return Table(f"{self.name}.{key}", self._content.pop(key, None))

    def tables(self, key: str) -> list["Table"]:
        entries = self.take(key, list)
        return [Table(f"{self.name}.{key}[{n}]", entry) for n, entry in enumerate(entries)]

    def names(self) -> tuple[str, ...]:
        return tuple(self._content)

    def finish(self) -> None:
        """Refuses what nobody asked for: a misspelled entry must not pass unseen."""
        if self._content:
            raise PolicyFileError(f"{self.name}: unknown entries {sorted(self._content)}")
