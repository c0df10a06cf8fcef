"""Visits to a page: open it, type, send it, and look at what comes back."""

import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client

from tests.api.test_description import KEPT
from tests.fuzz.html import Form, Page
from tests.fuzz.trying import Figures, try_out, what_a_commit_would_say
from tests.fuzz.typing_in import Typed, typed_into

# What nobody is to read: what a program says to its makers, and names of columns and codes.
INTERNAL = re.compile(
    r"Traceback|\w+Exception\b|\w\wError\b|psycopg|constraint|NoneType|object at 0x|DoesNotExist"
    r"|not-null|\b(?:None|NULL|nan|True|False)\b|<[a-z]+ |\{\{|\{%|Lazy"
)
CODES = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b|__")
# The same word, where it is meant to be read.
PLAIN = ("Irregular None", " None. ", "None from this program", "private_key_jwt")
# Pages that answer a form with what it made, shown this once; they ask for nothing again.
RESULTS = ("Copy the secret now", "Write these codes down")
FRAMES = Path(KEPT).parents[1]
# Forms that stand on every page, or that end what the visitor does.
ELSEWHERE = ("/accounts/logout/", "/demo-clock/", "/role/send/", "/sign-ins/stay/")


@dataclass
class Visitor:
    """Somebody's browser, ids to put where they do not belong, and what the second factor shows."""

    browser: Client
    known: list[str]
    code: str
    figures: Figures
    reads_codes: bool = False  # as in the office's lists of what is recorded

    def try_page(self, name: str, url: str, cases: int) -> None:
        """Send each form of a page so many times, and note every defect."""
        self.browser.raise_request_exception = False
        shown = self.browser.get(url)
        is_page = shown.status_code == 200 and not shown.streaming
        forms = forms_of(shown, url) if is_page else []
        if not forms:
            self.figures.without_form.add(name)
        for number, form in enumerate(forms):
            place = name if number == 0 else f"{name}, form {number + 1}"
            try_out(
                typed_into(form, self.known, self.code),
                cases,
                lambda typed, place=place: self.send(place, typed),  # type: ignore[misc]
                place=place,
            )

    def send(self, place: str, typed: Typed) -> None:
        """Send it once; browser and caches are as before afterwards."""
        cookies = {name: morsel.value for name, morsel in self.browser.cookies.items()}
        cache.clear()
        try:
            form = typed.form
            act = self.browser.post if form.method == "post" else self.browser.get
            answer = act(form.action, typed.data)
            self.figures.note(place, answer.status_code)
            for defect in wrongs(typed, answer, self.reads_codes):
                self.figures.found(place, defect, told(typed, answer))
        finally:
            self.browser.cookies.clear()
            self.browser.cookies.load(cookies)


def forms_of(answer: Any, url: str) -> list[Form]:
    """The forms of a page that belong to it; a paper or a file has none."""
    if not answer.get("Content-Type", "").startswith("text/html"):
        return []
    found = Page(answer.content.decode(), url).forms
    return [form for form in found if urlsplit(form.action).path not in ELSEWHERE]


def wrongs(typed: Typed, answer: Any, reads_codes: bool) -> Iterator[str]:
    """What is wrong with what came back."""
    if answer.status_code >= 500:
        yield f"{answer.status_code} {raised(answer)}"
        return
    try:
        what_a_commit_would_say()
    except DatabaseError as error:
        yield f"The transaction would not have been committed: {error}"
    if not answer.get("Content-Type", "").startswith("text/html"):
        return
    page = Page(answer.content.decode(), typed.form.action)
    for internal in (INTERNAL,) if reads_codes else (INTERNAL, CODES):
        yield from inside(page.text, internal, str(typed.data))
    if answer.status_code == 200:
        yield from lost(typed, page)


def inside(text: str, internal: re.Pattern[str], typed: str) -> Iterator[str]:
    """Words that are not for people, unless somebody typed them."""
    for phrase in PLAIN:
        text = text.replace(phrase, "")
    for said in internal.finditer(text):
        if said[0].strip() not in typed:
            around = text[max(0, said.start() - 60) : said.end() + 60]
            yield f"The page speaks of the inside, {said[0]}: …{around}…"


def lost(typed: Typed, page: Page) -> Iterator[str]:
    """What was typed and is gone, where the page asks for it again."""
    again = [form for form in page.forms if set(form.controls) >= set(typed.meant)]
    is_result = any(words in page.text for words in RESULTS)
    if not typed.meant or typed.form.method != "post" or is_result:
        return
    if not again:
        yield "The page came back without its form"
        return
    for name, value in typed.meant.items():
        if all(_plain(form.controls[name].value) != _plain(value) for form in again):
            yield f"What was typed into {name} is gone"


def _plain(value: str) -> str:
    return " ".join(value.split())


def raised(answer: Any) -> str:
    """What was raised, and where in the product."""
    kind, error, trace = answer.exc_info or (None, None, None)
    frames = [
        f"{Path(frame.filename).relative_to(FRAMES)}:{frame.lineno}"
        for frame in traceback.extract_tb(trace)
        if Path(frame.filename).is_relative_to(FRAMES / "apps")
    ]
    return f"{kind.__name__ if kind else 'no exception'}: {str(error)[:200]} {frames[-3:]}"


def told(typed: Typed, answer: Any) -> str:
    """The form as it was sent, without what proves who sends it."""
    sent = {name: value for name, value in typed.data.items() if "csrf" not in name}
    text = Page(answer.content.decode(errors="replace"), "").text
    asked = f"{typed.form.method} {typed.form.action} {str(sent)[:1800]}"
    return f"{asked}\n  {answer.status_code} {text[:900]}"
