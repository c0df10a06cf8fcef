"""How the pages hand out papers and lists: as PDF to be looked at, as CSV to be kept."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

from apps.core import clock, spreadsheets
from apps.papers.layout import Printing
from apps.portal.program import newest_policy


def printing() -> Printing:
    """Now, in the program's zone."""
    policy = newest_policy()
    return Printing(program=policy.marked_title, at=clock.now(), zone=policy.calendar.zone)


def pdf(content: bytes, name: str) -> HttpResponse:
    """A paper, opened in the browser; `name` never tells whose it is."""
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


def table(heads: Iterable[str], rows: Iterable[Iterable[Any]], name: str) -> HttpResponse:
    """A list for a spreadsheet, with the instant of its making in its name."""
    made_at = f"{clock.now():%Y%m%dT%H%M%SZ}"
    return HttpResponse(
        "".join(spreadsheets.lines(heads, rows)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{made_at}.csv"'},
    )
