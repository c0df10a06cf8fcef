"""Patients who move: taken over with a new agreement, and what the old prescriber still reads.

A search that finds nobody tells nothing else (L-ENR-5).
"""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.call import Role
from apps.core.errors import NotFound
from apps.evidence import selectors as evidence
from apps.evidence import services
from apps.patients.models import RiskCategory
from apps.patients.transfers import Sought, moved_away_from
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.agreement_forms import SignedAgreementForm
from apps.portal.fields import MemorableDateField
from apps.portal.paper_forms import SignedPaperForm
from apps.portal.patient_record import former_sections
from apps.portal.program import PROGRAM, present_policy
from apps.portal.submitting import attempt, once
from apps.portal.views.signing import shown_agreement, signatures
from apps.rules.documents import document


class TakeOverForm(SignedAgreementForm, SignedPaperForm):
    """Who the patient is, why they move, and the new agreement's signatures."""

    field_order = ("given_name", "family_name", "born_on", "postal_code", "phone", "reason")
    how = None  # type: ignore[assignment]  # Both sign before the patient moves (L-ENR-5).
    given_name = forms.CharField(label="Given name", max_length=60)
    family_name = forms.CharField(label="Family name", max_length=60)
    born_on = MemorableDateField(label="Date of birth")
    postal_code = forms.CharField(
        label="ZIP code",
        max_length=10,
        required=False,
        help_text="Or the phone number: one of the two is needed to find the right person.",
    )
    phone = forms.CharField(label="Phone", max_length=30, required=False)
    reason = forms.CharField(
        label="Why does the patient move to you?",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, object]:
        """A third identifier is needed."""
        typed = self.cleaned_data
        if not typed.get("postal_code") and not typed.get("phone"):
            self.add_error("postal_code", "Enter the ZIP code or the phone number.")
        # Last: what is signed is complete.
        return super().clean()

    def sought(self) -> Sought:
        """Who is meant, from a valid form."""
        names = ("given_name", "family_name", "born_on", "postal_code", "phone")
        return Sought(**{name: self.cleaned_data[name] for name in names})


@page(Role.PRESCRIBER)
def take_over(request: PortalRequest) -> HttpResponse:
    """Which risk category the patient has: the agreement's text depends on it."""
    return render(request, "prescriber/take_over.html", {"categories": RiskCategory.choices})


@page(Role.PRESCRIBER)
def sign_take_over(request: PortalRequest, risk_category: str) -> HttpResponse:
    """Find the patient, sign the new agreement, and care for them from then on."""
    policy = present_policy()
    if risk_category not in policy.categories:
        raise Http404
    form = TakeOverForm(
        request.POST or None,
        request.FILES or None,
        signers=policy.categories[risk_category].signers,
        request=request,
        zone=policy.calendar.zone,
    )
    form.goes_with(shown_agreement(risk_category), is_sent=request.method == "POST")
    if request.method == "POST" and form.is_valid():
        try:
            moved = attempt(
                form,
                lambda: services.take_over_patient(
                    once(request, form),
                    program=PROGRAM,
                    sought=form.sought(),
                    risk_category=risk_category,
                    signatures=signatures(request, form),
                    reason=form.cleaned_data["reason"],
                ),
            )
        except NotFound as error:
            form.add_error(None, error.message)
            form.renew_submission()
            moved = None
        if moved is not None:
            messages.success(request, "The patient is yours now. The prescriber before is told.")
            return redirect("patient", patient_id=moved.patient_id)
    context = {
        "form": form,
        "category": RiskCategory(risk_category).label,
        "agreement": document(PROGRAM, "agreement", risk_category),
        "risk_category": risk_category,
        "crumbs": [{"label": "Take over a patient", "url": reverse("take_over")}],
    }
    return render(request, "prescriber/sign_take_over.html", context)


@page(*PRESCRIBER_SIDE)
def former_patients(request: PortalRequest) -> HttpResponse:
    """The patients who moved to another prescriber."""
    moved = moved_away_from(request.call.actor)
    saw(
        request,
        "former_patients_listed",
        patient_ids=[each.patient_id for each in moved],
    )
    rows = [
        [
            {
                "text": str(each.patient),
                "url": reverse("former_patient", args=[each.patient_id]),
            },
            {"on": each.patient.born_on},
            {"at": each.recorded_at},
            each.get_kind_display(),
        ]
        for each in moved
    ]
    columns = ["Patient", "Born", "Moved", "How"]
    return render(request, "prescriber/former_patients.html", {"rows": rows, "columns": columns})


@page(*PRESCRIBER_SIDE)
def former_patient(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """What this prescriber's side entered before the patient moved, as it stood then."""
    actor = request.call.actor
    former = evidence.former_record_of(actor, patient_id, PROGRAM)
    saw(request, "former_patient_viewed", patient_id=patient_id, subject=former.patient)
    context = {
        "patient": former.patient,
        "moved_at": former.moved_at,
        "sections": former_sections(former, actor),
        "crumbs": [{"label": "Former patients", "url": reverse("former_patients")}],
    }
    return render(request, "prescriber/former_patient.html", context)
