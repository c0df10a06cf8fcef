"""As whom an account or a client acts. Reads only."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from apps.accounts import selectors as accounts
from apps.accounts.models import Membership, Organization, User
from apps.accounts.scopes import Scope, granted
from apps.core.call import PRESCRIBING, Actor, ActorKind, Role
from apps.core.together import attach, read_together
from apps.providers.models import Prescriber


@dataclass(frozen=True, slots=True)
class Held:
    """A role that a person holds: as whom it lets them act, where, and on whose behalf."""

    membership: Membership
    actor: Actor
    on_behalf_of: str = ""


def roles_held(user: User, *, membership_id: UUID | str | None = None) -> list[Held]:
    """As whom a person acts now: one actor a membership, but one a prescriber for a delegate.

    Nobody acts on behalf of a prescriber who works there no more. Of one membership, if it is
    named. One statement.
    """
    held = accounts.memberships_of(user)
    if membership_id is not None:
        held = held.filter(pk=membership_id)
    memberships, organizations, own, represented = read_together(
        held,
        Organization.objects.filter(pk__in=held.values("organization")),
        Prescriber.objects.filter(user=user),
        Prescriber.objects.filter(delegations__delegate=user, delegations__ended_at__isnull=True)
        .exclude(has_left())
        .order_by("family_name"),
    )
    attach(memberships, "organization", organizations)
    return [each for one in memberships for each in _held(one, own, represented)]


def _held(
    membership: Membership, own: Iterable[Prescriber], represented: Iterable[Prescriber]
) -> Iterator[Held]:
    role = Role(membership.role)
    actor = Actor(
        kind=ActorKind.PERSON,
        id=membership.user_id,
        role=role,
        organization_id=membership.organization_id,
    )
    if role not in PRESCRIBING:
        yield Held(membership, actor)
    for each in {Role.PRESCRIBER: own, Role.DELEGATE: represented}.get(role, ()):
        if each.practice_id == membership.organization_id:
            behalf = each.full_name if role is Role.DELEGATE else ""
            yield Held(membership, replace(actor, prescriber_id=each.pk), behalf)


def has_left(prescriber: str = "") -> Q:
    """Prescribers whose role in their practice has ended; `prescriber` is the path to them.

    One without an account has no role that could end.
    """
    here = Membership.objects.filter(
        user_id=OuterRef(f"{prescriber}user_id"),
        organization_id=OuterRef(f"{prescriber}practice_id"),
        role=Role.PRESCRIBER.value,
        ended_at__isnull=True,
    )
    return Q(~Exists(here), **{f"{prescriber}user__isnull": False})


@dataclass(frozen=True, slots=True)
class Client:
    """A system that showed a valid token: as whom it acts, and what the token is for."""

    actor: Actor
    scopes: frozenset[Scope]
    pharmacy_id: UUID | None


def client_of_token(digest: str, *, on_behalf_of: UUID | None, now: datetime) -> Client | None:
    """The client behind the SHA-256 of a bearer token that has not expired at `now`; one statement.

    `prescriber_id` of its actor is the client's own prescriber, or the one of its practice that
    `on_behalf_of` names; None for another practice's, and for one who works there no more.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            CLIENT_OF_TOKEN, {"digest": digest, "on_behalf_of": on_behalf_of, "now": now}
        )
        row = cursor.fetchone()
    if row is None:
        return None
    client_id, role, organization_id, token, chosen, prescriber_id, pharmacy_id = row
    actor = Actor(
        kind=ActorKind.CLIENT,
        id=client_id,
        role=Role(role),
        organization_id=organization_id,
        prescriber_id=prescriber_id if role in PRESCRIBING else None,
    )
    return Client(actor=actor, scopes=granted(actor.role, chosen, token), pharmacy_id=pharmacy_id)


CLIENT_OF_TOKEN = """
    SELECT c.id, c.role, c.organization_id, t.scope, c.scopes, d.id, y.id
    FROM oauth2_provider_accesstoken t
    JOIN accounts_apiclient c ON c.application_id = t.application_id AND c.ended_at IS NULL
    LEFT JOIN providers_prescriber d ON d.practice_id = c.organization_id
        AND d.id = coalesce(c.prescriber_id, %(on_behalf_of)s::uuid)
        AND (d.user_id IS NULL OR EXISTS (
            SELECT FROM accounts_membership m
            WHERE m.user_id = d.user_id AND m.organization_id = d.practice_id
                AND m.role = 'prescriber' AND m.ended_at IS NULL
        ))
    LEFT JOIN providers_pharmacy y ON y.organization_id = c.organization_id
    WHERE t.token_checksum = %(digest)s AND t.expires > %(now)s
"""  # noqa: S105
