"""Who may enter the administration, and as whom they act: people of the program's office."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.models import User
from apps.core.call import PROGRAM, Call, Channel, Role
from apps.providers.roles import acting_of, choices, has_ended

OFFICE = PROGRAM | {Role.AUDITOR}


def office_call(request: HttpRequest) -> Call | None:
    """The call of somebody who acts in a role of the office; None for all else. Looked up once."""
    if not hasattr(request, "_office_call"):
        request._office_call = _find(request)  # type: ignore[attr-defined]  # noqa: SLF001
    return cast("Call | None", request._office_call)  # type: ignore[attr-defined]  # noqa: SLF001


def entered_call(request: HttpRequest) -> Call:
    """The call of somebody of the office. Raises PermissionDenied for everybody else."""
    call = office_call(request)
    if call is None:
        raise PermissionDenied
    return call


def choose_first(request: HttpRequest) -> HttpResponse | None:
    """Over to the choice of a role, for who holds one of the office and acts in none of them.

    What was sent in a role that ended meanwhile is shown by the portal, to be copied.
    """
    user = request.user
    if office_call(request) or not isinstance(user, User):
        return None
    if request.method == "POST" and has_ended(request):
        return HttpResponseRedirect(reverse("send_as"), preserve_request=True)
    if not any(choice.actor.role in OFFICE for choice in choices(user)):
        return None
    query = {"next": request.get_full_path() if request.method == "GET" else reverse("admin:index")}
    return redirect(f"{reverse('choose_role')}?{urlencode(query)}")


def _find(request: HttpRequest) -> Call | None:
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    acting = acting_of(request)
    if acting is None or acting.actor.role not in OFFICE:
        return None
    return Call(actor=acting.actor, channel=Channel.PORTAL)
