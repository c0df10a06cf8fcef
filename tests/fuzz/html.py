"""A page as a browser sees it: its forms with their inputs, and the words that a person reads."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

# Whose text nobody reads, and what bears what somebody typed.
UNREAD, TYPED = {"script", "style", "head"}, {"textarea", "option", "select"}


@dataclass
class Control:
    """One input; several buttons or boxes of one name are one control with `options`."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form: where it goes, and what it asks for, by name."""

    action: str
    method: str
    controls: dict[str, Control] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, ...]:
        """What makes it the same form on another page."""
        return (self.method, *sorted(self.controls))


class Page(HTMLParser):
    """The forms of a page and its readable text."""

    def __init__(self, content: str, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self._control: Control | None = None
        self._text: list[str] | None = None
        self._inside: list[str] = []
        self.feed(content)

    @property
    def text(self) -> str:
        """What a person reads, but for what was typed."""
        return re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes forms and inputs."""
        has = {name: value or "" for name, value in attrs}
        if tag in UNREAD or tag in TYPED:
            self._inside.append(tag)
        if tag == "form":
            action = urljoin(self.url, has.get("action", ""))
            self._form = Form(action or self.url, has.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None and tag in {"input", "select", "textarea", "button"}:
            self._note(tag, has)
        elif tag == "option" and self._control is not None:
            self._control.options.append(has.get("value", ""))
            if "selected" in has:
                self._control.value = has.get("value", "")

    def _note(self, tag: str, has: dict[str, str]) -> None:
        name, kind = has.get("name", ""), has.get("type", "text") if tag == "input" else tag
        if not name or self._form is None:
            return
        control = self._form.controls.setdefault(name, Control(name, kind))
        if kind in {"radio", "checkbox"} or (tag == "button" and has.get("value")):
            control.options.append(has.get("value", "on"))
        else:
            control.value = has.get("value", "")
        self._control = control if tag == "select" else None
        if tag == "textarea":
            self._control, self._text = control, []

    def handle_endtag(self, tag: str) -> None:
        """Closes what the start opened."""
        if tag == "form":
            self._form = None
        if tag == "textarea" and self._control is not None and self._text is not None:
            # The first line break belongs to the markup.
            self._control.value = "".join(self._text).removeprefix("\n")
            self._control = self._text = None
        if tag in self._inside:
            self._inside.remove(tag)

    def handle_data(self, data: str) -> None:
        """Collects what is read, and what is typed into a textarea."""
        if self._text is not None:
            self._text.append(data)
        elif not self._inside:
            self.words.append(data)
