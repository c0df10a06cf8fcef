"""Checks of form that every app's commands share. They never judge: the rules do."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from apps.core.errors import InvalidRequest

# What is said to be earlier is a slip; near the end of the calendar no page could show it any more.
EARLIEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
CONTROLS: Final = frozenset({"Cc", "Zl", "Zp"})
# Not seen at all, so two names that read alike would differ; a joiner within a name is writing.
UNSEEN: Final = frozenset("\u00ad\u200b\u2060\ufeff")
# Of these alone nobody reads anything: format characters, blanks, controls, marks without a letter.
NOTHING: Final = frozenset({"Cf", "Cc", "Zs", "Zl", "Zp", "Mn", "Me"})
# Letters and signs by name, but drawn as blanks: the fillers of Hangul, and Braille without a dot.
BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
NUMBERS: Final = {2: "two", 3: "three"}
TURNS: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def says_nothing(text: str) -> bool:
    """Whether there is nothing to read in a text: no character, or none that anybody sees."""
    return all(each in BLANKS or unicodedata.category(each) in NOTHING for each in text)


def required_reason(
    text: str, *, field: str = "reason", hint: str = "Say why, for the record."
) -> str:
    """The reason without blanks around it. Raises InvalidRequest, naming the field, without one."""
    if says_nothing(text):
        raise InvalidRequest("A reason is required.", {field: hint})
    return text.strip()


def what_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names of what a correction sets right. Raises InvalidRequest, by field, for nothing."""
    changed = [name for name in before if after[name] != before[name]]
    if not changed:
        raise InvalidRequest(
            "This is what the record says already.",
            dict.fromkeys(before, f"Correct at least one of the {NUMBERS[len(before)]}."),
        )
    return changed


def one_line(**texts: str) -> None:
    """Raises InvalidRequest, by field, for line breaks, controls, turned or unseen characters.

    A name is printed, searched for and read aloud: what is seen must be what is there. Blanks are
    for whoever requires an entry to refuse; something that reads like them is refused here.
    """
    strange = {
        field: "Write this in letters or digits: nothing can be read here."
        for field, text in texts.items()
        if text.strip() and says_nothing(text)
    }
    strange |= {
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
