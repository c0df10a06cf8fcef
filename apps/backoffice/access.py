"""Who may enter the administration, and as whom they act: people of the program's office."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apps.accounts import selectors as accounts
from apps.accounts.models import Organization, User
from apps.core.call import Call, Channel, Role
from apps.providers import selectors as providers

# Somebody who holds several of them acts in the first.
OFFICE = (Role.ADMINISTRATOR, Role.STAFF, Role.AUDITOR)


def office_call(request: HttpRequest) -> Call | None:
    """The call of the signed-in person of the office; None for everybody else. Looked up once."""
    if not hasattr(request, "_office_call"):
        request._office_call = _find(request)  # type: ignore[attr-defined]  # noqa: SLF001
    return cast("Call | None", request._office_call)  # type: ignore[attr-defined]  # noqa: SLF001


def entered_call(request: HttpRequest) -> Call:
    """The call of somebody of the office. Raises PermissionDenied for everybody else."""
    call = office_call(request)
    if call is None:
        raise PermissionDenied
    return call


def _find(request: HttpRequest) -> Call | None:
    user = request.user
    if not isinstance(user, User) or not user.is_active:
        return None
    held = {
        Role(membership.role): membership
        for membership in accounts.memberships_of(user)
        if membership.organization.kind == Organization.Kind.PROGRAM
    }
    for role in OFFICE:
        if role in held:
            (actor,) = providers.actors_of_membership(held[role])
            return Call(actor=actor, channel=Channel.PORTAL)
    return None
