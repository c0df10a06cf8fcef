"""The texts that people sign or tick, as papers: empty to work with, or as they were signed.

A text is printed only in the version that was signed: of an earlier one the words are not kept.
"""

from collections.abc import Collection, Sequence

from apps.papers.layout import Paper, Printing, SignatureLine
from apps.rules.documents import Document

EARLIER = (
    "The text has changed since: these are not its words. What was signed is version {version}; "
    "its digest stands with each signature."
)
EMPTY = "To be filled in and signed by hand. It counts only once it is recorded in the portal."
Facts = Sequence[tuple[str, str]]


def to_be_signed(
    text: Document, printing: Printing, *, facts: Facts, roles: Sequence[str], ticks: bool
) -> bytes:
    """A text with lines for signatures by hand; `ticks`: with a box before each sentence."""
    paper = _begun(text, printing, number=text.version, facts=facts)
    paper.note(EMPTY)
    if ticks:
        paper.boxes((item.text, False) for item in text.items)
    else:
        paper.points(item.text for item in text.items)
    paper.to_sign(roles)
    return paper.finished()


def as_signed(
    text: Document,
    printing: Printing,
    *,
    number: str,
    version: str,
    facts: Facts,
    signatures: Sequence[SignatureLine],
    ticked: Collection[str] | None = None,
    warning: str = "",
) -> bytes:
    """A text as it was signed, with its signatures; `ticked`: the codes of what was ticked."""
    paper = _begun(text, printing, number=number, facts=[*facts, ("Version of the text", version)])
    if warning:
        paper.warning(warning)
    if text.version != version:
        paper.warning(EARLIER.format(version=version))
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
