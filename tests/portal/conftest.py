"""The browsers of the cast, signed in."""

import pytest
from django.test import Client

from tests import builders
from tests.portal.people import browser_of


@pytest.fixture
def prescriber(cast: builders.Cast) -> Client:
    """The browser of the cast's prescriber."""
    return browser_of(cast.prescribing)


@pytest.fixture
def pharmacist(cast: builders.Cast) -> Client:
    """The browser of the cast's pharmacist."""
    return browser_of(cast.dispensing)


@pytest.fixture
def staff(cast: builders.Cast) -> Client:
    """The browser of the cast's member of staff."""
    return browser_of(cast.staff)


@pytest.fixture
def administrator(cast: builders.Cast) -> Client:
    """The browser of the cast's administrator."""
    return browser_of(cast.administrator)
