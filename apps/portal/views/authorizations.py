"""Request an authorization, see the answer, cancel one."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core import clock, numbers
from apps.eligibility import selectors
from apps.eligibility import services as eligibility
from apps.eligibility.models import Decision
from apps.eligibility.selectors import Plan
from apps.evidence import selectors as evidence
from apps.evidence.models import PatientSurvey
from apps.evidence.models.base import Withdrawable
from apps.evidence.selectors import PatientRecord
from apps.patients import selectors as patients
from apps.patients.models import Patient, RiskCategory
from apps.portal import agenda, answers
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.askers import asked_by, pharmacy_of
from apps.portal.evidence_forms import ReasonForm
from apps.portal.missing_forms import SURVEY, Lacking
from apps.portal.patient_record import effective_state, is_open, strength
from apps.portal.program import PROGRAM, present_policy
from apps.portal.standing import ended_text
from apps.portal.submitting import attempt, is_repeated, once
from apps.portal.survey_forms import SignedAuthorizationForm
from apps.portal.views.missing import record_missing
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail
from apps.portal.words import ending, method_list
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Authorization
from apps.rules.documents import document
from apps.rules.policy import Policy
from apps.rules.texts import instant_text

Entry = TypeVar("Entry", bound=Withdrawable)

AS_PRESCRIBER = "sign this survey as the prescriber, and attest each point of it"
AS_DELEGATE = "sign this survey and attest each point of it, on behalf of"
AT_RISK = (
    "What you entered is recorded. Nothing was requested, because an answer of the patient tells "
    "of a risk: do this first."
)
NO_CYCLE = "not recorded, so a regular one is assumed"
COPIED = ("product", "days_supply", "quantity", "directions", "indication")
AND_THE_PATIENTS = ", and that the answers taken down above are the patient’s own"
# What is not entered on the request's own page has a page of its own.
PAGES = {
    "L-PT-1": "pregnancy-test", "L-PT-6": "pregnancy-test", "L-CON-2": "contraception",
    "L-CON-7": "health",
}  # fmt: skip


@page(*PRESCRIBER_SIDE)
def request_authorization(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """The checklist, already ticked where the record shows it, and what is still missing."""
    person = visible_patient(request, patient_id)
    plan = selectors.plan_of(request.call.actor, person, PROGRAM)
    if plan is None:
        return render(request, "prescriber/unreadable.html", {"patient": person})
    latest = _latest(request, person)
    form = _form(request, person, plan, latest)
    if request.method == "POST" and form.is_valid():
        asked = attempt(
            form, lambda: _ask(request, form, patient_id, plan.risk_category), form.own_names()
        )
        if isinstance(asked, PatientSurvey):
            messages.warning(request, AT_RISK)
            return redirect("survey_guidance", patient_id=patient_id, survey_id=asked.pk)
        if asked is not None:
            return redirect("decision", patient_id=patient_id, decision_id=asked.pk)
    listed = answers.requirements(plan.decision)
    context = {
        "patient": person,
        "category": RiskCategory(plan.risk_category).label,
        "form": form,
        "requirements": listed,
        "met": sum(each.met for each in listed),
        "elsewhere": _elsewhere(patient_id, plan),
        "first": plan.first,
        "ended": ended_text(plan.therapy),
        "blocked": not form.lacking.is_all,
        "status": agenda.status(plan),
        "open": latest if "L-AUT-3" in _unmet(plan) else None,
        "copied_from": form.initial.get("copied_from"),
        "advisories": answers.advisories(plan.decision),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/request.html", context)


@page(*PRESCRIBER_SIDE)
def decision(request: PortalRequest, patient_id: UUID, decision_id: UUID) -> HttpResponse:
    """The answer to a request: the number and its expiry, or the full list of what is not met.

    What a pharmacy was refused is read here, too: the prescriber puts most of it right.
    """
    person = visible_patient(request, patient_id)
    found = (
        selectors.decisions_visible_to(request.call.actor)
        .filter(
            Q(act=Decision.Act.AUTHORIZE) | Q(allowed=False), pk=decision_id, patient_id=patient_id
        )
        .select_related("operation")
        .first()
    )
    if found is None:
        raise Http404
    saw(request, "decision_viewed", patient_id=patient_id, subject=found)
    issued = found.authorization
    at_pharmacy = found.act != Decision.Act.AUTHORIZE
    context = {
        "patient": person,
        "decision": found,
        "at_pharmacy": at_pharmacy,
        "pharmacy": pharmacy_of(found.operation) if at_pharmacy else None,
        "authorization": issued,
        "number": numbers.grouped(issued.number) if issued else "",
        "strength": strength(issued.strength_mg) if issued else "",
        "state": effective_state(issued, clock.now()) if issued else "",
        "is_open": issued is not None and is_open(issued, clock.now()),
        "ended": ending(issued.ended_reason) if issued and issued.state == "void" else "",
        "asked_by": asked_by(request.call.actor, found.operation),
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
            back_to = "request" if request.GET.get("to") == "request" else "patient"
            return redirect(back_to, patient_id=patient_id)
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


def _form(
    request: PortalRequest, person: Patient, plan: Plan, latest: Authorization | None
) -> SignedAuthorizationForm:
    policy = present_policy()
    category = policy.categories[plan.risk_category]
    known = None
    if category.pregnancy_path:
        known = evidence.record_of(request.call.actor, person.pk, PROGRAM)
    survey, asked = (
        document(PROGRAM, kind, plan.risk_category)
        for kind in ("prescriber_survey", "patient_survey")
    )
    lacking = Lacking(
        rules=_unmet(plan),
        category=category,
        questions=asked.items,
        zone=policy.calendar.zone,
        is_first_contraception=known is not None and _standing(known.contraception) is None,
    )
    behalf = request.acting.on_behalf_of
    meaning = f"{AS_DELEGATE} {behalf}" if behalf else AS_PRESCRIBER
    on_record = _on_record(known, policy) if known else ""
    form = SignedAuthorizationForm(
        request.POST or None,
        request=request,
        meaning=meaning + AND_THE_PATIENTS if lacking.needs(SURVEY) else meaning,
        policy=policy,
        survey=survey.items,
        lacking=lacking,
        on_record=on_record,
        initial=_as_before(latest),
    )
    # Sent twice, it finds on record what it has put there itself.
    is_first = not is_repeated(request, form, eligibility.request_authorization)
    form.goes_with(
        {
            "category": plan.risk_category,
            "on_record": on_record,
            "texts": [survey.version, asked.version],
        },
        is_sent=request.method == "POST" and is_first,
    )
    return form


def _on_record(record: PatientRecord, policy: Policy) -> str:
    """What the prescriber attests to, as it stands: nobody should have to look it up."""
    said = []
    if test := _standing(record.tests):
        when = instant_text(test.collected_at, policy.calendar)
        said.append(f"latest test {test.get_result_display().lower()}, collected {when}")
    if attested := _standing(record.contraception):
        methods = "no sex with a male partner" if attested.abstinence else ""
        said.append(f"methods: {methods or method_list(attested.methods)}")
    health = _standing(record.health)
    cycle = health.get_cycle_display().lower() if health and health.cycle else NO_CYCLE
    return f"On record: {'; '.join([*said, f'cycle: {cycle}'])}."


def _standing(entries: Sequence[Entry]) -> Entry | None:
    return next((each for each in entries if each.withdrawn_at is None), None)


def _unmet(plan: Plan) -> frozenset[str]:
    return frozenset(each["rule"] for each in plan.decision["requirements"] if not each["met"])


def _latest(request: PortalRequest, person: Patient) -> Authorization | None:
    """The latest authorization: if one is open, it is this one, for there is one at a time."""
    visible = prescriptions.authorizations_visible_to(request.call.actor)
    own = visible.filter(patients.about(person.pk), program=PROGRAM)
    return own.order_by("-issued_at").first()


def _as_before(latest: Authorization | None) -> dict[str, Any]:
    """What was prescribed last, so that nobody types it twice; the form says where it is from."""
    if latest is None:
        return {}
    return {
        **{name: getattr(latest, name) for name in COPIED},
        "strength_mg": f"{latest.strength_mg.normalize():f}",
        "copied_from": latest.issued_at,
    }


def _ask(
    request: PortalRequest, form: SignedAuthorizationForm, patient_id: UUID, risk_category: str
) -> Decision | PatientSurvey:
    """Record what was entered beside the request, then ask: each under the page's one-time key.

    Answers of the patient that tell of a risk come first: then nothing is asked for.
    """
    survey = record_missing(request, form, patient_id)
    if survey is not None and survey.at_risk:
        return survey
    cleaned = form.cleaned_data
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
        indication=cleaned["indication"],
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
