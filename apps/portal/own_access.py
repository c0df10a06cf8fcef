"""The pages of a patient, or of who speaks for them: opened by a visit, and by nothing else.

A visit opens these pages only; whoever signed in as somebody else finds none of them.
"""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from apps.patients import visits
from apps.patients.models import Patient, PatientVisit
from apps.portal.access import PortalRequest, answered

P = ParamSpec("P")
ENDED = _("Your visit has ended. To come back, ask for a new code.")
LOST = _(
    "Your visit had ended: what you just sent was not recorded. Call your prescriber if it cannot "
    "wait. To come back, ask for a new code."
)


class OwnRequest(PortalRequest):
    """A request of a patient, or of who speaks for them."""

    visit: PatientVisit


OwnView = Callable[Concatenate[OwnRequest, P], HttpResponseBase]


def patient_of(request: OwnRequest) -> Patient:
    """The patient whose record the visit opens."""
    return request.visit.code.patient


def name_of(visit: PatientVisit) -> str:
    """Who visits, by name."""
    speaks = visit.code.representative
    return speaks.name if speaks is not None else str(visit.code.patient)


def own_page(view: OwnView[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let a view be opened in a visit only; everybody else is led to where a visit begins."""

    @functools.wraps(view)
    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        was_in = visits.was_in(request)
        visit = visits.visit_of(request)
        if visit is None:
            # Who sends a form of these pages was in, also where the session itself was ended.
            if request.method == "POST":
                messages.warning(request, LOST)
            elif was_in:
                messages.info(request, ENDED)
            return redirect("own_enter")
        entered = cast("OwnRequest", request)
        entered.visit, entered.call = visit, visits.call_of(visit)
        entered.shown_patient, entered.shown_others = visit.code.patient_id, ()
        entered.left_a_view = False
        return answered(entered, lambda: view(entered, *args, **kwargs))

    return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", opened)
