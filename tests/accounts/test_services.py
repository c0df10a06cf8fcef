"""Commands on people and clients that no page shows: the first administrator, the console."""

from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from apps.accounts import services
from apps.accounts.models import Membership, User
from apps.core.call import SYSTEM_CALL, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from tests import builders

pytestmark = pytest.mark.django_db

ADA = ("ada@program.example", "Ada", "Administrator")


def test_the_operator_appoints_the_first_administrator_from_the_console() -> None:
    said = StringIO()
    call_command("appoint_administrator", *ADA, stdout=said)
    membership = Membership.objects.get()
    assert (membership.role, membership.organization.kind) == ("administrator", "program")
    assert membership.user.is_staff
    assert not membership.user.has_usable_password()
    assert [message.to for message in mail.outbox] == [["ada@program.example"]]
    assert "mail is on its way" in said.getvalue()
    with pytest.raises(CommandError, match="holds this role here already"):
        call_command("appoint_administrator", *ADA)


def test_only_the_console_appoints() -> None:
    administrator = builders.office_member(Role.ADMINISTRATOR, "administrator@program.example")
    with pytest.raises(NotAllowed):
        services.appoint_administrator(
            administrator,
            email="x@program.example",
            given_name="X",
            family_name="Y",
            office_name="Office",
        )


def test_an_administrator_may_go_once_another_is_there() -> None:
    administrator = builders.office_member(Role.ADMINISTRATOR, "administrator@program.example")
    own = Membership.objects.get()
    with pytest.raises(Conflict, match="needs an administrator"):
        services.end_membership(administrator, membership_id=own.pk, reason="Retired")
    services.appoint_administrator(
        SYSTEM_CALL, email=ADA[0], given_name="Ada", family_name="A", office_name="Office"
    )
    ended = services.end_membership(administrator, membership_id=own.pk, reason="Retired")
    assert ended.ended_at is not None


def test_a_membership_ends_with_a_reason_and_only_one_that_there_is(cast: builders.Cast) -> None:
    membership = Membership.objects.get(role="pharmacist")
    with pytest.raises(InvalidRequest):
        services.end_membership(cast.staff, membership_id=membership.pk, reason=" ")
    with pytest.raises(NotFound):
        services.end_membership(cast.staff, membership_id=uuid4(), reason="Left")
    stranger = builders.certified_pharmacy(cast.administrator, serial=2)
    elsewhere = builders.pharmacy_call(stranger, Role.REPRESENTATIVE, stranger.representative_id)
    with pytest.raises(NotFound):
        services.end_membership(elsewhere, membership_id=membership.pk, reason="Not mine")


def test_an_address_is_one_person_however_it_is_typed(cast: builders.Cast) -> None:
    for role in (Role.PHARMACIST, Role.TECHNICIAN):
        services.invite_member(
            cast.staff,
            organization_id=cast.pharmacy.organization_id,
            role=role,
            email="Tess@Pharmacy.Example" if role is Role.TECHNICIAN else "tess@pharmacy.example",
            given_name="Tess",
            family_name="Technician",
        )
    assert User.objects.filter(email__iexact="tess@pharmacy.example").count() == 1


@pytest.mark.parametrize("who", ["staff", "administrator"])
def test_nobody_of_the_office_invites_themselves_into_a_pharmacy(
    cast: builders.Cast, who: str
) -> None:
    """Where two persons must act, one with two roles that they gave themselves is one."""
    call = getattr(cast, who)
    own = User.objects.get(pk=call.actor.id)
    typed: dict[str, Any] = {
        "organization_id": cast.pharmacy.organization_id,
        "role": Role.PHARMACIST,
        "email": own.email,
        "given_name": own.given_name,
        "family_name": own.family_name,
    }
    with pytest.raises(NotAllowed, match="Somebody else"):
        services.invite_member(call, **typed)
    other = cast.administrator if who == "staff" else cast.staff
    assert services.invite_member(other, **typed).user == own
