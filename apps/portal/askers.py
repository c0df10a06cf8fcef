"""Who asked for an authorization, and for whom: prescriber, delegate on their behalf, or system."""

from uuid import UUID

from apps.accounts import selectors as accounts
from apps.core.call import Actor, ActorKind, Role
from apps.core.models import Operation
from apps.providers import selectors as providers
from apps.providers.models import Pharmacy, Prescriber


def asked_by(reader: Actor, operation: Operation) -> str:
    """The one who asked, in words; a delegate with the prescriber for whom they did."""
    if operation.actor_kind != ActorKind.PERSON:
        return "a connected system"
    person = accounts.name_of(operation.actor_id)
    if operation.role != Role.DELEGATE:
        return person
    prescriber = _prescriber(reader, operation.prescriber_id)
    return f"{person}, on behalf of {prescriber.full_name}" if prescriber else person


def pharmacy_of(operation: Operation) -> Pharmacy | None:
    """The pharmacy that asked, so that a prescriber who may read the answer knows whom to call."""
    asker = operation.organization_id
    return providers.pharmacy_of(asker) if asker else None


def acted_for(actor: Actor) -> str:
    """The prescriber who signs what the actor prepares, with the NPI; empty for none."""
    return str(_prescriber(actor, actor.prescriber_id) or "")


def _prescriber(reader: Actor, prescriber_id: UUID | None) -> Prescriber | None:
    if prescriber_id is None:
        return None
    return providers.prescribers_visible_to(reader).filter(pk=prescriber_id).first()
