"""What every paper has: its title, language, number, time with zone, pages; and no lost letter."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apps.papers.layout import Paper, Printing, legible
from tests.papers.reading import flowing

AT = datetime(2026, 3, 3, 19, 5, tzinfo=UTC)
PRINTING = Printing(program="Lenalidomide REMS", at=AT, zone=ZoneInfo("America/New_York"))


@dataclass(frozen=True)
class Signed:
    """A signature that does not fit its record any more."""

    name: str = "Łucja Núñez-O’Brien"
    at: datetime = AT
    meaning: str = "Agreement, as the patient"
    method: str = "by hand, on paper"
    digest: str = "ab" * 32
    language: str = "es"
    is_unchanged: bool = False


def test_what_the_typeface_lacks_is_shown_by_its_code_point() -> None:
    assert legible("Zoë Nguye\u0303n ≤ 7 mg") == "Zoë Nguy[U+1EBD]n <= 7 mg"
    assert legible("中\u200b\x07\n€") == "[U+4E2D][U+200B][U+0007]\n€"


def test_a_paper_says_what_it_is_on_each_page_and_to_programs() -> None:
    paper = Paper("Prescription", PRINTING, number="Authorization K7QM-2XRT-9HW4")
    paper.warning("Void: 中")
    paper.facts([("Directions", "One capsule (a day) \\ with water"), ("Address", "")])
    paper.boxes([("Told: swallow whole.", True), ("Given: the guide.", False)])
    paper.table(["Day", "What"], [[str(number), "A row"] for number in range(80)])
    paper.signatures([Signed()])
    pdf = paper.finished()

    text = flowing(pdf)
    assert "Void: [U+4E2D]" in text
    assert "One capsule (a day) \\ with water" in text
    assert f"Signed by {Signed.name}" in text
    assert "3 March 2026, 14:05 EST. Meaning: Agreement, as the patient. Signed by hand" in text
    assert "on paper, as read in Spanish." in text
    assert Signed.digest in text
    assert "This record does not say what was signed any more." in text
    pages = len(re.findall(rb"/Type /Page\n", pdf))
    assert pages > 1
    for page in range(1, pages + 1):
        assert f"Page {page} of {pages}" in text
    foot = "Prescription · Authorization K7QM-2XRT-9HW4 · printed 3 March 2026, 14:05 EST"
    assert text.count(foot) == pages
    assert text.count("Day What") == pages, "each page of a table has its heading"
    assert "\N{REPLACEMENT CHARACTER}" not in text
    for said in (b"/Lang (en)", b"/Title", b"/Author"):
        assert said in pdf
