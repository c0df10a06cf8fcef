"""Who may open a page, in the role that the person acts in (see `apps.providers.roles`).

It decides nothing about patients: what an actor may see is the selectors' business.
"""

import functools
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts.models import User
from apps.audit import services as audit
from apps.core import clock
from apps.core.call import PRESCRIBING, Call, Channel, Role
from apps.core.errors import NotAllowed, NotFound
from apps.portal.unsent import role_ended
from apps.providers.roles import Acting, acting_of, choices, has_ended

P = ParamSpec("P")
OK = 200
METHODS = ("GET", "HEAD", "POST")


class PortalRequest(HttpRequest):
    """A request of somebody who signed in and acts in a role."""

    user: User
    acting: Acting
    call: Call
    shown_patient: UUID | None
    shown_others: tuple[UUID, ...]
    left_a_view: bool


View = Callable[Concatenate[PortalRequest, P], HttpResponseBase]


def page(
    *roles: Role,
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Let a view be opened only by somebody who acts in one of `roles` (any role, if none given).

    Who is not signed in goes to the sign-in and comes back; who acts in no fitting role sees the
    403 page, or what they typed, where their role ended meanwhile; what is not theirs to see is a
    404, as what does not exist.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @functools.wraps(view)
        def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            acting = acting_of(request)
            if acting is None:
                return _choose_first(request)
            if roles and acting.actor.role not in roles:
                raise PermissionDenied
            entered = cast("PortalRequest", request)
            entered.acting = acting
            entered.call = Call(actor=acting.actor, channel=Channel.PORTAL)
            entered.shown_patient = cast("UUID | None", kwargs.get("patient_id"))
            entered.shown_others = ()
            entered.left_a_view = False
            return answered(entered, lambda: view(entered, *args, **kwargs))

        return cast(
            "Callable[Concatenate[HttpRequest, P], HttpResponseBase]", login_required(opened)
        )

    return decorate


def answered(request: PortalRequest, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """What an opened page answers, with its access event; what is not theirs to see is a 404."""
    if request.method not in METHODS:
        return HttpResponseNotAllowed(METHODS)
    try:
        with clock.looked_up_once() if request.method == "GET" else nullcontext():
            answer = view()
    except NotFound as error:
        raise Http404(error.message) from error
    except NotAllowed as error:
        raise PermissionDenied(error.message) from error
    _leave_a_view(request, answer)
    return answer


def saw(request: PortalRequest, code: str, **about: Any) -> None:
    """Leave the access event of a page that tells more of what was seen than whose it is."""
    request.left_a_view = True
    audit.record_view(request.call, code, **about)


def shows(request: PortalRequest, patient_id: UUID | None, others: Iterable[UUID] = ()) -> None:
    """Tell whose data a page shows whose address does not say it; `others` are named beside."""
    request.shown_patient, request.shown_others = patient_id, tuple(others)


def _leave_a_view(request: PortalRequest, answer: HttpResponseBase) -> None:
    """The access event of a page that showed a patient and left none itself; also of a form."""
    if request.left_a_view or request.shown_patient is None or answer.status_code != OK:
        return
    name = request.resolver_match.url_name if request.resolver_match else ""
    audit.record_view(
        request.call,
        "page_viewed",
        patient_id=request.shown_patient,
        patient_ids=request.shown_others or None,
        data={"page": name},
    )


def _choose_first(request: HttpRequest) -> HttpResponseBase:
    user = cast("User", request.user)
    if request.method == "POST" and has_ended(request):
        return role_ended(request)
    if not choices(user):
        raise PermissionDenied
    query: dict[str, Any] = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"{reverse('choose_role')}?{urlencode(query)}")


PRESCRIBER_SIDE = tuple(sorted(PRESCRIBING))
