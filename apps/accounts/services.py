"""Commands on people: invite into an organization, end a membership. No shared accounts."""

from uuid import UUID

from apps.accounts.models import Membership, Organization, User
from apps.audit import services as audit
from apps.core.call import PROGRAM, Role
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound

PLACES = {
    Organization.Kind.PRACTICE: {Role.PRESCRIBER, Role.DELEGATE},
    Organization.Kind.PHARMACY: {Role.PHARMACIST, Role.TECHNICIAN, Role.REPRESENTATIVE},
    Organization.Kind.PROGRAM: {Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR},
}


@command(by=PROGRAM | {Role.REPRESENTATIVE})
def invite_member(
    run: Run, *, organization_id: UUID, role: Role, email: str, given_name: str, family_name: str
) -> Membership:
    """Give a person a role in an organization; a new person gets an account without a password.

    A pharmacy's representative invites into their own pharmacy; only administrators invite into
    the program office. Raises NotFound, NotAllowed, InvalidRequest or Conflict.
    """
    run.read_clock()
    organization = Organization.objects.filter(pk=organization_id).first()
    actor = run.actor
    if organization is None or (
        actor.role is Role.REPRESENTATIVE and organization.pk != actor.organization_id
    ):
        raise NotFound("There is no such organization.")
    if role not in PLACES[Organization.Kind(organization.kind)]:
        raise InvalidRequest(
            "This role does not exist in this organization.",
            {"role": f"A {organization.get_kind_display().lower()} has no {role.value}."},
        )
    if organization.kind == Organization.Kind.PROGRAM and actor.role is not Role.ADMINISTRATOR:
        raise NotAllowed("Only an administrator invites into the program office.")
    user = person(email=email, given_name=given_name, family_name=family_name)
    return add_member(run, user=user, organization=organization, role=role)


@command(by=frozenset({Role.SYSTEM}))
def open_program_office(
    run: Run, *, name: str, email: str, given_name: str, family_name: str
) -> Membership:
    """Open the program's office with its first administrator, who invites everybody else.

    Raises Conflict when the program has an office already.
    """
    run.read_clock()
    if Organization.objects.filter(kind=Organization.Kind.PROGRAM).exists():
        raise Conflict("The program has an office already: its administrators invite others.")
    office = Organization.objects.create(kind=Organization.Kind.PROGRAM, name=name)
    user = person(email=email, given_name=given_name, family_name=family_name)
    return add_member(run, user=user, organization=office, role=Role.ADMINISTRATOR)


@command(by=PROGRAM | {Role.REPRESENTATIVE})
def end_membership(run: Run, *, membership_id: UUID, reason: str) -> Membership:
    """End a person's role in an organization. Raises NotFound or Conflict."""
    memberships = Membership.objects.select_for_update().filter(pk=membership_id)
    if run.actor.role is Role.REPRESENTATIVE:
        memberships = memberships.filter(organization_id=run.actor.own_organization)
    membership = memberships.first()
    if membership is None:
        raise NotFound("There is no such membership.")
    if membership.ended_at is not None:
        raise Conflict("This membership has ended already.")
    membership.ended_at = run.read_clock()
    membership.save(update_fields=["ended_at"])
    audit.record(run, "membership_ended", subject=membership, reason=reason)
    return membership


def person(*, email: str, given_name: str, family_name: str) -> User:
    """The account of an address, made when there is none: without a password until one is set."""
    user = User.objects.filter(email=email.lower()).first()
    return user or User.objects.create_user(email, given_name=given_name, family_name=family_name)


def add_member(run: Run, *, user: User, organization: Organization, role: Role) -> Membership:
    """Give `user` a role in `organization`; inside a command. Raises Conflict when held already."""
    if Membership.objects.filter(
        user=user, organization=organization, role=role.value, ended_at__isnull=True
    ).exists():
        raise Conflict("This person holds this role here already.")
    membership = Membership.objects.create(user=user, organization=organization, role=role.value)
    if role in {Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR} and not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    audit.record(run, "member_added", subject=membership)
    return membership
