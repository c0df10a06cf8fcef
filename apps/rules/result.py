"""One requirement's answer as a decision carries it: finding, sentence, window and source.

Data and its JSON form only.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from apps.rules.calendar import utc_text
from apps.rules.finding import ParameterValue
from apps.rules.texts import params_document


class RequirementResult(NamedTuple):
    """One requirement's answer with its reason, sentence and window."""

    rule: str
    met: bool
    overridden: bool
    reason: str
    params: Mapping[str, ParameterValue]
    message: str
    opens_at: datetime | None
    closes_at: datetime | None
    source: str

    def to_document(self) -> dict[str, Any]:
        """The contract's JSON form; `overridden` appears only when true."""
        document: dict[str, Any] = {
            "rule": self.rule,
            "met": self.met,
            "reason": self.reason,
            "params": params_document(self.params) if self.params else {},
            "message": self.message,
            "opens_at": None if self.opens_at is None else utc_text(self.opens_at),
            "closes_at": None if self.closes_at is None else utc_text(self.closes_at),
            "source": self.source,
        }
        if self.overridden:
            document["overridden"] = True
        return document
