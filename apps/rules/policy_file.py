"""Reading one policy file: TOML in, a checked Policy out.

A file with an unknown, missing or mistyped entry is refused at start, never half-used.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, time
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from apps.rules.calendar import Calendar
from apps.rules.edition import (
    Advisory,
    Category,
    ParameterNote,
    Parameters,
    Policy,
    Product,
    ReminderPolicy,
    ReminderStep,
    RuleNote,
)
from apps.rules.targets import SEVERITIES, TARGET_KINDS, DeviationKind, Target

SOURCES: Final = ("label", "REMS", "guide", "seed", "choice")
OWNERS: Final = frozenset({"patient", "prescriber", "pharmacy", "staff"})
_T = TypeVar("_T")
_SURVEYS: Final = frozenset({"each", "later", "periodic"})
_RELATIVE_TO: Final = frozenset({"opens", "due", "closes"})
_TARGET_OWNERS: Final = frozenset({"staff", "administrator", "prescriber", "pharmacy"})
_TARGET_FROM: Final = frozenset({"opened", "due"})


class PolicyFileError(ValueError):
    """A policy file is wrong; the message names the file's table and entry."""


class _Table:
    """One TOML table whose entries are taken out one by one, so that none is left unread."""

    def __init__(self, name: str, content: object) -> None:
        if not isinstance(content, dict):
            raise PolicyFileError(f"{name}: a table is needed")
        self.name = name
        self._content: dict[str, object] = dict(content)

    def take(self, key: str, kind: type[_T], default: _T | None = None) -> _T:
        """The entry of exactly this type; a default makes it optional."""
        value = self._content.pop(key, default)
        if type(value) is not kind:
            raise PolicyFileError(f"{self.name}.{key}: {kind.__name__} is needed")
        return value

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

    def table(self, key: str) -> "_Table":
        return _Table(f"{self.name}.{key}", self._content.pop(key, None))

    def tables(self, key: str) -> list["_Table"]:
        entries = self.take(key, list)
        return [_Table(f"{self.name}.{key}[{n}]", entry) for n, entry in enumerate(entries)]

    def names(self) -> tuple[str, ...]:
        return tuple(self._content)

    def finish(self) -> None:
        """Refuses what nobody asked for: a misspelled entry must not pass unseen."""
        if self._content:
            raise PolicyFileError(f"{self.name}: unknown entries {sorted(self._content)}")


def load_policy_file(path: Path) -> Policy:
    """Reads and checks one edition; raises PolicyFileError with the entry that is wrong."""
    raw = path.read_bytes()
    try:
        content = tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyFileError(f"{path.name}: {error}") from error
    root = _Table(path.name, content)
    time_zone = root.take("time_zone", str)
    numbers, notes = _parameters(root.table("parameters"))
    methods = root.table("methods")
    methods.take_source()
    rules = _rules(root.table("rules"))
    policy = Policy(
        program=root.take("program", str),
        version=root.take("version", str),
        title=root.take("title", str),
        effective_from=root.take("effective_from", date),
        effective_to=root.take_optional("effective_to", date),
        approved_by=root.take("approved_by", str),
        approved_on=root.take("approved_on", date),
        time_zone=time_zone,
        digest=hashlib.sha256(raw).hexdigest(),
        parameters=numbers,
        notes=notes,
        categories=_categories(root.table("categories")),
        highly_effective=frozenset(methods.take_strings("highly_effective")),
        additional=frozenset(methods.take_strings("additional")),
        not_acceptable=frozenset(methods.take_strings("not_acceptable")),
        products=_products(root.tables("products")),
        rules=rules,
        overridable=frozenset(root.take_strings("overridable")),
        advisories=tuple(_advisory(table) for table in root.tables("advisories")),
        reminders=_reminders(root.table("reminders")),
        targets=_targets(root.table("targets")),
        deviations=_deviations(root.table("deviations")),
        calendar=Calendar(ZoneInfo(time_zone)),
    )
    methods.finish()
    root.finish()
    if not policy.overridable <= rules.keys():
        raise PolicyFileError(f"{path.name}.overridable: names a rule that is not in [rules]")
    return policy


def _parameters(table: _Table) -> tuple[Parameters, Mapping[str, ParameterNote]]:
    notes: dict[str, ParameterNote] = {}
    for field in fields(Parameters):
        entry = table.table(field.name)
        source = entry.take_source()
        notes[field.name] = ParameterNote(
            value=entry.take("value", int),
            unit=entry.take("unit", str),
            source=source,
            rule=entry.take("rule", str),
            choice=source.startswith("choice"),
            unverified=entry.take("unverified", bool, False),
        )
        entry.finish()
    table.finish()
    numbers = Parameters(**{name: note.value for name, note in notes.items()})
    return numbers, MappingProxyType(notes)


def _categories(table: _Table) -> Mapping[str, Category]:
    found: dict[str, Category] = {}
    for code in table.names():
        entry = table.table(code)
        found[code] = Category(
            code=code,
            adult=entry.take("adult", bool),
            female=entry.take("female", bool),
            pregnancy_path=entry.take("pregnancy_path", bool),
            signers=entry.take_strings("signers"),
            patient_survey=entry.take_one_of("patient_survey", _SURVEYS),
            needs_basis=entry.take("needs_basis", bool, False),
        )
        entry.finish()
    return MappingProxyType(found)


def _products(tables: list[_Table]) -> Mapping[str, Product]:
    found: dict[str, Product] = {}
    for table in tables:
        strengths = table.take("strengths_mg", list)
        if not strengths or not all(type(each) in (int, float) for each in strengths):
            raise PolicyFileError(f"{table.name}.strengths_mg: a list of numbers is needed")
        product = Product(
            code=table.take("code", str),
            title=table.take("title", str),
            strengths_mg=tuple(strengths),
            source=table.take_source(),
        )
        table.finish()
        found[product.code] = product
    return MappingProxyType(found)


def _rules(table: _Table) -> Mapping[str, RuleNote]:
    found: dict[str, RuleNote] = {}
    for rule in table.names():
        entry = table.table(rule)
        found[rule] = RuleNote(
            rule=rule,
            title=entry.take("title", str),
            source=entry.take_source(),
            owner=entry.take_one_of("owner", OWNERS),
            unverified=entry.take("unverified", bool, False),
        )
        entry.finish()
    return MappingProxyType(found)


def _advisory(table: _Table) -> Advisory:
    has_strength = "usual_strength_mg" in table.names()
    advisory = Advisory(
        code=table.take("code", str),
        message=table.take("message", str),
        flags=frozenset(table.take_strings("flags", [])),
        indications=table.take_strings("indications", []),
        methods=frozenset(table.take_strings("methods", [])),
        usual_strength_mg=table.take_number("usual_strength_mg") if has_strength else None,
    )
    table.finish()
    return advisory


def _reminders(table: _Table) -> ReminderPolicy:
    table.take_source()
    channels = table.take_strings("channels")
    kinds = table.table("kinds")
    steps = {
        kind: tuple(_step(step, channels) for step in kinds.tables(kind)) for kind in kinds.names()
    }
    policy = ReminderPolicy(
        channels=channels,
        quiet_from=table.take("quiet_from", time),
        quiet_until=table.take("quiet_until", time),
        steps=MappingProxyType(steps),
    )
    table.finish()
    return policy


def _step(table: _Table, channels: tuple[str, ...]) -> ReminderStep:
    step = ReminderStep(
        to=table.take_one_of("to", OWNERS),
        relative_to=table.take_one_of("relative_to", _RELATIVE_TO),
        hours=table.take("hours", int),
        channels=table.take_strings("channels", list(channels)),
    )
    table.finish()
    return step


def _targets(table: _Table) -> Mapping[str, Target]:
    found: dict[str, Target] = {}
    for kind in TARGET_KINDS:
        entry = table.table(kind)
        source = entry.take_source()
        found[kind] = Target(
            kind=kind,
            owner=entry.take_one_of("owner", _TARGET_OWNERS),
            relative_to=entry.take_one_of("relative_to", _TARGET_FROM),
            hours=entry.take("hours", int),
            source=source,
            choice=source.startswith("choice"),
        )
        if found[kind].hours <= 0:
            raise PolicyFileError(f"{entry.name}.hours: more than none is needed")
        entry.finish()
    table.finish()
    return MappingProxyType(found)


def _deviations(table: _Table) -> Mapping[str, DeviationKind]:
    found: dict[str, DeviationKind] = {}
    for kind in table.names():
        entry = table.table(kind)
        source = entry.take_source()
        found[kind] = DeviationKind(
            kind=kind,
            title=entry.take("title", str),
            rule=entry.take("rule", str),
            severity=entry.take_one_of("severity", frozenset(SEVERITIES)),
            source=source,
            choice=source.startswith("choice"),
        )
        entry.finish()
    return MappingProxyType(found)
