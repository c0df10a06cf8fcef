"""The texts of a program that people sign, answer or tick, with their versions, as data.

Loads documents/<program>.toml; decides nothing. A record names the version that it used.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parent / "documents"


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence to sign or tick, or one question; `at_risk` is the answer that means danger."""

    code: str
    text: str
    at_risk: str | None = None
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A versioned text: `items` in the order in which people read them."""

    version: str
    title: str
    items: tuple[Item, ...]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all items."""
        return frozenset(item.code for item in self.items)


def document(program: str, kind: str, risk_category: str | None = None) -> Document:
    """The text of `kind` (such as `agreement`), with the items that a risk category sees.

    Raises LookupError for an unknown program or kind.
    """
    texts = _texts(program)
    if kind not in texts:
        raise LookupError(f"The program {program} has no document {kind}.")
    raw = texts[kind]
    items = tuple(
        Item(
            code=item["code"],
            text=item["text"],
            at_risk=item.get("at_risk"),
            danger=item.get("danger", False),
        )
        for item in raw["items"]
        if risk_category is None or risk_category in item.get("categories", [risk_category])
    )
    return Document(version=raw["version"], title=raw["title"], items=items)


@cache
def _texts(program: str) -> dict[str, Any]:
    path = DIRECTORY / f"{program}.toml"
    if not program.isidentifier() or not path.is_file():
        raise LookupError(f"There are no documents of a program {program!r}.")
    return tomllib.loads(path.read_text(encoding="utf-8"))
