"""The pharmacy's confirmations and dispenses: counsel and dispense, cancel, receipts."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts import selectors as accounts
from apps.accounts.models import User
from apps.audit import selectors as audit
from apps.audit.selectors import Sought
from apps.audit.texts import as_read
from apps.core import clock, numbers
from apps.core.call import Role
from apps.eligibility import services as eligibility
from apps.eligibility.models import Decision
from apps.evidence import selectors as evidence_of
from apps.evidence import services as evidence
from apps.notices.selectors import was_recalled
from apps.patients.selectors import kept, patients_on
from apps.portal import prepared, seeking
from apps.portal.access import PortalRequest, page, saw, shows
from apps.portal.evidence_forms import PregnancyForm, ReasonForm
from apps.portal.fields import when
from apps.portal.patient_record import effective_state, strength
from apps.portal.pharmacy_forms import DispenseForm, SignedDispenseForm
from apps.portal.program import newest_policy
from apps.portal.signatures import shown_signatures
from apps.portal.submitting import attempt, once
from apps.portal.views.checking import COUNTER
from apps.portal.words import ending
from apps.prescriptions import selectors
from apps.prescriptions.models import Confirmation, Dispense
from apps.providers import selectors as providers
from apps.rules.documents import document

TRAIN_FIRST = (
    "Nothing was recorded: first read and acknowledge the training. Then open the confirmation and "
    "go on."
)
PACKAGE_KEPT = (
    "Nothing was dispensed or signed: first read and acknowledge the training. What you entered "
    "about the package is kept: open {number} under “Confirmations” then, and it stands in the "
    "form again."
)
PHARMACY = (*COUNTER, Role.REPRESENTATIVE)
PAGE_SIZE = 25
OF_HERSELF = (
    "Tell her to stop taking the capsules at once. Nothing more is dispensed until the program’s "
    "staff have closed the case."
)
OF_A_PARTNER = (
    "The program’s staff follow the partner’s pregnancy with the prescriber. Whoever may be "
    "pregnant must not touch or take the capsules."
)


@page(*COUNTER)
def confirmation(request: PortalRequest, confirmation_id: UUID) -> HttpResponse:
    """The confirmation with its number and end; counsel, tick, and dispense on the same page."""
    found = own_confirmation(request, confirmation_id)
    issued = found.authorization
    untrained = providers.needs_training(request.call.actor, issued.program)
    is_too_early = untrained and request.method == "POST"
    own = {
        # Of fewer days, fewer capsules: how many, the pharmacist counts.
        "quantity": issued.quantity if found.days_supply == issued.days_supply else None,
        "days_supply": found.days_supply,
        "counselor": str(request.user) if _is_pharmacist(request) else "",
    }
    ready = prepared.prepared_for([found]).get(found.pk)
    form = SignedDispenseForm(
        prepared.package_in(request.POST) if is_too_early else request.POST or None,
        request=request,
        checklist=document(issued.program, "checklist", issued.risk_category),
        people=_pharmacists(request),
        authorized=issued.quantity,
        initial=ready.initial(own) if ready else own,
    )
    shown = _shown(found)
    if is_too_early:
        # Before anybody's code is used up for what would be refused.
        return _train_first(request, found, form, may_be_kept=shown["is_valid"])
    if form.is_to_be_kept:
        if shown["is_valid"] and form.is_valid():
            prepared.keep(request, found, form)
            messages.success(
                request,
                f"Kept, and not signed: a pharmacist opens {numbers.grouped(found.number)} here, "
                "checks the package, and signs.",
            )
            return redirect("confirmations")
    elif request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _dispense(request, form, found))
        if made is not None and made.dispense is not None:
            prepared.forget(found)
            return redirect("receipt", dispense_id=made.dispense.pk)
        if made is not None:
            return _refused(request, found, made)
    elif request.method == "GET":
        saw(request, "confirmation_viewed", patient_id=issued.patient_id, subject=found)
    context = {
        "form": form,
        "prepared": ready,
        "may_counsel": _is_pharmacist(request),
        "untrained": untrained,
        **shown,
        "crumbs": trail("Confirmations", "confirmations"),
    }
    return render(request, "pharmacy/confirmation.html", context)


def _train_first(
    request: PortalRequest, found: Confirmation, form: SignedDispenseForm, *, may_be_kept: bool
) -> HttpResponse:
    """To the training; what was typed about the package waits as a prepared one, if it is right."""
    told = TRAIN_FIRST
    if may_be_kept and form.is_to_be_kept and form.is_valid():
        prepared.keep(request, found, form)
        told = PACKAGE_KEPT.format(number=numbers.grouped(found.number))
    messages.warning(request, told)
    return redirect("training")


def _refused(request: PortalRequest, found: Confirmation, decision: Decision) -> HttpResponse:
    """To the record of the dispense, should a colleague have been faster; else to the reasons."""
    own = selectors.dispenses_visible_to(request.call.actor)
    there = own.filter(confirmation_id=found.pk, withdrawn_at=None).first()
    if there is None or there.return_entry is not None:
        return redirect("answer", decision_id=decision.pk)
    messages.warning(request, "This was dispensed before you sent it. Do not hand it out twice.")
    return redirect("receipt", dispense_id=there.pk)


@page(*COUNTER)
def cancel_confirmation(request: PortalRequest, confirmation_id: UUID) -> HttpResponse:
    """Cancel an undispensed confirmation; the authorization is open again (L-DSP-7)."""
    found = own_confirmation(request, confirmation_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cancelled = attempt(
            form,
            lambda: eligibility.reverse_confirmation(
                once(request, form),
                confirmation_id=confirmation_id,
                reason=form.cleaned_data["reason"],
            ),
        )
        if cancelled is not None:
            prepared.forget(found)
            messages.success(request, "The confirmation is cancelled.")
            return redirect("confirmations")
    context = {
        "form": form,
        "title": f"Cancel confirmation {numbers.grouped(found.number)}",
        "text": "Nothing has been handed over or shipped. The authorization can be confirmed "
        "again while it is good.",
        "submit": "Cancel the confirmation",
        "back_url": reverse("confirmation", args=[confirmation_id]),
        "back": "Keep it",
        "crumbs": trail("Confirmations", "confirmations"),
    }
    return render(request, "portal/reason.html", context)


@page(*PHARMACY)
def confirmations(request: PortalRequest) -> HttpResponse:
    """The pharmacy's own confirmations: valid ones first, those that end first on top.

    One is also found by its number or the authorization's, which the address does not tell.
    """
    actor, now = request.call.actor, clock.now()
    own = selectors.confirmations_visible_to(actor).prefetch_related("dispenses")
    may_dispense = actor.role in COUNTER
    if request.method == "POST":
        typed = seeking.typed(request)
        found = list(selectors.confirmations_numbered(own, typed)[:2]) if typed else []
        if len(found) == 1 and found[0].dispense is not None:
            return redirect("receipt", dispense_id=found[0].dispense.pk)
        if len(found) == 1 and may_dispense:
            return redirect("confirmation", confirmation_id=found[0].pk)
        return seeking.to_list(request, reverse("confirmations"), typed)
    if sought := seeking.sought(request):
        own = selectors.confirmations_numbered(own, sought)
    valid = own.filter(state="valid", expires_at__gte=now).order_by("expires_at")
    others = own.exclude(pk__in=valid.values("pk")).order_by("-issued_at")
    shown = Paginator(others, PAGE_SIZE).get_page(request.GET.get("page"))
    listed(request, "confirmations_viewed", [*valid, *shown])
    ends = sorted(((each, selectors.good_until(each)) for each in valid), key=itemgetter(1))
    ready = prepared.prepared_for(valid)
    context = {
        "valid": [(each, until, until - now, ready.get(each.pk)) for each, until in ends],
        "page": shown,
        "now": now,
        "sought": sought,
        "may_dispense": may_dispense,
    }
    return render(request, "pharmacy/confirmations.html", context)


@page(*PHARMACY)
def dispenses(request: PortalRequest) -> HttpResponse:
    """The pharmacy's own dispenses, the latest first.

    One is also found by a number on its label or receipt, which the address does not tell.
    """
    actor = request.call.actor
    visible = selectors.dispenses_visible_to(actor).select_related("shipment")
    own = visible.prefetch_related("returns", "stops")
    if request.method == "POST":
        typed = seeking.typed(request)
        found = list(selectors.dispenses_numbered(own, typed)[:2]) if typed else []
        if len(found) == 1:
            return redirect("receipt", dispense_id=found[0].pk)
        held = selectors.confirmations_visible_to(actor)
        if typed and not found and selectors.confirmations_numbered(held, typed).exists():
            messages.info(request, "Nothing was dispensed on this number here. It was confirmed:")
            return seeking.to_list(request, reverse("confirmations"), typed)
        return seeking.to_list(request, reverse("dispenses"), typed)
    if sought := seeking.sought(request):
        own = selectors.dispenses_numbered(own, sought)
    shown = Paginator(own.order_by("-dispensed_at"), PAGE_SIZE).get_page(request.GET.get("page"))
    listed(request, "dispenses_viewed", list(shown))
    context = {
        "page": shown,
        "sought": sought,
        "may_dispense": actor.role in COUNTER,
        "parcels": selectors.without_an_end(visible).count(),
    }
    return render(request, "pharmacy/dispenses.html", context)


@page(*PHARMACY)
def receipt(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """What was dispensed, printable."""
    made = own_dispense(request, dispense_id)
    saw(request, "dispense_viewed", patient_id=made.patient_id, subject=made)
    shipment, may_act = getattr(made, "shipment", None), request.call.actor.role in COUNTER
    is_over = made.withdrawn_at or made.return_entry or made.stop_entry
    to_be_shipped = made.handover == "ship" and not shipment and not is_over
    under_way = to_be_shipped or (shipment and not shipment.outcome_operation_id and not is_over)
    must_stop = bool(under_way) and was_recalled(made.pk, {made.patient_id, kept(made.patient_id)})
    stop = made.stop_entry
    context = {
        "dispense": made,
        "number": numbers.grouped(made.confirmation.number) if made.confirmation else "",
        "authorization_number": (
            numbers.grouped(made.authorization.number) if made.authorization else ""
        ),
        "strength": strength(made.strength_mg),
        "package": selectors.package_of(made),
        **_told_of(made),
        "told": _told(made),
        "returned": made.return_entry,
        "stopped": stop,
        # Its supply stopped with the shipment's end: on an earlier day than that was known.
        "never_arrived": stop and shipment and stop.operation_id == shipment.outcome_operation_id,
        "shipment": shipment,
        "to_be_shipped": to_be_shipped and may_act and not must_stop,
        "must_stop": must_stop,
        "may_be_whose": _may_be_whose(made.risk_category),
        "signatures": shown_signatures(made),
        "may_return": may_act,
        "crumbs": trail("Dispenses", "dispenses"),
    }
    return render(request, "pharmacy/receipt.html", context)


def _told(made: Dispense) -> list[str]:
    """The sentences of the checklist that were ticked, in the words of then."""
    checklist = as_read(
        made.program,
        "checklist",
        version=made.checklist_version,
        risk_category=made.risk_category,
    )
    ticked = checklist.items if checklist else ()
    return [item.text for item in ticked if item.code in made.checklist]


def _told_of(made: Dispense) -> dict[str, Any]:
    """The rules that a dispense or its shipment broke; why it was entered late, if it was."""
    told = Sought(operation_id=made.operation_id, code="late_dispense_recorded")
    late = audit.events(told).values_list("reason", flat=True) if made.reported_late else None
    kinds = newest_policy().deviations
    return {
        "late_reason": late.first() if late is not None else None,
        "broken": [
            {"rule": each.rule, "title": kinds[each.kind].title if each.kind in kinds else ""}
            for each in evidence_of.broken_by_dispense(made.pk)
        ],
    }


@page(*COUNTER)
def report_pregnancy(request: PortalRequest, dispense_id: UUID) -> HttpResponse:
    """Report a suspected pregnancy of somebody to whom this pharmacy dispensed (L-PRG-1)."""
    made = own_dispense(request, dispense_id)
    return _report(
        request,
        patient_id=made.patient_id,
        risk_category=made.risk_category,
        back_url=reverse("receipt", args=[dispense_id]),
        crumbs=trail("Dispenses", "dispenses"),
    )


@page(*COUNTER)
def report_pregnancy_when_counseling(request: PortalRequest, confirmation_id: UUID) -> HttpResponse:
    """Report what comes out before anything is handed over: nobody may dispense it then (L-PRG-1).

    To cancel the confirmation alone would leave the number good at the next pharmacy.
    """
    found = own_confirmation(request, confirmation_id)
    return _report(
        request,
        patient_id=found.authorization.patient_id,
        risk_category=found.authorization.risk_category,
        back_url=reverse("confirmation", args=[confirmation_id]),
        crumbs=trail("Confirmations", "confirmations"),
    )


def _report(
    request: PortalRequest, *, patient_id: UUID, risk_category: str, back_url: str, crumbs: Any
) -> HttpResponse:
    """The form of a report, on the way from what this pharmacy did and back."""
    female = newest_policy().categories[risk_category].female
    form = PregnancyForm(request.POST or None, female=female, zone=newest_policy().calendar.zone)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        reported = attempt(
            form,
            lambda: evidence.report_pregnancy(
                once(request, form),
                patient_id=kept(patient_id),
                subject=cleaned["subject"],
                **when("reported", cleaned["reported_at"]),
                source=cleaned["source"],
            ),
            {"reported_on": "reported_at"},
        )
        if reported is not None:
            messages.success(request, "The pregnancy is reported: prescriber and staff are told.")
            return redirect(back_url)
    context = {
        "form": form,
        "title": "Report a suspected pregnancy",
        "text": OF_HERSELF if female else OF_A_PARTNER,
        "submit": "Report it",
        "back_url": back_url,
        "back": "Cancel",
        "crumbs": crumbs,
    }
    return render(request, "portal/reason.html", context)


def _dispense(request: PortalRequest, form: DispenseForm, found: Confirmation) -> Decision:
    cleaned = form.cleaned_data
    return eligibility.dispense(
        once(request, form),
        confirmation_id=found.pk,
        risk_category=found.authorization.risk_category,
        package=eligibility.Package(
            days_supply=cleaned["days_supply"],
            quantity=cleaned["quantity"],
            lot_number=cleaned["lot_number"],
            ndc=cleaned["ndc"],
            counselor=cleaned["counselor"],
            checklist=cleaned["checklist"],
            # The checklist's own item says that it was given; it is ticked once.
            medication_guide_given="medication_guide" in cleaned["checklist"],
        ),
    )


def _shown(found: Confirmation) -> dict[str, Any]:
    issued = found.authorization
    now, until = clock.now(), selectors.good_until(found)
    ships = found.handover == Confirmation.Handover.SHIP
    in_time = found.state == "valid" and now <= until
    certified = in_time and providers.are_certified(
        issued.prescriber, found.pharmacy.organization_id, now=now
    )
    return {
        "confirmation": found,
        "until": until,
        "left": until - now,
        "is_valid": certified,
        "is_stopped": in_time and not certified,
        "is_newer_known": issued.patient.latest_recorded_at > found.issued_at,
        "is_too_late": found.state == "valid" and until < now <= found.expires_at,
        "ended": _ended(found, now),
        "dispense": found.dispense,
        "state": effective_state(found, now),
        "number": numbers.grouped(found.number),
        "authorization_number": numbers.grouped(issued.number),
        "category": issued.get_risk_category_display(),
        "may_be_whose": _may_be_whose(issued.risk_category),
        "prescribed": f"{issued.product} {strength(issued.strength_mg)}",
        "authorization": issued,
        "headline": "Confirmed: ship by" if ships else "Confirmed: hand over by",
    }


def _may_be_whose(risk_category: str) -> str:
    """Whose pregnancy may be reported of a patient of this category (L-PRG-1)."""
    female = newest_policy().categories[risk_category].female
    return "this patient" if female else "the patient’s partner"


def _ended(found: Confirmation, now: datetime) -> dict[str, Any]:
    """When and why a confirmation ended without a dispense; nothing while it has not."""
    state = effective_state(found, now)
    if state == Confirmation.State.EXPIRED.label:
        why = "Its time ran out, and nothing was dispensed on it."
        return {"label": "Expired", "at": found.expires_at, "why": why}
    if found.ended_at is None:
        return {}
    why = ending(found.ended_reason)
    labels = {"void": "Void since", "reversed": "Cancelled by the pharmacy"}
    return {
        "label": labels.get(found.state, state),
        "at": found.ended_at,
        "why": f"Reason: {why}" if why == found.ended_reason else why,
    }


def _pharmacists(request: PortalRequest) -> list[User]:
    own = request.call.actor.own_organization
    return list(accounts.people_with_role(Role.PHARMACIST, organization_id=own))


def _is_pharmacist(request: PortalRequest) -> bool:
    return request.call.actor.role is Role.PHARMACIST


def listed(
    request: PortalRequest, code: str, rows: Sequence[Confirmation] | Sequence[Dispense]
) -> None:
    """One event for a list: its rows, and whose they are."""
    saw(
        request,
        code,
        patient_ids=patients_on(rows),
        data={"ids": [str(each.pk) for each in rows]},
    )


def own_confirmation(request: PortalRequest, confirmation_id: UUID) -> Confirmation:
    """A confirmation of the own pharmacy; a 404 for another's."""
    found = (
        selectors.confirmations_visible_to(request.call.actor)
        .select_related("authorization__patient", "authorization__prescriber")
        .filter(pk=confirmation_id)
        .first()
    )
    if found is None:
        raise Http404
    shows(request, found.authorization.patient_id)
    return found


def own_dispense(request: PortalRequest, dispense_id: UUID) -> Dispense:
    """A dispense of the own pharmacy with what became of it; a 404 for another's."""
    found = (
        selectors.dispenses_visible_to(request.call.actor)
        .select_related("shipment", "outage")
        .prefetch_related("returns", "stops")
        .filter(pk=dispense_id)
        .first()
    )
    if found is None:
        raise Http404
    shows(request, found.patient_id)
    return found


def trail(label: str, name: str) -> list[dict[str, str]]:
    """The way back to a list."""
    return [{"label": label, "url": reverse(name)}]
