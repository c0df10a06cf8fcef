"""The prescriber's side: my patients by urgency, and one patient's state, why, and record."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.errors import NotFound
from apps.core.names import contains
from apps.eligibility import selectors as eligibility
from apps.eligibility.models import Decision
from apps.evidence import selectors as evidence
from apps.evidence.selectors import PatientRecord
from apps.evidence.unsigned import has_newer_text, unsigned
from apps.patients import selectors as patients
from apps.patients.models import Agreement, Patient, RiskCategory
from apps.portal import agenda, answers, seeking
from apps.portal import urgencies as urgencies_of
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.drafts import Draft
from apps.portal.one_step import Step
from apps.portal.patient_record import (
    agreement_page,
    agreement_rows,
    is_open,
    missing,
    sections,
)
from apps.portal.patient_supplies import Supplies, supplies_of
from apps.portal.program import PROGRAM, present_policy
from apps.portal.signatures import agreement_signatures
from apps.portal.standing import standing_of
from apps.portal.timeline import timeline
from apps.portal.timeline_drawing import drawing
from apps.portal.urgencies import most_urgent_first
from apps.portal.views.records import pages_of_rules, possible_entries
from apps.portal.words import OBLIGATIONS, WHO, WHOSE
from apps.prescriptions.models import Authorization
from apps.rules.calendar import Calendar
from apps.rules.edition import Category
from apps.rules.obligation import AUTHORIZATION_EXPIRES, SUPPLY_ENDS, Obligation
from apps.rules.what_if import Assumptions

PAGE_SIZE = 25
USED_UP: Final = "PATIENT_SURVEY_MISSING"
OPEN: Final = "AUTHORIZATION_OPEN"
WAIT_OR_CANCEL: Final = (
    "Wait until the hold is lifted, or cancel the open authorization: no pharmacy may dispense it "
    "now."
)


@page(*PRESCRIBER_SIDE)
def my_patients(request: PortalRequest) -> HttpResponse:
    """All patients, the most urgent first: what is next and until when."""
    actor, policy = request.call.actor, present_policy()
    if request.method == "POST":
        return seeking.to_list(request, reverse("my_patients"), seeking.typed(request))
    sought = seeking.sought(request)
    people, known = most_urgent_first(actor, _named(request, sought), policy)
    groups, wished = _groups(known.orders.values(), request.GET.get("state", ""))
    if wished is not None:
        people = [each for each in people if known.orders[each.pk][0] == wished]
    shown = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
    made = dict(known.plans)
    if others := [each for each in shown if each.pk not in made]:
        made |= eligibility.plans(actor, others, PROGRAM)
    rows = [_row(person, made.get(person.pk), policy.calendar) for person in shown]
    refused = eligibility.refused_at_pharmacies(actor, PROGRAM)
    seen = {each.pk for each in shown} | {each.patient_id for each in refused}
    saw(request, "patients_listed", patient_ids=seen)
    context = {
        "page": shown,
        "rows": rows,
        "sought": sought,
        "groups": groups,
        "wished": groups[wished] if wished is not None else None,
        "count": len(people),
        "total": len(known.orders),
        "has_draft": Draft(request).is_begun(),
        "refused": [_refusal(each) | {"patient": each.patient} for each in refused],
    }
    return render(request, "prescriber/my_patients.html", context)


@page(*PRESCRIBER_SIDE)
def patient(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """One patient: the state on top, then why, then the record."""
    actor = request.call.actor
    person = visible_patient(request, patient_id)
    if person.merged_into_id is not None:
        messages.info(request, "Two records of this person were merged: this is the one kept.")
        return redirect("patient", patient_id=person.merged_into_id)
    plan = eligibility.plan_of(actor, person, PROGRAM)
    if plan is None:
        return render(request, "prescriber/unreadable.html", {"patient": person})
    policy = present_policy()
    category = policy.categories[plan.risk_category]
    record = evidence.record_of(actor, patient_id, PROGRAM)
    supplies = supplies_of(actor, patient_id)
    authorizations, dispenses = supplies.authorizations, supplies.dispenses
    agreements = supplies.agreements
    open_one = next((each for each in authorizations if is_open(each, plan.as_of)), None)
    stands = standing_of(actor, person, plan)
    expected = None
    if not (plan.can_be_requested or plan.therapy.is_over):
        expected = eligibility.plan_from(plan, Assumptions())
    entries = timeline(
        record, authorizations, dispenses, plan, expected=expected, calendar=policy.calendar
    )
    saw(request, "patient_viewed", patient_id=patient_id, subject=person)
    context = {
        "patient": person,
        "category": RiskCategory(plan.risk_category).label,
        "status": agenda.status(plan),
        "decision": plan.decision,
        "can_be_requested": plan.can_be_requested,
        **now_and_later(
            answers.steps(
                plan.decision, _pages(request, person, category, agreements) | _case_pages(record)
            ),
            open_one,
            plan,
        ),
        "open_authorization": open_one,
        "refused": _refused_at_pharmacy(supplies, open_one),
        "requirements": answers.requirements(plan.decision),
        "advisories": answers.advisories(plan.decision),
        "obligations": _obligations(plan),
        "obligation_columns": ["What", "Who", "State", "From", "Until"],
        "entries": possible_entries(category),
        "agreements": agreement_rows(agreements, actor),
        "agreement_signatures": agreement_signatures(
            agreements, supplies.signatures, supplies.scanned
        ),
        "newer_text": _has_newer_text(request, person, agreements),
        "agreement_columns": [
            "Category",
            "For the patient",
            "Signed",
            "Prescriber signed",
            "Action",
        ],
        "sections": sections(record, supplies, category, plan.as_of),
        "standing": stands,
        "drawing": drawing(entries, plan.as_of, policy.calendar) if entries else None,
        "crumbs": [{"label": "My patients", "url": reverse("my_patients")}],
    }
    return render(request, "prescriber/patient.html", context)


def _refused_at_pharmacy(supplies: Supplies, issued: Authorization | None) -> dict[str, Any] | None:
    """The latest refusal of a number that no pharmacy has a confirmation for, and where it is."""
    if issued is None or issued.state != Authorization.State.ISSUED:
        return None
    found = supplies.latest_refusal_of(issued)
    return None if found is None else _refusal(found)


def _refusal(found: Decision) -> dict[str, Any]:
    url = reverse("decision", args=[found.patient_id, found.pk])
    return {"at": found.recorded_at, "missing": missing(found), "url": url}


def now_and_later(
    found: Iterable[Step], issued: Authorization | None, plan: eligibility.Plan
) -> dict[str, list[Step]]:
    """What is next now; and what only the authorization after the open one asks for.

    The survey that served the open one serves no other: it is not missing while that one stands.
    On a hold no pharmacy dispenses what is open (L-DSP-4), so nobody is told to let it.
    """
    later = [each for each in found if issued and each.reasons.keys() == {USED_UP}]
    now = [each for each in found if each not in later]
    if agenda.is_held(plan):
        now = [
            replace(each, what=WAIT_OR_CANCEL) if each.reasons.keys() == {OPEN} else each
            for each in now
        ]
    return {"steps": now, "later_steps": later}


def _has_newer_text(request: PortalRequest, person: Patient, known: list[Agreement]) -> bool:
    """Whether the patient's side waits for words that it cannot sign: they have changed since."""
    lacking = [each for each in known if each.withdrawn_at is None and not each.patient_signed_at]
    if not any(has_newer_text(each) for each in lacking):
        return False
    return unsigned(request.call.actor, person, PROGRAM).has_newer_text


def _pages(
    request: PortalRequest, person: Patient, category: Category, agreements: list[Agreement]
) -> dict[str, str]:
    """Where each step is done that the care team does on a page of its own."""
    pages = pages_of_rules(person.pk, category)
    if url := agreement_page(person.pk, agreements, request.call.actor):
        pages |= dict.fromkeys(("L-ENR-3", "L-ENR-4", "L-ENR-5"), url)
    return pages


def _case_pages(record: PatientRecord) -> dict[str, str]:
    """Where the care team sees a pregnancy case that holds everything, and adds what it knows."""
    for case in record.cases:
        if case.closed_at is None:
            url = reverse("pregnancy_case", args=[case.patient_id, case.pk])
            return dict.fromkeys(("L-PT-5", "L-PRG-1"), url)
    return {}


def _groups(
    orders: Iterable[urgencies_of.Order], wished: str
) -> tuple[list[dict[str, Any]], agenda.Urgency | None]:
    """How many patients each group of the list has, and the group that is wished for."""
    counts = Counter(order[0] for order in orders)
    by_slug = {each.name.lower(): each for each in agenda.Urgency}
    chosen = by_slug.get(wished)
    groups = [
        {
            "slug": slug,
            "label": agenda.LABELS[each],
            "count": counts[each],
            "current": each is chosen,
        }
        for slug, each in by_slug.items()
    ]
    return groups, chosen


def _row(person: Patient, plan: eligibility.Plan | None, calendar: Calendar) -> dict[str, Any]:
    if plan is None:
        return {"patient": person, "category": "", "line": agenda.UNREADABLE}
    line = agenda.line(plan, calendar)
    held = line.urgency is agenda.Urgency.HOLD
    return {
        "patient": person,
        "category": RiskCategory(plan.risk_category).label,
        "line": line,
        "acts": answers.first_of(plan.decision, agenda.HOLDS) if held else None,
    }


def visible_patient(request: PortalRequest, patient_id: UUID) -> Patient:
    """The patient, if this actor may see them. Raises NotFound."""
    found = patients.visible_to(request.call.actor).filter(pk=patient_id)
    person = found.select_related("prescriber__practice__organization").first()
    if person is None:
        raise NotFound("There is no such patient among those that you may see.")
    return person


def _named(request: PortalRequest, sought: str) -> QuerySet[Patient]:
    people = patients.registered_to(request.call.actor)
    for word in sought.split():
        people = people.filter(contains("given_name", word) | contains("family_name", word))
    return people


def _state(each: Obligation, plan: eligibility.Plan) -> str:
    now = plan.as_of
    if each.kind == AUTHORIZATION_EXPIRES and agenda.dispensable_from(plan, each) is None:
        return "Cannot be dispensed now"
    if each.kind == SUPPLY_ENDS and agenda.is_held(plan):
        return "Waits for the hold to end"
    if each.opens_at and each.opens_at > now:
        return "Later"
    until = each.due_at or each.closes_at
    return "Overdue" if until and until < now else "Open"


def _obligations(plan: eligibility.Plan) -> list[list[Any]]:
    """What falls due, as rows of a table."""
    return [
        [
            OBLIGATIONS[each.kind],
            WHO.get(WHOSE.get(each.kind, each.who), each.who),
            _state(each, plan),
            {"at": each.opens_at} if each.opens_at else "–",
            {"at": each.due_at or each.closes_at},
        ]
        for each in sorted(
            plan.obligations,
            key=lambda each: each.due_at or each.closes_at or plan.as_of,
        )
    ]
