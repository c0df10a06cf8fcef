"""Lists as files for spreadsheets: line after line, however long, and what they held in the trail.

The rows of a file are those whose ids its event bears: what comes meanwhile is not among them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Final, Protocol
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from apps.core import clock, spreadsheets
from apps.portal.access import PortalRequest, saw
from apps.portal.program import present_policy

AT_A_TIME: Final = 500
# What a page shows where there is nothing: in a spreadsheet, an empty cell.
NOTHING: Final = "–"


class Rows(Protocol):
    """Makes the lines of some rows."""

    def __call__(self, rows: Sequence[Any], /) -> Iterable[Sequence[Any]]: ...


def exported(
    request: PortalRequest,
    name: str,
    heads: Sequence[str],
    found: QuerySet[Any],
    lines: Rows,
    *,
    patient: str,
    others: str = "",
    asked: Mapping[str, str] | None = None,
    order: Sequence[Any] | None = None,
) -> StreamingHttpResponse:
    """All rows as CSV, in their order, with the event that says which they are.

    `patient` names the column with the id of the patient whom a row is about, `others` one with
    those of further patients whom it names; `order` are the ids of the rows, where no column
    orders them.
    """
    ids = list(found.values_list("pk", flat=True) if order is None else order)
    patients: set[UUID] = set(found.order_by().values_list(patient, flat=True)) - {None}
    if others:
        patients.update(*found.order_by().values_list(others, flat=True))
    saw(
        request,
        "list_exported",
        patient_ids=patients,
        data={"list": name, "asked": dict(asked or {}), "ids": [str(each) for each in ids]},
    )
    made_at = f"{clock.real_now():%Y%m%dT%H%M%SZ}"
    return StreamingHttpResponse(
        spreadsheets.lines([*heads, "Times in"], _in_parts(found, ids, lines)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{made_at}.csv"'},
    )


def _in_parts(found: QuerySet[Any], ids: list[Any], lines: Rows) -> Iterator[Sequence[Any]]:
    zone = present_policy().calendar.zone
    in_program = _values(zone)
    for start in range(0, len(ids), AT_A_TIME):
        part = ids[start : start + AT_A_TIME]
        by_id = {row.pk: row for row in found.filter(pk__in=part)}
        for line in lines([by_id[each] for each in part if each in by_id]):
            yield [*(in_program(value) for value in line), str(zone)]


def _values(zone: tzinfo) -> Callable[[Any], Any]:
    """Instants by the clock of the program's zone, which stands beside; nothing for what is not."""

    def told(value: Any) -> Any:
        if isinstance(value, datetime):
            return spreadsheets.instant(value, zone)
        return "" if value is None or value == NOTHING else value

    return told
