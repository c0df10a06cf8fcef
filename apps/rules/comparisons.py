"""Comparisons between the objects of one facts document, such as a birth after `as_of`.

Told together with every other error: what can be read is compared although the rest cannot.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from apps.rules.calendar import Calendar
from apps.rules.entries import Facts
from apps.rules.validation import Problem, Reader, Wrong, read_date, read_instant

_ISSUED: Final = ("authorization", "confirmation")


def compare_facts(facts: Facts, calendar: Calendar) -> Iterable[Problem]:
    """The problems of facts that could be read as a whole."""
    return _compare(
        facts.as_of,
        facts.patient.date_of_birth,
        [
            None if issued is None else issued.issued_at
            for issued in (facts.authorization, facts.confirmation)
        ],
        [dispense.dispensed_at for dispense in facts.dispenses],
        calendar,
    )


def compare_readable(document: Mapping[str, object], calendar: Calendar) -> Iterable[Problem]:
    """The problems of a document that has other errors, as far as its values can be read."""
    dispenses = document.get("dispenses")
    return _compare(
        _readable(document, "as_of", read_instant),
        _readable(document.get("patient"), "date_of_birth", read_date),
        [_readable(document.get(name), "issued_at", read_instant) for name in _ISSUED],
        [
            _readable(dispense, "dispensed_at", read_instant)
            for dispense in (dispenses if type(dispenses) is list else ())
        ],
        calendar,
    )


def _readable(record: object, name: str, read: Reader) -> Any:
    """A value of an object, or None when there is none that can be read."""
    if not isinstance(record, Mapping):
        return None
    try:
        return read(record.get(name))
    except Wrong:
        return None


def _compare(
    as_of: datetime | None,
    born_on: date | None,
    issued: Sequence[datetime | None],
    dispensed: Sequence[datetime | None],
    calendar: Calendar,
) -> Iterable[Problem]:
    problems: list[Problem] = []
    if as_of is not None:
        if born_on is not None and born_on.toordinal() > calendar.day(as_of):
            message = "The date of birth is after as_of. Correct one of the two."
            problems.append(("/patient/date_of_birth", message))
        for name, issued_at in zip(_ISSUED, issued, strict=True):
            if issued_at is not None and issued_at > as_of:
                message = "This is after as_of. Correct one of the two."
                problems.append((f"/{name}/issued_at", message))
    seen: set[datetime] = set()
    for position, dispensed_at in enumerate(dispensed):
        if dispensed_at is None:
            continue
        if dispensed_at in seen:
            message = "Another dispense has the same instant. Give each its own."
            problems.append((f"/dispenses/{position}/dispensed_at", message))
        seen.add(dispensed_at)
    return problems
