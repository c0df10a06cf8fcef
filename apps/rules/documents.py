"""The texts of a program that people sign, answer or tick, with their versions, as data.

Loads <program>.toml of the folder documents/ beside the policies, or else of this package. Decides
nothing. A record names the version that it used.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from apps.rules.policy import policies

FOLDER = "documents"
DIRECTORY = Path(__file__).parent / FOLDER


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence to sign or tick, or one question; `at_risk` is the answer that means danger.

    `opens`: what that answer makes known besides (`case`, `partner_case`, `lapse`,
    `missed_period`, `abnormal_bleeding`). `compares`: what of the prescriber's survey the answer
    must agree with, and which of its values each answer `agrees` with. `when`: for a sentence of
    guidance, the questions whose at-risk answer calls for it.
    """

    code: str
    text: str
    at_risk: str | None = None
    danger: bool = False
    opens: str | None = None
    compares: str | None = None
    agrees: Mapping[str, frozenset[str]] = field(default_factory=dict)
    when: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Document:
    """A versioned text: `items` in the order in which people read them."""

    version: str
    language: str
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
    texts = _texts(program, policies().directory.parent / FOLDER)
    if kind not in texts:
        raise LookupError(f"The program {program} has no document {kind}.")
    raw = texts[kind]
    items = tuple(
        _item(item)
        for item in raw["items"]
        if risk_category is None or risk_category in item.get("categories", [risk_category])
    )
    return Document(
        version=raw["version"], language=texts["language"], title=raw["title"], items=items
    )


def _item(raw: Mapping[str, Any]) -> Item:
    return Item(
        code=raw["code"],
        text=raw["text"],
        at_risk=raw.get("at_risk"),
        danger=raw.get("danger", False),
        opens=raw.get("opens"),
        compares=raw.get("compares"),
        agrees={answer: frozenset(values) for answer, values in raw.get("agrees", {}).items()},
        when=frozenset(raw.get("when", ())),
    )


@cache
def _texts(program: str, directory: Path) -> dict[str, Any]:
    name = f"{program}.toml"
    found = [folder / name for folder in (directory, DIRECTORY) if (folder / name).is_file()]
    if not program.isidentifier() or not found:
        raise LookupError(f"There are no documents of a program {program!r}.")
    return tomllib.loads(found[0].read_text(encoding="utf-8"))
