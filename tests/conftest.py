"""Fixtures that every test may use: databases, and the clock of the program."""

import gc
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from _pytest import runner
from django.conf import settings
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as trying

from tests import builders, databases

Registry = tuple[str, builders.Cast]

# A busy machine is no defect of what is tried on it.
trying.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
trying.load_profile("patient")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Several processes read the tests while the one that leads them has the template made."""
    if session.config.getoption("numprocesses", None):
        Thread(target=databases.template).start()


def pytest_collection_finish() -> None:
    """What was imported stays to the end: looking at it for garbage took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)


def _on_a_roomy_stack(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    return runner.pytest_runtest_protocol(item, nextitem)


# A frame that claims this many slots gets a piece of the stack with as much room left again.
_on_a_roomy_stack.__code__ = _on_a_roomy_stack.__code__.replace(co_stacksize=2**16)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Whoever loops at the edge of a piece of Python's stack takes and returns memory at each call.

    Pieces of 16 kB, which Debian's Python has, cost a fifth of the time so (CPython issue 142183,
    mended in 3.13 and 3.14).
    """
    return _on_a_roomy_stack(item, nextitem)


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Make `name` the database of this process, and of the processes that it starts."""
    before = settings.DATABASES["default"]["NAME"]
    url = os.environ["DATABASE_URL"]

    def use(database: str) -> None:
        connections.close_all()
        settings.DATABASES["default"]["NAME"] = database
        connections["default"].settings_dict["NAME"] = database

    use(name)
    os.environ["DATABASE_URL"] = databases.url_of(url, name)
    try:
        yield
    finally:
        use(before)
        os.environ["DATABASE_URL"] = url


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the owner of the tables, which the product never does."""
    found = settings.DATABASES["default"]
    before = found["USER"]

    def be(role: str) -> None:
        connections.close_all()
        found["USER"] = connections["default"].settings_dict["USER"] = role

    be(str(urlsplit(databases.owner_url()).username))
    try:
        yield
    finally:
        be(before)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests marked `django_db` share one clone and roll back, as the application's role."""
    with django_db_blocker.unblock(), databases.clone() as name, connected_to(name):
        yield


@pytest.fixture
def own_database(django_test_environment: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of the test's own, with real commits: for races, workers and live servers."""
    with django_db_blocker.unblock(), databases.clone() as name, connected_to(name):
        yield name


@contextmanager
def registering(blocker: Any, when: AbstractContextManager[Any]) -> Iterator[Registry]:
    """A database in which the cast is registered already, by real commands; and the cast."""
    with blocker.unblock(), databases.clone() as name:
        with connected_to(name), when:
            cast = builders.cast()
        yield name, cast


@pytest.fixture(scope="session")
def registry(django_test_environment: None, django_db_blocker: Any) -> Iterator[Registry]:
    """The cast, registered just now."""
    with registering(django_db_blocker, nullcontext()) as registry:
        yield registry


@pytest.fixture(scope="session")
def registry_at_start(django_test_environment: None, django_db_blocker: Any) -> Iterator[Registry]:
    """The cast, registered at START: for tests that travel there, and go on from there."""
    start = time_machine.travel(builders.START, tick=False)
    with registering(django_db_blocker, start) as registry:
        yield registry


@pytest.fixture(scope="module")
def registered(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[builders.Cast]:
    """A module's tests begin where the cast is registered, and roll back to that.

    At START in a module that is marked `registered_at_start`.
    """
    at_start = request.node.get_closest_marker("registered_at_start")
    name, cast = request.getfixturevalue("registry_at_start" if at_start else "registry")
    with connected_to(name):
        yield cast


@pytest.fixture
def cast(registered: builders.Cast, request: pytest.FixtureRequest) -> builders.Cast:
    """An administrator, a member of staff, a certified prescriber and pharmacy."""
    if "own_database" in request.fixturenames:
        return builders.cast()
    return deepcopy(registered)
