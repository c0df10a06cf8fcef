"""The shape of the code itself: sizes, names, docstrings, layers; and nothing left undone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.core.triggers import Guard
from tests.guards.world import our_models

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("apps", "remsportal")
LONGEST, LONGEST_DOCSTRING = 500, 12
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}
SERVICES = ("services", "selectors")
UNDONE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
SKIPPING = {"skip", "skipif", "xfail", "importorskip"}


def sources(*folders: str) -> list[Path]:
    """The Python files of these folders that people write."""
    return sorted(
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    )


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


ALL = sources(*PRODUCT, "launcher", "bench", "tests")


def test_no_file_is_too_long_to_read() -> None:
    lengths = {named(path): len(path.read_text().splitlines()) for path in ALL}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST} == {}


def test_every_module_says_what_it_owns() -> None:
    """But for an empty `__init__`; and nothing says it in more than a dozen lines."""
    said = {
        named(path): (ast.get_docstring(ast.parse(path.read_text())) or "").splitlines()
        for path in ALL
        if path.read_text().strip()
    }
    assert {
        path for path, lines in said.items() if not 1 <= len(lines) <= LONGEST_DOCSTRING
    } == set()


def test_no_name_hides_what_a_module_is_for() -> None:
    named_so = {
        named(path)
        for path in ALL
        if {path.stem.lower(), *(part.lower() for part in path.parts)} & FORBIDDEN_NAMES
    }
    assert named_so == set()


def test_nothing_is_left_undone() -> None:
    others = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "docs").rglob("*.md")]
    undone = {
        f"{named(path)}:{number}"
        for path in [*sources(*PRODUCT, "launcher", "bench"), *others]
        for number, line in enumerate(path.read_text(errors="ignore").splitlines(), start=1)
        if UNDONE.search(line)
    }
    assert undone == set()


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    """But for the browser's: a machine without chromium says so at the end of `./rems test`."""
    skipping = {
        f"{named(path)}: {name}"
        for path in sources("tests")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in [node.attr if isinstance(node, ast.Attribute) else ""]
        if name in SKIPPING
    }
    assert {line for line in skipping if "conftest.py" not in line} == set()


def public_functions(path: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def test_every_public_function_says_what_it_means() -> None:
    services = [
        path
        for path in sources("apps")
        if path.stem in SERVICES or path.parent.name in {*SERVICES, "core"}
    ]
    silent = {
        f"{named(path)}: {node.name}"
        for path in services
        for node in public_functions(path)
        if not ast.get_docstring(node)
    }
    assert len(services) > 20
    assert silent == set()


def test_models_hold_no_workflow() -> None:
    """No `save` of their own, no signals, no default ordering: services move what moves."""
    for model in our_models():
        own = vars(model)
        assert "save" not in own, model
        assert "delete" not in own, model
        assert not model._meta.ordering, model
    senders = {
        named(path) for path in sources(*PRODUCT) if "django.db.models.signals" in path.read_text()
    }
    assert senders == set()


def test_every_model_says_what_a_row_is() -> None:
    assert [m.__name__ for m in our_models() if "__str__" not in vars(m)] == []
    assert [m.__name__ for m in our_models() if not m.__doc__] == []


def test_every_trigger_is_one_that_nobody_can_step_around() -> None:
    others = {
        (model.__name__, trigger.name)
        for model in our_models()
        for trigger in getattr(model._meta, "triggers", [])
        if not isinstance(trigger, Guard)
    }
    assert others == set()


@pytest.mark.parametrize(
    "app", ["accounts", "providers", "patients", "prescriptions", "evidence", "eligibility"]
)
def test_locks_never_wait_for_foreign_keys(app: str) -> None:
    """A lock that conflicts with a foreign key's makes a command and a check deadlock."""
    calls = [
        ast.unparse(node)
        for path in sources(f"apps/{app}")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "select_for_update"
    ]
    assert [call for call in calls if "no_key=True" not in call] == []
    assert "FOR UPDATE" not in "".join(
        path.read_text().replace("FOR NO KEY UPDATE", "") for path in sources(f"apps/{app}")
    )
