"""Reads a PDF back as people do: the text of all pages, through each typeface's own table."""

import re
import zlib

OBJECT = re.compile(rb"(?<=\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
STREAM = re.compile(rb"stream\n(.*)\nendstream", re.DOTALL)
FACE = re.compile(rb"/(F\d+) (\d+) 0 R")
TABLE = re.compile(rb"/ToUnicode (\d+) 0 R")
PAIR = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n")
SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
CONTROL = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf: bytes) -> str:
    """The text in the order in which it is drawn, each run followed by a blank."""
    objects = dict(OBJECT.findall(pdf))
    faces = {name: _table(objects, number) for name, number in FACE.findall(pdf)}
    said, table = [], dict[bytes, str]()
    for content in objects.values():
        if b"/FontFile" in content or not (found := STREAM.search(content)):
            continue
        drawn = zlib.decompress(found[1]) if b"/FlateDecode" in content else found[1]
        for face, run in SHOWN.findall(drawn) if b" Tf" in drawn else ():
            if face:
                table = faces[face]
            else:
                said.append(_read(run, table))
    return " ".join(said)


def flowing(pdf: bytes) -> str:
    """The text with single blanks, wherever its lines break."""
    return " ".join(text_of(pdf).split())


def _table(objects: dict[bytes, bytes], number: bytes) -> dict[bytes, str]:
    named = TABLE.search(objects[number])
    assert named is not None, "a typeface without a table cannot be searched or read aloud"
    content = objects[named[1]]
    found = STREAM.search(content)
    assert found is not None
    pairs = zlib.decompress(found[1]) if b"/FlateDecode" in content else found[1]
    return {
        bytes.fromhex(glyph.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
        for glyph, text in PAIR.findall(pairs)
    }


def _read(run: bytes, table: dict[bytes, str]) -> str:
    plain = ESCAPED.sub(lambda found: CONTROL.get(found[1], found[1]), run)
    return "".join(table.get(plain[at : at + 2], "�") for at in range(0, len(plain), 2))
