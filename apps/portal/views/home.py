"""The start: where each role begins, and the choice of a role where a person has several."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.csrf import csrf_failure
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.accounts.models import User
from apps.core.call import DISPENSING, PRESCRIBING, PROGRAM, Role
from apps.portal import program
from apps.portal.access import PortalRequest, page
from apps.portal.unsent import role_ended, typed_in
from apps.portal.views.dashboard import dashboard
from apps.providers import selectors as providers
from apps.providers.roles import (
    MAY_SWITCH,
    acting_of,
    bears_own_token,
    choices,
    has_ended,
    remember,
    shown_as,
    shown_in_ended_role,
)


@page()
def home(request: PortalRequest) -> HttpResponse:
    """Each role's first page."""
    role = request.call.actor.role
    if role is Role.PRESCRIBER and not _is_certified(request):
        return redirect("certification")
    if role in PRESCRIBING:
        return redirect("my_patients")
    if role in DISPENSING:
        untrained = providers.needs_training(request.call.actor, program.PROGRAM)
        return redirect("training" if untrained else "check")
    if role is Role.REPRESENTATIVE:
        return redirect("certification")
    if role in PROGRAM | {Role.AUDITOR}:
        return dashboard(request)
    raise PermissionDenied


@login_required
def choose_role(request: HttpRequest) -> HttpResponse:
    """For a person who acts in several roles or places: which one now."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    every = choices(user)
    if not every:
        raise PermissionDenied
    request.session[MAY_SWITCH] = len(every) > 1
    target = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    if request.method == "POST":
        for choice in every:
            if choice.key == request.POST.get("acting"):
                remember(request, choice)
                return HttpResponseRedirect(target)
    context = {"choices": every, "next": target, "present": acting_of(request)}
    return render(request, "portal/choose_role.html", context)


def refused_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: forged or old, or shown in another role of this sign-in.

    What was typed then waits on the page, to be sent in that role; or to be copied, if it ended.
    """
    shown = shown_as(request)
    if shown is None:
        ended = shown_in_ended_role(request)
        return role_ended(request) if ended else csrf_failure(request, reason)
    query = urlencode({"as": shown.key, "next": request.get_full_path()})
    context = {
        "shown": shown,
        "present": acting_of(request),
        "typed": typed_in(request),
        "with_files": bool(request.FILES),
        "page": request.get_full_path(),
        "send_url": f"{reverse('send_as')}?{query}",
    }
    return render(request, "portal/other_role.html", context, status=HTTPStatus.CONFLICT)


@login_required
@csrf_exempt
@require_POST
def send_as(request: HttpRequest) -> HttpResponse:
    """Back to the role in which a form was shown, and on to where it was sent, as it was typed.

    The form's own token is what counts here: of that role, of this sign-in. Where that role has
    ended, what was typed is shown.
    """
    shown = shown_as(request)
    own_ended = has_ended(request) and bears_own_token(request)
    if shown is None and (own_ended or shown_in_ended_role(request)):
        return role_ended(request)
    target = request.GET.get("next", "")
    allowed = {request.get_host()}
    if (
        shown is None
        or shown.key != request.GET.get("as")
        or not url_has_allowed_host_and_scheme(target, allowed_hosts=allowed)
    ):
        return csrf_failure(request)
    remember(request, shown)
    return HttpResponseRedirect(target, preserve_request=True)


def _is_certified(request: PortalRequest) -> bool:
    actor = request.call.actor
    return (
        providers.prescribers_visible_to(actor)
        .filter(pk=actor.own_prescriber)
        .exclude(state="pending")
        .exists()
    )
