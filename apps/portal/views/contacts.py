"""Name who speaks for a patient, end it, and correct how the patient is reached."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.evidence.unsigned import unsigned
from apps.patients import reaching, services, standing
from apps.patients import selectors as patients
from apps.patients.models import Patient
from apps.patients.visits import is_same_name
from apps.portal.access import PRESCRIBER_SIDE, PortalRequest, page
from apps.portal.forms import PortalForm
from apps.portal.program import PROGRAM
from apps.portal.standing_forms import ContactForm, RepresentativeForm
from apps.portal.submitting import attempt, once
from apps.portal.views.patients import visible_patient
from apps.portal.views.records import patient_trail
from apps.portal.views.withdrawing import withdraw_page


@page(*PRESCRIBER_SIDE)
def name_representative(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """Name a guardian or representative; who signed the agreement is proposed."""
    person = visible_patient(request, patient_id)
    form = RepresentativeForm(request.POST or None, initial=_who_signed(request, person))
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: reaching.name_representative(
                once(request, form), patient_id=patient_id, **_entered(form)
            ),
        )
        if made is not None:
            waits = unsigned(request.call.actor, person, PROGRAM).of_another
            if waits is not None and is_same_name(waits.signer_name, made.name):
                messages.success(
                    request, "The person is named. Now let them in: they sign on their own pages."
                )
                return redirect("let_in", patient_id=patient_id)
            messages.success(request, "The person is named.")
            return redirect("patient", patient_id=patient_id)
    return _show(
        request,
        person,
        form,
        title="Name who speaks for the patient",
        submit="Name this person",
        hint="A minor’s parent or guardian, or the authorized representative of an adult who "
        "cannot consent.",
    )


@page(*PRESCRIBER_SIDE)
def end_representative(
    request: PortalRequest, patient_id: UUID, representative_id: UUID
) -> HttpResponse:
    """End somebody's speaking for the patient."""
    named = standing.representatives_visible_to(request.call.actor)
    if not named.filter(pk=representative_id, patient_id=patient_id).exists():
        raise Http404
    return withdraw_page(
        request,
        patient_id,
        lambda call, reason: reaching.end_representative(
            call, representative_id=representative_id, reason=reason
        ),
        noun="name",
        submit="End this",
        done="The person speaks for the patient no more.",
        title="End who speaks for the patient",
        text="The person speaks for the patient no more and gets no messages. Another one can be "
        "named then.",
    )


@page(*PRESCRIBER_SIDE)
def correct_contact(request: PortalRequest, patient_id: UUID) -> HttpResponse:
    """Correct how a patient is reached; what it was stays in the history."""
    person = visible_patient(request, patient_id)
    form = ContactForm(request.POST or None, patient=person)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: services.correct_contact(
                once(request, form), patient_id=patient_id, **_entered(form)
            ),
        )
        if made is not None:
            messages.success(request, "The contact data are corrected.")
            return redirect("patient", patient_id=patient_id)
    return _show(
        request,
        person,
        form,
        title="Correct how the patient is reached",
        submit="Save",
        hint="An address that reached nobody is settled when another one is entered. A wrong name "
        "or date of birth is corrected by the program’s staff: call them, with a document that "
        "shows the right one. Until then the pharmacy’s check may not find the patient.",
    )


def _show(request: PortalRequest, person: Patient, form: PortalForm, **words: str) -> HttpResponse:
    context = {
        "patient": person,
        "entry": words,
        "form": form,
        "patient_url": reverse("patient", args=[person.pk]),
        "crumbs": patient_trail(person),
    }
    return render(request, "prescriber/record.html", context)


def _entered(form: PortalForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "submission"}


def _who_signed(request: PortalRequest, person: Patient) -> dict[str, str]:
    signed = (
        patients.agreements_visible_to(request.call.actor)
        .filter(patient=person, program=PROGRAM)
        .exclude(signer="patient")
        .order_by("-recorded_at")
        .first()
    )
    if signed is None:
        return {}
    return {
        "kind": signed.signer,
        "name": signed.signer_name,
        "relationship": signed.signer_relationship,
    }
