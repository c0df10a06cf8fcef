"""A pharmacy's people: the training that each acknowledges, who works here, and the sites."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts import services as accounts
from apps.core.call import DISPENSING, Role
from apps.portal.access import PortalRequest, page
from apps.portal.evidence_forms import ReasonForm
from apps.portal.fields import InstantField
from apps.portal.forms import PortalForm
from apps.portal.invitations import invitation_cell, invite_again, tell_of_invitation
from apps.portal.program import PROGRAM, present_policy
from apps.portal.signatures import shown_signatures
from apps.portal.signing import Signed
from apps.portal.submitting import attempt, once
from apps.portal.views.delegates import PersonForm
from apps.portal.views.signing import SignedAttestationsForm
from apps.providers import selectors, services
from apps.providers.models import Pharmacy, StaffTraining
from apps.providers.roles import role_label
from apps.rules.documents import document

COUNTER = (Role.PHARMACIST, Role.TECHNICIAN)
CRUMBS_NAME = "Staff and training"
ACKNOWLEDGES = "acknowledge this training, and will follow each point above"


class StaffForm(PersonForm):
    """A new colleague at the counter."""

    field_order = ("role", "given_name", "family_name", "email")
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, role.value.capitalize()) for role in COUNTER],
        widget=forms.RadioSelect,
    )


class PaperTrainingForm(Signed, PortalForm):
    """The signed training of one without an account here, and who answers for the record."""

    meaning = "record this training as it was signed on paper, and keep the paper"
    name = forms.CharField(label="Name", max_length=120)
    role = forms.ChoiceField(
        label="Role",
        choices=StaffTraining.Role.choices,
        widget=forms.RadioSelect,
        help_text="Only a pharmacist counsels.",
    )
    acknowledged_at = InstantField(label="When did they sign the training?")


@page(*COUNTER, Role.REPRESENTATIVE)
def training(request: PortalRequest) -> HttpResponse:
    """The training of a pharmacy's staff, and its acknowledgment (L-ENR-2)."""
    actor = request.call.actor
    text = document(PROGRAM, "staff_training")
    form = SignedAttestationsForm(
        request.POST or None, text=text, request=request, meaning=ACKNOWLEDGES
    )
    form.fields["attestations"].label = "I know and will follow each point"
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: services.acknowledge_training(
                once(request, form),
                program=PROGRAM,
                attestations=form.cleaned_data["attestations"],
            ),
        )
        if made is not None:
            messages.success(request, "Your training is recorded.")
            return redirect("training")
    acknowledged = (
        selectors.trainings_visible_to(actor)
        .filter(user=request.user, program=PROGRAM, text_version=text.version)
        .first()
    )
    context = {
        "form": form,
        "text": text,
        "acknowledged": acknowledged,
        "signatures": shown_signatures(acknowledged) if acknowledged else [],
        "successions": selectors.successions_open_to(actor),
    }
    return render(request, "pharmacy/training.html", context)


@page(Role.REPRESENTATIVE)
def my_sites(request: PortalRequest) -> HttpResponse:
    """Every site that this person represents: standing, certification, training (L-ENR-6)."""
    actor = request.call.actor
    context = {
        "sites": selectors.sites_represented_by(actor, PROGRAM),
        "successions": selectors.successions_open_to(actor),
    }
    return render(request, "pharmacy/my_sites.html", context)


@page(Role.REPRESENTATIVE)
def staff(request: PortalRequest) -> HttpResponse:
    """The people of the site acted for, with their training."""
    pharmacy = _own_pharmacy(request)
    papers = selectors.trainings_visible_to(request.call.actor).filter(user=None)
    context = {
        "pharmacy": pharmacy,
        "columns": ["Name", "Role", "Training", "Invitation", "Action"],
        "rows": [_member(each) for each in selectors.staff_of(pharmacy, PROGRAM)],
        "paper_columns": ["Name", "Role", "Training signed", "Version"],
        "papers": [
            [
                each.name,
                each.get_role_display() or "Not on record: record it again",
                {"at": each.acknowledged_at},
                each.text_version,
            ]
            for each in papers.order_by("name", "-acknowledged_at")
        ],
    }
    return render(request, "pharmacy/staff.html", context)


@page(Role.REPRESENTATIVE)
def invite(request: PortalRequest) -> HttpResponse:
    """Give a colleague an account and a role at this site."""
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: accounts.invite_member(
                once(request, form),
                organization_id=request.call.actor.own_organization,
                role=Role(form.cleaned_data["role"]),
                **form.person(),
            ),
        )
        if made is not None:
            messages.success(request, f"{made.user} works here from now on.")
            tell_of_invitation(request, made.user)
            return redirect("staff")
    text = "Each person gets an account of their own, and acknowledges the training before the "
    return _form_page(
        request, form, title="Add a colleague", text=f"{text}first dispense.", submit="Add"
    )


@page(Role.REPRESENTATIVE)
def invite_staff_again(request: PortalRequest, membership_id: UUID) -> HttpResponse:
    """Another link for a colleague who did not choose a password yet."""
    user = _colleague(request, membership_id).membership.user
    return invite_again(request, user, back="staff", label=CRUMBS_NAME)


@page(Role.REPRESENTATIVE)
def record_training(request: PortalRequest) -> HttpResponse:
    """Record the signed training of one who has no account here."""
    form = PaperTrainingForm(
        request.POST or None, request=request, zone=present_policy().calendar.zone
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: services.record_staff_training(
                once(request, form),
                program=PROGRAM,
                name=form.cleaned_data["name"],
                role=form.cleaned_data["role"],
                acknowledged_at=form.cleaned_data["acknowledged_at"],
            ),
        )
        if made is not None:
            messages.success(request, f"The training of {made.name} is recorded.")
            return redirect("staff")
    return _form_page(
        request,
        form,
        title="Record a signed training",
        text="For somebody who dispenses through your own system and has no account here. Keep "
        f"the signed paper. Its version must be {selectors.training_version(PROGRAM)}.",
        submit="Record",
    )


@page(Role.REPRESENTATIVE)
def end_membership(request: PortalRequest, membership_id: UUID) -> HttpResponse:
    """End a colleague's role here, with a reason."""
    found = _colleague(request, membership_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ended = attempt(
            form,
            lambda: accounts.end_membership(
                once(request, form),
                membership_id=membership_id,
                reason=form.cleaned_data["reason"],
            ),
        )
        if ended is not None:
            messages.success(request, f"{found.membership.user} works here no longer.")
            return redirect("staff")
    return _form_page(
        request,
        form,
        title=f"End the role of {found.membership.user}",
        text="From this moment they can do nothing for this pharmacy, even if they are signed in.",
        submit="End it",
        danger=True,
    )


def _own_pharmacy(request: PortalRequest) -> Pharmacy:
    actor = request.call.actor
    return selectors.pharmacies_visible_to(actor).get(organization_id=actor.own_organization)


def _colleague(request: PortalRequest, membership_id: UUID) -> selectors.StaffMember:
    """Somebody who works at the own site. Raises Http404."""
    people = selectors.staff_of(_own_pharmacy(request), PROGRAM)
    found = next((each for each in people if each.membership.pk == membership_id), None)
    if found is None:
        raise Http404
    return found


def _member(each: selectors.StaffMember) -> list[Any]:
    role = Role(each.membership.role)
    trained: Any = {"at": each.acknowledged_at} if each.acknowledged_at else "not needed"
    if each.dispenses and not each.acknowledged_at:
        trained = "missing: dispenses nothing until then"
    action: Any = "–"
    if role in DISPENSING:
        action = {"text": "End", "url": reverse("end_membership", args=[each.membership.pk])}
    invited = invitation_cell(each.membership.user, "invite_staff_again", each.membership.pk)
    return [str(each.membership.user), role_label(role), trained, invited, action]


def _form_page(request: PortalRequest, form: PortalForm, **context: Any) -> HttpResponse:
    """A page with one form, on the way from the list of people and back."""
    crumbs = [{"label": CRUMBS_NAME, "url": reverse("staff")}]
    return render(
        request,
        "portal/one_form.html",
        {"form": form, "crumbs": crumbs, "back_url": reverse("staff"), **context},
    )
