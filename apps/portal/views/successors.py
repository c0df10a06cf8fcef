"""Who represents a site next: named by the representative, taken over on a sign-in (L-ENR-6)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.call import Role
from apps.portal.access import PortalRequest, page
from apps.portal.forms import PortalForm
from apps.portal.program import PROGRAM
from apps.portal.submitting import attempt, once
from apps.portal.views.signing import AS_REPRESENTATIVE, SignedAttestationsForm
from apps.providers import selectors, services
from apps.rules.documents import document

PHARMACY_PEOPLE = (Role.PHARMACIST, Role.TECHNICIAN, Role.REPRESENTATIVE)


class SuccessorForm(PortalForm):
    """Who is to follow."""

    email = forms.EmailField(
        label="E-mail address of your successor",
        help_text="Somebody who works at this pharmacy, or represents another site.",
    )
    family_name = forms.CharField(label="Their family name", max_length=80)


@page(Role.REPRESENTATIVE)
def successor(request: PortalRequest) -> HttpResponse:
    """Name who follows at this site; they take over on their own sign-in."""
    form = SuccessorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        named = attempt(
            form,
            lambda: services.name_successor(
                once(request, form),
                email=form.cleaned_data["email"],
                family_name=form.cleaned_data["family_name"],
            ),
        )
        if named is not None:
            messages.success(request, f"{named.successor} can take over from now on.")
            return redirect("successor")
    sites = selectors.sites_represented_by(request.call.actor, PROGRAM)
    organization_id = request.call.actor.own_organization
    here = [each for each in sites if each.pharmacy.organization_id == organization_id]
    context = {
        "form": form,
        "withdrawal": PortalForm(auto_id="withdrawal_%s"),
        "named": here[0].succession if here else None,
        "crumbs": [{"label": "My sites", "url": reverse("my_sites")}],
    }
    return render(request, "pharmacy/successor.html", context)


@page(Role.REPRESENTATIVE)
def withdraw(request: PortalRequest) -> HttpResponse:
    """Take the name of the successor back."""
    form = PortalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ended = attempt(form, lambda: services.withdraw_successor(once(request, form)))
        if ended is not None:
            messages.success(request, "Nobody is named as your successor any more.")
        else:
            messages.error(request, "Nobody was named as your successor.")
    return redirect("successor")


@page(*PHARMACY_PEOPLE)
def take_over(request: PortalRequest, pharmacy_id: UUID) -> HttpResponse:
    """The successor signs the site's attestations and represents it from that moment."""
    open_here = selectors.successions_open_to(request.call.actor)
    named = next((each for each in open_here if each.pharmacy_id == pharmacy_id), None)
    if named is None:
        raise Http404
    text = document(PROGRAM, "pharmacy_enrollment")
    form = SignedAttestationsForm(
        request.POST or None, text=text, request=request, meaning=AS_REPRESENTATIVE
    )
    if request.method == "POST" and form.is_valid():
        signed = attempt(
            form,
            lambda: services.take_over_representation(
                once(request, form),
                pharmacy_id=pharmacy_id,
                program=PROGRAM,
                attestations=form.cleaned_data["attestations"],
            ),
        )
        if signed is not None:
            messages.success(
                request,
                f"You represent {named.pharmacy.name} from now on. Switch your role to act for it.",
            )
            return redirect("home")
    context = {"form": form, "text": text, "pharmacy": named.pharmacy}
    return render(request, "pharmacy/take_over_site.html", context)
