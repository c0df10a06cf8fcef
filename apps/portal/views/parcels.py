"""A pharmacy's parcels under way, with the form that comes next."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.core import clock
from apps.portal.access import PortalRequest, page
from apps.portal.patient_record import strength
from apps.portal.views.checking import COUNTER
from apps.portal.views.dispensing import PAGE_SIZE, PHARMACY, listed, trail
from apps.prescriptions import selectors
from apps.prescriptions.models import Dispense

COLUMNS = [
    "Authorization",
    "Product",
    "Dispensed",
    "State",
    "Left, or has to leave by",
    "Carrier",
    "What to do",
]


@page(*PHARMACY)
def parcels(request: PortalRequest) -> HttpResponse:
    """What is to be shipped or on its way, the longest first: until its end is recorded."""
    own = selectors.without_an_end(selectors.dispenses_visible_to(request.call.actor))
    rows = own.select_related("shipment", "confirmation__authorization").order_by("dispensed_at")
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    listed(request, "dispenses_viewed", list(shown))
    now, may_act = clock.now(), request.call.actor.role in COUNTER
    context = {
        "page": shown,
        "rows": [_parcel(each, now, may_act=may_act) for each in shown],
        "columns": COLUMNS,
        "crumbs": trail("Dispenses", "dispenses"),
    }
    return render(request, "pharmacy/parcels.html", context)


def _parcel(made: Dispense, now: datetime, *, may_act: bool) -> list[Any]:
    """One parcel: where it is, when it left or has to leave, and the form that comes next."""
    shipment = getattr(made, "shipment", None)
    if shipment is not None:
        state, at = "On its way", shipment.left_at
        carrier = f"{shipment.carrier}, {shipment.tracking_number}"
        form = {"text": "Record how it ended", "url": reverse("end_shipment", args=[made.pk])}
    else:
        at = selectors.good_until(made.confirmation) if made.confirmation else None
        state = "Late: shipment not recorded" if at and at < now else "Shipment not recorded"
        carrier = "–"
        form = {"text": "Record the shipment", "url": reverse("ship", args=[made.pk])}
    number = str(made.authorization or made.stated_number or "no number")
    return [
        {"text": number, "url": reverse("receipt", args=[made.pk])},
        f"{made.product.capitalize()} {strength(made.strength_mg)}",
        {"at": made.dispensed_at},
        state,
        {"at": at},
        carrier,
        form if may_act else "–",
    ]
