"""What breaks a constraint: a copy of a valid row with changes that the constraint refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.guards.world import Row

Changes = Callable[[Row], Row]


@dataclass(frozen=True)
class Breach:
    """A copy of a valid row with these changes breaks the constraint `name` of `table`."""

    name: str
    table: str
    changes: Changes
    rows: int = 1


def breach(name: str, table: str, changes: Changes | None = None, **fixed: Any) -> Breach:
    return Breach(name, table, lambda row: {**fixed, **(changes(row) if changes else {})})


def double(name: str, table: str, changes: Changes | None = None, **fixed: Any) -> Breach:
    """Two rows that only differ in their keys break it."""
    return Breach(name, table, lambda row: {**fixed, **(changes(row) if changes else {})}, rows=2)


def of_scans(name: str, table: str) -> list[Breach]:
    """What breaks the constraints that every table of scans has."""
    return [
        breach(f"{name}_type_is_allowed", table, content_type="text/html"),
        breach(f"{name}_size_is_true", table, size=7),
        breach(f"{name}_size_is_limited", table, size=0),
        breach(f"{name}_size_is_limited", table, size=5 * 1024 * 1024 + 1),
        breach(f"{name}_digest_is_sha256", table, digest="z" * 64),
    ]


def moved(row: Row, column: str, **by: int) -> str:
    """An instant of the row, moved."""
    return (datetime.fromisoformat(row[column]) + timedelta(**by)).isoformat()


def after_recorded(column: str) -> Changes:
    """An instant of what happened that lies after its record."""
    return lambda row: {column: moved(row, "recorded_at", seconds=1)}


WITHDRAWN_EARLY: Changes = lambda row: {  # noqa: E731 - a value of the table below
    "withdrawn_at": moved(row, "recorded_at", seconds=-1),
    "withdrawal_reason": "Mistake",
    "withdrawal_operation_id": row["operation_id"],
}


def but(whole: Changes, **changed: Any) -> Changes:
    """The same changes, save for these."""
    return lambda row: {**whole(row), **changed}
