"""A pregnancy case as the prescriber's side sees it, and what a risky survey calls for at once."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.evidence import selectors
from apps.evidence import services as evidence
from apps.evidence.models import PatientSurvey
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page, saw
from apps.portal.case_forms import CaseDetailsForm, facts_of, step_row
from apps.portal.program import present_policy
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail
from apps.rules.guidance import guidance


@page(*PRESCRIBER_SIDE)
def survey_guidance(request: PortalRequest, patient_id: UUID, survey_id: UUID) -> HttpResponse:
    """What the patient must be told at once after a risky answer (L-SUR-3)."""
    person = visible_patient(request, patient_id)
    survey = (
        selectors.visible_to(request.call.actor, PatientSurvey)
        .filter(pk=survey_id, patient_id=patient_id)
        .first()
    )
    text = guidance(survey.program, survey.answers) if survey is not None else None
    if survey is None or text is None:
        raise Http404
    saw(request, "survey_guidance_viewed", patient_id=patient_id, subject=survey)
    context = {
        "patient": person,
        "guidance": text,
        "patient_url": reverse("patient", args=[patient_id]),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/guidance.html", context)


@page(*PRESCRIBER_SIDE)
def pregnancy_case(request: PortalRequest, patient_id: UUID, case_id: UUID) -> HttpResponse:
    """One case: what is known of it, what is owed by when, and how it ends (L-PRG-2, L-PRG-3)."""
    person = visible_patient(request, patient_id)
    file = selectors.case_file(request.call.actor, patient_id, case_id)
    saw(request, "pregnancy_case_viewed", patient_id=patient_id, subject=file.case)
    context = {
        "patient": person,
        "case": file.case,
        "facts": facts_of(file.details[0] if file.details else None),
        "columns": ["Due", "Step", "State"],
        "steps": [step_row(step) for step in file.steps if step.ended_as != "rescheduled"],
        "moved": [step_row(step) for step in file.steps if step.ended_as == "rescheduled"],
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/case.html", context)


@page(*PRESCRIBER_SIDE)
def case_details(request: PortalRequest, patient_id: UUID, case_id: UUID) -> HttpResponse:
    """Add what is known of a case now; the days of its follow-up change with it (L-PRG-2)."""
    person = visible_patient(request, patient_id)
    file = selectors.case_file(request.call.actor, patient_id, case_id)
    form = CaseDetailsForm(
        request.POST or None,
        zone=present_policy().calendar.zone,
        latest=file.details[0] if file.details else None,
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: evidence.record_case_details(
                once(request, form),
                case_id=case_id,
                details=form.details(),
                seen=form.cleaned_data["seen"],
            ),
        )
        if made is not None:
            messages.success(request, "What is known is recorded.")
            return redirect("pregnancy_case", patient_id=patient_id, case_id=case_id)
    here = reverse("pregnancy_case", args=[patient_id, case_id])
    context = {
        "title": "Record what is known of the case",
        "text": "Say all that is known now: this stands instead of what was entered before, which "
        "stays on record.",
        "form": form,
        "submit": "Record it",
        "back_url": here,
        "crumbs": [*patient_trail(person), {"label": "Pregnancy case", "url": here}],
    }
    return render(request, "portal/one_form.html", context)
