"""What becomes of a supply: back to stock, lost, handed back, shipped; late dispenses."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core import clock, numbers
from apps.core.errors import NotFound
from apps.eligibility import services as eligibility
from apps.evidence import selectors as evidence_of
from apps.portal.access import PortalRequest, page
from apps.portal.forms import PortalForm
from apps.portal.patient_record import strength
from apps.portal.program import newest_policy
from apps.portal.submitting import attempt, once
from apps.portal.supply_forms import (
    CorrectPackageForm,
    CorrectShipmentForm,
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
from apps.providers import selectors as providers
from apps.rules.documents import document

RECENT_OUTAGES = 20


@page(*COUNTER)
def return_to_stock(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Take back a dispense that never left the premises (L-DSP-7)."""
    made = own_dispense(request, dispense_id)
    return _record(
        request,
        made,
        StockForm(request.POST or None),
        eligibility.return_to_stock,
        done="The supply is back in stock; it no longer counts.",
        title="Return to stock",
        text=f"Only if the {made.days_supply} days of {made.product} never left the pharmacy. "
        "What comes back from a patient or carrier is destroyed, never restocked. The "
        "authorization stays used: a new supply needs a new one.",
        submit="Return to stock",
        back="Leave it dispensed",
    )


@page(*COUNTER)
def stop_supply(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Record that what was left was lost, destroyed or handed back (L-DSP-5)."""
    return _record(
        request,
        own_dispense(request, dispense_id),
        StopForm(request.POST or None),
        eligibility.stop_supply,
        done="It is recorded; the prescriber is told.",
        title="Lost, destroyed or handed back",
        text="From that day on, what was left of this supply no longer counts. What the "
        "patient hands back is destroyed, never restocked.",
        submit="Record it",
    )


@page(*COUNTER)
def ship(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Record that a carrier took a dispense away (L-DSP-9)."""
    made = own_dispense(request, dispense_id)
    return _record(
        request,
        made,
        ShipmentForm(
            request.POST or None,
            zone=newest_policy().calendar.zone,
            initial={"left_at": clock.now().replace(second=0, microsecond=0)},
        ),
        eligibility.record_shipment,
        done=partial(_shipped, made),
        title="Record the shipment",
        text="It leaves after its confirmation; for a patient who can become pregnant, on the same "
        "day.",
        submit="Record the shipment",
    )


@page(*COUNTER)
def correct_shipment(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Set right which carrier took a dispense, under which number (L-DSP-9)."""
    made = own_dispense(request, dispense_id)
    return _record(
        request,
        made,
        CorrectShipmentForm(request.POST or None, shipment=getattr(made, "shipment", None)),
        eligibility.correct_shipment,
        done="The shipment is corrected.",
        title="Correct the shipment",
        text="What stands there now stays in the history. A wrong time is not corrected here: "
        "call the program’s staff.",
        submit="Correct it",
    )


@page(*COUNTER)
def correct_package(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Set right from which lot a dispense came, and under which NDC (L-SRC-3)."""
    made = own_dispense(request, dispense_id)
    return _record(
        request,
        made,
        CorrectPackageForm(request.POST or None, made=made),
        eligibility.correct_package,
        done="Lot number and NDC are corrected.",
        title="Correct the lot number or the NDC",
        text="A recall finds the package by them. What was signed stays beside it, and in the "
        "history. Anything else that is wrong: call the program’s staff.",
        submit="Correct it",
    )


@page(*COUNTER)
def end_shipment(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Record how the shipment of a dispense ended (L-DSP-9)."""
    return _record(
        request,
        own_dispense(request, dispense_id),
        OutcomeForm(request.POST or None, zone=newest_policy().calendar.zone),
        eligibility.record_shipment_outcome,
        done="How the shipment ended is recorded.",
        title="How the shipment ended",
        text="What was lost or brought back never reached the patient: its supply stops. A "
        "second loss within six months is recorded by the program’s staff, who are told.",
        submit="Record it",
    )


@page(*COUNTER)
def late_dispense(request: PortalRequest) -> HttpResponse:
    """Enter a dispense of this pharmacy after the fact, with its real time (L-DSP-8)."""
    policy = newest_policy()
    form = LateDispenseForm(
        request.POST or None,
        request=request,
        today=clock.now().astimezone(policy.calendar.zone).date(),
        zone=policy.calendar.zone,
        products=list(policy.products.values()),
        counselors=providers.names_of_counselors(
            request.call.actor.own_organization, policy.program
        ),
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
            dispensed_on=cleaned["dispensed_on"],
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


def _shipped(made: Dispense) -> str:
    if not evidence_of.broken_by_dispense(made.pk):
        return "The shipment is recorded."
    return (
        "The shipment is recorded. Something was outside the rules, as the receipt says: the "
        "program’s staff are told, and may call you."
    )


def _record(
    request: PortalRequest,
    made: Dispense,
    form: PortalForm,
    command: Callable[..., Any],
    *,
    done: str | Callable[[], str],
    **words: str,
) -> HttpResponse:
    """One page about a dispense: its form holds just what the command takes beside the dispense."""
    if request.method == "POST" and form.is_valid():
        entered = {name: form.cleaned_data[name] for name in form.fields if name != "submission"}
        recorded = attempt(
            form, lambda: command(once(request, form), dispense_id=made.pk, **entered)
        )
        if recorded is not None:
            messages.success(request, done if isinstance(done, str) else done())
            return redirect("receipt", dispense_id=made.pk)
    context = {
        "form": form,
        "back_url": reverse("receipt", args=[made.pk]),
        "crumbs": trail("Dispenses", "dispenses"),
        "about": _named(made),
        "back": "Cancel",
        **words,
    }
    return render(request, "portal/reason.html", context)


def _named(made: Dispense) -> str:
    """Which dispense a form is about, so that nobody records something of another one."""
    lot_number = selectors.package_of(made)["lot_number"]
    lot = f" · lot {lot_number}" if lot_number else ""
    issued = (
        f" · authorization {numbers.grouped(made.authorization.number)}"
        if made.authorization
        else ""
    )
    product = f"{made.product.capitalize()} {strength(made.strength_mg)}"
    return f"{product} · {made.quantity} capsules{lot}{issued}"
