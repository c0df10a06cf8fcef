"""Checks of form that every app's commands share. They never judge: the rules do."""

import unicodedata
from datetime import UTC, datetime
from typing import Final

from apps.core.errors import InvalidRequest

# What is said to be earlier is a slip; near the end of the calendar no page could show it any more.
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
CONTROLS: Final = frozenset({"Cc", "Zl", "Zp"})
# Not seen at all, so two names that read alike would differ; a joiner within a name is writing.
UNSEEN: Final = frozenset("\u00ad\u200b\u2060\ufeff")
# Of these alone nobody reads anything: format characters, blanks and controls.
NOTHING: Final = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp"})
TURNS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def says_nothing(text: str) -> bool:
    """Whether there is nothing to read in a text: no character, or none that anybody sees."""
    return all(unicodedata.category(each) in NOTHING for each in text)


def required_reason(
    text: str, *, field: str = "reason", hint: str = "Say why, for the record."
) -> str:
    """The reason without blanks around it. Raises InvalidRequest, naming the field, without one."""
    if says_nothing(text):
        raise InvalidRequest("A reason is required.", {field: hint})
    return text.strip()


def one_line(**texts: str) -> None:
    """Raises InvalidRequest, by field, for line breaks, controls, turned or unseen characters.

    A name is printed, searched for and read aloud: what is seen must be what is there.
    """
    strange = {
        field: "Write this on one line, without control characters."
        for field, text in texts.items()
        if any(
            each in UNSEEN
            or unicodedata.category(each) in CONTROLS
            or unicodedata.bidirectional(each) in TURNS
            for each in text
        )
    }
    if strange:
        raise InvalidRequest("Some of the entries cannot be right.", strange)
