"""Numbers that people read aloud and type (L-AUT-6): unguessable, checked, telling nothing.

Twelve characters in three groups: eleven random ones (55 bits) and one that catches every single
wrong character and every swap of two neighbors. The alphabet leaves out I, L, O and U.
"""

import secrets
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 12
GROUP = 4
# What text programs make of a hyphen, or leave unseen in what is copied from them.
DASHES = frozenset({"Pd", "Cf"})
MINUS = "\N{MINUS SIGN}"
MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})

# A number of one kind is never a valid number of another: its check starts elsewhere.
AUTHORIZATION = 1
CONFIRMATION = 2


def new_number(kind: int) -> str:
    """A fresh number of `kind`, as stored: without separators."""
    payload = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return payload + check_character(payload, kind)


def normalize(typed: str) -> str:
    """What somebody typed, as stored: separators out, capitals, misread characters mended."""
    kept = (each for each in typed if unicodedata.category(each) not in DASHES and each != MINUS)
    return "".join("".join(kept).split()).upper().translate(MISREAD)


def is_valid(number: str, kind: int) -> bool:
    """Whether a normalized number has the length, alphabet and check character of `kind`."""
    return (
        len(number) == LENGTH
        and all(character in ALPHABET for character in number)
        and check_character(number[:-1], kind) == number[-1]
    )


def grouped(number: str) -> str:
    """The number as people read it: `K7QM-2XRT-9HW4`."""
    return "-".join(number[start : start + GROUP] for start in range(0, len(number), GROUP))


def check_character(payload: str, kind: int) -> str:
    """The character that makes the weighted sum of the digits over GF(32) zero."""
    total = kind
    for character in payload:
        total = _double(total) ^ ALPHABET.index(character)
    return ALPHABET[_double(total)]


def _double(value: int) -> int:
    """Multiply by x in GF(2)[x] / (x⁵ + x² + 1), a generator of the field's 31 units."""
    value <<= 1
    return value ^ 0b100101 if value & 0b100000 else value
