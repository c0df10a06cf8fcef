"""Questions about people and organizations. Reads only."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from apps.accounts.models import ApiClient, Membership, Organization, SignIn, User
from apps.core.call import Actor, ActorKind, Role
from apps.core.models import Operation

# Who carried these out knows what opens the API to a system, and could be the system.
SHOWING_CREDENTIALS = ("register_api_client", "rotate_client_secret", "set_client_keys")


def memberships_of(user: User) -> QuerySet[Membership]:
    """What a person acts as, and where: ended memberships left out."""
    return (
        Membership.objects.filter(user=user, ended_at__isnull=True)
        .select_related("organization")
        .order_by("organization__name", "role")
    )


def person(user_id: UUID) -> User | None:
    """Somebody who signs in, or did."""
    return User.objects.filter(pk=user_id).first()


def client_of_application(application_id: int) -> ApiClient | None:
    """The API client behind an OAuth application, unless it was ended."""
    return ApiClient.objects.filter(application_id=application_id, ended_at__isnull=True).first()


def people_with_role(role: Role, *, organization_id: UUID | None = None) -> QuerySet[User]:
    """The active people who hold a role, anywhere or in one organization."""
    members = Membership.objects.filter(role=role.value, ended_at__isnull=True)
    if organization_id is not None:
        members = members.filter(organization_id=organization_id)
    return User.objects.filter(is_active=True, memberships__in=members).distinct()


def holds_role(user_id: UUID, role: Role) -> bool:
    """Whether somebody has this role now, in whatever organization."""
    return Membership.objects.filter(
        user_id=user_id, role=role.value, ended_at__isnull=True
    ).exists()


def administrator_with_email(email: str) -> Membership | None:
    """The membership of the active administrator with this account."""
    held = Membership.objects.filter(
        role=Role.ADMINISTRATOR.value,
        ended_at__isnull=True,
        user__is_active=True,
        user__email__iexact=email.strip(),
    )
    return held.select_related("user").first()


def organization_acted_for(actor: Actor) -> str:
    """The name of the organization whose system or person acts; empty for none."""
    if actor.organization_id is None:
        return ""
    found = Organization.objects.filter(pk=actor.organization_id).values_list("name", flat=True)
    return found.first() or ""


def people_behind(kind: str, actor_id: UUID | None) -> set[UUID]:
    """The person who acted; of a system, all who were ever shown what opens the API to it.

    Where two persons must act, or somebody else than who gains by it, a system is no other person.
    """
    if actor_id is None:
        return set()
    if kind != ActorKind.CLIENT:
        return {actor_id}
    shown = Operation.objects.filter(name__in=SHOWING_CREDENTIALS, result_id=str(actor_id))
    return {each for each in shown.values_list("actor_id", flat=True) if each is not None}


def program_office_people() -> QuerySet[User]:
    """The administrators, whom alarms reach."""
    return people_with_role(Role.ADMINISTRATOR)


def client_ids() -> dict[str, str]:
    """The OAuth client id of each API client that was not ended, by the client's name."""
    clients = ApiClient.objects.filter(ended_at__isnull=True).order_by("application__name")
    return dict(clients.values_list("application__name", "application__client_id"))


def person_with_email(email: str) -> User | None:
    """The account of an address, however it was typed."""
    return User.objects.filter(email=email.strip().lower()).first()


def name_of(user_id: UUID | None) -> str:
    """The name of the person behind an account; empty for none."""
    if user_id is None:
        return ""
    return str(User.objects.filter(pk=user_id).first() or "")


def client_with_id(client_id: str) -> ApiClient | None:
    """The API client behind an OAuth client id, ended ones included."""
    return ApiClient.objects.filter(application__client_id=client_id).first()


def open_client(client_id: str) -> ApiClient | None:
    """The client, not ended, behind an OAuth client id that a request brings."""
    if "\x00" in client_id:  # Which the database refuses to look for.
        return None
    found = ApiClient.objects.filter(application__client_id=client_id, ended_at__isnull=True)
    return found.select_related("application").first()


def live_sign_ins(user: User, *, now: datetime) -> QuerySet[SignIn]:
    """Where a person is signed in at the real instant `now`, the latest first.

    What was left alone too long, or is too old, opens nothing any more, whether anybody noted it.
    """
    return SignIn.objects.filter(
        user=user,
        ended_at__isnull=True,
        last_seen_at__gt=now - settings.IDLE_TIMEOUT,
        began_at__gt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE),
    ).order_by("-began_at")


def earlier_sign_ins(user: User, *, now: datetime) -> QuerySet[SignIn]:
    """Where a person was signed in before, the latest first."""
    live = live_sign_ins(user, now=now).values("pk")
    return SignIn.objects.filter(user=user).exclude(pk__in=live).order_by("-began_at")
