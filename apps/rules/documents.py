"""The texts of a program that people sign, answer or tick, with their versions, as data.

Loads <program>.toml of the folder documents/ beside the policies, or else of this package, and
beside it <language>/<program>.toml: words alone; and earlier/<program>/*.toml: texts that were in
use before. Decides nothing. A record names the version that it used.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from apps.rules.policy import policies

FOLDER, EARLIER = "documents", "earlier"
DIRECTORY = Path(__file__).parent / FOLDER


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence to sign or tick, or one question; `at_risk` is the answer that means danger.

    `opens`: what that answer makes known besides (`case`, `partner_case`, `lapse`,
    `missed_period`, `abnormal_bleeding`). `compares`: what of the prescriber's survey the answer
    must agree with, and which of its values each answer `agrees` with. `when`: for a sentence of
    guidance, the questions whose at-risk answer calls for it. `categories`: the risk categories
    that see it; None: all.
    """

    code: str
    text: str
    at_risk: str | None = None
    danger: bool = False
    opens: str | None = None
    compares: str | None = None
    agrees: Mapping[str, frozenset[str]] = field(default_factory=dict)
    when: frozenset[str] = frozenset()
    categories: frozenset[str] | None = None


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

    def seen_by(self, risk_category: str | None) -> "Document":
        """The same with the items alone that a risk category sees; None: all of them."""
        if risk_category is None:
            return self
        return replace(
            self,
            items=tuple(
                item
                for item in self.items
                if item.categories is None or risk_category in item.categories
            ),
        )


def document(
    program: str, kind: str, risk_category: str | None = None, *, language: str | None = None
) -> Document:
    """The text of `kind` (such as `agreement`), with the items that a risk category sees.

    In `language` where this very version is translated whole; else as the program wrote it: its
    `language` tells. Raises LookupError for an unknown program or kind.
    """
    texts = _texts(program, policies().directory.parent / FOLDER)
    if kind not in texts.own:
        raise LookupError(f"The program {program} has no document {kind}.")
    own = _whole(texts.own, kind)
    words = texts.translations.get(language or "", {}).get(kind)
    return _translated(own, words, language).seen_by(risk_category)


def every_text(program: str) -> Iterator[tuple[str, Document]]:
    """Each text of a program with its kind, whole: as the program wrote it, and each translation.

    Raises LookupError for an unknown program.
    """
    texts = _texts(program, policies().directory.parent / FOLDER)
    for kind in _kinds(texts.own):
        yield kind, document(program, kind)
        for language in texts.translations:
            said = document(program, kind, language=language)
            if said.language == language:
                yield kind, said


def earlier_texts(program: str) -> Iterator[tuple[str, Document]]:
    """Each text that was in use before with its kind, whole: of release 0.1.0, or elsewhere.

    Raises LookupError for an unknown program.
    """
    texts = _texts(program, policies().directory.parent / FOLDER)
    for raw in texts.earlier:
        for kind in _kinds(raw):
            yield kind, _whole(raw, kind)


def _kinds(file: Mapping[str, Any]) -> list[str]:
    return [name for name, text in file.items() if isinstance(text, Mapping)]


def _whole(file: Mapping[str, Any], kind: str) -> Document:
    raw = file[kind]
    return Document(
        version=raw["version"],
        language=file["language"],
        title=raw["title"],
        items=tuple(_item(item) for item in raw["items"]),
    )


def _translated(own: Document, words: Mapping[str, Any] | None, language: str | None) -> Document:
    """The same document in other words; as it is where they are of another version, or too few."""
    if words is None or language is None or words["version"] != own.version:
        return own
    said = words["items"]
    if not own.codes <= said.keys():
        return own
    items = tuple(replace(item, text=said[item.code]) for item in own.items)
    return replace(own, language=language, title=words["title"], items=items)


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
        categories=frozenset(raw["categories"]) if "categories" in raw else None,
    )


@dataclass(frozen=True, slots=True)
class _Texts:
    """The texts of a program: its own, by language the words of their translations; older ones."""

    own: Mapping[str, Any]
    translations: Mapping[str, Mapping[str, Any]]
    earlier: tuple[Mapping[str, Any], ...]


@cache
def _texts(program: str, directory: Path) -> _Texts:
    name = f"{program}.toml"
    found = [folder for folder in (directory, DIRECTORY) if (folder / name).is_file()]
    if not program.isidentifier() or not found:
        raise LookupError(f"There are no documents of a program {program!r}.")
    # Of the same folder alone: an operator's own texts are not those that ours translate.
    return _Texts(
        own=_read(found[0] / name),
        translations={path.parent.name: _read(path) for path in found[0].glob(f"*/{name}")},
        earlier=tuple(map(_read, sorted(found[0].glob(f"{EARLIER}/{program}/*.toml")))),
    )


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
