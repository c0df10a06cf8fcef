"""Values that no honest system sends and no person types: what every door must bear."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st

TEXTS = [
    "", " ", "\t\r\n", "a\x00b", "\x00", "\x1b[31m", "\u202eright to left", "\x00\x01\x02",
    "\ufeff", "x" * 255, "x" * 5_000, "\U0001f9ec" * 300, "é" * 61, "e\u0301\u0327",
    "<script>alert(1)</script>", "'; DROP TABLE patients_patient; --", "{{ 7*7 }}", "%s%d%n",
    "../../etc/passwd", "null", "NaN", "-1", "0", "1e400", "9" * 400, "٣", "²", "2026-02-30",
    "0000-00-00", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00+23:59", "2026-06-01T12:00:00", "99999-01-01T00:00:00Z",
    "2026-06-01T24:00:00Z", "00000000-0000-0000-0000-000000000000", "a@b",
    "a@" + "b" * 250 + ".example", "K7QM-2XRT-9HW4", "+1 (212) 555-0100 x99999999999999",
]  # fmt: skip
NUMBERS = [0, -1, 1, 0.1, -0.0, 1e-9, 1e308, 10**30, 2**31, 2**63, -(2**63) - 1, 9_999.999]
OTHERS: list[Any] = [None, True, False, [], {}, [[]], [None], {"": ""}, ["x"] * 300, [{"code": 1}]]


def texts() -> st.SearchStrategy[str]:
    """A text to type or send that can be written as UTF-8."""
    return st.sampled_from(TEXTS) | st.text(st.characters(codec="utf-8"), max_size=40)


def values() -> st.SearchStrategy[Any]:
    """Any JSON value."""
    return texts() | st.sampled_from(NUMBERS) | st.sampled_from(OTHERS)


def identifiers(known: list[str]) -> st.SearchStrategy[str]:
    """The id of something else that is there, or of nothing."""
    return st.sampled_from(known) | st.uuids().map(str)


def is_identifier(value: object) -> bool:
    """Whether a value is the id of a record."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False
