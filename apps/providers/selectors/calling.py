"""On which number the office calls somebody who signs in, as the program knows it. Reads only."""

from dataclasses import dataclass
from uuid import UUID

from apps.accounts.models import User
from apps.core.call import Role
from apps.providers.models import Pharmacy, Prescriber
from apps.providers.selectors.acting import roles_held


@dataclass(frozen=True, slots=True)
class Post:
    """One role of a person, where, and the number there; "" where the program knows none.

    A prescriber's is their own, a delegate's that of the prescriber whom they act for, and
    everybody else's the pharmacy's.
    """

    role: Role
    organization: str
    phone: str
    on_behalf_of: str = ""


def posts_of(user: User) -> list[Post]:
    """Every role that a person holds now, with the number to call."""
    held = roles_held(user)
    acted_as = {each.actor.prescriber_id for each in held if each.actor.prescriber_id}
    own: dict[UUID, str] = dict(
        Prescriber.objects.filter(pk__in=acted_as).values_list("pk", "phone")
    )
    places = {each.membership.organization_id for each in held}
    there: dict[UUID, str] = dict(
        Pharmacy.objects.filter(organization__in=places).values_list("organization_id", "phone")
    )
    return [
        Post(
            role=each.actor.role,
            organization=each.membership.organization.name,
            phone=own.get(each.actor.prescriber_id, "")
            if each.actor.prescriber_id
            else there.get(each.membership.organization_id, ""),
            on_behalf_of=each.on_behalf_of,
        )
        for each in held
    ]
