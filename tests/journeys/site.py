"""How journeys use the product: browsers of people, what every page visited must satisfy."""

import hashlib
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page

from apps.accounts.middleware import BROWSER
from apps.accounts.models import User
from apps.core import clock
from tests import costs
from tests.browsers import code_of, give_app, signed_in
from tests.builders import PASSWORD
from tests.second_factors import new_code

NEW_YORK = ZoneInfo("America/New_York")
WIDE, NARROW = 1280, 320
PHONE = 640  # Narrower is one.
PICTURES = Path(__file__).resolve().parents[2] / "docs" / "images"
STATE = """
    [document.querySelector('.rp-status h1, .rp-status h2')?.innerText,
     document.querySelectorAll('table').length].join(' ')
"""
HEIGHT = 900
PATIENCE = 120_000  # milliseconds, for a page on a busy machine
IS_THERE = "undefined"  # What Axe would put into the page at each run: it is half a megabyte.
# What is wrong; what passed takes longer to tell. Style sheets are not fetched a second time.
# Contrast, the dearest rule, is asked for once: the colors are the same at every width.
WRONG: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
RULES: dict[int, dict[str, Any]] = {
    WIDE: WRONG,
    NARROW: {**WRONG, "rules": {"color-contrast": {"enabled": False}}},
}


@dataclass(frozen=True)
class Seen:
    """Kinds of pages, one empty file each, so that several processes know of them."""

    folder: Path

    def is_first(self, kind: str) -> bool:
        """Whether nobody saw this kind before; from now on somebody did."""
        try:
            (self.folder / hashlib.sha256(kind.encode()).hexdigest()).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


@dataclass
class Site:
    """The running product and everybody's browser.

    `seen`: the kinds of pages inspected so far; `asked_for`: the addresses that browsers asked for.
    """

    address: str
    browser: Browser
    seen: Seen
    people: list["Person"] = field(default_factory=list)
    asked_for: set[str] = field(default_factory=set)

    def sign_in(self, email: str, *, javascript: bool = True) -> "Person":
        """A person's own browser, signed in with PASSWORD and the code of an app of theirs."""
        person = self._person(email, javascript=javascript)
        person.go("/accounts/login/")
        person.page.fill("input[name=login]", email)
        person.page.fill("input[name=password]", PASSWORD)
        person.press("Sign in")
        person.page.fill("input[name=code]", code_of(person.user))
        person.press("Sign in")
        return person

    def meet(self, email: str) -> "Person":
        """A person who signed in before; the way in has journeys of its own."""
        person = self._person(email, javascript=True)
        session = signed_in(person.user).session
        del session[BROWSER]
        session.save()
        key = str(session.session_key)
        person.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": self.address}]
        )
        person.go("/")
        return person

    def enter(self, client: Client, *, javascript: bool = True) -> "Person":
        """Whoever is in with a browser of the tests, or nobody, now with a real one."""
        context = self.browser.new_context(
            java_script_enabled=javascript, viewport={"width": WIDE, "height": HEIGHT}
        )
        name = settings.SESSION_COOKIE_NAME
        if name in client.cookies:
            session = client.session
            session.pop(BROWSER, None)
            session.save()
            key = str(session.session_key)
            context.add_cookies([{"name": name, "value": key, "url": self.address}])
        person = Person(self, context.new_page(), User(), inspects=javascript)
        self.people.append(person)
        person.watch()
        return person

    def _person(self, email: str, *, javascript: bool) -> "Person":
        user = User.objects.get(email=email)
        user.set_password(PASSWORD)
        user.save()
        give_app(user)
        context = self.browser.new_context(
            java_script_enabled=javascript, viewport={"width": WIDE, "height": HEIGHT}
        )
        person = Person(self, context.new_page(), user, inspects=javascript)
        self.people.append(person)
        person.watch()
        return person

    def visitor(self, *, width: int) -> "Person":
        """Somebody without an account, at a screen of this width."""
        context = self.browser.new_context(viewport={"width": width, "height": HEIGHT})
        person = Person(self, context.new_page(), User(), width=width)
        self.people.append(person)
        person.watch()
        return person

    def at(self, instant: datetime) -> None:
        """Make `instant` the program's time, for the server too."""
        clock.set_demo_time(instant)

    def later(self, **length: float) -> None:
        """Let time pass."""
        clock.set_demo_time(clock.now() + timedelta(**length))

    def close(self) -> None:
        """Close every browser. What any of them complained about fails the test."""
        for person in self.people:
            person.page.context.close()
            assert person.complaints == [], person.complaints


@dataclass
class Person:
    """Somebody at a browser. Every page that they come to is inspected."""

    site: Site
    page: Page
    user: User
    inspects: bool = True
    width: int = WIDE
    complaints: list[str] = field(default_factory=list)
    presses: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Note every address, page, refusal of the CSP and error of a script."""
        self.page.set_default_timeout(PATIENCE)
        self.page.on("request", lambda request: self.site.asked_for.add(request.url))
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type == "error" or "Content Security Policy" in message.text
                else None
            ),
        )
        self.page.on("domcontentloaded", lambda page: self.loads.append(page.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def go(self, path: str) -> None:
        """Open an address of the product."""
        self.page.goto(self.site.address + path)
        self.inspect()

    def follow(self, link: str) -> None:
        """Follow a link by its words."""
        self.leave_by(self.page.get_by_role("link", name=link, exact=True).first)

    def press(self, button: str) -> None:
        """Press a button by its words."""
        self.leave_by(self.page.get_by_role("button", name=button, exact=True).first)

    def sign(self) -> None:
        """Fill in what the end of a signed page asks for."""
        self.write("Your password", PASSWORD)
        code = self.page.get_by_label("Code of your second factor")
        if code.count():
            code.fill(self.code())

    def code(self) -> str:
        """A code of this person's second factor."""
        return new_code(self.user)

    def type(self, *keys: str) -> None:
        """Use the keyboard alone: names of keys are pressed, and counted; other texts are typed."""
        for key in keys:
            if key in {"Tab", "Space"}:
                self.presses.append(key)
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)

    def send_by_enter(self) -> None:
        """Send the form in which the focus stands."""
        self.presses.append("Enter")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        self.inspect()

    def leave_by(self, control: Locator) -> None:
        """Click what leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            control.click()
        self.inspect()

    def write(self, label: str, text: str) -> None:
        """Fill the input of that label."""
        self.page.get_by_label(label, exact=False).first.fill(text)

    def choose(self, group: str, answer: str) -> None:
        """Choose an answer in the group of that legend."""
        fieldset = self.page.get_by_role("group", name=group)
        set_on(fieldset.get_by_label(answer, exact=True).first)

    def tick(self, label: str) -> None:
        """Tick the box of that label."""
        set_on(self.page.get_by_label(label, exact=False).first)

    def tick_all(self, group: str) -> None:
        """Tick every box of a group."""
        boxes = self.page.get_by_role("group", name=group).get_by_role("checkbox")
        for box in boxes.all():
            set_on(box)

    def write_date(self, group: str, on: Any) -> None:
        """Type a date into the group of that legend."""
        parts = self.page.get_by_role("group", name=group)
        parts.get_by_label("Month").select_option(str(on.month))
        parts.get_by_label("Day").fill(str(on.day))
        parts.get_by_label("Year").fill(str(on.year))

    def write_instant(self, group: str, at: datetime) -> None:
        """Type an instant, in the program's zone."""
        local = at.astimezone(NEW_YORK)
        self.write_date(group, local)
        parts = self.page.get_by_role("group", name=group)
        parts.get_by_label("Time").fill(f"{local:%H:%M}")

    def sees(self, text: str) -> None:
        """The page says so."""
        content = self.page.locator("body").inner_text()
        assert text in content, f"{text!r} is not on {self.page.url}:\n{content}"

    def inspect(self) -> None:
        """No violation of accessibility and no sideways scrolling, wide and narrow; once a kind.

        Pages are of one kind when title, state and number of tables are the same.
        """
        kind = f"{self.page.title()} {self.page.evaluate(STATE)}"
        if self.inspects and self.site.seen.is_first(kind):
            wrong = self.wrongs(kind)
            assert not wrong, f"{self.page.url}: " + "\n".join(wrong)

    def wrongs(self, kind: str) -> list[str]:
        """What is wrong with this page, at each width; a picture of it is kept as this kind's."""
        self.page.evaluate(AXE_SCRIPT)
        wrong: list[str] = []
        for width in (NARROW, WIDE):
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            overflow = self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if overflow > 0:
                wrong.append(f"scrolls sideways by {overflow} px at {width}")
            self._picture(kind, width)
            if rules := self._rules_at(width):
                found = Axe(IS_THERE).run(self.page, options=rules)
                if found.violations_count:
                    wrong.append(f"at {width}: {found.generate_report()}")
        self.page.set_viewport_size({"width": self.width, "height": HEIGHT})
        return wrong

    def _rules_at(self, width: int) -> dict[str, Any] | None:
        """What axe-core is asked at a width; None: nothing.

        `python -m bench pages` asks at both. The suite asks of one variant of each page: as whoever
        opens it has it, on a phone or a desk.
        """
        if costs.FIGURES:
            return RULES[width]
        return WRONG if width == (NARROW if self.width < PHONE else WIDE) else None

    def portrays(self, name: str, *, height: int = 720) -> None:
        """Make the README's picture of that name anew, where the run is asked for it.

        REMS_README_PICTURES=1 asks; else a run of the tests would change the repository each time.
        """
        if os.environ.get("REMS_README_PICTURES") == "1":
            self.page.set_viewport_size({"width": max(self.width * 3 // 4, 375), "height": height})
            self.page.screenshot(path=str(PICTURES / f"{name}.png"))
            self.page.set_viewport_size({"width": self.width, "height": HEIGHT})

    def _picture(self, kind: str, width: int) -> None:
        """Keep a picture of the page for a person to look at, where they asked for it."""
        folder = os.environ.get("REMS_PICTURES", "")
        if folder:
            name = "".join(c if c.isalnum() else "-" for c in kind)
            self.page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


def set_on(control: Locator) -> None:
    """Set a radio button or a box by its label, as a mouse does: the design hides the input."""
    if not control.is_checked():
        name = control.get_attribute("id")
        control.page.locator(f"label[for='{name}']").click()
    assert control.is_checked()
