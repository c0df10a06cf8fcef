"""The pharmacy's counter: check eligibility, read the answer, get the confirmation.

The number and the date of birth go into no address: an answer is addressed by its decision's id.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core import clock, numbers
from apps.core.call import Role
from apps.core.errors import NotFound
from apps.eligibility import selectors
from apps.eligibility import services as eligibility
from apps.eligibility.facts import Prescription
from apps.eligibility.models import Decision
from apps.patients.models import RiskCategory
from apps.portal import answers
from apps.portal.access import PortalRequest, page, saw, shows
from apps.portal.patient_record import strength
from apps.portal.pharmacy_forms import CheckForm, ConfirmForm
from apps.portal.program import PROGRAM, present_policy
from apps.portal.submitting import attempt, once
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Confirmation
from apps.providers import selectors as providers
from apps.rules.calendar import date_of

IN_ITS_STATE = "L-AUT-7"
AS_PRESCRIBED = "L-DSP-6"
COUNTER = (Role.PHARMACIST, Role.TECHNICIAN)
TRAIN_FIRST = (
    "Nothing was confirmed: first read and acknowledge the training. Then check again, and go on."
)
ANSWERS = (Decision.Act.VERIFY, Decision.Act.CONFIRM, Decision.Act.DISPENSE)


@page(*COUNTER)
def check(request: PortalRequest) -> HttpResponse:
    """The short form: number, date of birth, category on the prescription."""
    today = date_of(present_policy().calendar.day(clock.now()))
    form = CheckForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            found = attempt(form, lambda: _verify(request, form))
        except NotFound as error:
            form.add_error(None, error.message)
            found = None
        if found is not None:
            return redirect("answer", decision_id=found.decision_id)
    return render(request, "pharmacy/check.html", {"form": form})


@page(*COUNTER)
def answer(request: PortalRequest, decision_id: UUID) -> HttpResponse:
    """Eligible or not, with every requirement; from here, the confirmation."""
    decision = _answer(request, decision_id)
    untrained = providers.needs_training(request.call.actor, PROGRAM)
    if request.method == "POST" and untrained:
        messages.warning(request, TRAIN_FIRST)
        return redirect("training")
    form = ConfirmForm(
        request.POST or None, initial={"days_supply": _authorization(decision).days_supply}
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _confirm(request, form, decision))
        if made is not None and made.confirmation is not None:
            return redirect("confirmation", confirmation_id=made.confirmation.pk)
        if made is not None:
            return redirect("answer", decision_id=made.pk)
    elif request.method == "GET":
        saw(request, "decision_viewed", patient_id=decision.patient_id, subject=decision)
    held = _held(request, decision)
    context = {
        "form": form,
        "own_confirmation": held,
        "own_until": prescriptions.good_until(held) if held else None,
        "can_correct": _is_mistyped(decision),
        "untrained": untrained,
        **shown(decision, request.call.actor.own_organization),
    }
    return render(request, "pharmacy/answer.html", context)


def shown(decision: Decision, organization_id: UUID) -> dict[str, Any]:
    """What the page of an answer says to the pharmacy of an organization, which asked for it."""
    issued = _authorization(decision)
    document = decision.document
    every = answers.requirements(document)
    is_check = decision.act == Decision.Act.VERIFY and decision.allowed
    holds = is_check and _still_holds(decision, organization_id)
    return {
        "decision": decision,
        "can_confirm": holds,
        "is_overtaken": is_check and not holds,
        "checked_at": decision.recorded_at,
        "expires_at": issued.expires_at,
        "number": numbers.grouped(issued.number),
        "product": f"{issued.product} {strength(issued.strength_mg)}",
        "authorization": issued,
        "prescriber": issued.prescriber,
        "category": RiskCategory(document_category(decision)).label,
        "holds_until": answers.holds_until(document) if decision.allowed else None,
        "unmet": [each for each in every if not each.met],
        "met": [each for each in every if each.met],
        "advisories": answers.advisories(document),
        "steps": [] if decision.allowed else answers.steps(document),
        "crumbs": [{"label": "Check eligibility", "url": reverse("check")}],
    }


def _still_holds(decision: Decision, organization_id: UUID) -> bool:
    """Whether nothing came after a yes that was given: it is shown for as long as it holds.

    Who comes back to its page, by the browser's button or hours later, reads no more than that.
    """
    now, until = clock.now(), answers.holds_until(decision.document)
    in_time = until is None or now <= until
    return (
        in_time
        and decision.patient.latest_recorded_at <= decision.recorded_at
        and providers.are_certified(_authorization(decision).prescriber, organization_id, now=now)
    )


def document_category(decision: Decision) -> str:
    """The category that was read on the prescription."""
    return str(decision.facts.document["prescription"]["risk_category"])


def _verify(request: PortalRequest, form: CheckForm) -> eligibility.Verification:
    pharmacy = providers.pharmacies_visible_to(request.call.actor).get()
    return eligibility.verify(
        request.call,
        pharmacy_id=pharmacy.pk,
        number=form.cleaned_data["number"],
        born_on=form.cleaned_data["born_on"],
        prescription=Prescription(risk_category=form.cleaned_data["risk_category"]),
    )


def _confirm(request: PortalRequest, form: ConfirmForm, decision: Decision) -> Decision:
    """Ask for the confirmation of what was checked; everything is checked again."""
    return eligibility.confirm(
        once(request, form),
        number=_authorization(decision).number,
        born_on=_born_on(decision),
        prescription=Prescription(
            risk_category=document_category(decision),
            days_supply=form.cleaned_data["days_supply"],
        ),
        handover=form.cleaned_data["handover"],
    )


def _born_on(decision: Decision) -> date:
    """The date of birth that was given for this answer; once corrected, it finds nobody."""
    return date.fromisoformat(decision.facts.document["patient"]["date_of_birth"])


def _is_mistyped(decision: Decision) -> bool:
    """Whether nothing but the days' supply that was typed stands against the confirmation."""
    asked = decision.act == Decision.Act.CONFIRM and not decision.allowed
    return asked and decision.document["unmet"] == [AS_PRESCRIBED]


def _held(request: PortalRequest, decision: Decision) -> Confirmation | None:
    """The valid confirmation of this pharmacy's own that is all that stands against another one."""
    if decision.allowed or decision.document["unmet"] != [IN_ITS_STATE]:
        return None
    own = prescriptions.confirmations_visible_to(request.call.actor)
    return own.filter(
        authorization=decision.authorization_id, state="valid", expires_at__gte=clock.now()
    ).first()


def _answer(request: PortalRequest, decision_id: UUID) -> Decision:
    found = (
        selectors.decisions_visible_to(request.call.actor)
        .filter(pk=decision_id, act__in=ANSWERS)
        .select_related("patient", "facts", "authorization__prescriber")
        .first()
    )
    if found is None:
        raise Http404
    shows(request, found.patient_id)
    return found


def _authorization(decision: Decision) -> Any:
    if decision.authorization is None:
        raise Http404
    return decision.authorization
