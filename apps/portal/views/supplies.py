"""What becomes of a supply: back to stock, lost, handed back, shipped; late dispenses."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core import clock
from apps.core.errors import NotFound
from apps.eligibility import services as eligibility
from apps.portal.access import PortalRequest, page
from apps.portal.program import newest_policy
from apps.portal.submitting import attempt, once
from apps.portal.supply_forms import (
    LateDispenseForm,
    OutcomeForm,
    ShipmentForm,
    StockForm,
    StopForm,
)
from apps.portal.views.checking import COUNTER
from apps.portal.views.dispensing import own_dispense, trail
from apps.prescriptions import selectors
from apps.prescriptions.models import Dispense
from apps.rules.documents import document

RECENT_OUTAGES = 20


@page(*COUNTER)
def return_to_stock(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Take back a dispense that never left the premises (L-DSP-7)."""
    made = own_dispense(request, dispense_id)
    form = StockForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        returned = attempt(
            form,
            lambda: eligibility.return_to_stock(
                once(request, form),
                dispense_id=dispense_id,
                never_left_premises=form.cleaned_data["never_left_premises"],
                reason=form.cleaned_data["reason"],
            ),
        )
        if returned is not None:
            messages.success(request, "The supply is back in stock; it no longer counts.")
            return redirect("receipt", dispense_id=dispense_id)
    context = {
        **_about(made),
        "form": form,
        "title": "Return to stock",
        "text": f"Only if the {made.days_supply} days of {made.product} never left the pharmacy. "
        "What comes back from a patient or carrier is destroyed, never restocked. The "
        "authorization stays used: a new supply needs a new one.",
        "submit": "Return to stock",
        "back": "Leave it dispensed",
    }
    return render(request, "portal/reason.html", context)


@page(*COUNTER)
def stop_supply(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Record that what was left was lost, destroyed or handed back (L-DSP-5)."""
    made = own_dispense(request, dispense_id)
    form = StopForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        stopped = attempt(
            form,
            lambda: eligibility.stop_supply(
                once(request, form),
                dispense_id=dispense_id,
                kind=cleaned["kind"],
                stopped_on=cleaned["stopped_on"],
                reason=cleaned["reason"],
            ),
        )
        if stopped is not None:
            messages.success(request, "It is recorded; the prescriber is told.")
            return redirect("receipt", dispense_id=dispense_id)
    context = {
        **_about(made),
        "form": form,
        "title": "Lost, destroyed or handed back",
        "text": "From that day on, what was left of this supply no longer counts. What the "
        "patient hands back is destroyed, never restocked.",
        "submit": "Record it",
        "back": "Cancel",
    }
    return render(request, "portal/reason.html", context)


@page(*COUNTER)
def ship(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Record that a carrier took a dispense away (L-DSP-9)."""
    made = own_dispense(request, dispense_id)
    form = ShipmentForm(
        request.POST or None,
        zone=newest_policy().calendar.zone,
        initial={"left_at": clock.now().replace(second=0, microsecond=0)},
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        shipped = attempt(
            form,
            lambda: eligibility.record_shipment(
                once(request, form),
                dispense_id=dispense_id,
                carrier=cleaned["carrier"],
                tracking_number=cleaned["tracking_number"],
                left_at=cleaned["left_at"],
            ),
        )
        if shipped is not None:
            messages.success(request, "The shipment is recorded.")
            return redirect("receipt", dispense_id=dispense_id)
    context = {
        **_about(made),
        "form": form,
        "title": "Record the shipment",
        "text": "For a patient who can become pregnant it leaves on the day of the confirmation.",
        "submit": "Record the shipment",
        "back": "Cancel",
    }
    return render(request, "portal/reason.html", context)


@page(*COUNTER)
def end_shipment(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Record how the shipment of a dispense ended (L-DSP-9)."""
    made = own_dispense(request, dispense_id)
    form = OutcomeForm(
        request.POST or None,
        zone=newest_policy().calendar.zone,
        initial={"happened_at": clock.now().replace(second=0, microsecond=0)},
    )
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        ended = attempt(
            form,
            lambda: eligibility.record_shipment_outcome(
                once(request, form),
                dispense_id=dispense_id,
                outcome=cleaned["outcome"],
                happened_at=cleaned["happened_at"],
            ),
        )
        if ended is not None:
            messages.success(request, "How the shipment ended is recorded.")
            return redirect("receipt", dispense_id=dispense_id)
    context = {
        **_about(made),
        "form": form,
        "title": "How the shipment ended",
        "text": "What was lost or brought back never reached the patient: its supply stops. A "
        "second loss within six months is recorded by the program’s staff, who are told.",
        "submit": "Record it",
        "back": "Cancel",
    }
    return render(request, "portal/reason.html", context)


@page(*COUNTER)
def late_dispense(request: PortalRequest) -> HttpResponse:
    """Enter a dispense of this pharmacy after the fact, with its real time (L-DSP-8)."""
    policy = newest_policy()
    form = LateDispenseForm(
        request.POST or None,
        today=clock.now().astimezone(policy.calendar.zone).date(),
        zone=policy.calendar.zone,
        products=list(policy.products.values()),
        outages=list(selectors.outages().order_by("-from_at")[:RECENT_OUTAGES]),
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = attempt(form, lambda: _enter(request, form), {"outage_id": "outage"})
        except NotFound as error:
            form.add_error(None, error.message)
            made = None
        if made is not None:
            messages.success(request, _told(made))
            return redirect("receipt", dispense_id=made.pk)
    context = {
        "form": form,
        "title": "Enter a late dispense",
        "text": "For what was handed out and not recorded at once, in an outage or on paper. It is "
        "stored whatever rule it broke, and counts as supply. Enter its real time.",
        "submit": "Enter the dispense",
        "back_url": reverse("dispenses"),
        "back": "Cancel",
        "crumbs": trail("Dispenses", "dispenses"),
    }
    return render(request, "portal/reason.html", context)


def _enter(request: PortalRequest, form: LateDispenseForm) -> Dispense:
    cleaned = form.cleaned_data
    policy = newest_policy()
    category, done = cleaned["risk_category"], cleaned["is_complete"]
    codes = document(policy.program, "checklist", category).codes if done else frozenset()
    return eligibility.report_late_dispense(
        once(request, form),
        number=cleaned["number"],
        born_on=cleaned["born_on"],
        record=eligibility.LateRecord(
            dispensed_at=cleaned["dispensed_at"],
            dispensed_on=cleaned["dispensed_on"] if not cleaned["dispensed_at"] else None,
            product=cleaned["product"],
            strength_mg=cleaned["strength_mg"],
            days_supply=cleaned["days_supply"],
            quantity=cleaned["quantity"],
            handover=cleaned["handover"],
            reason=cleaned["reason"],
            risk_category=category,
            lot_number=cleaned["lot_number"],
            ndc=cleaned["ndc"],
            counselor=cleaned["counselor"],
            checklist=sorted(codes),
            medication_guide_given=done,
            outage_id=UUID(cleaned["outage"]) if cleaned["outage"] else None,
            is_another=cleaned["is_another"],
        ),
    )


def _told(made: Dispense) -> str:
    if made.authorized:
        return "The dispense is entered: it was within the rules."
    return (
        "The dispense is entered. It was outside the rules: the program’s staff are told, and may "
        "call you."
    )


def _about(made: Dispense) -> dict[str, Any]:
    return {
        "back_url": reverse("receipt", args=[made.pk]),
        "crumbs": trail("Dispenses", "dispenses"),
    }
