"""The assessment report for the program's office: counts of a period, as tables (rules §13)."""

from django.http import HttpResponse
from django.shortcuts import render

from apps.core import clock
from apps.core.errors import InvalidRequest
from apps.oversight.assessment import assessment
from apps.portal.access import PortalRequest, page, saw
from apps.portal.office_forms import PeriodForm
from apps.portal.program import PROGRAM, present_policy
from apps.portal.views.queues import OFFICE


@page(*OFFICE)
def assessment_report(request: PortalRequest) -> HttpResponse:
    """The month so far, or the days that are asked for."""
    now = clock.now()
    today = now.astimezone(present_policy().calendar.zone).date()
    asked = bool(set(request.GET) - {"page"})
    usual = {"from_on": today.replace(day=1), "last_on": today}
    form = PeriodForm(request.GET) if asked else PeriodForm(initial=usual)
    days = form.cleaned_data if asked and form.is_valid() else None if asked else usual
    report = None
    if days is not None:
        try:
            report = assessment(request.call.actor, program=PROGRAM, now=now, **days)
        except InvalidRequest as error:
            for name, message in error.fields.items():
                form.add_error(name, message)
        else:
            saw(request, "assessment_viewed")
    return render(request, "office/assessment.html", {"form": form, "report": report})
