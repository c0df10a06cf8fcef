"""The demo's people follow every link: no page asks more than one may, full as it is."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.db import reset_queries
from django.test import Client
from django.urls import resolve

from apps.accounts.models import User
from apps.portal.urls import urlpatterns
from apps.providers.selectors import roles_held
from tests import costs
from tests.portal.people import signed_in

pytestmark = pytest.mark.usefixtures("demo")

LINK = re.compile(r'href="(/[^"#]*)"')
OWN = {str(pattern.name) for pattern in urlpatterns}


def test_no_page_of_the_demo_asks_more_than_a_page_may() -> None:
    wrong: list[str] = []
    seen: set[tuple[str, str]] = set()
    for user in User.objects.filter(is_active=True).order_by("email"):
        held = roles_held(user)
        if len(held) == 1:
            wrong += walked(signed_in(user), held[0].actor.role, seen)
    assert not wrong, "\n".join(wrong)
    assert len({name for _, name in seen}) > len(OWN) / 2


def walked(browser: Client, role: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    """From the start to all that links lead to, each page once for each role."""
    ahead = ["/"]
    while ahead:
        url = ahead.pop()
        if url.startswith("/static/"):
            continue
        name = str(resolve(url.partition("?")[0]).url_name)
        if name not in OWN or (role, name) in seen:
            continue
        reset_queries()
        answer, spent = costs.fetched(browser, url)
        if answer.status_code == costs.OK:
            seen.add((role, name))
            yield from costs.too_dear(name, role, answer, spent)
        if answer.status_code == 302:
            ahead.append(answer.headers["Location"])
        elif not answer.streaming:
            ahead += map(unescape, LINK.findall(answer.content.decode(errors="replace")))
