"""The prescriber's delegates: who may act on their behalf, until it is ended (L-SUR-1)."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core.call import Role
from apps.portal.access import PortalRequest, page
from apps.portal.evidence_forms import ReasonForm
from apps.portal.forms import PortalForm
from apps.portal.invitations import invitation_cell, invite_again, tell_of_invitation
from apps.portal.submitting import attempt, once
from apps.providers import selectors, services
from apps.providers.models import Delegation


class PersonForm(PortalForm):
    """A colleague, by name and the address with which they sign in."""

    given_name = forms.CharField(label="Given name", max_length=60)
    family_name = forms.CharField(label="Family name", max_length=60)
    email = forms.EmailField(label="E-mail address", help_text="With which they sign in.")

    def person(self) -> dict[str, str]:
        """What the commands take, from a valid form."""
        return {name: self.cleaned_data[name] for name in ("given_name", "family_name", "email")}


@page(Role.PRESCRIBER)
def delegates(request: PortalRequest) -> HttpResponse:
    """Who acts on the prescriber's behalf, who did, and the form that names another one."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        named = attempt(form, lambda: services.name_delegate(once(request, form), **form.person()))
        if named is not None:
            messages.success(request, f"{named.delegate} is your delegate from now on.")
            tell_of_invitation(request, named.delegate)
            return redirect("delegates")
    rows = [
        [
            str(each.delegate),
            each.delegate.email,
            {"at": each.named_at},
            "–"
            if each.ended_at
            else invitation_cell(each.delegate, "invite_delegate_again", each.pk),
            {"at": each.ended_at} if each.ended_at else "acts for you now",
            "–"
            if each.ended_at
            else {"text": "End", "url": reverse("end_delegation", args=[each.pk])},
        ]
        for each in selectors.delegations_of(request.call.actor)
    ]
    columns = ["Delegate", "E-mail address", "Named", "Invitation", "Ended", "Action"]
    context = {"form": form, "rows": rows, "columns": columns}
    return render(request, "prescriber/delegates.html", context)


@page(Role.PRESCRIBER)
def end_delegation(request: PortalRequest, delegation_id: UUID) -> HttpResponse:
    """End one, with a reason; it stops at once, also for one who is signed in."""
    found = _delegation(request, delegation_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ended = attempt(
            form,
            lambda: services.end_delegation(
                once(request, form),
                delegation_id=delegation_id,
                reason=form.cleaned_data["reason"],
            ),
        )
        if ended is not None:
            messages.success(request, f"{found.delegate} acts for you no longer.")
            return redirect("delegates")
    context = {
        "form": form,
        "title": f"End the delegation of {found.delegate}",
        "text": "From this moment they do and see nothing on your behalf, even if they are signed "
        "in. What they did stays in the records, as done on your behalf.",
        "submit": "End the delegation",
        "back_url": reverse("delegates"),
        "back": "Keep it",
        "crumbs": [{"label": "My delegates", "url": reverse("delegates")}],
    }
    return render(request, "portal/reason.html", context)


@page(Role.PRESCRIBER)
def invite_delegate_again(request: PortalRequest, delegation_id: UUID) -> HttpResponse:
    """Another link for a delegate who did not choose a password yet."""
    user = _delegation(request, delegation_id).delegate
    return invite_again(request, user, back="delegates", label="My delegates")


def _delegation(request: PortalRequest, delegation_id: UUID) -> Delegation:
    """A delegation of the prescriber that still holds. Raises Http404."""
    found = (
        selectors.delegations_of(request.call.actor)
        .filter(pk=delegation_id, ended_at__isnull=True)
        .first()
    )
    if found is None:
        raise Http404
    return found
