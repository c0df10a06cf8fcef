"""Withdrawing an entry that was a mistake, with a reason (L-SRC-3)."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.call import Call
from apps.evidence import selectors
from apps.evidence import services as evidence
from apps.evidence.models import (
    BleedingReport,
    Counseling,
    HealthStatus,
    ObligationsAttestation,
    PatientSurvey,
    PregnancyTest,
)
from apps.evidence.models.base import Evidence
from apps.patients.selectors import about, agreements_visible_to
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page
from apps.portal.evidence_forms import ReasonForm
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail


@page(*PRESCRIBER_SIDE)
def withdraw_test(request: PortalRequest, patient_id: UUID, test_id: UUID) -> HttpResponse:
    """Withdraw a pregnancy test (L-PT-7); what rests on it is void."""
    _must_be_of(request, patient_id, PregnancyTest, test_id)
    return withdraw_page(
        request,
        patient_id,
        lambda call, reason: evidence.withdraw_pregnancy_test(call, test_id=test_id, reason=reason),
        noun="test",
        title="Withdraw a pregnancy test",
        text="Only for a test entered by mistake. It stays in the record, marked as withdrawn; "
        "an open authorization becomes void.",
    )


@page(*PRESCRIBER_SIDE)
def withdraw_report(request: PortalRequest, patient_id: UUID, report_id: UUID) -> HttpResponse:
    """Withdraw a report of a missed period or bleeding (L-PT-8)."""
    _must_be_of(request, patient_id, BleedingReport, report_id)
    return withdraw_page(
        request,
        patient_id,
        lambda call, reason: evidence.withdraw_bleeding_report(
            call, report_id=report_id, reason=reason
        ),
        noun="report",
        title="Withdraw a report of a missed period or bleeding",
        text="Only for a report that was a mistake. It stays in the record, marked as withdrawn. "
        "If it was right, evaluate the patient instead: a test and counseling lift the hold.",
    )


def _must_be_of(
    request: PortalRequest,
    patient_id: UUID,
    kind: type[Evidence],
    entry_id: UUID,
) -> None:
    """A 404 for an entry that is not this patient's, or not this actor's to see."""
    known = selectors.visible_to(request.call.actor, kind)
    if not known.filter(about(patient_id), pk=entry_id).exists():
        raise Http404


KINDS: dict[str, type[Evidence]] = {
    "obligations": ObligationsAttestation,
    "counseling": Counseling,
    "patient_survey": PatientSurvey,
    "health_status": HealthStatus,
}
NOUNS = {
    "obligations": "attestation",
    "counseling": "counseling",
    "patient_survey": "survey",
    "health_status": "status",
    "agreement": "agreement",
}


@page(*PRESCRIBER_SIDE)
def withdraw_entry(
    request: PortalRequest, patient_id: UUID, kind: str, entry_id: UUID
) -> HttpResponse:
    """Withdraw what this side entered by mistake (L-SRC-3); what may rest on it is void."""
    noun = NOUNS.get(kind)
    if noun is None:
        raise Http404
    if kind == "agreement":
        agreements = agreements_visible_to(request.call.actor)
        if not agreements.filter(about(patient_id), pk=entry_id).exists():
            raise Http404
    else:
        _must_be_of(request, patient_id, KINDS[kind], entry_id)
    return withdraw_page(
        request,
        patient_id,
        lambda call, reason: evidence.withdraw_entry(
            call, kind=kind, entry_id=entry_id, reason=reason
        ),
        noun=noun,
        title=f"Withdraw the {noun}",
        text="Only for an entry made by mistake. It stays in the record, struck out; an open "
        "authorization becomes void.",
    )


def withdraw_page(
    request: PortalRequest,
    patient_id: UUID,
    command: Callable[[Call, str], object],
    *,
    noun: str,
    title: str,
    text: str,
    submit: str = "",
    done: str = "",
) -> HttpResponse:
    """The page that ends something of a patient's, with a reason; and back to the patient."""
    person = visible_patient(request, patient_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        withdrawn = attempt(form, lambda: command(once(request, form), form.cleaned_data["reason"]))
        if withdrawn is not None:
            messages.success(request, done or f"The {noun} is withdrawn.")
            return redirect("patient", patient_id=patient_id)
    context = {
        "patient": person,
        "form": form,
        "title": title,
        "text": text,
        "submit": submit or f"Withdraw the {noun}",
        "back_url": reverse("patient", args=[patient_id]),
        "back": "Keep it",
        "crumbs": patient_trail(person),
    }
    return render(request, "portal/reason.html", context)
