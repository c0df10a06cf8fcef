"""Every page of the administration × each role of the office: what it answers, and who is told.

The addresses come from the URL configuration, so a new page that shows somebody and says nothing
fails here, as does one that is open to the wrong role.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from tests.audit.seeing import Signs, Trail, untold
from tests.backoffice.conftest import SignIn
from tests.backoffice.pages import MODELS, Page, ends, pages_of, pages_of_the_site

MOST_STATEMENTS = 26
INLINE_CODE = re.compile(r"<style|<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=")
# What all roles are asked for; nobody deletes (test_access.py), and the rest is of one role alone.
LOOKED_AT = {"changelist", "change", "add", "do"}
# Of the pages of no kind of record: what is no page of its own, and what only some may open.
ELSEWHERE = {"login": 302, "password_change": 302, "password_change_done": 200, "autocomplete": 404}
ONLY_FOR = {"assign": {"administrator", "staff"}, "trail": {"administrator", "auditor"}}


class Statements:
    """How many statements were sent to the database, but for the ends of transactions."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.count += 1
        return execute(*args)


@pytest.mark.parametrize("who", ["administrator", "staff", "auditor"])
def test_every_page_is_open_to_its_roles_and_leaves_a_view_of_whom_it_shows(
    who: str, sign_in: SignIn, signs: Signs
) -> None:
    client, trail, faults = sign_in(who), Trail(), []
    for page in pages_for(who):
        statements = Statements()
        with connection.execute_wrapper(statements):
            answer = client.get(page.address)
        found = [
            *unlike_expected(page, who, answer.status_code),
            *(f"shows {sign}" for sign in untold(answer, trail.news(), signs)),
            *unfit(page, answer, statements.count),
        ]
        faults += [f"{who} {page.address}: {fault}" for fault in found]
    assert "\n".join(faults) == ""


def pages_for(who: str) -> Iterator[Page]:
    """All pages for an administrator, of two records of each kind; for the others of one."""
    yield from pages_of_the_site()
    for model in MODELS:
        if who == "administrator":
            yield from pages_of(model, ends(model))
        else:
            of_one = pages_of(model, ends(model)[:1])
            yield from (page for page in of_one if page.name in LOOKED_AT)


def unlike_expected(page: Page, who: str, status: int) -> Iterator[str]:
    """Another status than this role should get."""
    is_open = page.is_open_to(who) and who in ONLY_FOR.get(page.name, {who})
    wanted = ELSEWHERE.get(page.name, 200) if is_open else 403
    if status != wanted:
        yield f"answers {status}, not {wanted}"


def unfit(page: Page, answer: Any, statements: int) -> Iterator[str]:
    """What the Content-Security-Policy would refuse, and more statements than a page may need."""
    if page.name in {"changelist", "change", "history"}:
        if statements > MOST_STATEMENTS:
            yield f"needs {statements} statements"
        yield from (f"has {each}" for each in INLINE_CODE.findall(answer.content.decode()))
