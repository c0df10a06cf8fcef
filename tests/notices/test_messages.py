"""Every message: short, with a way in, and silent about drug, diagnosis, test and name."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings

from apps.core import clock
from apps.notices.messages import LANGUAGES, message_of
from apps.notices.models import Notice
from apps.rules.obligation import KINDS
from tests.databases import ROOT

TEMPLATES = ROOT / "templates" / "notices"
CODES = sorted(path.stem for path in TEMPLATES.glob("*.txt") if path.stem != "base")
REVEALING = re.compile(
    r"lenalidomide|revlimid|thalidomide|pomalidomide|capsule|drug|medicine|medication|dose|pill"
    r"|pregnan|birth|contracep|abstinen|condom|sperm|menopaus|menstru|period|test|blood|result"
    r"|cancer|myeloma|lymphoma|tumou?r|onco|hemato|leuk|risk|rems\b|therapy|treatment|survey"
    r"|medicament|cápsula|fármaco|embaraz|anticoncep|prueba|sangre|cáncer|mieloma|tratamiento"
    r"|encuesta|riesgo|menstrua|regla|resultado|dosis|pastilla|receta"
    r"|fiona|synthetic|patients\.example",
    re.IGNORECASE,
)


REMINDED = [
    {"until_on": "2026-06-12", "obligation": kind, "program": "lenalidomide"} for kind in KINDS
]


def codes_in_use() -> Iterator[str]:
    """Every template that the product tells or plans with, read from its source."""
    for path in sorted((ROOT / "apps").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "notices.tell":
                yield from _codes(node.args[1])
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Notice":
                for given in node.keywords:
                    if given.arg == "template":
                        yield from _codes(given.value)


def _codes(node: ast.expr) -> Iterator[str]:
    """A literal, or one made of a prefix and the recipient's kind; `tell` passes its own on."""
    if isinstance(node, ast.JoinedStr):
        prefix = ast.literal_eval(node.values[0])
        yield from (f"{prefix}{kind}" for kind in Notice.RecipientKind)
    elif isinstance(node, ast.Constant):
        yield str(node.value)


def notice_of(code: str, language: str = "en", **params: str) -> Notice:
    return Notice(
        key="key",
        template=code,
        language=language,
        recipient_kind=Notice.RecipientKind.PATIENT,
        address="fiona@patients.example",
        params=params,
        due_at=clock.now() + timedelta(days=1),
        created_at=clock.now(),
    )


def test_every_template_in_use_has_a_text_and_every_text_is_in_use() -> None:
    assert set(codes_in_use()) == set(CODES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("params", [{}, *REMINDED])
def test_a_message_reveals_nothing_and_leads_to_the_portal(
    language: str, code: str, params: dict[str, str]
) -> None:
    """§12: whatever is due, whoever is told, in every language."""
    message = message_of(notice_of(code, language, **params))

    said = f"{message.subject}\n{message.text}".replace(settings.PORTAL_URL, "PORTAL")
    assert not REVEALING.search(said), REVEALING.findall(said)
    assert f"{settings.PORTAL_URL}/" in message.text
    assert message.subject
    assert "\n" not in message.subject
    assert len(message.subject) <= 78
    assert "&" not in said
    assert "{" not in said


@pytest.mark.parametrize("code", [code for code in CODES if code.startswith("reminder_")])
def test_a_reminder_says_until_when(code: str) -> None:
    message = message_of(notice_of(code, until_on="2026-06-12"))

    assert "Friday, 12 June 2026" in message.text


def test_every_language_but_english_has_texts_of_its_own_for_patients() -> None:
    for language in set(LANGUAGES) - {"en"}:
        assert (TEMPLATES / language / "reminder_to_patient.txt").exists()

    said = message_of(notice_of("reminder_to_patient", "es", until_on="2026-06-12")).text
    assert "viernes, 12 de junio de 2026" in said.lower()


def test_what_a_language_lacks_is_said_in_english() -> None:
    assert message_of(notice_of("reminder_to_staff", "es")).subject == (
        message_of(notice_of("reminder_to_staff")).subject
    )
