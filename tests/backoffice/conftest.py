"""A program with a row of every kind, and the people who try to enter the administration."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from apps.accounts.models import User
from apps.core.call import Role
from apps.evidence import services as evidence
from apps.patients.models import Patient
from tests import browsers, builders, databases, second_factors
from tests.audit.seeing import Signs, signs_of_patients
from tests.conftest import connected_to
from tests.guards import world
from tests.second_factors import have_components

PEOPLE = {
    "administrator": "administrator@program.example",
    "staff": "staff@program.example",
    "auditor": "auditor@program.example",
    "prescriber": "prescriber1@practice.example",
    "delegate": "delegate@practice.example",
    "representative": "representative1@pharmacy.example",
    "pharmacist": "pharmacist@pharmacy.example",
}
SignIn = Callable[[str], Client]


def signed_in(email: str) -> Client:
    """A browser of that person, who can sign."""
    user = User.objects.get(email=email)
    have_components(user)
    return browsers.signed_in(user)


def proof(client: Client, form: Any) -> dict[str, str]:
    """What the person of this browser types to sign an action; nothing where it is not signed."""
    return second_factors.proof(User.objects.get(pk=client.session["_auth_user_id"]), form)


@pytest.fixture(scope="session")
def filled_once(django_test_environment: None, django_db_blocker: Any) -> Iterator[str]:
    """The name of a database with a row of every kind, to which nobody is connected."""
    with django_db_blocker.unblock(), databases.clone() as name:
        with connected_to(name):
            world.build(world.World(owner_url="", application_url=""))
            builders.office_member(Role.AUDITOR, PEOPLE["auditor"])
            User.objects.filter(given_name="Phil").update(email=PEOPLE["pharmacist"])
        yield name


@pytest.fixture(scope="module")
def filled(filled_once: str, django_db_blocker: Any) -> Iterator[None]:
    """One committed database for a module's tests, which only read (and leave their trail)."""
    with (
        django_db_blocker.unblock(),
        databases.clone(source=filled_once) as name,
        connected_to(name),
    ):
        yield


@pytest.fixture
def sign_in(filled: None) -> SignIn:
    """Sign somebody of PEOPLE in; "nobody" stays outside."""
    cache.clear()
    return lambda who: Client() if who == "nobody" else signed_in(PEOPLE[who])


@pytest.fixture
def signs(filled: None) -> Signs:
    """What gives each patient away; one was signed for under a name that others bear."""
    for patient in Patient.objects.filter(given_name="Fiona", merged_into=None):
        evidence.correct_identity(
            builders.office_member(Role.STAFF, f"{uuid4()}@program.example"),
            patient_id=patient.pk,
            given_name="Fenella",
            family_name=patient.family_name,
            born_on=patient.born_on,
            source_document="Passport, seen",
            reason="She is called otherwise",
        )
    return signs_of_patients()


@pytest.fixture
def administrator(cast: builders.Cast) -> Client:
    """The browser of the cast's administrator."""
    return signed_in(PEOPLE["administrator"])


@pytest.fixture
def staff(cast: builders.Cast) -> Client:
    """The browser of the cast's member of staff."""
    return signed_in(PEOPLE["staff"])
