"""Names, however they are typed: a keyboard may have no "é", and a record may have one."""

import re
import unicodedata
from collections import defaultdict
from typing import Final

from django.db.models import Q

# Letters with marks of their own, and what people type instead of those that Unicode keeps whole.
LATIN: Final = range(0xC0, 0x250)
WHOLE: Final = str.maketrans("øØłŁđĐı", "oOlLdDi")


def bare(text: str) -> str:
    """A text without accents and other marks, in small letters."""
    spelled = unicodedata.normalize("NFKD", text.translate(WHOLE).casefold())
    return "".join(each for each in spelled if not unicodedata.combining(each))


def _spellings() -> dict[str, str]:
    found: dict[str, set[str]] = defaultdict(set)
    for letter in map(chr, LATIN):
        if len(letter_of := bare(letter)) == 1 and letter_of.isascii():
            found[letter_of].add(letter)
    return {
        letter: "".join(sorted({letter, letter.upper(), *others}))
        for letter, others in found.items()
    }


SPELLINGS: Final = _spellings()


def contains(path: str, word: str) -> Q:
    """Rows in whose text at `path` a word occurs, with accents or without, in either."""
    return Q(**{f"{path}__iregex": "".join(map(_pattern, unicodedata.normalize("NFC", word)))})


def _pattern(letter: str) -> str:
    spelled = SPELLINGS.get(bare(letter))
    return f"[{spelled}]" if spelled else re.escape(letter)
