"""Counts of sign-ins live in the process's cache: each test begins with none."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def no_counted_sign_ins() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
