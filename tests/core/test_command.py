"""The wrapper of every command: who may, when it is, what is recorded, and what a key promises."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction

from apps.accounts import services as accounts
from apps.accounts.models import Organization
from apps.audit.models import Event
from apps.core.call import Actor, ActorKind, Call, Channel, IdempotencyKey, Role
from apps.core.command import Run
from apps.core.errors import InvalidRequest, KeyReused, NotAllowed, Unavailable
from apps.core.models import Operation
from apps.eligibility import services as eligibility
from apps.eligibility.services import dispensing
from apps.evidence import services as evidence
from apps.patients import services as patients
from apps.providers import services as providers
from tests import builders

MODULES = [accounts, providers, patients, evidence, eligibility, dispensing]
COMMANDS: dict[str, Callable[..., Any]] = {
    f"{module.__name__}.{name}": command
    for module in MODULES
    for name, command in vars(module).items()
    if hasattr(command, "allowed_roles")
}

# One's own sign-ins are everybody's to end; whose signature fails again is reported in any role.
OF_EVERYBODY = {
    "apps.accounts.services.end_other_sign_ins",
    "apps.accounts.services.end_sign_in",
    "apps.providers.services.report_signing_misuse",
}


def somebody(role: Role) -> Call:
    kind = ActorKind.SYSTEM if role is Role.SYSTEM else ActorKind.PERSON
    return builders.call_of(
        Actor(kind=kind, id=uuid4(), role=role, organization_id=uuid4(), prescriber_id=uuid4())
    )


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_role_that_a_command_does_not_name_is_refused(name: str) -> None:
    command, before = COMMANDS[name], Operation.objects.count()
    others = set(Role) - command.allowed_roles  # type: ignore[attr-defined]
    assert bool(others) is (name not in OF_EVERYBODY)
    for role in others:
        with pytest.raises(NotAllowed):
            command(somebody(role))
    assert Operation.objects.count() == before


def test_there_are_commands_to_test() -> None:
    assert len(COMMANDS) > 30


@pytest.mark.parametrize("kind", [ActorKind.PERSON, ActorKind.CLIENT])
def test_nobody_acts_without_a_name(kind: ActorKind) -> None:
    with pytest.raises(ValueError, match="needs an id"):
        Actor(kind=kind, id=None, role=Role.PRESCRIBER)


@pytest.mark.parametrize("attribute", ["own_organization", "own_prescriber"])
def test_one_who_acts_for_none_is_refused_what_needs_one(attribute: str) -> None:
    actor = Actor(kind=ActorKind.PERSON, id=uuid4(), role=Role.PRESCRIBER)
    with pytest.raises(NotAllowed):
        getattr(actor, attribute)


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [-3600, -61, 61])
def test_a_machine_whose_clock_is_wrong_carries_out_nothing(
    cast: builders.Cast, seconds: int, settings: Any
) -> None:
    before = Operation.objects.count()
    settings.CLOCK_IS_COMPARED = True
    moved = datetime.now(UTC) + timedelta(seconds=seconds)
    with time_machine.travel(moved), pytest.raises(Unavailable, match="clock is wrong"):
        builders.certified_pharmacy(cast.administrator, serial=2)
    assert Operation.objects.count() == before
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds / 100)):
        builders.certified_pharmacy(cast.administrator, serial=2)


def test_the_clock_is_not_known_before_the_locks() -> None:
    run = Run(somebody(Role.STAFF))
    with pytest.raises(RuntimeError, match="Take the locks"):
        run.now  # noqa: B018 - reading it is the test


@pytest.mark.django_db
def test_the_clock_is_read_once() -> None:
    run = Run(somebody(Role.STAFF))
    first = run.read_clock()
    assert run.read_clock() == first == run.now


@pytest.mark.django_db
def test_an_operation_tells_who_did_what_when_and_with_which_result(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)

    operation = Operation.objects.get(name="enroll_patient")

    assert (operation.actor_id, operation.role) == (cast.prescriber.user_id, "prescriber")
    assert operation.prescriber_id == cast.prescriber.pk
    assert operation.channel == Channel.API
    assert operation.performed_at == patient.registered_at
    assert (operation.result_model, operation.result_id) == ("patients.patient", str(patient.pk))
    assert Event.objects.get(code="patient_enrolled").operation_id == operation.pk


@pytest.mark.django_db
def test_a_command_that_fails_leaves_nothing(cast: builders.Cast) -> None:
    before = (Operation.objects.count(), Event.objects.count())
    with pytest.raises(InvalidRequest):
        builders.enroll(cast.prescribing, "adult_fnrp", basis=None)
    assert (Operation.objects.count(), Event.objects.count()) == before


def test_a_command_never_runs_inside_somebody_elses_transaction(own_database: str) -> None:
    cast = builders.cast()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        builders.enroll(cast.prescribing)


@pytest.mark.django_db
def test_a_repeated_call_returns_the_first_result_and_does_nothing_else(
    cast: builders.Cast,
) -> None:
    patient = builders.enroll(cast.prescribing)
    call = cast.prescribing.once(IdempotencyKey("client:route", "k", "digest"))
    first = builders.counseling(call, patient)
    events = Event.objects.count()

    assert builders.counseling(call, patient) == first
    assert patient.counseling_set.count() == 1
    assert Event.objects.count() == events


@pytest.mark.django_db
def test_a_key_with_another_body_is_refused(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    builders.counseling(cast.prescribing.once(IdempotencyKey("c:r", "k", "one")), patient)
    with pytest.raises(KeyReused):
        builders.counseling(cast.prescribing.once(IdempotencyKey("c:r", "k", "two")), patient)


@pytest.mark.django_db
def test_a_scope_that_begins_like_another_is_another(cast: builders.Cast) -> None:
    patient = builders.enroll(cast.prescribing)
    one = builders.counseling(cast.prescribing.once(IdempotencyKey("c:r", "k", "one")), patient)
    other = builders.counseling(
        cast.prescribing.once(IdempotencyKey("c:r:sub", "k", "two")), patient
    )
    assert one != other
    assert Organization.objects.filter(pk=cast.prescriber.practice_id).exists()
