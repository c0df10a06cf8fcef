"""The program's time is real time, save in the demo."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

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


@pytest.mark.django_db
def test_a_page_looks_the_demos_clock_up_once_and_no_longer_than_it_lasts(
    settings: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.DEMO_CLOCK = True
    clock.set_demo_time(clock.real_now() + timedelta(days=30))
    with django_assert_num_queries(1), clock.looked_up_once():
        assert clock.now() <= clock.now()
    clock.set_demo_time(clock.real_now() + timedelta(days=60))
    assert clock.offset() > timedelta(days=59)
