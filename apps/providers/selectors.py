"""Questions about prescribers and pharmacies, and who an account or client acts as."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from apps.accounts import selectors as accounts
from apps.accounts.models import Membership
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
        return [replace(base, prescriber_id=pk) for pk in own.values_list("pk", flat=True)]
    if role is Role.DELEGATE:
        named = Delegation.objects.filter(
            delegate_id=membership.user_id,
            ended_at__isnull=True,
            prescriber__practice_id=membership.organization_id,
        ).order_by("prescriber__family_name")
        return [
            replace(base, prescriber_id=pk) for pk in named.values_list("prescriber_id", flat=True)
        ]
    return [base]


@dataclass(frozen=True, slots=True)
class Client:
    """A system that showed a valid token: as whom it acts, and what the token is for."""

    actor: Actor
    scopes: frozenset[str]
    pharmacy_id: UUID | None


def client_of_token(digest: str, *, on_behalf_of: UUID | None, now: datetime) -> Client | None:
    """The client behind the SHA-256 of a bearer token that has not expired at `now`; one statement.

    `prescriber_id` of its actor is the client's own prescriber, or the one of its practice that
    `on_behalf_of` names; None for another practice's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            CLIENT_OF_TOKEN, {"digest": digest, "on_behalf_of": on_behalf_of, "now": now}
        )
        row = cursor.fetchone()
    if row is None:
        return None
    client_id, role, organization_id, scope, prescriber_id, pharmacy_id = row
    actor = Actor(
        kind=ActorKind.CLIENT,
        id=client_id,
        role=Role(role),
        organization_id=organization_id,
        prescriber_id=prescriber_id if role in PRESCRIBING else None,
    )
    return Client(actor=actor, scopes=frozenset(scope.split()), pharmacy_id=pharmacy_id)


CLIENT_OF_TOKEN = """
    SELECT c.id, c.role, c.organization_id, t.scope, d.id, y.id
    FROM oauth2_provider_accesstoken t
    JOIN accounts_apiclient c ON c.application_id = t.application_id AND c.ended_at IS NULL
    LEFT JOIN providers_prescriber d ON d.practice_id = c.organization_id
        AND d.id = coalesce(c.prescriber_id, %(on_behalf_of)s::uuid)
    LEFT JOIN providers_pharmacy y ON y.organization_id = c.organization_id
    WHERE t.token_checksum = %(digest)s AND t.expires > %(now)s
"""  # noqa: S105


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


@dataclass(frozen=True, slots=True)
class CertificationStatus:
    """Where a party stands: its last signed form, and whether one waits for the staff."""

    party: Prescriber | Pharmacy
    signed_at: datetime | None
    is_waiting: bool
    last_day_on: date | None

    @property
    def may_sign(self) -> bool:
        """Whether a form is to be signed: to certify, or a pharmacy's to renew."""
        if isinstance(self.party, Prescriber):
            return self.party.state == "pending" and not self.is_waiting
        return self.party.state in {"pending", "certified"} and not self.is_waiting


def certification_of(actor: Actor) -> CertificationStatus:
    """The certification of the prescriber or pharmacy that the actor acts for.

    Raises NotAllowed for an actor who acts for neither.
    """
    if actor.role in PRESCRIBING:
        prescriber = prescribers_visible_to(actor).get(pk=actor.own_prescriber)
        form = prescriber.enrollments.order_by("-signed_at").first()
        return CertificationStatus(
            party=prescriber,
            signed_at=form.signed_at if form else None,
            is_waiting=form is not None and prescriber.state == "pending",
            last_day_on=None,
        )
    pharmacy = pharmacies_visible_to(actor).filter(organization_id=actor.own_organization).get()
    signed = pharmacy.enrollments.order_by("-signed_at").first()
    latest = pharmacy.certifications.order_by("-certified_until").first()
    return CertificationStatus(
        party=pharmacy,
        signed_at=signed.signed_at if signed else None,
        is_waiting=pharmacy.enrollments.filter(certification__isnull=True).exists(),
        last_day_on=latest.last_day_on if latest else None,
    )


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
