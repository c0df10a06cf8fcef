"""Telling the administrators at once of somebody who tried to sign as somebody else."""

from uuid import UUID

from apps.accounts.models import User
from apps.audit import services as audit
from apps.core.call import Role
from apps.core.command import Run, command
from apps.core.errors import NotFound
from apps.notices import services as notices
from apps.providers.selectors import administrator_recipients


@command(by=frozenset(Role))
def report_signing_misuse(run: Run, *, user_id: UUID, failures: int) -> User:
    """Report that a signature's components were wrong several times in a row (11.300(d)).

    Raises NotFound.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound("There is no such person.")
    run.read_clock()
    audit.record(run, "signing_misused", subject=user, data={"failures": failures})
    notices.tell(
        run,
        "signing_misused",
        about=str(run.operation_id),
        recipients=administrator_recipients(),
    )
    return user
