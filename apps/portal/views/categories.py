"""Change a patient's risk category: questions that lead to it, its agreement, the signatures.

What was typed in the first step is kept in the session until the change is asked for.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from apps.core import clock
from apps.evidence import services as evidence
from apps.evidence.services.categories import waits_for_administrator
from apps.patients import selectors as patients
from apps.patients import standing
from apps.patients.models import CategoryChange, Patient, RiskCategory
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page
from apps.portal.program import PROGRAM, present_policy
from apps.portal.standing_forms import ChangeForm
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import category_label, patient_trail
from apps.portal.views.signing import (
    agreement_form,
    shown_agreement,
    signatures,
    to_patients_side,
)
from apps.portal.views.withdrawing import withdraw_page
from apps.rules.calendar import date_of
from apps.rules.documents import document

DRAFT = "category_changes"
REAFFIRM = (
    "These answers lead to the category that the patient has. To reaffirm it, sign a new agreement "
    "on the patient’s page instead."
)


@page(*PRESCRIBER_SIDE)
def change_category(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """Step 1: what is so now; the answers lead to the category."""
    person = visible_patient(request, patient_id)
    data = request.POST if request.method == "POST" else _draft(request, patient_id)
    form = _change_form(person, data)
    if request.method == "POST" and form.is_valid():
        if _changes_nothing(person, form):
            form.add_error(None, REAFFIRM)
        else:
            _keep(request, patient_id)
            return redirect("category_agreement", patient_id=patient_id)
    context = {
        "patient": person,
        "form": form,
        "category": category_label(person),
        "waiting": standing.pending_change(patient_id),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/category.html", context)


@page(*PRESCRIBER_SIDE)
def category_agreement(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """Step 2: the agreement of the new category, and the signatures."""
    person = visible_patient(request, patient_id)
    answered = _change_form(person, _draft(request, patient_id))
    if not answered.is_valid():
        return redirect("change_category", patient_id=patient_id)
    policy = present_policy()
    category = answered.risk_category()
    form = agreement_form(request, request.POST or None, category, str(person))
    answers = {k: v for k, v in answered.cleaned_data.items() if k != "submission"}
    form.goes_with(
        {**answers, "patient": str(person), **shown_agreement(category)},
        is_sent=request.method == "POST",
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: evidence.change_category(
                once(request, form),
                patient_id=patient_id,
                program=PROGRAM,
                risk_category=category,
                basis=answered.basis(),
                reason=answered.cleaned_data["reason"],
                said_by=answered.cleaned_data["said_by"],
                signatures=signatures(request, form),
            ),
        )
        if made is not None:
            _forget(request, patient_id)
            messages.success(request, _said(made))
            return to_patients_side(made.agreement, form)
    context = {
        "patient": person,
        "form": form,
        "category": RiskCategory(category).label,
        "waits": waits_for_administrator(
            policy, patients.current_category(person), category, answered.basis()
        ),
        "menopause_is_recent": answered.menopause_is_recent,
        "agreement": document(PROGRAM, "agreement", category),
        "risk_category": category,
        "acting": request.acting,
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/category_agreement.html", context)


@page(*PRESCRIBER_SIDE)
def withdraw_change(request: PortalRequest, patient_id: UUID, change_id: UUID) -> HttpResponse:
    """Take back a change that still waits."""
    changes = standing.category_changes_visible_to(request.call.actor)
    if not changes.filter(pk=change_id, patient_id=patient_id).exists():
        raise Http404
    return withdraw_page(
        request,
        patient_id,
        lambda call, reason: evidence.withdraw_category_change(
            call, change_id=change_id, reason=reason
        ),
        noun="change",
        title="Take back a change of category",
        text="The category stays as it is. What was asked for stays in the record.",
        submit="Take it back",
        done="The change is taken back.",
    )


def _said(change: CategoryChange) -> str:
    if change.state == CategoryChange.State.APPROVED:
        return "The category is changed. What was issued before is void."
    if not (change.agreement.patient_signed_at and change.agreement.prescriber_signed_at):
        return "The change waits for the missing signature."
    return "The change waits for an administrator of the program. Until then nothing changes."


def _change_form(person: Patient, data: QueryDict | None) -> ChangeForm:
    policy = present_policy()
    today = date_of(policy.calendar.day(clock.now()))
    return ChangeForm(data, born_on=person.born_on, today=today, policy=policy)


def _changes_nothing(person: Patient, form: ChangeForm) -> bool:
    present, basis = patients.current_category(person), form.basis()
    known = (present.risk_category, present.basis_kind, present.basis_on)
    kind, on = (basis.kind, basis.on) if basis else ("", None)
    return known == (form.risk_category(), kind, on)


def _draft(request: PortalRequest, patient_id: UUID) -> QueryDict | None:
    kept: dict[str, str] = request.session.get(DRAFT, {})
    return QueryDict(kept[str(patient_id)]) if str(patient_id) in kept else None


def _keep(request: PortalRequest, patient_id: UUID) -> None:
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    kept: dict[str, Any] = request.session.get(DRAFT, {})
    request.session[DRAFT] = {**kept, str(patient_id): typed.urlencode()}


def _forget(request: PortalRequest, patient_id: UUID) -> None:
    kept: dict[str, Any] = request.session.get(DRAFT, {})
    request.session[DRAFT] = {key: typed for key, typed in kept.items() if key != str(patient_id)}
