"""Which prescribers and pharmacies an actor sees, who covers for whom, how they are told. Reads."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet

from apps.accounts import selectors as accounts
from apps.core.call import PRESCRIBING, Actor, Role
from apps.core.names import contains
from apps.notices.models import Notice
from apps.notices.services import Recipient
from apps.providers.models import Delegation, Pharmacy, Prescriber, Standing


def prescribers_visible_to(actor: Actor) -> QuerySet[Prescriber]:
    """The program's people see all; others their own practice's."""
    if actor.role in {Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR, Role.SYSTEM}:
        return Prescriber.objects.all()
    if actor.role in PRESCRIBING:
        return Prescriber.objects.filter(practice_id=actor.own_organization)
    return Prescriber.objects.none()


def certified_prescribers(actor: Actor, sought: str) -> QuerySet[Prescriber]:
    """Those of this NPI, or with each of these words in their name, whom the actor may see."""
    words = sought.split()
    named = Q(npi="".join(words))
    if words and not "".join(words).isdigit():
        named = Q()
        for word in words:
            named &= contains("given_name", word) | contains("family_name", word)
    certified = prescribers_visible_to(actor).filter(named, state="certified")
    return certified.select_related("practice__organization").order_by(
        "family_name", "given_name", "npi"
    )


def pharmacies_visible_to(actor: Actor) -> QuerySet[Pharmacy]:
    """The program's people see all; a pharmacy's people their own."""
    if actor.role in {Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR, Role.SYSTEM}:
        return Pharmacy.objects.all()
    if actor.role in {Role.PHARMACIST, Role.TECHNICIAN, Role.REPRESENTATIVE}:
        return Pharmacy.objects.filter(organization_id=actor.own_organization)
    return Pharmacy.objects.none()


def pharmacy_of(organization_id: UUID) -> Pharmacy | None:
    """The pharmacy of an organization; who asks has seen what it did."""
    return Pharmacy.objects.filter(organization_id=organization_id).first()


def are_certified(prescriber: Prescriber, organization_id: UUID, *, now: datetime) -> bool:
    """Whether a prescriber and the pharmacy of an organization are certified (L-ENR-1, L-ENR-2)."""
    pharmacy = Pharmacy.objects.filter(
        organization_id=organization_id,
        state=Standing.CERTIFIED,
        certifications__certified_from__lte=now,
        certifications__certified_until__gt=now,
    )
    return prescriber.state == Standing.CERTIFIED and pharmacy.exists()


def covered_by(prescriber_id: UUID | OuterRef | None) -> Q:
    """For whom a prescriber may act: themselves, and colleagues whom they cover (L-ENR-5).

    Only a certified prescriber covers; the colleague may have lost the certification, so that
    those patients are not left to nobody.
    """
    return Q(prescriber_id=prescriber_id) | Q(
        prescriber__practice__members_cover_each_other=True,
        prescriber__practice__prescribers=prescriber_id,
        prescriber__practice__prescribers__state="certified",
    )


def delegations_visible_to(actor: Actor) -> QuerySet[Delegation]:
    """The program's people see all delegations, a prescriber's side the prescriber's."""
    delegations = Delegation.objects.select_related("delegate")
    if actor.role in {Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR, Role.SYSTEM}:
        return delegations
    if actor.role in PRESCRIBING and actor.prescriber_id is not None:
        return delegations.filter(prescriber_id=actor.prescriber_id)
    return delegations.none()


def delegations_of(actor: Actor) -> QuerySet[Delegation]:
    """The prescriber's own delegations, those that stand first, newest first (L-SUR-1)."""
    own = delegations_visible_to(actor).filter(prescriber_id=actor.own_prescriber)
    return own.order_by(F("ended_at").desc(nulls_first=True), "-named_at")


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
