"""Commands on delegations: a prescriber names who acts on their behalf, and ends it (L-SUR-1)."""

from uuid import UUID

from apps.accounts import services as accounts
from apps.accounts.models import User
from apps.audit import services as audit
from apps.core.call import PROGRAM, Role
from apps.core.checks import required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, NotFound
from apps.providers.models import Delegation, Prescriber
from apps.providers.services.checks import locked


@command(by=frozenset({Role.PRESCRIBER}))
def name_delegate(run: Run, *, email: str, given_name: str, family_name: str) -> Delegation:
    """A prescriber names a colleague of the practice to act on their behalf (L-SUR-1).

    Raises Conflict when the colleague is named already.
    """
    prescriber = locked(Prescriber.objects.filter(pk=run.actor.own_prescriber), "prescriber")
    now = run.read_clock()
    delegate = accounts.person(email=email, given_name=given_name, family_name=family_name)
    if prescriber.delegations.filter(delegate=delegate, ended_at__isnull=True).exists():
        raise Conflict("This colleague is your delegate already.")
    if not _is_delegate_here(delegate, prescriber):
        accounts.add_member(
            run,
            user=delegate,
            organization=prescriber.practice.organization,
            role=Role.DELEGATE,
        )
    delegation = Delegation.objects.create(prescriber=prescriber, delegate=delegate, named_at=now)
    audit.record(run, "delegate_named", subject=delegation)
    return delegation


@command(by=PROGRAM | {Role.PRESCRIBER})
def end_delegation(run: Run, *, delegation_id: UUID, reason: str) -> Delegation:
    """End a delegation: from this moment the delegate does and sees nothing on that behalf.

    The prescriber ends their own, the program's staff any. Raises NotFound or Conflict.
    """
    cause = required_reason(reason)
    delegations = Delegation.objects.filter(pk=delegation_id)
    if run.actor.role is Role.PRESCRIBER:
        delegations = delegations.filter(prescriber_id=run.actor.own_prescriber)
    found = delegations.first()
    if found is None:
        raise NotFound("There is no such delegation.")
    prescriber = locked(Prescriber.objects.filter(pk=found.prescriber_id), "prescriber")
    delegation = Delegation.objects.get(pk=found.pk)
    if delegation.ended_at is not None:
        raise Conflict("This delegation has ended already.")
    delegation.ended_at = run.read_clock()
    delegation.save(update_fields=["ended_at"])
    audit.record(run, "delegation_ended", subject=delegation, reason=cause)
    if not _is_named_by_a_colleague(delegation.delegate_id, prescriber):
        accounts.remove_member(
            run,
            user_id=delegation.delegate_id,
            organization_id=prescriber.practice_id,
            role=Role.DELEGATE,
            reason=cause,
        )
    return delegation


def _is_named_by_a_colleague(delegate_id: UUID, prescriber: Prescriber) -> bool:
    return Delegation.objects.filter(
        delegate_id=delegate_id, prescriber__practice_id=prescriber.practice_id,
        ended_at__isnull=True,
    ).exists()  # fmt: skip


def _is_delegate_here(user: User, prescriber: Prescriber) -> bool:
    return user.memberships.filter(
        organization_id=prescriber.practice_id, role=Role.DELEGATE.value, ended_at__isnull=True
    ).exists()
