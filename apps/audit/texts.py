"""The ledger of texts: keeping the words of each version, and reading an earlier one back.

What was signed, answered or ticked stays readable after the program's texts have changed
(21 CFR 11.10(b)). A version never has other words: a changed text is a new version.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from apps.audit.models import TextVersion
from apps.audit.selectors import Sought, events
from apps.core import clock
from apps.rules.documents import Document, Item, document, earlier_texts, every_text
from apps.rules.policy import policies

RECORD = "Run `manage.py record_policy_editions` as the owner of the tables."


class TextRefused(Exception):
    """Texts that must not be recorded as they are; says what to do."""


def record() -> list[TextVersion]:
    """Keep the words of each text of the served programs that the ledger does not have yet.

    Raises TextRefused for other words under a version that is there, or a program without texts.
    Run inside a transaction by the owner of the tables after every migration, before the new files
    are read.
    """
    now = clock.real_now()
    added = []
    try:
        for program, kind, text, recorded in _compared():
            if recorded is None:
                added.append(_keep(program, kind, text, now))
            elif _words(text) != [recorded.title, recorded.items]:
                raise TextRefused(_changed(program, kind, text))
    except LookupError as error:
        raise TextRefused(_missing(error)) from error
    return added


def problems() -> list[str]:
    """Which words of the files as they are would be signed and not kept, in sentences."""
    found = []
    try:
        for program, kind, text, recorded in _compared():
            if recorded is None:
                named = _named(program, kind, text)
                found.append(f"The words of {named} are not recorded. {RECORD}")
            elif _words(text) != [recorded.title, recorded.items]:
                found.append(_changed(program, kind, text))
    except LookupError as error:
        return [_missing(error)]
    return found


def as_read(
    program: str,
    kind: str,
    *,
    version: str,
    risk_category: str | None = None,
    language: str | None = None,
) -> Document | None:
    """A text in this very version and language (None: the program's own), as it was read.

    None where nobody kept it here: of records from elsewhere. Raises LookupError for an unknown
    program or kind.
    """
    present = document(program, kind, risk_category, language=language)
    if present.version == version and language in {None, present.language}:
        return present
    try:
        kept = _earlier(program, kind, version, language or document(program, kind).language)
    except TextVersion.DoesNotExist:
        return None
    return kept.seen_by(risk_category)


def as_told(
    program: str, kind: str, operation_id: UUID, *, risk_category: str | None = None
) -> Document:
    """The text whose version the events of a command name, for records that name none.

    The present one where they do not, or where nobody kept it here.
    """
    told = events(Sought(operation_id=operation_id)).filter(data__has_key="text_version").first()
    read = told and as_read(
        program, kind, version=told.data["text_version"], risk_category=risk_category
    )
    return read or document(program, kind, risk_category)


@cache
def _earlier(program: str, kind: str, version: str, language: str) -> Document:
    """Looked up once for all: what is kept never changes, and a list names it in each row.

    Raises TextVersion.DoesNotExist, which is not remembered.
    """
    return _read(
        TextVersion.objects.get(program=program, kind=kind, version=version, language=language)
    )


def _compared() -> Iterator[tuple[str, str, Document, TextVersion | None]]:
    """Each text of each served program, and what the ledger has of it. Raises LookupError."""
    kept = {
        (each.program, each.kind, each.version, each.language): each
        for each in TextVersion.objects.filter(program__in=policies().programs)
    }
    for program in policies().programs:
        for kind, text in (*earlier_texts(program), *every_text(program)):
            yield program, kind, text, kept.get((program, kind, text.version, text.language))


def _keep(program: str, kind: str, text: Document, now: datetime) -> TextVersion:
    title, items = _words(text)
    return TextVersion.objects.create(
        program=program,
        kind=kind,
        version=text.version,
        language=text.language,
        title=title,
        items=items,
        recorded_at=now,
    )


def _words(text: Document) -> list[Any]:
    return [
        text.title,
        [
            {
                "code": item.code,
                "text": item.text,
                "categories": None if item.categories is None else sorted(item.categories),
            }
            for item in text.items
        ],
    ]


def _read(kept: TextVersion) -> Document:
    items = (
        Item(
            code=each["code"],
            text=each["text"],
            categories=None if each["categories"] is None else frozenset(each["categories"]),
        )
        for each in kept.items
    )
    return Document(kept.version, kept.language, kept.title, tuple(items))


def _named(program: str, kind: str, text: Document) -> str:
    return f"{program}, {kind}, version {text.version} ({text.language})"


def _missing(error: LookupError) -> str:
    return f"{error.args[0]} Add its file, or take the program out of REMS_PROGRAMS."


def _changed(program: str, kind: str, text: Document) -> str:
    return (
        f"{_named(program, kind, text)} was recorded with other words, which people may have "
        "signed: bring them back, and give the changed text a new version."
    )
