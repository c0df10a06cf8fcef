"""Who gives a command at the console: an administrator, named by the address of their account."""

from django.core.management.base import CommandError

from apps.accounts.selectors import administrator_with_email
from apps.core.call import Actor, ActorKind, Call, Channel, Role
from apps.core.options import WRONG


def call_of(email: str) -> Call:
    """The call of the administrator behind `--by`. Raises CommandError for nobody's address."""
    member = administrator_with_email(email)
    if member is None:
        raise CommandError(
            f"--by {email}: this is no account of an administrator.", returncode=WRONG
        )
    actor = Actor(
        kind=ActorKind.PERSON,
        id=member.user_id,
        role=Role.ADMINISTRATOR,
        organization_id=member.organization_id,
    )
    return Call(actor=actor, channel=Channel.SYSTEM)
