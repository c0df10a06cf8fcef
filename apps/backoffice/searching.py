"""Search: by name, by NPI, by a number however it was typed. `core/searches.py` keeps what was."""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from apps.core import numbers
from apps.core.names import contains

SEARCH = "q"
SHORTEST_NUMBER = 4
# A whole number of a phone, with whatever people put between the digits, and its country code.
PHONE = re.compile(r"[\d\s().+/-]+")
DIGITS_OF_A_PHONE = 10
COUNTRY = "1"


def condition(
    typed: str, *, texts: Sequence[str], numbered: Sequence[str], ids: Sequence[str]
) -> Q:
    """Rows in which each word is in some of `texts`, or that bear what was typed as a number or id.

    A number matches from its beginning, with or without separators, misread characters mended; a
    phone's whole number, however it is written.
    """
    found = Q(pk__in=[])
    if texts:
        every_word = Q()
        for word in typed.split():
            every_word &= reduce(or_, (contains(path, word) for path in texts))
        found |= every_word
    phone = _phone(typed)
    if phone:
        found |= _any([path for path in texts if path.endswith("phone")], "regex", phone)
    number = numbers.normalize(typed)
    if len(number) >= SHORTEST_NUMBER and set(number) <= set(numbers.ALPHABET):
        found |= _any(numbered, "startswith", number)
    identity = as_uuid(typed)
    if identity is not None:
        found |= _any(ids, "exact", identity)
    return found


def _phone(typed: str) -> str:
    """The pattern of a phone's number, whatever stands between its digits; "" for another."""
    digits = re.sub(r"\D", "", typed) if PHONE.fullmatch(typed) else ""
    if len(digits) == DIGITS_OF_A_PHONE + 1:
        digits = digits.removeprefix(COUNTRY)
    return r"\D*".join(digits) if len(digits) == DIGITS_OF_A_PHONE else ""


def _any(paths: Sequence[str], lookup: str, value: object) -> Q:
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{path}__{lookup}": value})
    return found


def as_uuid(typed: str) -> UUID | None:
    """An id as it was typed; None for anything else."""
    try:
        return UUID(typed.strip())
    except ValueError:
        return None
