"""The parties of the demo enter through the real commands: office, practices, pharmacies.

Holds a call for each of them, so that a life can act as anybody.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection

from apps.accounts import second_factors
from apps.accounts import services as accounts
from apps.accounts.models import Membership, User
from apps.core.call import (
    SYSTEM_CALL,
    Actor,
    ActorKind,
    Call,
    Channel,
    Role,
    Signing,
    SigningMethod,
)
from apps.prescriptions.models import Outage
from apps.providers import services as providers
from apps.providers.models import Pharmacy, Prescriber
from apps.providers.npi import is_valid
from apps.rules.documents import document
from apps.simulation.moments import Moment, day
from apps.simulation.people import (
    ADMINISTRATOR,
    AUDITOR,
    CLIENT_SECRET,
    CORNER,
    DELEGATE,
    HALE,
    LAKESIDE,
    NORTHGATE,
    NOWAK,
    OKAFOR,
    PASSWORD,
    PHARMACIST,
    PHARMACY_CLIENT,
    PRACTICE_CLIENT,
    REYES,
    RIVERSIDE,
    SECOND_PHARMACIST,
    SECOND_STAFF,
    SIGN_INS,
    STAFF,
    TECHNICIAN,
    ZHOU,
    Doctor,
    Member,
    Practice,
    Site,
)
from apps.simulation.story import Story

PROGRAM = "lenalidomide"
OPENING = -420
# 365 days of certification end in two weeks.
LAKESIDE_OPENING = -351


@dataclass(slots=True)
class Cast:
    """Everybody who acts, by the sheet that names them."""

    members: dict[Member, Call] = field(default_factory=dict)
    prescribers: dict[Doctor, Prescriber] = field(default_factory=dict)
    pharmacies: dict[Site, Pharmacy] = field(default_factory=dict)
    practices: dict[Practice, UUID] = field(default_factory=dict)
    outage: Outage = field(init=False)

    def of_office(self, member: Member) -> Call:
        """Somebody of the program's office, in person."""
        return self.members[member]

    def user_id(self, member: Member) -> UUID:
        """The account of a member. Raises LookupError for one who has none."""
        user_id = self.members[member].actor.id
        if user_id is None:
            raise LookupError(f"{member.email} has no account.")
        return user_id

    def by_phone(self, member: Member) -> Call:
        """Somebody of the office, who enters what a verified caller says (L-SRC-1)."""
        return Call(actor=self.members[member].actor, channel=Channel.PHONE)

    def prescribing(self, doctor: Doctor) -> Call:
        """A prescriber in person."""
        prescriber = self.prescribers[doctor]
        call = _in_portal(
            prescriber.user_id, Role.PRESCRIBER, prescriber.practice_id, prescriber.pk
        )
        return _signing(call, str(doctor))

    def assisting(self, doctor: Doctor) -> Call:
        """The delegate on behalf of a prescriber who named her."""
        delegate = self.members[DELEGATE].actor
        prescriber = self.prescribers[doctor]
        call = _in_portal(delegate.id, Role.DELEGATE, prescriber.practice_id, prescriber.pk)
        return _signing(call, f"{DELEGATE.given_name} {DELEGATE.family_name}")

    def dispensing(self, site: Site) -> Call:
        """The pharmacist of a pharmacy."""
        return self.members[PHARMACIST if site == CORNER else SECOND_PHARMACIST]

    def representing(self, site: Site) -> Call:
        """The authorized representative of a pharmacy."""
        pharmacy = self.pharmacies[site]
        call = _in_portal(pharmacy.representative_id, Role.REPRESENTATIVE, pharmacy.organization_id)
        return _signing(call, f"{site.given_name} {site.family_name}")


def enter(story: Story, cast: Cast) -> None:
    """Plan how everybody of the cast comes into the program."""

    def plan(moment: Moment, act: Callable[..., object], *about: object) -> None:
        story.plan(moment, partial(act, cast, *about))

    plan(day(OPENING, 8), _open_office)
    for doctor in (OKAFOR, REYES, ZHOU, HALE):
        plan(day(OPENING, 9), _register_prescriber, doctor)
        plan(day(OPENING, 10), _sign_for_prescriber, doctor)
        plan(day(OPENING, 11), _certify_prescriber, doctor)
    plan(day(OPENING, 12), _arrange_riverside)
    for site, opening, staff in (
        (CORNER, OPENING, (PHARMACIST, TECHNICIAN)),
        (LAKESIDE, LAKESIDE_OPENING, (SECOND_PHARMACIST,)),
    ):
        plan(day(opening, 13), _register_pharmacy, site)
        plan(day(opening, 14), _sign_for_pharmacy, site)
        plan(day(opening, 15), _certify_pharmacy, site)
        plan(day(opening, 16), _invite_into_pharmacy, site, staff)
    plan(day(-90, 9), _register_clients)
    # In time, and in good standing: renewed at once.
    plan(day(-60, 9), _sign_for_pharmacy, CORNER)
    plan(day(-9, 9), _suspend, HALE)
    plan(day(-5, 9), _register_pharmacy, NORTHGATE)
    plan(day(-4, 9), _sign_for_pharmacy, NORTHGATE)
    plan(day(-3, 9), _register_prescriber, NOWAK)
    plan(day(-2, 9), _sign_for_prescriber, NOWAK)


def let_in() -> None:
    """Give everybody of the cast the demo's password, hashed once, and an authenticator app.

    No command sets another person's password; only synthetic people get theirs here. So the rows'
    history must not name the story's last command as the one that did it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('remsportal.operation', '', true)")
    emails = [sign_in.email for sign_in in SIGN_INS]
    people = User.objects.filter(email__in=emails)
    people.update(password=make_password(PASSWORD))
    for person in people:
        second_factors.set_up_app(person.pk)


def npi(serial: int) -> str:
    """A National Provider Identifier with a valid check digit, for a synthetic party."""
    stem = f"1{serial:08d}"
    return next(stem + check for check in "0123456789" if is_valid(stem + check))


def _in_portal(
    user_id: UUID | None, role: Role, organization_id: UUID, prescriber_id: UUID | None = None
) -> Call:
    actor = Actor(
        kind=ActorKind.PERSON,
        id=user_id,
        role=role,
        organization_id=organization_id,
        prescriber_id=prescriber_id,
    )
    return Call(actor=actor, channel=Channel.PORTAL)


def _call_of(membership: Membership) -> Call:
    call = _in_portal(membership.user_id, Role(membership.role), membership.organization_id)
    return _signing(call, str(membership.user))


def _signing(call: Call, name: str) -> Call:
    """The call of somebody who signs what they do, as at the pages' doors."""
    user_id = call.actor.id
    if user_id is None:
        return call
    return call.signed(Signing(SigningMethod.ALL_COMPONENTS, user_id=user_id, printed_name=name))


def _open_office(cast: Cast) -> None:
    first = accounts.appoint_administrator(
        SYSTEM_CALL,
        office_name="Lenalidomide program office",
        email=ADMINISTRATOR.email,
        given_name=ADMINISTRATOR.given_name,
        family_name=ADMINISTRATOR.family_name,
    )
    cast.members[ADMINISTRATOR] = _call_of(first)
    for member in (STAFF, SECOND_STAFF, AUDITOR):
        _invite(cast, cast.members[ADMINISTRATOR], first.organization_id, member)


def _invite(cast: Cast, inviter: Call, organization_id: UUID, member: Member) -> None:
    membership = accounts.invite_member(
        inviter,
        organization_id=organization_id,
        role=member.role,
        email=member.email,
        given_name=member.given_name,
        family_name=member.family_name,
    )
    cast.members[member] = _call_of(membership)


def _register_prescriber(cast: Cast, doctor: Doctor) -> None:
    prescriber = providers.register_prescriber(
        cast.of_office(STAFF),
        npi=npi(doctor.serial),
        given_name=doctor.given_name,
        family_name=doctor.family_name,
        specialty="Hematology and oncology",
        phone=f"212-555-01{doctor.serial:02d}",
        email=doctor.email,
        practice_name=doctor.practice.name,
        practice_id=cast.practices.get(doctor.practice),
    )
    cast.prescribers[doctor] = prescriber
    cast.practices[doctor.practice] = prescriber.practice_id


def _sign_for_prescriber(cast: Cast, doctor: Doctor) -> None:
    providers.sign_prescriber_enrollment(
        cast.prescribing(doctor),
        program=PROGRAM,
        attestations=document(PROGRAM, "prescriber_enrollment").codes,
    )


def _certify_prescriber(cast: Cast, doctor: Doctor) -> None:
    providers.certify_prescriber(cast.of_office(STAFF), prescriber_id=cast.prescribers[doctor].pk)


def _arrange_riverside(cast: Cast) -> None:
    providers.change_coverage(
        cast.of_office(STAFF),
        practice_id=cast.practices[RIVERSIDE],
        members_cover_each_other=RIVERSIDE.members_cover_each_other,
        reason="The practice’s letter says so.",
    )
    for doctor in (OKAFOR, REYES):
        delegation = providers.name_delegate(
            cast.prescribing(doctor),
            email=DELEGATE.email,
            given_name=DELEGATE.given_name,
            family_name=DELEGATE.family_name,
        )
        cast.members[DELEGATE] = _in_portal(
            delegation.delegate_id, Role.DELEGATE, cast.practices[RIVERSIDE]
        )


def _register_pharmacy(cast: Cast, site: Site) -> None:
    cast.pharmacies[site] = providers.register_pharmacy(
        cast.of_office(STAFF),
        npi=npi(site.serial),
        name=site.name,
        address=site.street,
        phone=f"212-555-02{site.serial}",
        email=f"pharmacy@{site.domain}",
        representative_given_name=site.given_name,
        representative_family_name=site.family_name,
        representative_email=site.representative_email,
    )


def _sign_for_pharmacy(cast: Cast, site: Site) -> None:
    providers.sign_pharmacy_enrollment(
        cast.representing(site),
        program=PROGRAM,
        attestations=document(PROGRAM, "pharmacy_enrollment").codes,
    )


def _certify_pharmacy(cast: Cast, site: Site) -> None:
    providers.certify_pharmacy(
        cast.of_office(STAFF), pharmacy_id=cast.pharmacies[site].pk, program=PROGRAM
    )


def _invite_into_pharmacy(cast: Cast, site: Site, staff: tuple[Member, ...]) -> None:
    for member in staff:
        organization_id = cast.pharmacies[site].organization_id
        _invite(cast, cast.representing(site), organization_id, member)
        providers.acknowledge_training(
            cast.members[member],
            program=PROGRAM,
            attestations=document(PROGRAM, "staff_training").codes,
        )


def _register_clients(cast: Cast) -> None:
    for client, organization_id, role in (
        (PRACTICE_CLIENT, cast.practices[RIVERSIDE], Role.PRESCRIBER),
        (PHARMACY_CLIENT, cast.pharmacies[CORNER].organization_id, Role.PHARMACIST),
    ):
        accounts.register_api_client(
            cast.of_office(ADMINISTRATOR),
            organization_id=organization_id,
            role=role,
            name=client,
            secret=CLIENT_SECRET,
        )


def _suspend(cast: Cast, doctor: Doctor) -> None:
    providers.change_prescriber_standing(
        cast.of_office(ADMINISTRATOR),
        prescriber_id=cast.prescribers[doctor].pk,
        event="suspend",
        reason="Two shipments without a current agreement; review under way.",
    )
