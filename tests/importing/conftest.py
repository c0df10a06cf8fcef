"""The day on which registries are imported, and who is there already."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.importing.files import NOW


@pytest.fixture
def at_noon() -> Iterator[None]:
    """The day of the import, four weeks after everybody registered."""
    with time_machine.travel(NOW, tick=True):
        yield
