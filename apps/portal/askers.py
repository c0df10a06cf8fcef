"""Who asked for an authorization: the prescriber, a delegate on their behalf, or a system."""

from apps.accounts import selectors as accounts
from apps.core.call import Actor, ActorKind, Role
from apps.core.models import Operation
from apps.providers import selectors as providers


def asked_by(reader: Actor, operation: Operation) -> str:
    """The one who asked, in words; a delegate with the prescriber for whom they did."""
    if operation.actor_kind != ActorKind.PERSON:
        return "a connected system"
    person = accounts.name_of(operation.actor_id)
    if operation.role != Role.DELEGATE:
        return person
    visible = providers.prescribers_visible_to(reader)
    prescriber = visible.filter(pk=operation.prescriber_id).first()
    return f"{person}, on behalf of {prescriber.full_name}" if prescriber else person
