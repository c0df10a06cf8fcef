"""One populated database for the tests that only look at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import override_settings

from apps.simulation.populate import populate
from tests import databases
from tests.conftest import connected_to

# Five minutes after the clocks went forward in New York: yesterday had 24 hours, today has 23.
TODAY = datetime.fromisoformat("2027-03-14T07:05:00+00:00")


@contextmanager
def today_in(database: str) -> Iterator[None]:
    """The demo's clock and this database."""
    with connected_to(database), override_settings(DEMO_CLOCK=True), time_machine.travel(TODAY):
        yield


@pytest.fixture(scope="session")
def told_story(django_test_environment: None, django_db_blocker: Any) -> Iterator[str]:
    """The demo's story, told once in a database of its own; its name."""
    with django_db_blocker.unblock(), databases.clone() as name:
        with today_in(name):
            populate(seed=1)
        yield name


@pytest.fixture
def demo(told_story: str, django_db_blocker: Any) -> Iterator[None]:
    """The demo's story; today is TODAY."""
    with django_db_blocker.unblock(), today_in(told_story):
        yield
