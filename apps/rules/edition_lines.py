"""What an edition says, line by line: for people who read one, or compare two.

Reads the typed edition; nothing here decides. Reminders' texts and queue targets are told, too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import time
from typing import Final

from apps.rules.edition import Advisory, Policy, Product, ReminderStep, RuleNote
from apps.rules.follow_up import FollowUp, FollowUpStep
from apps.rules.targets import DeviationKind, Target

HEAD: Final = "edition"
_LISTED: Final = ("products", "rules", "targets", "deviations")
"""The tables of records by code that are told record by record."""

_Record = Product | RuleNote | Target | DeviationKind | Advisory | FollowUpStep


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of an edition: in which table, under which name, and what it says."""

    table: str
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Change:
    """One statement that differs between two editions; None: the edition does not make it."""

    table: str
    name: str
    before: str | None
    after: str | None


def lines(policy: Policy) -> Iterator[Line]:
    """Everything that an edition says, by table."""
    yield from _head(policy)
    yield from _parameters(policy)
    yield from _categories(policy)
    for table in _LISTED:
        for code, record in getattr(policy, table).items():
            yield Line(table, code, _record(code, record))
    for kind in ("highly_effective", "additional", "not_acceptable"):
        yield Line("methods", kind, _word(getattr(policy, kind)))
    yield Line("overridable", "rules", _word(policy.overridable))
    for advisory in policy.advisories:
        yield Line("advisories", advisory.code, _record(advisory.code, advisory))
    yield from _reminders(policy)
    yield from _follow_up(policy.follow_up)


def changes(before: Policy, after: Policy) -> list[Change]:
    """What two editions say differently, in the order of the first, then of the second."""
    said_before = {(line.table, line.name): line.said for line in lines(before)}
    said_after = {(line.table, line.name): line.said for line in lines(after)}
    return [
        Change(table, name, said_before.get((table, name)), said_after.get((table, name)))
        for table, name in {**said_before, **said_after}
        if said_before.get((table, name)) != said_after.get((table, name))
    ]


def _head(policy: Policy) -> Iterator[Line]:
    yield Line(HEAD, "title", policy.marked_title)
    yield Line(HEAD, "effective_from", str(policy.effective_from))
    if policy.takes_over_at != time.min:
        yield Line(HEAD, "takes_over_at", _word(policy.takes_over_at))
    yield Line(HEAD, "effective_to", _word(policy.effective_to or "until another takes over"))
    yield Line(HEAD, "approved_by", policy.approved_by)
    yield Line(HEAD, "approved_on", str(policy.approved_on))
    yield Line(HEAD, "time_zone", policy.time_zone)
    yield Line(HEAD, "day_ends_at", _word(policy.calendar.day_ends_at))


def _parameters(policy: Policy) -> Iterator[Line]:
    for name, note in policy.notes.items():
        said = f"{note.value} {note.unit} ({note.source}; {note.rule})"
        yield Line("parameters", name, _marked(said, unverified=note.unverified))


def _categories(policy: Policy) -> Iterator[Line]:
    for code, category in policy.categories.items():
        for field in fields(category):
            if field.name != "code":
                said = _word(getattr(category, field.name))
                yield Line("categories", f"{code}.{field.name}", said)


def _follow_up(follow_up: FollowUp) -> Iterator[Line]:
    for field in fields(follow_up):
        if field.name != "steps":
            yield Line("follow_up", field.name, _word(getattr(follow_up, field.name)))
    for step in follow_up.steps:
        yield Line("follow_up", step.kind, _record(step.kind, step))


def _reminders(policy: Policy) -> Iterator[Line]:
    reminders = policy.reminders
    yield Line("reminders", "channels", _word(reminders.channels))
    quiet = f"from {_word(reminders.quiet_from)} until {_word(reminders.quiet_until)}"
    yield Line("reminders", "quiet hours", quiet)
    for name in ("grace_hours", "longest_quiet_hours", "optional"):
        yield Line("reminders", name, _word(getattr(reminders, name)))
    for kind, steps in reminders.steps.items():
        yield Line("reminders", kind, "; ".join(_step(each, reminders.channels) for each in steps))


def _step(step: ReminderStep, channels: tuple[str, ...]) -> str:
    """One step; by which channels only where it has its own."""
    said = f"{step.to} {step.hours:+} h from {step.relative_to}"
    return said if step.channels == channels else f"{said} by {_word(step.channels)}"


def _record(own_name: str, record: _Record) -> str:
    """The fields of a record that say something, but its own name."""
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    unverified = bool(values.pop("unverified", False))
    said = [
        f"{name.replace('_', ' ')} {_word(value)}"
        for name, value in values.items()
        if name != "choice"
        and value not in ((), frozenset(), None)
        and not (name in {"code", "kind", "rule"} and value == own_name)
    ]
    return _marked("; ".join(said), unverified=unverified)


def _marked(said: str, *, unverified: bool) -> str:
    return f"{said} UNVERIFIED" if unverified else said


def _word(value: object) -> str:
    if value is None:
        return "not said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, frozenset):
        return _word(tuple(sorted(value)))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(_word(each) for each in value) or "none"
    return str(value)
