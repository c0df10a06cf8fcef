"""The program's time is real time, save in the demo."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.core import clock


@pytest.mark.django_db
def test_the_clock_of_a_real_program_cannot_be_moved() -> None:
    with pytest.raises(RuntimeError, match="demo"):
        clock.set_demo_time(datetime(2030, 1, 1, tzinfo=UTC))
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.django_db
def test_the_clock_of_the_demo_can_be_moved(settings: Any) -> None:
    settings.DEMO_CLOCK = True
    clock.set_demo_time(clock.real_now() + timedelta(days=30))
    assert timedelta(days=30) <= clock.now() - clock.real_now() + timedelta(seconds=5)
    assert abs(clock.real_now() - datetime.now(UTC)) < timedelta(seconds=5)
