"""Prescribers and pharmacies move along their table: every state, event and role (L-ENR-1, 2)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import transaction

from apps.accounts import services as accounts
from apps.audit.models import Event
from apps.core.call import Actor, ActorKind, Call, Role
from apps.core.errors import Conflict, InvalidRequest, NotAllowed, NotFound
from apps.providers import services as providers
from apps.providers.models import Pharmacy, Prescriber
from apps.rules.documents import document
from apps.rules.lifecycle import CERTIFIED_PARTY
from tests import builders

pytestmark = pytest.mark.django_db

STATES = ["pending", "certified", "suspended", "decertified"]
EVENTS = ["certify", "suspend", "decertify", "reinstate"]
Party = Prescriber | Pharmacy


def administrator() -> Call:
    return builders.office_member(Role.ADMINISTRATOR, "administrator@program.example")


def pending_prescriber(call: Call, serial: int, *, signed: bool = True) -> Prescriber:
    prescriber = providers.register_prescriber(
        call,
        npi=builders.npi(serial),
        given_name="Paula",
        family_name=f"Prescriber{serial}",
        specialty="Hematology",
        phone="212-555-0100",
        email=f"prescriber{serial}@practice.example",
        practice_name=f"Practice {serial}",
    )
    if signed:
        providers.sign_prescriber_enrollment(
            builders.prescribing_call(prescriber),
            program=builders.PROGRAM,
            attestations=document(builders.PROGRAM, "prescriber_enrollment").codes,
        )
    return prescriber


def pending_pharmacy(call: Call, serial: int, *, signed: bool = True) -> Pharmacy:
    pharmacy = providers.register_pharmacy(
        call,
        npi=builders.npi(5000 + serial),
        name=f"Pharmacy {serial}",
        address="1 Elm Street",
        phone="212-555-0200",
        email=f"pharmacy{serial}@pharmacy.example",
        representative_given_name="Rita",
        representative_family_name="Representative",
        representative_email=f"representative{serial}@pharmacy.example",
    )
    if signed:
        providers.sign_pharmacy_enrollment(
            builders.pharmacy_call(pharmacy, Role.REPRESENTATIVE, pharmacy.representative_id),
            program=builders.PROGRAM,
            attestations=document(builders.PROGRAM, "pharmacy_enrollment").codes,
        )
    return pharmacy


def in_each_state(call: Call, make: Callable[[Call, int], Party]) -> dict[str, Party]:
    """A signed party in each state."""
    found = {}
    ways = {"pending": [], "certified": ["certify"], "suspended": ["certify", "suspend"]}
    for serial, state in enumerate(STATES):
        found[state] = make(call, serial)
        for event in ways.get(state, ["decertify"]):
            move(call, found[state], event)
        found[state].refresh_from_db()
        assert found[state].state == state
    return found


def move(call: Call, party: Party, event: str) -> None:
    """The command that stands for an event."""
    if event != "certify":
        change(call, party, event)
    elif isinstance(party, Prescriber):
        providers.certify_prescriber(call, prescriber_id=party.pk)
    else:
        providers.certify_pharmacy(call, pharmacy_id=party.pk, program=builders.PROGRAM)


def change(call: Call, party: Party, event: str) -> None:
    """The command for a change of standing."""
    if isinstance(party, Prescriber):
        providers.change_prescriber_standing(
            call, prescriber_id=party.pk, event=event, reason="Inspection"
        )
    else:
        providers.change_pharmacy_standing(
            call, pharmacy_id=party.pk, event=event, reason="Inspection"
        )


@pytest.mark.parametrize("make", [pending_prescriber, pending_pharmacy])
def test_a_standing_moves_as_the_table_says_or_not_at_all(
    make: Callable[[Call, int], Party],
) -> None:
    office = administrator()
    parties = in_each_state(office, make)
    for state, event, role in product(STATES, EVENTS, Role):
        party = parties[state]
        kind = ActorKind.SYSTEM if role is Role.SYSTEM else ActorKind.PERSON
        call = builders.call_of(Actor(kind=kind, id=uuid4(), role=role, organization_id=uuid4()))
        target = CERTIFIED_PARTY.target(event=event, state=state, role=role.value)
        if renews(party, state, event, role):
            continue
        before = transaction.savepoint()
        if target is None:
            with pytest.raises((NotAllowed, Conflict)) as refusal:
                move(call, party, event)
            assert refusal.value.message
            party.refresh_from_db()
            assert party.state == state
        else:
            move(call, party, event)
            party.refresh_from_db()
            assert party.state == target
        transaction.savepoint_rollback(before)
        party.refresh_from_db()


def renews(party: Party, state: str, event: str, role: Role) -> bool:
    """Approving another form of a certified pharmacy is a renewal, not a move."""
    return isinstance(party, Pharmacy) and (state, event) == ("certified", "certify")


@pytest.mark.parametrize("make", [pending_prescriber, pending_pharmacy])
def test_nobody_is_certified_without_a_signed_form(
    make: Callable[..., Party],
) -> None:
    office = administrator()
    party = make(office, 1, signed=False)
    with pytest.raises(Conflict):
        move(office, party, "certify")
    move(office, party, "decertify")
    with pytest.raises(Conflict, match="not signed"):
        move(office, party, "reinstate")
    party.refresh_from_db()
    assert party.state == "decertified"


def themselves(call: Call, user_id: UUID | None) -> Call:
    """Who is to be certified, as an administrator."""
    return builders.call_of(replace(call.actor, id=user_id))


@pytest.mark.parametrize(
    "role",
    [
        themselves,
        lambda call, user_id: builders.system_of_the_office(themselves(call, user_id)),
    ],
)
def test_nobody_certifies_or_reinstates_themselves(
    role: Callable[[Call, UUID | None], Call],
) -> None:
    """Neither as an administrator, nor through a system whose secret they hold."""
    call = administrator()
    prescriber, pharmacy = pending_prescriber(call, 1), pending_pharmacy(call, 1)
    own = role(call, prescriber.user_id)
    representatives = role(call, pharmacy.representative_id)
    with pytest.raises(NotAllowed, match="Another person"):
        providers.certify_prescriber(own, prescriber_id=prescriber.pk)
    with pytest.raises(NotAllowed, match="Another person"):
        providers.certify_pharmacy(
            representatives, pharmacy_id=pharmacy.pk, program=builders.PROGRAM
        )
    with pytest.raises(NotAllowed, match="Another person"):
        providers.change_prescriber_standing(
            own, prescriber_id=prescriber.pk, event="reinstate", reason="Cleared"
        )
    with pytest.raises(NotAllowed, match="Another person"):
        providers.change_pharmacy_standing(
            representatives, pharmacy_id=pharmacy.pk, event="reinstate", reason="Cleared"
        )


def test_who_holds_the_secret_of_a_system_does_not_approve_what_it_signed() -> None:
    """L-ENR-1: one person alone would sign for a prescriber, and certify them."""
    office, other = administrator(), builders.office_member(Role.STAFF, "staff@program.example")
    prescriber = pending_prescriber(office, 1, signed=False)
    client = accounts.register_api_client(
        office,
        organization_id=prescriber.practice_id,
        role=Role.PRESCRIBER,
        name="Record system",
        secret=accounts.new_client_secret(),
        prescriber_id=prescriber.pk,
    )
    of_theirs = builders.prescribing_call(prescriber).actor
    providers.sign_prescriber_enrollment(
        builders.call_of(replace(of_theirs, kind=ActorKind.CLIENT, id=client.pk)),
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "prescriber_enrollment").codes,
    )
    with pytest.raises(NotAllowed, match="Another person"):
        move(office, prescriber, "certify")
    move(other, prescriber, "certify")


@pytest.mark.parametrize("make", [pending_prescriber, pending_pharmacy])
def test_a_change_of_standing_is_never_a_first_certification(
    make: Callable[[Call, int], Party],
) -> None:
    office = administrator()
    party = make(office, 1)
    with pytest.raises(InvalidRequest):
        change(office, party, "certify")


def test_a_change_of_standing_needs_a_reason_and_keeps_it() -> None:
    office = administrator()
    prescriber = builders.certified_prescriber(office)
    with pytest.raises(InvalidRequest) as refusal:
        providers.change_prescriber_standing(
            office, prescriber_id=prescriber.pk, event="suspend", reason="  "
        )
    assert set(refusal.value.fields) == {"reason"}
    providers.change_prescriber_standing(
        office, prescriber_id=prescriber.pk, event="suspend", reason=" Inspection "
    )
    told = Event.objects.filter(code="prescriber_standing_changed").latest("occurred_at")
    assert (told.reason, told.data["from"], told.data["to"]) == (
        "Inspection", "certified", "suspended",
    )  # fmt: skip


def test_a_certification_that_waits_for_attestations_is_refused_by_name() -> None:
    office = administrator()
    prescriber = pending_prescriber(office, 1, signed=False)
    with pytest.raises(InvalidRequest) as refusal:
        providers.sign_prescriber_enrollment(
            builders.prescribing_call(prescriber), program=builders.PROGRAM, attestations=[]
        )
    assert "attestations" in refusal.value.fields
    with pytest.raises(InvalidRequest, match="Every attestation"):
        providers.sign_prescriber_enrollment(
            builders.prescribing_call(prescriber),
            program=builders.PROGRAM,
            attestations=[*document(builders.PROGRAM, "prescriber_enrollment").codes, "more"],
        )


def test_a_number_with_a_wrong_check_digit_or_that_is_known_is_not_registered() -> None:
    office = administrator()
    prescriber = pending_prescriber(office, 1)
    with pytest.raises(Conflict, match="registered already"):
        pending_prescriber(office, 1)
    wrong = prescriber.npi[:-1] + str((int(prescriber.npi[-1]) + 1) % 10)
    with pytest.raises(InvalidRequest) as refusal:
        builders.certified_prescriber(office, serial=2, npi=wrong)
    assert set(refusal.value.fields) == {"npi"}


def test_a_suspended_pharmacy_is_not_renewed() -> None:
    office = administrator()
    pharmacy = builders.certified_pharmacy(office)
    ends_at = pharmacy.certifications.get().certified_until
    move(office, pharmacy, "suspend")
    sign = partial(
        providers.sign_pharmacy_enrollment,
        builders.pharmacy_call(pharmacy, Role.REPRESENTATIVE, pharmacy.representative_id),
        program=builders.PROGRAM,
        attestations=document(builders.PROGRAM, "pharmacy_enrollment").codes,
    )
    with pytest.raises(Conflict, match="can be renewed from"):
        sign()
    with time_machine.travel(ends_at - timedelta(days=1)):
        sign()
        assert pharmacy.certifications.count() == 1
        with pytest.raises(Conflict, match="reinstated first"):
            move(office, pharmacy, "certify")


def test_an_unknown_party_is_not_found() -> None:
    office = administrator()
    with pytest.raises(NotFound):
        providers.certify_prescriber(office, prescriber_id=uuid4())
    with pytest.raises(NotFound):
        providers.change_pharmacy_standing(
            office, pharmacy_id=uuid4(), event="suspend", reason="Inspection"
        )


def test_a_delegate_is_named_once() -> None:
    prescriber = builders.certified_prescriber(administrator())
    call = builders.prescribing_call(prescriber)
    person = {"email": "dana@practice.example", "given_name": "Dana", "family_name": "Delegate"}
    providers.name_delegate(call, **person)
    with pytest.raises(Conflict, match="already"):
        providers.name_delegate(call, **person)
