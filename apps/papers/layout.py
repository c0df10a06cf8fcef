"""How a paper is laid out: heading, facts, tables, lists to tick, lines to fill in, signatures.

Knows no record. What the typeface lacks is written by its code point: nothing vanishes silently.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import Final, Protocol

from django.utils.translation import get_language_info
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import TableCellFillMode, XPos, YPos
from fpdf.fonts import FontFace

FONTS: Final = Path(__file__).parent / "fonts"
FACE: Final = "Source Sans Pro"
STYLES: Final = {"": "regular", "B": "bold", "I": "italic"}
# The same in letters that every paper has.
PLAIN: Final = str.maketrans({"≤": "<=", "≥": ">=", "→": "->", "−": "-", "‑": "-", "\t": " "})
BODY, SMALL, LINE = 11, 9, 5.5  # Points, points, millimeters.
LABEL_WIDTH, BOX, GAP = 48, 3.5, 3
RULE_WIDTH = 70
LONGEST = 60  # Characters of a word that is not broken.
PAGES: Final = "{number of pages}"


class SignatureLine(Protocol):
    """What a paper prints of one signature (21 CFR 11.50)."""

    @property
    def name(self) -> str:
        """The printed name."""

    @property
    def at(self) -> datetime:
        """When it was signed."""

    @property
    def meaning(self) -> str:
        """What it means."""

    @property
    def method(self) -> str:
        """With what it was signed."""

    @property
    def digest(self) -> str:
        """SHA-256 of what was signed."""

    @property
    def language(self) -> str:
        """In which the text was read that was signed: a code such as "es"; "" if none was."""

    @property
    def is_unchanged(self) -> bool:
        """Whether the record still says what was signed."""


@dataclass(frozen=True, slots=True)
class Printing:
    """Where and when papers are printed: the program's title, its zone, and the instant."""

    program: str
    at: datetime
    zone: tzinfo


def instant_text(value: datetime, zone: tzinfo) -> str:
    """An instant in `zone`, which it names: "3 March 2026, 14:05 EST"."""
    return f"{value.astimezone(zone):%-d %B %Y, %H:%M %Z}"


def day_text(value: date) -> str:
    """A day: "3 March 2026"."""
    return f"{value:%-d %B %Y}"


def language_text(code: str) -> str:
    """The English name of a language: "Spanish"."""
    return str(get_language_info(code)["name"])


def legible(text: str) -> str:
    """The text as the typeface can show it: "[U+4E2D]" for each character that it lacks."""
    known = _known()
    composed = unicodedata.normalize("NFC", text.translate(PLAIN))
    return "".join(
        each if each == "\n" or ord(each) in known else f"[U+{ord(each):04X}]" for each in composed
    )


@cache
def _known() -> frozenset[int]:
    """What all three styles have."""
    found = [set(TTFont(_file(style)).getBestCmap()) for style in STYLES]
    return frozenset(set.intersection(*found))


def _file(style: str) -> Path:
    return FONTS / f"sourcesanspro-{STYLES[style]}-webfont.ttf"


class _Sheet(FPDF):
    """The pages, each with its foot."""

    foot = ""

    def footer(self) -> None:
        """What the paper is, when it was printed, and which of its pages this is."""
        self.set_y(-14)
        self.set_font(FACE, "", SMALL)
        self.multi_cell(0, 4, f"{self.foot}\nPage {self.page_no()} of {PAGES}", align="L")


class Paper:
    """One paper in the making. `number` is that of the record which it shows."""

    def __init__(
        self, title: str, printing: Printing, *, number: str, language: str = "en"
    ) -> None:
        self.zone = printing.zone
        self._widths: dict[str, float] = {}  # Of words in small print.
        self._sheet = sheet = _Sheet(format="letter")
        for style in STYLES:
            sheet.add_font(FACE, style, _file(style))
        sheet.set_title(title)
        sheet.set_author(printing.program)
        sheet.set_subject(number)
        sheet.set_lang(language)
        sheet.set_creation_date(printing.at)
        sheet.set_margin(18)
        sheet.c_margin = 0
        sheet.set_auto_page_break(True, margin=20)
        sheet.alias_nb_pages(PAGES)
        printed = instant_text(printing.at, printing.zone)
        sheet.foot = legible(f"{title} · {number} · printed {printed}")
        sheet.add_page()
        self._write(printing.program, size=SMALL)
        self._write(title, style="B", size=20, line=9)
        self._write(number, size=13)

    def heading(self, text: str) -> None:
        """A heading, on the page of what it heads; also in the outline."""
        self._keep(3 * LINE)
        self._sheet.ln(GAP)
        self._sheet.start_section(legible(text))
        self._write(text, style="B", size=14, line=7)

    def paragraph(self, text: str, *, strong: bool = False) -> None:
        """Running text."""
        self._write(text, style="B" if strong else "")

    def note(self, text: str) -> None:
        """Small print."""
        self._write(text, style="I", size=SMALL)

    def warning(self, text: str) -> None:
        """What must not be overlooked: in a frame, so that it stays visible without color."""
        self._keep(3 * LINE)
        self._font("B")
        self._sheet.multi_cell(0, LINE + 2, legible(text), border=1, padding=2)
        self._next()

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """What is what, one a line; an empty value is a line to fill in by hand."""
        sheet = self._sheet
        sheet.ln(GAP)
        for label, value in pairs:
            self._keep(2 * LINE)
            top, page = sheet.get_y(), sheet.page_no()
            self._font("B")
            sheet.multi_cell(
                LABEL_WIDTH, LINE, legible(label), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
            )
            below = sheet.get_y()
            sheet.set_xy(sheet.l_margin + LABEL_WIDTH, top)
            if not value:
                self._rule(RULE_WIDTH, top + LINE)
                sheet.set_y(top + LINE + GAP)
            else:
                self._font()
                sheet.multi_cell(
                    0, LINE, legible(value), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
                )
            if sheet.page_no() == page:
                sheet.set_y(max(below, sheet.get_y()))
            sheet.ln(0.8)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A table whose heading is repeated on each page."""
        self._font(size=SMALL)
        with self._sheet.table(
            headings_style=FontFace(emphasis="BOLD"),
            cell_fill_mode=TableCellFillMode.NONE,
            text_align="LEFT",
            line_height=4.5,
            padding=(0.6, 1),
        ) as table:
            for cells in (columns, *rows):
                row = table.row()
                for cell in cells:
                    row.cell(legible(cell))
        self._next()

    def points(self, texts: Iterable[str]) -> None:
        """A list of sentences."""
        self._listed((text, None) for text in texts)

    def boxes(self, items: Iterable[tuple[str, bool]]) -> None:
        """Sentences to tick, or that were ticked."""
        self._listed(items)

    def entry(self, label: str, text: str) -> None:
        """One of many rows: small, as one run of text.

        Broken into lines here: the library's own way takes ten times as long.
        """
        self._font(size=SMALL)
        for line in self._lines(legible(f"{label} · {text}")):
            self._sheet.cell(0, 4.2, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._sheet.ln(1)

    def signatures(self, signatures: Iterable[SignatureLine]) -> None:
        """Who signed what, when, with what, and the digest of what was signed."""
        for each in signatures:
            self._keep(5 * LINE)
            self._write(f"Signed by {each.name}", style="B")
            read = f", as read in {language_text(each.language)}" if each.language else ""
            self._write(
                f"{instant_text(each.at, self.zone)}. Meaning: {each.meaning}. "
                f"Signed {each.method}{read}."
            )
            self.note(f"SHA-256 of what was signed: {each.digest}")
            if not each.is_unchanged:
                self.warning("This record does not say what was signed any more.")

    def to_sign(self, roles: Iterable[str]) -> None:
        """Lines to be signed by hand: name, signature, date."""
        sheet = self._sheet
        for role in roles:
            self._keep(5 * LINE)
            sheet.ln(3 * LINE)
            width = sheet.epw / 3
            y = sheet.get_y()
            for at, label in enumerate((f"{role}: printed name", "Signature", "Date and time")):
                sheet.set_x(sheet.l_margin + at * width)
                self._rule(width - 4, y)
                self._font(size=SMALL)
                sheet.set_xy(sheet.l_margin + at * width, y + 0.5)
                sheet.multi_cell(width - 4, 4, legible(label), align="L")
            sheet.set_xy(sheet.l_margin, y + 2 * LINE)

    def finished(self) -> bytes:
        """The file."""
        return bytes(self._sheet.output())

    def _lines(self, text: str) -> Iterator[str]:
        """The text in lines as wide as the page, in the present font."""
        measure, room = self._sheet.get_string_width, self._sheet.epw
        blank, line, used = measure(" "), list[str](), 0.0
        for word in (part for each in text.split() for part in wrap(each, LONGEST)):
            width = self._widths.get(word)
            if width is None:
                width = self._widths[word] = measure(word)
            if line and used + blank + width > room:
                yield " ".join(line)
                line, used = [], 0.0
            used += width + (blank if line else 0)
            line.append(word)
        yield " ".join(line)

    def _listed(self, items: Iterable[tuple[str, bool | None]]) -> None:
        sheet = self._sheet
        for text, is_ticked in items:
            self._keep(2 * LINE)
            x, y = sheet.l_margin, sheet.get_y() + (LINE - BOX) / 2
            self._font()
            if is_ticked is None:
                sheet.cell(BOX + GAP, LINE, "•")
            else:
                sheet.rect(x, y, BOX, BOX)
            if is_ticked:
                sheet.line(x, y, x + BOX, y + BOX)
                sheet.line(x, y + BOX, x + BOX, y)
            sheet.set_x(x + BOX + GAP)
            sheet.multi_cell(0, LINE, legible(text), align="L")
            self._next()
            sheet.ln(1)

    def _write(self, text: str, *, style: str = "", size: int = BODY, line: float = LINE) -> None:
        self._font(style, size)
        self._sheet.multi_cell(0, line, legible(text), align="L")
        self._next()

    def _font(self, style: str = "", size: int = BODY) -> None:
        self._sheet.set_font(FACE, style, size)

    def _next(self) -> None:
        self._sheet.set_x(self._sheet.l_margin)
        if self._sheet.get_y() < self._sheet.h - self._sheet.b_margin:
            self._sheet.ln(0.5)

    def _rule(self, width: float, y: float) -> None:
        x = self._sheet.get_x()
        self._sheet.line(x, y, x + width, y)

    def _keep(self, height: float) -> None:
        """Begin a page where `height` does not fit on this one any more."""
        if self._sheet.will_page_break(height):
            self._sheet.add_page()
