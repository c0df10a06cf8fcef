"""A committed program for each module of races."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests import databases
from tests.concurrency.program import Program
from tests.conftest import connected_to


@pytest.fixture(scope="module")
def program(django_test_environment: None, django_db_blocker: Any) -> Iterator[Program]:
    """A cast with two pharmacies in a database of the module's own."""
    with django_db_blocker.unblock(), databases.clone() as name, connected_to(name):
        yield Program()
