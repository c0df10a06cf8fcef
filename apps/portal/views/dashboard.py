"""The office's start: what waits, and the program in figures; every number leads to its list."""

from django.http import HttpResponse
from django.shortcuts import render

from apps.core import clock
from apps.core.call import Role
from apps.oversight import selectors
from apps.oversight.figures import figures
from apps.oversight.lists import SPANS, USUAL_SPAN
from apps.portal.access import PortalRequest
from apps.portal.charts import chart
from apps.portal.program import PROGRAM


def dashboard(request: PortalRequest) -> HttpResponse:
    """What waits, the role's own first, and four figures of the last days. It names nobody."""
    actor, now = request.call.actor, clock.now()
    role = actor.role
    asked = request.GET.get("days", USUAL_SPAN)
    days = asked if asked in SPANS else USUAL_SPAN
    queues = selectors.queues(actor, program=PROGRAM, now=now)
    waiting = [queue for queue in queues if queue.count]
    found = figures(actor, program=PROGRAM, days=int(days), now=now)
    context = {
        "is_auditor": role is Role.AUDITOR,
        "may_search_trail": role in {Role.AUDITOR, Role.ADMINISTRATOR},
        "waiting": sum(queue.count for queue in waiting),
        "late": sum(queue.overdue for queue in waiting),
        "role": role.value,
        "queues": sorted(
            waiting, key=lambda each: (each.owner != role, each.owner, not each.overdue)
        ),
        "charts": [chart(figure, days) for figure in found],
        "days": days,
        "spans": SPANS.items(),
    }
    return render(request, "office/dashboard.html", context)
