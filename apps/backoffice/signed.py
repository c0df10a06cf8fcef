"""The signatures of a record, as its admin page shows them."""

from dataclasses import dataclass

from django.db.models import Model

from apps.audit.models import Signature
from apps.audit.signatures import signatures_of
from apps.backoffice.shown import page_of
from apps.oversight.signed_records import is_unchanged


@dataclass(frozen=True, slots=True)
class Line:
    """One signature with the address of its own page."""

    signature: Signature
    url: str
    is_unchanged: bool


def signature_lines(record: Model) -> list[Line]:
    """The signatures of a record, the earliest first."""
    return [Line(each, page_of(each), is_unchanged(each, record)) for each in signatures_of(record)]
