"""The world of the guard tests: built once, never changed."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tests import databases
from tests.conftest import connected_to
from tests.guards.world import World, build


@pytest.fixture(scope="session")
def world(django_test_environment: None, django_db_blocker: Any) -> Iterator[World]:
    """A committed database with a row in every table."""
    with django_db_blocker.unblock(), databases.clone() as name:
        world = World(
            owner_url=databases.url_of(databases.owner_url(), name),
            application_url=databases.url_of(os.environ["DATABASE_URL"], name),
        )
        with connected_to(name):
            build(world)
        yield world
