"""One-time codes and the references they belong to: made of an id and the server's key.

They can be told or mailed without being kept: the database holds keyed digests only, so a copy of
it opens nothing. Whether one still holds is the business of the row that was issued.
"""

from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.core import numbers

CODE_DIGITS = 8
SALT = "apps.core.one_time"


def reference_of(issued_id: UUID) -> str:
    """What names an issued code without telling anything: 12 characters (60 bits), opaque."""
    number = int.from_bytes(_keyed("reference", str(issued_id)))
    letters = []
    for _ in range(numbers.LENGTH):
        number, at = divmod(number, len(numbers.ALPHABET))
        letters.append(numbers.ALPHABET[at])
    return "".join(letters)


def code_of(issued_id: UUID) -> str:
    """The code itself: eight digits."""
    number = int.from_bytes(_keyed("code", str(issued_id))) % 10**CODE_DIGITS
    return f"{number:0{CODE_DIGITS}d}"


def spaced(code: str) -> str:
    """The code as people read it: `1234 5678`."""
    half = CODE_DIGITS // 2
    return f"{code[:half]} {code[half:]}"


def told(issued_id: UUID) -> tuple[str, str]:
    """Reference and code as they are told or handed over: in groups."""
    return numbers.grouped(reference_of(issued_id)), spaced(code_of(issued_id))


def digest_of_reference(reference: str) -> str:
    """Under which a reference is kept, however it was typed."""
    return _keyed("reference digest", numbers.normalize(reference)).hex()


def digest_of_code(issued_id: UUID, code: str) -> str:
    """Under which the code of one issue is kept; another issue's equal code has another digest."""
    return _keyed("code digest", f"{issued_id}:{''.join(code.split())}").hex()


def is_code(issued_id: UUID, code: str, digest: str) -> bool:
    """Whether a typed code is the one that was issued; compared in constant time."""
    return constant_time_compare(digest_of_code(issued_id, code), digest)


def shown_in_demo(issued_id: UUID) -> str:
    """In the demo, whose people have no phones, the code; empty elsewhere."""
    return spaced(code_of(issued_id)) if settings.SHOW_SECOND_FACTOR_CODES else ""


def _keyed(purpose: str, value: str) -> bytes:
    return salted_hmac(f"{SALT}.{purpose}", value, algorithm="sha256").digest()
