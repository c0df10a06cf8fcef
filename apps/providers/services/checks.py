"""What the commands on providers share: locks, and checks of form. They decide nothing else."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from django.db.models import QuerySet

from apps.core.call import ActorKind
from apps.core.command import Run
from apps.core.errors import InvalidRequest, NotAllowed, NotFound
from apps.providers.models import Pharmacy, Prescriber
from apps.rules.documents import document

Party = TypeVar("Party", Prescriber, Pharmacy)


def locked(parties: QuerySet[Party], noun: str) -> Party:
    """Lock the one party of the query. Raises NotFound."""
    party = parties.select_for_update(of=("self",), no_key=True).first()
    if party is None:
        raise NotFound(f"There is no such {noun}.")
    return party


def own_pharmacy(run: Run) -> Pharmacy:
    """The pharmacy that the actor acts for, locked. Raises NotFound or NotAllowed."""
    return locked(Pharmacy.objects.filter(organization_id=run.actor.own_organization), "pharmacy")


def represented_pharmacy(run: Run) -> Pharmacy:
    """The actor's pharmacy, locked. Raises NotAllowed for a person who does not represent it."""
    pharmacy = own_pharmacy(run)
    if run.actor.kind is ActorKind.PERSON and run.actor.id != pharmacy.representative_id:
        raise NotAllowed("Only the pharmacy's authorized representative does this.")
    return pharmacy


def in_person(run: Run) -> UUID:
    """The account of the person who acts. Raises NotAllowed for a system."""
    if run.actor.kind is not ActorKind.PERSON or run.actor.id is None:
        raise NotAllowed("A person does this on their own sign-in; no system does it for them.")
    return run.actor.id


def all_signed(program: str, kind: str, items: Collection[str]) -> str:
    """The text's version. Raises InvalidRequest unless exactly its items are signed."""
    text = document(program, kind)
    missing = [item.text for item in text.items if item.code not in items]
    unknown = set(items) - text.codes
    if missing or unknown:
        raise InvalidRequest(
            "Every attestation must be signed.",
            {"attestations": " ".join([*missing, *(f"Unknown: {code}." for code in unknown)])},
        )
    return text.version
