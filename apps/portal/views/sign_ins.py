"""One's own sign-ins: where somebody is signed in, and the end of one or of all others."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.accounts import selectors, services
from apps.accounts.middleware import SIGN_IN
from apps.accounts.models import SignIn, User
from apps.core import clock
from apps.core.errors import NotFound

LISTED = 10
EARLIER = ["Browser", "From", "Signed in", "Last used", "How it ended"]


@login_required
def own_sign_ins(request: HttpRequest) -> HttpResponse:
    """Where the person of this request is signed in, and was lately."""
    user, now = _user(request), clock.real_now()
    live = selectors.live_sign_ins(user, now=now)
    own = request.session.get(SIGN_IN)
    context = {
        "live": [(each, str(each.pk) == own) for each in live],
        "earlier_columns": EARLIER,
        "earlier": [_row(each) for each in selectors.earlier_sign_ins(user, now=now)[:LISTED]],
    }
    return render(request, "account/sign_ins.html", context)


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Go on with a sign-in: that it was asked is enough. 401 where it has ended already."""
    signed_in = request.user.is_authenticated
    return HttpResponse(status=HTTPStatus.NO_CONTENT if signed_in else HTTPStatus.UNAUTHORIZED)


@login_required
@require_POST
def end(request: HttpRequest, sign_in_id: UUID) -> HttpResponse:
    """End one; the one that asks is signed out like any other."""
    user = _user(request)
    try:
        services.end_sign_in(services.call_of(user), user_id=user.pk, sign_in_id=sign_in_id)
    except NotFound as error:
        raise Http404(error.message) from error
    messages.success(request, "That sign-in has ended.")
    return redirect("sign_ins")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all others at once."""
    user = _user(request)
    services.end_other_sign_ins(
        services.call_of(user), user_id=user.pk, but=request.session.get(SIGN_IN, "")
    )
    messages.success(request, "You are signed in here only.")
    return redirect("sign_ins")


def _user(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def _row(each: SignIn) -> list[Any]:
    how = each.get_ended_how_display() if each.ended_at else "Left alone"
    return [
        each.browser,
        each.address or "unknown",
        {"at": each.began_at},
        {"at": each.last_seen_at},
        how,
    ]
