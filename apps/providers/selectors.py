"""Questions about prescribers and pharmacies, and who an account or client acts as."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts import selectors as accounts
from apps.accounts.models import ApiClient, Membership
from apps.core.call import PRESCRIBING, Actor, ActorKind, Role
from apps.notices.models import Notice
from apps.notices.services import Recipient
from apps.providers.models import Delegation, Pharmacy, Prescriber


def actors_of_membership(membership: Membership) -> list[Actor]:
    """Whom a membership lets its holder act as: one actor, but one a prescriber for a delegate."""
    role = Role(membership.role)
    base = Actor(
        kind=ActorKind.PERSON,
        id=membership.user_id,
        role=role,
        organization_id=membership.organization_id,
    )
    if role is Role.PRESCRIBER:
        own = Prescriber.objects.filter(
            user_id=membership.user_id, practice_id=membership.organization_id
        )
        return [_for(base, pk) for pk in own.values_list("pk", flat=True)]
    if role is Role.DELEGATE:
        named = Delegation.objects.filter(
            delegate_id=membership.user_id,
            ended_at__isnull=True,
            prescriber__practice_id=membership.organization_id,
        ).order_by("prescriber__family_name")
        return [_for(base, pk) for pk in named.values_list("prescriber_id", flat=True)]
    return [base]


def actor_of_client(client: ApiClient, *, on_behalf_of: UUID | None) -> Actor | None:
    """The actor behind an API client.

    A practice's system names the prescriber that it acts for; None when it names none or one of
    another practice.
    """
    role = Role(client.role)
    prescriber_id = client.prescriber_id or on_behalf_of
    if role not in PRESCRIBING:
        prescriber_id = None
    elif prescriber_id is None:
        return None
    else:
        known = Prescriber.objects.filter(
            pk=prescriber_id, practice_id=client.organization_id
        ).exists()
        if not known:
            return None
    return Actor(
        kind=ActorKind.CLIENT,
        id=client.pk,
        role=role,
        organization_id=client.organization_id,
        prescriber_id=prescriber_id,
    )


def prescribers_visible_to(actor: Actor) -> QuerySet[Prescriber]:
    """The program's people see all; others their own practice's."""
    if actor.role in {Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR, Role.SYSTEM}:
        return Prescriber.objects.all()
    if actor.role in PRESCRIBING:
        return Prescriber.objects.filter(practice_id=actor.own_organization)
    return Prescriber.objects.none()


def pharmacies_visible_to(actor: Actor) -> QuerySet[Pharmacy]:
    """The program's people see all; a pharmacy's people their own."""
    if actor.role in {Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR, Role.SYSTEM}:
        return Pharmacy.objects.all()
    if actor.role in {Role.PHARMACIST, Role.TECHNICIAN, Role.REPRESENTATIVE}:
        return Pharmacy.objects.filter(organization_id=actor.own_organization)
    return Pharmacy.objects.none()


def covered_by(prescriber_id: UUID | None) -> Q:
    """For whom a prescriber may act: themselves, and colleagues whom they cover (L-ENR-5)."""
    return Q(prescriber_id=prescriber_id) | Q(
        prescriber__practice__members_cover_each_other=True,
        prescriber__practice__prescribers=prescriber_id,
    )


def prescriber_recipient(prescriber: Prescriber) -> Recipient:
    """How a prescriber is told."""
    return Recipient(Notice.RecipientKind.PRESCRIBER, prescriber.pk, prescriber.email)


def pharmacy_recipient(pharmacy: Pharmacy) -> Recipient:
    """How a pharmacy is told."""
    return Recipient(Notice.RecipientKind.PHARMACY, pharmacy.pk, pharmacy.email)


def administrator_recipients() -> Iterable[Recipient]:
    """How the program's administrators are told."""
    return [
        Recipient(Notice.RecipientKind.STAFF, user.pk, user.email)
        for user in accounts.program_office_people()
    ]


def _for(actor: Actor, prescriber_id: UUID) -> Actor:
    return Actor(
        kind=actor.kind,
        id=actor.id,
        role=actor.role,
        organization_id=actor.organization_id,
        prescriber_id=prescriber_id,
    )
