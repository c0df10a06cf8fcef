"""The demo's clock: the program's staff move it forward, never back, and only in the demo."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from apps.core import clock
from apps.core.call import Role
from apps.portal.access import PortalRequest, page
from apps.portal.fields import InstantField
from apps.portal.forms import PortalForm
from apps.portal.program import newest_policy

STEPS = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "7d": timedelta(days=7)}


class ClockForm(PortalForm):
    """An instant to which the demo's time is moved."""

    to = InstantField(label="Move the program’s time to")

    def clean_to(self) -> datetime:
        """Time moves forward only: what happened cannot lie in the future."""
        to: datetime = self.cleaned_data["to"]
        if to <= clock.now():
            raise ValidationError("Time moves forward only: choose a later instant.")
        return to


@page(Role.STAFF, Role.ADMINISTRATOR)
def demo_clock(request: PortalRequest) -> HttpResponse:
    """Move the demo's time by a step, or to an instant."""
    if not settings.DEMO_CLOCK:
        raise Http404
    step = STEPS.get(request.POST.get("step", ""))
    if request.method == "POST" and step is not None:
        return _move(request, clock.now() + step)
    form = ClockForm(request.POST or None, zone=newest_policy().calendar.zone)
    if request.method == "POST" and form.is_valid():
        return _move(request, form.cleaned_data["to"])
    return render(request, "portal/demo_clock.html", {"form": form})


def _move(request: PortalRequest, to: datetime) -> HttpResponse:
    clock.set_demo_time(to)
    messages.success(request, "The program’s time has moved forward.")
    target: Any = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("demo_clock")
    return HttpResponseRedirect(target)
