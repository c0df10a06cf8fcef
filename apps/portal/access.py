"""Who may open a page, and as whom: the membership chosen for this sign-in, kept in the session.

It decides nothing about patients: what an actor may see is the selectors' business.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.accounts import selectors as accounts
from apps.accounts.models import Membership, User
from apps.core.call import PRESCRIBING, Actor, Call, Channel, Role
from apps.core.errors import NotAllowed, NotFound
from apps.providers import selectors as providers

P = ParamSpec("P")
SESSION_KEY = "acting"


@dataclass(frozen=True, slots=True)
class Acting:
    """One way in which a person may act: an actor, and how pages name it."""

    actor: Actor
    membership_id: UUID
    role: str
    organization: str
    on_behalf_of: str = ""

    @property
    def key(self) -> str:
        """What tells this choice from the person's others."""
        return f"{self.membership_id}:{self.actor.prescriber_id or ''}"


class PortalRequest(HttpRequest):
    """A request of somebody who signed in and acts in a role."""

    user: User
    acting: Acting
    call: Call


View = Callable[Concatenate[PortalRequest, P], HttpResponse]


def page(*roles: Role) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Let a view be opened only by somebody who acts in one of `roles` (any role, if none given).

    Who is not signed in goes to the sign-in and comes back; who acts in no fitting role sees the
    403 page; what is not theirs to see is a 404, as what does not exist.
    """

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @functools.wraps(view)
        def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            acting = acting_of(request)
            if acting is None:
                return _choose_first(request)
            if roles and acting.actor.role not in roles:
                raise PermissionDenied
            entered = cast("PortalRequest", request)
            entered.acting = acting
            entered.call = Call(actor=acting.actor, channel=Channel.PORTAL)
            try:
                return view(entered, *args, **kwargs)
            except NotFound as error:
                raise Http404(error.message) from error
            except NotAllowed as error:
                raise PermissionDenied(error.message) from error

        return cast("Callable[Concatenate[HttpRequest, P], HttpResponse]", login_required(opened))

    return decorate


def acting_of(request: HttpRequest) -> Acting | None:
    """Whom the person of this request acts as: as chosen, or the only choice; looked up once."""
    if not hasattr(request, "_acting"):
        request._acting = _find(request)  # type: ignore[attr-defined]  # noqa: SLF001
    return cast("Acting | None", request._acting)  # type: ignore[attr-defined]  # noqa: SLF001


def choices(user: User) -> list[Acting]:
    """Every way in which a person may act now."""
    return [
        choice for membership in accounts.memberships_of(user) for choice in _choices_of(membership)
    ]


def remember(request: HttpRequest, acting: Acting) -> None:
    """Keep a choice for the rest of this sign-in."""
    request.session[SESSION_KEY] = acting.key


def _find(request: HttpRequest) -> Acting | None:
    user = request.user
    if not isinstance(user, User) or not user.is_authenticated:
        return None
    kept = str(request.session.get(SESSION_KEY, ""))
    membership_id, _, _ = kept.partition(":")
    if membership_id:
        for membership in accounts.memberships_of(user).filter(pk=membership_id):
            for choice in _choices_of(membership):
                if choice.key == kept:
                    return choice
    every = choices(user)
    if len(every) == 1:
        remember(request, every[0])
        return every[0]
    return None


def _choices_of(membership: Membership) -> list[Acting]:
    return [_named(membership, actor) for actor in providers.actors_of_membership(membership)]


def _named(membership: Membership, actor: Actor) -> Acting:
    on_behalf_of = ""
    if actor.role is Role.DELEGATE:
        prescriber = providers.prescribers_visible_to(actor).get(pk=actor.own_prescriber)
        on_behalf_of = f"{prescriber.given_name} {prescriber.family_name}"
    return Acting(
        actor=actor,
        membership_id=membership.pk,
        role=role_label(actor.role),
        organization=membership.organization.name,
        on_behalf_of=on_behalf_of,
    )


def role_label(role: Role) -> str:
    """How pages name a role."""
    if role is Role.REPRESENTATIVE:
        return "Authorized representative"
    return "Program staff" if role is Role.STAFF else role.value.capitalize()


def _choose_first(request: HttpRequest) -> HttpResponse:
    user = cast("User", request.user)
    if not choices(user):
        raise PermissionDenied
    query: dict[str, Any] = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"{reverse('choose_role')}?{urlencode(query)}")


PRESCRIBER_SIDE = tuple(sorted(PRESCRIBING))
