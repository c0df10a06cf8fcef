"""Files for spreadsheets: no cell runs in one, and none is lost."""

import csv
import io

from apps.core import spreadsheets


def test_what_looks_like_a_formula_comes_as_text() -> None:
    for typed in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1+1"):
        assert spreadsheets.cell(typed) == f"'{typed}"
    for plain in ("", "Fiona O'Hara", "3 November 2026", "–", "a=b"):
        assert spreadsheets.cell(plain) == plain
    rows = [("=A1", ["-x"]), ('a "word", and more', 7)]
    text = "".join(spreadsheets.lines(("What", "@More"), rows))
    assert text.startswith("\ufeff")  # Else some programs show other letters than were written.
    assert list(csv.reader(io.StringIO(text.removeprefix("\ufeff")))) == [
        ["What", "'@More"],
        ["'=A1", '["-x"]'],
        ['a "word", and more', "7"],
    ]
