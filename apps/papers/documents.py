"""The texts that people sign or tick, as papers: empty to work with, or as they were signed.

A text is printed in the version that was signed, and in each language in which one side read it.
"""

from collections.abc import Collection, Mapping, Sequence

from apps.audit.texts import as_read
from apps.papers.layout import Paper, Printing, SignatureLine, language_text
from apps.rules.documents import Document, document

EARLIER = (
    "What was signed is version {version}, whose words are not kept here; its digest stands with "
    "each signature."
)
NO_TRANSLATION = (
    "One side read this text in {language}. That translation is not kept here; its digest stands "
    "with the signature."
)
EMPTY = "To be filled in and signed by hand. It counts only once it is recorded in the portal."
Facts = Sequence[tuple[str, str]]


def to_be_signed(
    text: Document,
    printing: Printing,
    *,
    facts: Facts,
    roles: Sequence[str],
    ticks: bool,
    warning: str = "",
) -> bytes:
    """A text with lines for signatures by hand; `ticks`: with a box before each sentence."""
    paper = _begun(text, printing, number=text.version, facts=facts)
    if warning:
        paper.warning(warning)
    paper.note(EMPTY)
    if ticks:
        paper.boxes((item.text, False) for item in text.items)
    else:
        paper.points(item.text for item in text.items)
    paper.to_sign(roles)
    return paper.finished()


def texts_read(
    program: str,
    kind: str,
    version: str,
    signatures: Sequence[SignatureLine],
    risk_category: str | None = None,
) -> dict[str, Document]:
    """A text as each side read it, by language; the program's own where nobody has signed.

    Where nobody kept its words, the present text stands in its place: its own version tells.
    """
    languages = [each.language for each in signatures if each.language]
    languages = languages or [document(program, kind).language]
    return {
        each: as_read(program, kind, version=version, risk_category=risk_category, language=each)
        or document(program, kind, risk_category, language=each)
        for each in languages
    }


def as_signed(
    texts: Mapping[str, Document],
    printing: Printing,
    *,
    number: str,
    version: str,
    facts: Facts,
    signatures: Sequence[SignatureLine],
    ticked: Collection[str] | None = None,
    warning: str = "",
) -> bytes:
    """A text as it was read (by language) and signed; `ticked`: the codes of what was ticked."""
    first = next(iter(texts.values()))
    paper = _begun(first, printing, number=number, facts=[*facts, ("Version of the text", version)])
    if warning:
        paper.warning(warning)
    for language, text in texts.items():
        if len(texts) > 1:
            paper.paragraph(language_text(language), strong=True)
        if text.version != version:
            paper.warning(EARLIER.format(version=version))
        elif text.language != language:
            paper.warning(NO_TRANSLATION.format(language=language_text(language)))
        elif ticked is None:
            paper.points(item.text for item in text.items)
        else:
            paper.boxes((item.text, item.code in ticked) for item in text.items)
    paper.heading("Signatures")
    if signatures:
        paper.signatures(signatures)
    else:
        paper.paragraph("Nobody has signed this with remsportal yet.")
    return paper.finished()


def _begun(text: Document, printing: Printing, *, number: str, facts: Facts) -> Paper:
    paper = Paper(text.title, printing, number=number, language=text.language)
    paper.facts(facts)
    paper.heading("What is signed")
    return paper
