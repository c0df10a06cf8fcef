"""A program whose time stands still at START until a test moves it."""

from collections.abc import Iterator

import pytest
import time_machine

from tests import builders


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(builders.START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(clock: time_machine.Traveller, cast: builders.Cast) -> builders.Cast:
    return cast
