"""How the trail becomes digests: rows to lines, lines to ranges, ranges to a chain of seals.

Nothing here knows who asks. What is digested never changes: another choice of tables or columns is
a new form, and each seal says its own.
"""

import hashlib
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.audit.models import Seal

MARK = struct.Struct(">q8s")


@dataclass(frozen=True, eq=False)
class Part:
    """One table of the trail: how seals, people and the database call it, and its rising key."""

    name: str
    noun: str
    table: str
    key: str
    sequence: str
    columns: tuple[str, ...]
    begun: str = ""
    """The instant by which rows of before the table was sealed are numbered."""


EVENTS = Part(
    name="events",
    noun="Event",
    table="audit_event",
    key="id",
    sequence="audit_event_id_seq",
    columns=(
        "id", "code", "occurred_at", "operation_id", "actor_kind", "actor_id", "role",
        "organization_id", "prescriber_id", "channel", "address", "credential", "patient_id",
        "patient_ids", "subject_model", "subject_id", "reason", "data",
    ),
)  # fmt: skip
CHANGES = Part(
    name="changes",
    noun="Row change",
    table="audit_rowchange",
    key="id",
    sequence="audit_rowchange_id_seq",
    columns=(
        "id", "changed_at", "operation_id", "table_name", "row_id", "database_role",
        "client_address", "action", "before", "after",
    ),
)  # fmt: skip
OPERATIONS = Part(
    name="operations",
    noun="Operation",
    table="core_operation",
    key="serial",
    sequence="core_operation_serial",
    begun="started_at",
    columns=(
        "serial", "id", "name", "actor_kind", "actor_id", "role", "organization_id",
        "prescriber_id", "channel", "address", "credential", "started_at", "performed_at",
        "scope", "key", "body_digest", "result_model", "result_id", "transaction_id",
    ),
)  # fmt: skip
SIGNATURES = Part(
    name="signatures",
    noun="Signature",
    table="audit_signature",
    key="serial",
    sequence="audit_signature_serial",
    begun="recorded_at",
    columns=(
        "serial", "id", "signed_at", "recorded_at", "operation_id", "channel", "user_id",
        "code_id", "printed_name", "role", "organization_id", "prescriber_id", "meaning", "method",
        "subject_model", "subject_id", "patient_id", "content", "content_digest",
    ),
)  # fmt: skip
# Which tables a seal of each form covers. Signatures were not sealed in the first one.
PARTS_OF = {
    1: (EVENTS, CHANGES, OPERATIONS),
    2: (EVENTS, CHANGES, OPERATIONS, SIGNATURES),
}
FORM = 2
PARTS = PARTS_OF[FORM]


@dataclass(frozen=True, slots=True)
class Range:
    """A digested range of one table: how many rows, the digest of all, the mark of each."""

    after: int
    upto: int
    count: int
    digest: str
    marks: bytes


def digested(part: Part, after: int, upto: int) -> Range:
    """The range of rows after one key, up to and with another, as it is now."""
    whole, marks, count = hashlib.sha256(), bytearray(), 0
    for key, line in lines(part, after, upto):
        digest = hashlib.sha256(line.encode()).digest()
        whole.update(digest)
        marks += MARK.pack(key, digest[:8])
        count += 1
    return Range(after, upto, count, whole.hexdigest(), bytes(marks))


def lines(part: Part, after: int, upto: int) -> Iterator[tuple[int, str]]:
    """Key and text of each row of a range, in the order of the keys.

    PostgreSQL's own canonical text of a JSON array: instants in the connection's zone, UTC.
    """
    columns = ", ".join(part.columns)
    statement = f"""
        SELECT {part.key}, jsonb_build_array({columns})::text FROM {part.table}
        WHERE {part.key} > %s AND {part.key} <= %s ORDER BY {part.key}
    """  # noqa: S608 - composed of constants only
    with connection.cursor() as cursor:
        cursor.execute(statement, [after, upto])
        yield from cursor.fetchall()


def range_of(seal: Seal, part: Part) -> Range:
    """What a seal says of one table."""
    names = ("after", "upto", "count", "digest", "marks")
    after, upto, count, digest, marks = (getattr(seal, f"{part.name}_{name}") for name in names)
    return Range(after, upto, count, digest, bytes(marks))


def columns_of(part: Part, found: Range) -> dict[str, Any]:
    """The columns of a seal that tell of one table."""
    return {
        f"{part.name}_after": found.after,
        f"{part.name}_upto": found.upto,
        f"{part.name}_count": found.count,
        f"{part.name}_digest": found.digest,
        f"{part.name}_marks": found.marks,
    }


def digest_of(seal: Seal) -> str:
    """The digest that a seal with this content must bear: everything but itself, marks included."""
    content: dict[str, Any] = {
        "number": seal.number,
        "sealed_at": seal.sealed_at.isoformat(),
        "form": seal.form,
        "previous": seal.previous_digest,
    }
    for part in PARTS_OF[seal.form]:
        found = range_of(seal, part)
        marks = hashlib.sha256(found.marks).hexdigest()
        content[part.name] = [found.after, found.upto, found.count, found.digest, marks]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def marks_of(found: Range) -> dict[int, bytes]:
    """The mark of each row by its key."""
    return dict(MARK.iter_unpack(found.marks))
