"""What one rule found: met or not, why, with which dates, and from when until when.

The reason's text is in reasons.py; a finding holds only its code and parameters.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final, NamedTuple

ParameterValue = str | int | float | date | datetime | tuple[str, ...] | tuple[float, ...]
NOTHING: Final[Mapping[str, ParameterValue]] = MappingProxyType({})


class Finding(NamedTuple):
    """One rule's answer.

    Unmet: `opens_at` and `closes_at` say when it can first and last be met, where that is known.
    Met: `closes_at` says when it lapses by itself, where that is known.
    """

    met: bool
    reason: str
    params: Mapping[str, ParameterValue] = NOTHING
    opens_at: datetime | None = None
    closes_at: datetime | None = None


def met(reason: str, closes_at: datetime | None = None, /, **params: ParameterValue) -> Finding:
    """A requirement that holds, until `closes_at` if that is known."""
    return Finding(True, reason, params, None, closes_at)


def unmet(
    reason: str,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    /,
    **params: ParameterValue,
) -> Finding:
    """A requirement that does not hold, with the window in which it can, if that is known."""
    return Finding(False, reason, params, opens_at, closes_at)
