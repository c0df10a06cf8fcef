"""How the pages hand out papers: as PDF, to be looked at."""

from django.http import HttpResponse

from apps.core import clock
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
