"""The call center: find whom a call is about, verify the caller, tell them, enter what they say.

Every search and every verification is in the trail; what was typed is in no address.
"""

import json
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.core import clock, numbers, searches
from apps.eligibility import selectors as eligibility
from apps.evidence.models import Intake
from apps.evidence.selectors import intakes_visible_to
from apps.oversight import callers, services
from apps.oversight.callers import CALL, NOT_VERIFIED, PHARMACY, Contact, Found
from apps.patients.models import Patient, RiskCategory
from apps.portal import agenda, answers
from apps.portal.access import PortalRequest, page, saw
from apps.portal.call_forms import ContactForm, FindForm
from apps.portal.patient_record import effective_state
from apps.portal.program import PROGRAM, present_policy
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import now_and_later, visible_patient
from apps.portal.views.queues import STAFF
from apps.prescriptions import selectors as prescriptions
from apps.prescriptions.models import Authorization
from apps.providers.models import Prescriber
from apps.rules.edition import Category

SEARCH = "q"
# What not every category has.
NEEDS = {
    Intake.Kind.PREGNANCY_TEST: "female",
    Intake.Kind.BLEEDING_REPORT: "female",
    Intake.Kind.CONTRACEPTION: "pregnancy_path",
}
SENT_BEFORE = "This page was sent before, and that contact is over. Say again who speaks."
SIGNED = {Intake.Kind.AGREEMENT_SIGNATURE, Intake.Kind.AGREEMENT_RENEWAL}


@page(*STAFF)
def find_caller(request: PortalRequest) -> HttpResponse:
    """By number, by name and date of birth, or by NPI."""
    found, sought = _found(request)
    # Nobody was found: it is asked again, and the rest need not be typed again.
    again = sought if found is not None and found.is_empty else {}
    form = FindForm(request.POST or None, initial=again)
    if request.method == "POST" and form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("number", "name", "npi")}
        born_on = form.cleaned_data["born_on"]
        typed["born_on"] = born_on.isoformat() if born_on else ""
        key = searches.remember(request, json.dumps(typed))
        return redirect(f"{reverse('find_caller')}?{SEARCH}={key}")
    if found is not None:
        saw(
            request,
            "caller_sought",
            patient_ids=[patient.pk for patient in found.patients],
            data={
                "prescribers": [str(each.pk) for each in found.prescribers],
                "pharmacies": [str(each.pk) for each in found.pharmacies],
            },
        )
    return render(request, "office/find_caller.html", {"form": form, "found": found})


@page(*STAFF)
def contact(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """One patient for a caller: first who speaks, then the state and what can be entered.

    Whoever comes by another way than this call's own pages is asked who speaks: it is another call.
    """
    person = visible_patient(request, patient_id)
    if person.merged_into_id is not None:
        return redirect("contact", patient_id=person.merged_into_id)
    call = request.GET.get(CALL, "")
    going_on = callers.present(request.session, patient_id, clock.now(), call)
    if going_on is None:
        return _who(request, person)
    saw(request, "contact_viewed", patient_id=patient_id, subject=person)
    context = {
        "patient": person,
        "contact": going_on,
        "waiting": _waiting(request, person),
        "crumbs": _crumbs(),
        **_state(request, person, going_on),
    }
    return render(request, "office/contact.html", context)


@page(*STAFF)
def end_contact(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """The call is over: the next caller is verified anew."""
    visible_patient(request, patient_id)
    return _ended(request, patient_id)


@require_POST
def _ended(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    callers.end(request.session, patient_id)
    messages.success(request, "The contact is over.")
    return redirect("find_caller")


def _found(request: PortalRequest) -> tuple[Found | None, dict[str, Any]]:
    """What the search of the address finds, and what it was for; None where none is known."""
    key = request.GET.get(SEARCH, "")
    kept = searches.recall(request, key) if key else None
    if key and kept is None:
        messages.info(request, "This search is no longer known. Type it again.")
    try:
        typed = json.loads(kept or "null")
        born_on = date.fromisoformat(typed["born_on"]) if typed["born_on"] else None
        said = {name: str(typed[name]) for name in ("number", "name", "npi")}
    except (ValueError, TypeError, KeyError):  # A search of another page, under its own key.
        return None, {}
    return callers.find(request.call.actor, born_on=born_on, **said), {**said, "born_on": born_on}


def _who(request: PortalRequest, person: Patient) -> HttpResponse:
    """The questions to ask, and who it is by the answers."""
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        about = {
            name: form.cleaned_data[name]
            for name in ("channel", "told_by", "told_by_name", "verification")
        }
        note = form.cleaned_data["note"]
        kept = attempt(
            form,
            lambda: services.record_contact(
                once(request, form), patient_id=person.pk, note=note, **about
            ),
        )
        if kept is not None and about["verification"] == NOT_VERIFIED:
            messages.warning(request, "It is recorded. Tell the caller nothing about the patient.")
            return redirect("find_caller")
        if kept is not None:
            begun = callers.begin(
                request.session, person.pk, kept.occurred_at, key=str(kept.pk), **about
            )
            if begun.until_at < clock.now():
                messages.warning(request, SENT_BEFORE)
                return redirect("contact", patient_id=person.pk)
            return redirect(f"{reverse('contact', args=[person.pk])}?{CALL}={begun.id}")
    saw(request, "contact_opened", patient_id=person.pk, subject=person)
    context = {
        "patient": person,
        "form": form,
        "questions": _questions(person),
        "crumbs": _crumbs(),
    }
    return render(request, "office/who_calls.html", context)


def _questions(person: Patient) -> list[list[Any]]:
    """What to ask, whom, and the answer on record."""
    prescriber = person.prescriber
    of_patient, of_prescriber, of_pharmacy = "Patient’s side", "Prescriber’s side", "Pharmacy"
    return [
        [of_patient, "Full name, and date of birth", f"{person}, born {person.born_on:%-d %B %Y}"],
        [of_patient, "ZIP code", person.postal_code],
        [of_patient, "Who prescribes the capsules?", prescriber.full_name],
        [of_patient, "Or call back on", person.phone or "no number on record"],
        [of_prescriber, "NPI, and the practice’s name",
         f"{prescriber.npi}, {prescriber.practice.organization.name}"],
        [of_prescriber, "Patient’s date of birth", f"{person.born_on:%-d %B %Y}"],
        [of_prescriber, "Or call back on", prescriber.phone],
        [of_pharmacy, "Authorization number, and the patient’s date of birth",
         "found by both: tell only what an eligibility check says"],
    ]  # fmt: skip


def _state(request: PortalRequest, person: Patient, going_on: Contact) -> dict[str, Any]:
    """What the rules say now, as the prescriber sees it, what is open, what can be entered."""
    plan = eligibility.plan_of(request.call.actor, person, PROGRAM)
    if plan is None:
        return {"status": None, "entries": _entries(person, going_on, None)}
    category = present_policy().categories[plan.risk_category]
    authorization = prescriptions.open_authorization(person.pk, PROGRAM)
    return {
        "category": RiskCategory(plan.risk_category).label,
        "status": agenda.status(plan),
        "line": agenda.line(plan, present_policy().calendar),
        "is_over": plan.therapy.is_over,
        **now_and_later(answers.steps(plan.decision), authorization, plan),
        "requirements": answers.requirements(plan.decision),
        "authorization": _authorization(authorization),
        "entries": _entries(person, going_on, category),
    }


def _waiting(request: PortalRequest, person: Patient) -> list[dict[str, Any]]:
    """What counts only when a second person has checked it: nobody asks for it again."""
    found = intakes_visible_to(request.call.actor).filter(
        patient=person, state=Intake.State.WAITING
    )
    return [
        {
            "label": f"{each.get_kind_display()}, by {each.get_channel_display().lower()}",
            "at": each.recorded_at,
            "url": reverse("queue_item", args=["intake_check", each.pk]),
        }
        for each in found.order_by("recorded_at")
    ]


def _authorization(found: Authorization | None) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [
        {"label": "Open authorization", "text": numbers.grouped(found.number), "number": True},
        {"label": "State", "text": effective_state(found, clock.now())},
        {"label": "Expires", "at": found.expires_at},
    ]


def _entries(
    person: Patient, going_on: Contact, category: Category | None
) -> list[tuple[str, str]]:
    """What can be entered: its words and its page; a signature only from fax or paper."""
    if going_on.told_by == PHARMACY:
        return []
    by_phone = going_on.channel == Intake.Channel.PHONE
    return [
        (kind.label, _entry(person, going_on, kind))
        for kind in Intake.Kind
        if not (by_phone and kind in SIGNED)
        and (category is None or kind not in NEEDS or getattr(category, NEEDS[kind]))
    ]


def go_on_from_form(
    request: PortalRequest, person: Patient, *, prescriber: Prescriber, channel: str
) -> HttpResponse:
    """To the entry of the signatures of a form from which a patient was just registered."""
    begun = callers.begin(
        request.session,
        person.pk,
        clock.now(),
        channel=channel,
        told_by=Intake.ToldBy.PRESCRIBER.value,
        told_by_name=prescriber.full_name,
        verification="",
    )
    return redirect(_entry(person, begun, Intake.Kind.AGREEMENT_SIGNATURE))


def _entry(person: Patient, going_on: Contact, kind: Intake.Kind) -> str:
    name = f"intake-{kind.value.replace('_', '-')}"
    address = reverse("admin:patients_patient_do", args=[person.pk, name])
    return f"{address}?{CALL}={going_on.id}"


def _crumbs() -> list[dict[str, str]]:
    return [{"label": "Calls", "url": reverse("find_caller")}]
