"""Robin of the program's office, with an authenticator app; and no counts left by other tests."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from apps.accounts.models import User
from apps.core.call import Role
from tests import builders
from tests.accounts.steps import EMAIL
from tests.browsers import give_app


@pytest.fixture(autouse=True)
def no_counted_sign_ins() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def robin() -> User:
    builders.office_member(Role.STAFF, EMAIL)
    member = User.objects.get(email=EMAIL)
    give_app(member)
    return member


@pytest.fixture
def newcomer() -> User:
    """Somebody of the office who has a password and no second factor yet."""
    builders.office_member(Role.ADMINISTRATOR, "newcomer@program.example")
    return User.objects.get(email="newcomer@program.example")
