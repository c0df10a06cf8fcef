"""A patient's complete record for an inspection: as PDF to be read, as JSON to be searched."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from apps.oversight.whole_record import Table, WholeRecord
from apps.papers.layout import Paper, Printing, instant_text

EXPLAINED = (
    "Everything that is kept of this patient: each row of each kind, the signatures, the words of "
    "the texts that they name, the commands that made the rows, what was changed, and every event "
    "of the trail. Secrets of sign-in are "
    "left out; scans are named by their digest. Times are the program’s, to the second; the JSON "
    "file has them exactly, in UTC. Columns without a value are not printed."
)


def as_json(record: WholeRecord, *, why: dict[str, Any], printing: Printing) -> bytes:
    """The record with all its columns, and the SHA-256 of its content as canonical JSON."""
    content = {
        "program": printing.program,
        "patient_id": record.patient.pk,
        "copied_at": printing.at,
        **why,
        "tables": [
            {
                "model": table.model,
                "title": table.title,
                "rows": [{each.name: each.value for each in row} for row in table.rows],
                "in_words": [{each.name: each.words for each in row} for row in table.rows],
            }
            for table in record.tables
        ],
        "events": record.events,
    }
    text = _text(content)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f'{{"sha256": "{digest}",\n"record": {text}}}\n'.encode()


def as_pdf(
    record: WholeRecord,
    *,
    why: dict[str, Any],
    printing: Printing,
    row_done: Callable[[], None],
) -> bytes:
    """The record under a heading for each kind, a paragraph for each row, told one by one."""
    paper = Paper("Complete record", printing, number=f"Patient {record.patient.pk}")
    paper.facts(
        [
            ("Patient", str(record.patient)),
            ("Copied for", str(why["asked_by"])),
            ("Reason", str(why["reason"])),
            ("Asked for", instant_text(why["asked_at"], printing.zone)),
        ]
    )
    paper.paragraph(EXPLAINED)
    for table in record.tables:
        if table.rows:
            _rows(paper, table, printing.zone, row_done)
    paper.heading(f"What was done and seen ({len(record.events)})")
    for event in record.events:
        paper.entry(
            f"{event['event']}. {event['code'].replace('_', ' ').capitalize()}",
            _said(
                (name, _told(value, value, printing.zone))
                for name, value in event.items()
                if name != "event"
            ),
        )
        row_done()
    empty = [table.title for table in record.tables if not table.rows]
    paper.heading("Kinds of which nothing is kept")
    paper.paragraph(", ".join(empty) or "None.")
    return paper.finished()


def _rows(paper: Paper, table: Table, zone: tzinfo, row_done: Callable[[], None]) -> None:
    paper.heading(f"{table.title} ({len(table.rows)})")
    for number, row in enumerate(table.rows, start=1):
        paper.entry(
            str(number), _said((each.label, _told(each.value, each.words, zone)) for each in row)
        )
        row_done()


def _told(value: Any, words: Any, zone: tzinfo) -> Any:
    """An instant by the program's clock, to the second, with its zone; the rest in its words."""
    if not isinstance(value, datetime):
        return words
    local = value.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M:%S %Z}"


def _said(pairs: Any) -> str:
    return "; ".join(
        f"{str(name).replace('_', ' ')}: {value}" for name, value in pairs if value not in _NOTHING
    )


_NOTHING: tuple[Any, ...] = ("", None, {}, 0)


def _text(content: Any) -> str:
    return json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
