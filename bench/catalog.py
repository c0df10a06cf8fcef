"""The translations of the patient's pages: brings locale/ in step with them, and says what lacks.

GNU gettext is not needed: the marked texts are read from the templates and the source themselves.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
import polib
from django.template import Engine
from django.template.base import Node
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
LANGUAGES = ("es",)
MARKS = frozenset({"_", "gettext", "gettext_lazy"})
# What a translation must keep: what is filled in, and markup.
KEPT = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|</?\w+>")


def catalog_of(language: str) -> Path:
    """Where a language's translations are."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def marked() -> dict[str, set[str]]:
    """Every text marked for translation, with the files that it stands in."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "apps").rglob("*.py")):
        for text in _of_source(path):
            found.setdefault(text, set()).add(str(path.relative_to(ROOT)))
    for path in sorted(TEMPLATES.rglob("*.html")):
        for text in _of_template(path):
            found.setdefault(text, set()).add(str(path.relative_to(ROOT)))
    return found


def problems(language: str) -> list[str]:
    """What is wrong with a language's catalog; nothing where every marked text is translated."""
    path = catalog_of(language)
    catalog, texts = polib.pofile(str(path)), marked()
    known = {entry.msgid: entry for entry in catalog}
    wrong = [f"not in the catalog: {text!r}" for text in sorted(texts.keys() - known.keys())]
    wrong += [f"marked nowhere: {text!r}" for text in sorted(known.keys() - texts.keys())]
    for text, entry in sorted(known.items()):
        if entry.fuzzy or not entry.msgstr:
            wrong.append(f"not translated: {text!r}")
        elif sorted(KEPT.findall(text)) != sorted(KEPT.findall(entry.msgstr)):
            wrong.append(f"other placeholders: {text!r}")
    if path.with_suffix(".mo").read_bytes() != catalog.to_binary():
        wrong.append("django.mo is not made of django.po")
    return wrong


def bring_in_step(language: str) -> None:
    """Add what is new, untranslated; leave out what is gone; write both files."""
    path = catalog_of(language)
    before = (
        {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))} if path.exists() else {}
    )
    catalog = polib.POFile(wrapwidth=100)
    catalog.metadata = {
        "Project-Id-Version": "remsportal",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for text, files in sorted(marked().items()):
        catalog.append(
            polib.POEntry(
                msgid=text,
                msgstr=before.get(text, ""),
                occurrences=[(file, "") for file in sorted(files)],
            )
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    catalog.save(str(path))
    path.with_suffix(".mo").write_bytes(catalog.to_binary())


def _of_source(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in MARKS
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.args[0].value


def _of_template(path: Path) -> Iterator[str]:
    nodes = Engine.get_default().get_template(str(path.relative_to(TEMPLATES))).nodelist
    for node in nodes.get_nodes_by_type(Node):
        if isinstance(node, TranslateNode):
            yield str(node.filter_expression.var.literal)
        elif isinstance(node, BlockTranslateNode):
            yield node.render_token_list(node.singular)[0]


def main(argv: list[str]) -> int:
    """Bring every language in step; 1 when something is left to translate."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "remsportal.settings")
    os.environ.setdefault("REMSPORTAL_ENV", "test")
    django.setup()
    left = []
    for language in LANGUAGES:
        if "--check" not in argv:
            bring_in_step(language)
        left += [f"{language}: {each}" for each in problems(language)]
    for each in left:
        print(each, file=sys.stderr)
    return 1 if left else 0
