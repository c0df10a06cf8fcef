"""Commands on people: who acts where as what. No shared accounts."""

import re
from typing import Final
from uuid import UUID

from apps.accounts.models import Membership, Organization, User
from apps.accounts.selectors import people_behind
from apps.audit import services as audit
from apps.core.call import PROGRAM, Role
from apps.core.checks import one_line, required_reason
from apps.core.command import Run, command
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound

PLACES = {
    Organization.Kind.PRACTICE: {Role.PRESCRIBER, Role.DELEGATE},
    Organization.Kind.PHARMACY: {Role.PHARMACIST, Role.TECHNICIAN, Role.REPRESENTATIVE},
    Organization.Kind.PROGRAM: {Role.STAFF, Role.ADMINISTRATOR, Role.AUDITOR},
}
OFFICE = PLACES[Organization.Kind.PROGRAM]
# What a mail program makes a link of. "St. John", with a blank, is a name.
LIKE_AN_ADDRESS: Final = re.compile(r"[/\\@:<>]|\.\w{2}")


@command(by=PROGRAM | {Role.REPRESENTATIVE})
def invite_member(
    run: Run, *, organization_id: UUID, role: Role, email: str, given_name: str, family_name: str
) -> Membership:
    """Give a person a role in an organization; a new person gets an account without a password.

    A pharmacy's representative invites into their own pharmacy; only administrators invite into
    the program office, and nobody of it invites themselves into a practice or pharmacy. Raises
    NotFound, NotAllowed, InvalidRequest or Conflict.
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
    if role is Role.REPRESENTATIVE:
        raise InvalidRequest(
            "A pharmacy has one authorized representative.",
            {"role": "Name a successor, or let an administrator change the representative."},
        )
    user = person(email=email, given_name=given_name, family_name=family_name)
    if (
        actor.role in PROGRAM
        and organization.kind != Organization.Kind.PROGRAM
        and user.pk in people_behind(actor.kind, actor.id)
    ):
        raise NotAllowed("Somebody else of the program must invite you there, not you yourself.")
    return add_member(run, user=user, organization=organization, role=role)


@command(by=PROGRAM | {Role.REPRESENTATIVE})
def end_membership(run: Run, *, membership_id: UUID, reason: str) -> Membership:
    """End a person's role in an organization.

    Only an administrator ends one in the program office, and never the last administrator's.
    Raises NotFound, NotAllowed or Conflict.
    """
    memberships = Membership.objects.filter(pk=membership_id)
    if run.actor.role is Role.REPRESENTATIVE:
        memberships = memberships.filter(organization_id=run.actor.own_organization)
    found = memberships.first()
    if found is None:
        raise NotFound("There is no such membership.")
    # The organization first: two administrators must not end each other's at the same time.
    Organization.objects.select_for_update(no_key=True).get(pk=found.organization_id)
    membership = Membership.objects.get(pk=found.pk)
    if membership.ended_at is not None:
        raise Conflict("This membership has ended already.")
    if Role(membership.role) in OFFICE:
        _check_office_end(run, membership)
    if Role(membership.role) is Role.REPRESENTATIVE:
        raise Conflict(
            "A pharmacy is never without its representative: a successor takes over, or an "
            "administrator changes the representative."
        )
    membership.ended_at = run.read_clock()
    membership.save(update_fields=["ended_at"])
    audit.record(run, "membership_ended", subject=membership, reason=required_reason(reason))
    return membership


@command(by=frozenset({Role.SYSTEM}))
def appoint_administrator(
    run: Run, *, email: str, given_name: str, family_name: str, office_name: str
) -> Membership:
    """Appoint an administrator from the operator's console: the first one nobody else can invite.

    Makes the program's office when there is none. Raises Conflict for one who is appointed.
    """
    run.read_clock()
    office = Organization.objects.filter(kind=Organization.Kind.PROGRAM).first()
    if office is None:
        office = Organization.objects.create(kind=Organization.Kind.PROGRAM, name=office_name)
    user = person(email=email, given_name=given_name, family_name=family_name)
    return add_member(run, user=user, organization=office, role=Role.ADMINISTRATOR)


def person(*, email: str, given_name: str, family_name: str, field: str = "email") -> User:
    """The account of an address, made when there is none: without a password until one is set.

    Raises InvalidRequest for a name that is not on one line, or like an address (it stands in a
    mail of ours to whomever somebody invites), and for an address whose account bears neither of
    the names (named by `field`): a mistyped address lets nobody else in, and tells nobody's name.
    """
    names = {"given_name": given_name, "family_name": family_name}
    one_line(**names)
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        like_one = [name for name in names if LIKE_AN_ADDRESS.search(names[name])]
        if like_one:
            raise InvalidRequest(
                "This is no name.", dict.fromkeys(like_one, "Write the name only, no address.")
            )
        return User.objects.create_user(email, given_name=given_name, family_name=family_name)
    if not bears_name(user, given_name, family_name):
        raise InvalidRequest(
            "The address and the name are not one person's.",
            {
                field: "Somebody with another name signs in with this address. Compare it with "
                "what they told you, or ask them by which name their account goes."
            },
        )
    return user


def bears_name(user: User, *names: str) -> bool:
    """Whether an account bears one of these names: who typed its address meant its person."""
    typed = {name.strip().casefold() for name in names}
    return not typed.isdisjoint({user.given_name.casefold(), user.family_name.casefold()})


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


def remove_member(
    run: Run, *, user_id: UUID, organization_id: UUID, role: Role, reason: str
) -> None:
    """End the role that a person holds in an organization, if they do; inside a command."""
    held = Membership.objects.select_for_update(no_key=True).filter(
        user_id=user_id, organization_id=organization_id, role=role.value, ended_at__isnull=True
    )
    for membership in held:
        membership.ended_at = run.now
        membership.save(update_fields=["ended_at"])
        audit.record(run, "membership_ended", subject=membership, reason=reason)


def _check_office_end(run: Run, membership: Membership) -> None:
    if run.actor.role is not Role.ADMINISTRATOR:
        raise NotAllowed("Only an administrator ends a membership of the program office.")
    others = Membership.objects.filter(
        role=Role.ADMINISTRATOR.value, ended_at__isnull=True, user__is_active=True
    ).exclude(pk=membership.pk)
    if membership.role == Role.ADMINISTRATOR.value and not others.exists():
        raise Conflict("The program needs an administrator: appoint another one first.")
