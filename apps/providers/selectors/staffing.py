"""A pharmacy's people: who is trained, who represents which sites, who is to follow. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.accounts.models import Membership
from apps.core.call import DISPENSING, Actor, ActorKind, Role
from apps.providers.models import Pharmacy, StaffTraining, Succession
from apps.providers.selectors.certifications import CertificationStatus, certifications_of
from apps.providers.selectors.parties import pharmacies_visible_to
from apps.rules.documents import document


def training_version(program: str) -> str:
    """The version of the training that everybody who dispenses must have acknowledged."""
    return document(program, "staff_training").version


def is_trained(user_id: UUID, pharmacy_id: UUID, program: str) -> bool:
    """Whether a person acknowledged the present training for this pharmacy (L-ENR-2)."""
    return StaffTraining.objects.filter(
        user_id=user_id,
        pharmacy_id=pharmacy_id,
        program=program,
        text_version=training_version(program),
    ).exists()


def may_have_counseled(name: str, pharmacy: Pharmacy, program: str, at: datetime) -> bool:
    """Whether somebody of this name could counsel at a pharmacy then (L-DSP-6, L-ENR-2)."""
    then = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
    trainings = _trainings_of_pharmacists(then, pharmacy=pharmacy, program=program)
    return trainings.filter(name__iexact=" ".join(name.split()), acknowledged_at__lte=at).exists()


def names_of_counselors(organization_id: UUID, program: str) -> list[str]:
    """Who could ever counsel at the pharmacy of an organization, by name, in their order."""
    trainings = _trainings_of_pharmacists(
        Q(), pharmacy__organization_id=organization_id, program=program
    )
    return sorted(set(trainings.values_list("name", flat=True)))


def _trainings_of_pharmacists(when: Q, **where: Any) -> QuerySet[StaffTraining]:
    """Of those whose role it is or was; of people without an account, where their paper says so."""
    pharmacists = Membership.objects.filter(
        when,
        user=OuterRef("user"),
        organization_id=OuterRef("pharmacy__organization_id"),
        role=Role.PHARMACIST.value,
    )
    on_paper = Q(user=None, role=StaffTraining.Role.PHARMACIST)
    return StaffTraining.objects.filter(on_paper | Exists(pharmacists), **where)


def needs_training(actor: Actor, program: str) -> bool:
    """Whether a person must acknowledge the training before they dispense for this pharmacy."""
    if actor.kind is not ActorKind.PERSON or actor.id is None or actor.role not in DISPENSING:
        return False
    own = Pharmacy.objects.filter(organization_id=actor.own_organization).values_list("pk")
    return not StaffTraining.objects.filter(
        user_id=actor.id,
        pharmacy__in=own,
        program=program,
        text_version=training_version(program),
    ).exists()


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One of a pharmacy's people, and when they acknowledged the present training."""

    membership: Membership
    acknowledged_at: datetime | None

    @property
    def dispenses(self) -> bool:
        """Whether this role confirms and dispenses, and so needs the training."""
        return Role(self.membership.role) in DISPENSING


def staff_of(pharmacy: Pharmacy, program: str) -> list[StaffMember]:
    """The pharmacy's people who are members now, by name; two statements."""
    return staff_at([pharmacy], program)[pharmacy.pk]


def staff_at(pharmacies: Sequence[Pharmacy], program: str) -> dict[UUID, list[StaffMember]]:
    """The people of each pharmacy who are members now, by name; two statements for all."""
    version = training_version(program)
    trainings = StaffTraining.objects.filter(
        pharmacy__in=pharmacies, program=program, text_version=version
    ).exclude(user=None)
    acknowledged = {(each.pharmacy_id, each.user_id): each.acknowledged_at for each in trainings}
    sites = {each.organization_id: each.pk for each in pharmacies}
    members = (
        Membership.objects.filter(organization_id__in=sites, ended_at__isnull=True)
        .select_related("user")
        .order_by("user__family_name", "user__given_name", "role")
    )
    found: dict[UUID, list[StaffMember]] = {each.pk: [] for each in pharmacies}
    for each in members:
        site = sites[each.organization_id]
        found[site].append(StaffMember(each, acknowledged.get((site, each.user_id))))
    return found


def trainings_visible_to(actor: Actor) -> QuerySet[StaffTraining]:
    """Acknowledged trainings of the pharmacies that the actor may see."""
    return StaffTraining.objects.filter(pharmacy__in=pharmacies_visible_to(actor))


@dataclass(frozen=True, slots=True)
class RepresentedSite:
    """One of the sites that a person represents: standing, training gaps, who is to follow."""

    pharmacy: Pharmacy
    certification: CertificationStatus
    untrained: tuple[StaffMember, ...]
    succession: Succession | None


def sites_represented_by(actor: Actor, program: str) -> list[RepresentedSite]:
    """Every site that this person represents, whichever of them they act for now (L-ENR-6)."""
    if actor.kind is not ActorKind.PERSON:
        return []
    sites = list(Pharmacy.objects.filter(representative_id=actor.id).order_by("name", "pk"))
    people, certifications = staff_at(sites, program), certifications_of(sites, program)
    successions = Succession.objects.filter(pharmacy__in=sites, ended_at__isnull=True)
    named = {each.pharmacy_id: each for each in successions.select_related("successor")}
    return [
        RepresentedSite(
            pharmacy=site,
            certification=certifications[site.pk],
            untrained=tuple(
                each for each in people[site.pk] if each.dispenses and not each.acknowledged_at
            ),
            succession=named.get(site.pk),
        )
        for site in sites
    ]


def successions_open_to(actor: Actor) -> Iterable[Succession]:
    """The sites where this person is named as the next representative."""
    if actor.kind is not ActorKind.PERSON:
        return Succession.objects.none()
    return (
        Succession.objects.filter(successor_id=actor.id, ended_at__isnull=True)
        .select_related("pharmacy", "pharmacy__representative")
        .order_by("pharmacy__name")
    )
