"""Request an authorization, see the answer, cancel one."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core import clock, numbers
from apps.eligibility import selectors
from apps.eligibility import services as eligibility
from apps.eligibility.models import Decision
from apps.eligibility.selectors import Plan
from apps.evidence import services as evidence
from apps.patients.models import RiskCategory
from apps.portal import answers
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.evidence_forms import ReasonForm
from apps.portal.patient_record import effective_state, strength
from apps.portal.prescription_forms import AuthorizationForm
from apps.portal.program import PROGRAM, present_policy
from apps.portal.submitting import attempt, once
from apps.portal.survey_forms import SignedAuthorizationForm
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail
from apps.prescriptions import selectors as prescriptions
from apps.rules.documents import document

AS_PRESCRIBER = "sign this survey as the prescriber, and attest each point of it"
AS_DELEGATE = "sign this survey and attest each point of it, on behalf of"
# Entered on the request's own page; everything else has a page of its own.
ON_THE_SAME_PAGE = frozenset({"L-SUR-4", "L-CON-6"})
PAGES = {
    "L-PT-1": "pregnancy-test", "L-PT-2": "pregnancy-test", "L-PT-3": "pregnancy-test",
    "L-PT-6": "pregnancy-test", "L-CON-1": "contraception", "L-CON-2": "contraception",
    "L-CON-3": "contraception", "L-CON-7": "health", "L-SUR-2": "survey",
}  # fmt: skip


@page(*PRESCRIBER_SIDE)
def request_authorization(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """The checklist, already ticked where the record shows it, and what is still missing."""
    person = visible_patient(request, patient_id)
    plan = selectors.plans(request.call.actor, [patient_id], PROGRAM).get(patient_id)
    if plan is None:
        return render(request, "prescriber/unreadable.html", {"patient": person})
    form = _form(request, plan)
    if request.method == "POST" and form.is_valid():
        decision = attempt(form, lambda: _ask(request, form, patient_id, plan.risk_category))
        if decision is not None:
            return redirect("decision", patient_id=patient_id, decision_id=decision.pk)
    unmet = {each["rule"] for each in plan.decision["requirements"] if not each["met"]}
    context = {
        "patient": person,
        "category": RiskCategory(plan.risk_category).label,
        "form": form,
        "requirements": answers.requirements(plan.decision),
        "on_the_same_page": bool(unmet & ON_THE_SAME_PAGE),
        "elsewhere": _elsewhere(patient_id, plan),
        "first": plan.first,
        "blocked": bool(unmet - ON_THE_SAME_PAGE),
        "advisories": answers.advisories(plan.decision),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/request.html", context)


@page(*PRESCRIBER_SIDE)
def decision(request: PortalRequest, patient_id: UUID, decision_id: UUID) -> HttpResponse:
    """The answer to a request: the number and its expiry, or the full list of what is not met."""
    person = visible_patient(request, patient_id)
    found = (
        selectors.decisions_visible_to(request.call.actor)
        .filter(pk=decision_id, patient_id=patient_id, act=Decision.Act.AUTHORIZE)
        .first()
    )
    if found is None:
        raise Http404
    saw(request, "decision_viewed", patient_id=patient_id, subject=found)
    issued = found.authorization
    context = {
        "patient": person,
        "decision": found,
        "authorization": issued,
        "number": numbers.grouped(issued.number) if issued else "",
        "strength": strength(issued.strength_mg) if issued else "",
        "state": effective_state(issued, clock.now()) if issued else "",
        "requirements": answers.requirements(found.document),
        "steps": answers.steps(found.document),
        "advisories": answers.advisories(found.document),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/decision.html", context)


@page(*PRESCRIBER_SIDE)
def cancel(request: PortalRequest, patient_id: UUID, authorization_id: UUID) -> HttpResponse:
    """Cancel an undispensed authorization, with a reason (L-AUT-9)."""
    person = visible_patient(request, patient_id)
    found = (
        prescriptions.authorizations_visible_to(request.call.actor)
        .filter(pk=authorization_id, patient_id=patient_id)
        .first()
    )
    if found is None:
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cancelled = attempt(
            form,
            lambda: eligibility.cancel_authorization(
                once(request, form),
                authorization_id=authorization_id,
                reason=form.cleaned_data["reason"],
            ),
        )
        if cancelled is not None:
            messages.success(request, "The authorization is cancelled.")
            return redirect("patient", patient_id=patient_id)
    context = {
        "patient": person,
        "form": form,
        "title": f"Cancel authorization {numbers.grouped(found.number)}",
        "text": "A pharmacy that has confirmed it is told at once. You can ask for another one "
        "afterwards.",
        "submit": "Cancel the authorization",
        "back_url": reverse("patient", args=[patient_id]),
        "back": "Keep it",
        "crumbs": patient_trail(person),
    }
    return render(request, "portal/reason.html", context)


def _form(request: PortalRequest, plan: Plan) -> AuthorizationForm:
    policy = present_policy()
    unmet = {each["rule"] for each in plan.decision["requirements"] if not each["met"]}
    behalf = request.acting.on_behalf_of
    return SignedAuthorizationForm(
        request.POST or None,
        request=request,
        meaning=f"{AS_DELEGATE} {behalf}" if behalf else AS_PRESCRIBER,
        policy=policy,
        category=policy.categories[plan.risk_category],
        survey=document(PROGRAM, "prescriber_survey", plan.risk_category).items,
        missing=frozenset(unmet),
    )


def _ask(
    request: PortalRequest, form: AuthorizationForm, patient_id: UUID, risk_category: str
) -> Decision:
    """Record what was entered beside the request, then ask: each under the page's one-time key."""
    cleaned = form.cleaned_data
    now = clock.now()
    if "topics" in cleaned:
        evidence.record_counseling(
            once(request, form, "counseling"),
            patient_id=patient_id,
            program=PROGRAM,
            given_at=now,
            topics=cleaned["topics"],
        )
    if "promises" in cleaned:
        evidence.record_obligations(
            once(request, form, "obligations"),
            patient_id=patient_id,
            attested_at=now,
            **form.promised(),
        )
    return eligibility.request_authorization(
        once(request, form),
        patient_id=patient_id,
        program=PROGRAM,
        risk_category=risk_category,
        product=cleaned["product"],
        strength_mg=Decimal(cleaned["strength_mg"]),
        days_supply=cleaned["days_supply"],
        quantity=cleaned["quantity"],
        directions=cleaned["directions"],
        indication=cleaned["indication"].strip().upper(),
        survey_answers=form.answers(),
    )


def _elsewhere(patient_id: UUID, plan: Plan) -> list[dict[str, Any]]:
    """The pages on which the rest of what is missing is entered."""
    policy = present_policy()
    slugs = {
        PAGES[each["rule"]]: policy.rules[each["rule"]].title
        for each in plan.decision["requirements"]
        if not each["met"] and each["rule"] in PAGES
    }
    return [
        {"label": title, "url": f"{reverse('record', args=[patient_id, slug])}?to=request"}
        for slug, title in slugs.items()
    ]
