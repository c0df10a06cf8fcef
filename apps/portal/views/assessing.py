"""The assessment report for the program's office: counts of a period, as tables (rules §13)."""

from django.http import HttpResponse
from django.shortcuts import render

from apps.core import clock
from apps.core.errors import InvalidRequest
from apps.core.spreadsheets import BEGINNING
from apps.oversight.assessment import assessment
from apps.oversight.assessment.rendering import as_csv
from apps.oversight.assessment.shapes import Report
from apps.portal.access import PortalRequest, page, saw
from apps.portal.office_forms import PeriodForm
from apps.portal.program import PROGRAM, present_policy
from apps.portal.views.queues import OFFICE


@page(*OFFICE)
def assessment_report(request: PortalRequest) -> HttpResponse:
    """The month so far, or the days that are asked for; as a page, or as a file of the same."""
    now = clock.now()
    today = now.astimezone(present_policy().calendar.zone).date()
    as_file = request.GET.get("as") == "csv"
    asked = bool(set(request.GET) - {"page", "as"})
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
            saw(request, "assessment_viewed", data={"as": "csv"} if as_file else None)
    if as_file and report is not None:
        return _file(report)
    same_days = request.GET.copy()
    same_days["as"] = "csv"
    context = {"form": form, "report": report, "export_url": f"?{same_days.urlencode()}"}
    return render(request, "office/assessment.html", context)


def _file(report: Report) -> HttpResponse:
    name = f"assessment-{report.from_on:%Y%m%d}-{report.last_on:%Y%m%d}.csv"
    return HttpResponse(
        BEGINNING + as_csv(report),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
