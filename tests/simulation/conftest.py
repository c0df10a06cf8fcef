"""One populated database for the tests that only look at it."""

from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def demo(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo's story, told in a database of its own; today is TODAY."""
    with (
        django_db_blocker.unblock(),
        databases.clone() as name,
        connected_to(name),
        override_settings(DEMO_CLOCK=True),
        time_machine.travel(TODAY),
    ):
        populate(seed=1)
        yield
