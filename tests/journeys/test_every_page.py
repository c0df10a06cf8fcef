"""Every page of the addresses, opened in a browser by whom it belongs to, and inspected.

The list is made of `apps/portal/urls.py`, so that no page is forgotten. The suite opens each once,
where there is much to show; `python -m bench pages` asks for all states, and for pages without
scripts, and keeps the figures of each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from apps.patients.models import Patient
from tests import builders, costs
from tests.api.world import Contents, contents
from tests.fuzz.callers import changing, everybody_at_work
from tests.fuzz.test_pages import addresses
from tests.journeys.site import Person, Site
from tests.portal.people import People
from tests.portal.test_scope import OF_A_VISIT, OWN_ARGUMENTS, ids
from tests.visitors import visitor

pytestmark = pytest.mark.browser

STATES = ("full", "empty", "refused", "error") if costs.FIGURES else ("full",)
# Who has nothing yet, where an address names nothing.
NEW = {"owner": "other prescriber", "pharmacist": "other pharmacist"}
FORM = "main form[method=post]:not([action])"
RESOURCES = "performance.getEntriesByType('resource').map(each => each.name)"
NOBODYS = UUID(int=0)
FILES = (".pdf", ".csv", ".json", "/export/", "/scan/")
# No pages to open.
SENT_ONLY = {"end_contact", "end_other_sign_ins", "own_stay", "send_as", "stay_signed_in"}


@dataclass
class Walk:
    """Everybody with a real browser, one each; `wrong` is what they met."""

    site: Site
    everybody: dict[str, Client]
    wrong: list[str] = field(default_factory=list)
    met: dict[tuple[str, bool], Person] = field(default_factory=dict)

    def person(self, who: str, *, javascript: bool = True) -> Person:
        """This one's browser; without scripts it is another."""
        if (who, javascript) not in self.met:
            entered = self.site.enter(self.everybody[who], javascript=javascript)
            self.met[who, javascript] = entered
        return self.met[who, javascript]

    def visit(self, name: str, who: str, url: str, state: str) -> None:
        """Open a page, and note what is wrong with it, and what it costs."""
        person = self.person(who)
        person.page.goto(self.site.address + url)
        if state == "error":
            sent = person.page.locator(f"{FORM} button[type=submit]").last
            if not person.page.locator(f"{FORM} [required]").count() or not sent.count():
                return
            with person.page.expect_navigation():
                sent.click()
            if not person.page.title().startswith("Error: "):
                return
        self.note(person, f"{name}, {state}, {who}", refused=state == "refused")

    def note(self, person: Person, place: str, *, refused: bool) -> None:
        """Inspect the page that somebody has before them."""
        if not costs.FIGURES:
            person.inspect()
            return
        found = person.wrongs(place)
        said = [each for each in person.complaints if not (refused and "status of 40" in each)]
        person.complaints.clear()
        first, following = weights(person)
        plain = self.differs_without_scripts(place, person) if not refused else []
        costs.leave("pages", [place, len(found), len(said), first, following, len(plain)])
        self.wrong += [f"{place}: {each}" for each in (*found, *said, *plain)]
        if first > costs.FIRST_VISIT or following > costs.NEXT_VISIT:
            self.wrong.append(f"{place}: {first} bytes at first, {following} at the next visit")

    def differs_without_scripts(self, place: str, person: Person) -> list[str]:
        """Whether the same address says or asks less in a browser without scripts."""
        if ", full, " not in place:
            return []
        other = self.person(place.rsplit(", ", 1)[1], javascript=False)
        other.page.goto(person.page.url)
        said = [_asked(each) for each in (person, other)]
        return [] if said[0] == said[1] else ["is another page without scripts"]


def _asked(person: Person) -> tuple[list[str], int]:
    """The headings of a page, and how many controls it has."""
    headings = person.page.locator("main h1, main h2").all_inner_texts()
    return headings, person.page.locator("main :is(a, button, input, select, textarea)").count()


def weights(person: Person) -> tuple[int, int]:
    """Compressed bytes of the page at a first visit; and at the next one, when the rest is kept."""
    page = costs.compressed(person.page.content().encode())
    return page + sum(
        _weight(urlsplit(each).path) for each in person.page.evaluate(RESOURCES)
    ), page


@cache
def _weight(path: str) -> int:
    """Fonts and pictures are compressed as they are."""
    found = finders.find(path.removeprefix("/static/"))
    content = Path(str(found)).read_bytes() if found else b""
    return len(content) if path.endswith((".woff2", ".png")) else costs.compressed(content)


def test_every_page_is_good_for_everybody(site: Site) -> None:
    site.at(builders.START)
    everybody = everybody_at_work()
    found = contents(everybody.cast)
    pages = dict(addresses(ids(everybody, found)))
    pages["category_agreement"] = ("owner", changing(everybody))
    pages |= {
        name: ("visitor", reverse(name, kwargs=OWN_ARGUMENTS.get(name)))
        for name in sorted(OF_A_VISIT)
    }
    pages["own_enter"] = ("nobody", reverse("own_enter"))
    walk = Walk(site, {**everybody.browsers, "visitor": _visitor(everybody, found)})
    for state in STATES:
        for name, who, url in _of_state(state, pages):
            walk.visit(name, who, url, state)
    assert not walk.wrong, "\n".join(walk.wrong)


def _visitor(everybody: People, found: Contents) -> Client:
    return visitor(everybody.cast.prescribing, Patient.objects.get(pk=found.paths["patient_id"]))


def _of_state(state: str, pages: dict[str, tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Where each page is in that state, and for whom."""
    for name, (who, url) in pages.items():
        if name in SENT_ONLY or url.endswith(FILES):
            continue
        names_something = any(part.count("-") == 4 for part in url.split("/"))
        if state in {"full", "error"}:
            yield name, who, url
        elif state == "empty" and not names_something and who in NEW:
            yield name, NEW[who], url
    if state == "refused":
        yield "another role's page", "pharmacist", reverse("staff")
        yield "nothing there", "pharmacist", reverse("receipt", args=[NOBODYS])
