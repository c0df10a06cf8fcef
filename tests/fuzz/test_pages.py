"""Every form of the pages, sent with nonsense by whom it belongs to: no error, nothing lost."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.portal.views.records import ENTRIES
from apps.portal.views.therapy import SAYINGS
from tests import builders, second_factors
from tests.api.world import contents
from tests.fuzz import nonsense
from tests.fuzz.trying import FORM_CASES, Figures
from tests.fuzz.visits import Visitor
from tests.portal.people import people
from tests.portal.test_scope import ONES_OWN, WHO, ids

pytestmark = pytest.mark.django_db

PARTS = 3
OWNERS = ("owner", "other prescriber", "pharmacist", "representative", "staff", "administrator")
KINDS = {"record": sorted(ENTRIES), "say": sorted(SAYINGS)}


@pytest.fixture(autouse=True)
def a_fixed_noon(settings: Any) -> Iterator[None]:
    """The same moment in each run."""
    settings.LOG_REQUESTS = False
    with time_machine.travel(builders.START, tick=True):
        yield


@pytest.mark.parametrize("part", range(PARTS))
def test_no_form_of_the_pages_breaks_or_loses_what_was_typed(part: int) -> None:
    everybody, figures = people(), Figures()
    found = contents(everybody.cast)
    known = [each for each in found.paths.values() if nonsense.is_identifier(each)]
    pages = list(addresses(ids(everybody, found)))
    cases = max(3, FORM_CASES // len(pages))
    codes = {who: code_of(everybody[who]) for _, who, _ in pages}
    for name, who, url in pages[part::PARTS]:
        visitor = Visitor(everybody[who], known, codes[who], figures)
        visitor.try_page(name, url, cases)
    figures.leave(f"pages-{part}")
    assert not figures.defects, figures.told()


def code_of(browser: Client) -> str:
    """What the second factor of whoever is signed in shows; each case takes its use back."""
    return second_factors.new_code(User.objects.get(pk=browser.session["_auth_user_id"]))


def addresses(addressed: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Each page with its kinds, who sends its form, and where it is."""
    for name, (insiders, _) in WHO.items():
        who = next((each for each in OWNERS if each in insiders), None)
        args = addressed.get(name, {})
        if who is None:
            continue
        for kind in KINDS.get(name, [""]):
            kinds = {"kind": kind} if kind else {}
            yield f"{name} {kind}".strip(), who, reverse(name, kwargs={**args, **kinds})
    for name in sorted(ONES_OWN - {"end_sign_in"}):
        yield name, "owner", reverse(name)
