"""What somebody types into a form: sense, as far as a form's own names tell it, and nonsense."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import strategies as st

from tests import builders
from tests.fuzz import nonsense
from tests.fuzz.html import Control, Form

# Sense by the name of an input; the first expression that fits counts.
SENSE = (
    (r"_month$", "6"), (r"_day$", "1"), (r"^born_on_year$", "1985"), (r"_year$", "2026"),
    (r"_time$", "11:30"), (r"email|^login$", "nora@practice.example"), (r"phone", "212-555-0400"),
    (r"postal_code", "10001"), (r"(^|_)npi$", builders.npi(77)), (r"ncpdp", "1234567"),
    (r"strength", "25"), (r"sensitivity", "25"), (r"days_supply", "28"), (r"quantity", "21"),
    (r"quiet", "21:00"), (r"hours", "24"), (r"ndc", "59572-0425-21"),
    (r"password", builders.PASSWORD), (r"jwks_uri", "https://keys.example/jwks.json"),
    (r"counselor|name", "Nora Newcomer"),
)  # fmt: skip
DEFAULT = "Written down after a call"
# Never shown again, or made anew each time: nobody loses them.
NOT_KEPT = re.compile(r"password|code|submission|csrf|secret|^login$", re.IGNORECASE)
LINE_TEXTS = {"text", "textarea", "email", "tel", "search", "number", "url"}
FILES = [
    ("scan.pdf", b"%PDF-1.7 a synthetic form"), ("scan.pdf", b""), ("../../x.html", b"<script>"),
    ("\x00.png", b"\x89PNG\r\n\x1a\n"), ("scan.jpg", b"\xff\xd8\xff" + b"x" * 4_000),
]  # fmt: skip


@dataclass
class Typed:
    """A form as it is sent; `meant` are the values that a person typed and should see again."""

    form: Form
    data: dict[str, Any]
    nonsense_in: list[str]

    @property
    def meant(self) -> dict[str, str]:
        """Readable text of single-line and long inputs."""
        return {
            name: value
            for name, value in self.data.items()
            if isinstance(value, str)
            and name in self.form.controls
            and self.form.controls[name].kind in LINE_TEXTS
            and not NOT_KEPT.search(name)
            and value.strip()
            and value.isprintable()
        }


def typed_into(form: Form, known: list[str], code: str) -> st.SearchStrategy[Typed]:
    """The form with up to three inputs that hold nonsense, are left out or are there twice.

    `known` are ids that could stand in the wrong place, `code` is what the second factor shows.
    """
    return _typed(form, known, code)


@st.composite
def _typed(draw: Any, form: Form, known: list[str], code: str) -> Typed:
    controls = form.controls
    data = {name: _sense(draw, control) for name, control in controls.items()}
    if "code" in data:
        data["code"] = code
    wrong: list[str] = []
    names = sorted(name for name in controls if name != "csrfmiddlewaretoken")
    for _ in range(draw(st.integers(0, 3)) if names else 0):
        name = draw(st.sampled_from(names))
        wrong.append(name)
        data[name] = _nonsense(draw, controls[name], data[name], known)
    if draw(st.integers(0, 9)) == 0:
        data[draw(st.sampled_from(["unknown", "id", "pk", "state"]))] = draw(nonsense.texts())
    return Typed(form, {name: value for name, value in data.items() if value is not None}, wrong)


def _sense(draw: Any, control: Control) -> Any:
    """What a willing person would enter."""
    if control.kind == "hidden":
        return control.value
    if control.kind == "checkbox":
        ticked = control.options if draw(st.integers(0, 9)) < 8 else control.options[:-1]
        return ticked or None
    if control.kind in {"radio", "select", "button"}:
        chosen = [option for option in control.options if option] or [""]
        return draw(st.sampled_from(chosen)) if control.options else None
    if control.kind == "file":
        return _file(draw)
    if control.value and draw(st.booleans()):
        return control.value
    return next((text for name, text in SENSE if re.search(name, control.name)), DEFAULT)


def _nonsense(draw: Any, control: Control, sense: Any, known: list[str]) -> Any:
    if control.kind == "file":
        return draw(st.sampled_from([None, "no file"])) or _file(draw)
    how = draw(st.integers(0, 7))
    if how == 0:
        return None
    if how == 1:
        return [sense if isinstance(sense, str) else "", draw(nonsense.texts())]
    if how == 2 or (control.kind in {"select", "radio", "hidden"} and how < 5):
        return draw(nonsense.identifiers(known))
    return draw(nonsense.texts())


def _file(draw: Any) -> SimpleUploadedFile:
    name, content = draw(st.sampled_from(FILES))
    return SimpleUploadedFile(name, content, content_type="application/pdf")
