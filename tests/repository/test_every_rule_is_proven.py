"""Each rule of the program has a test that names it, and no rule is spoken of that there is not."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.repository.rule_ids import OF_THE_SECOND_PROGRAM, PROGRAM_RULES
from tests.rules.test_rules_page import ROOT, RULES, names

KNOWN = PROGRAM_RULES | OF_THE_SECOND_PROGRAM
RULE_ID = re.compile(r"\bL-[A-Z]+-\d+")
SPEAKING = {".py", ".toml", ".html", ".md", ".json", ".txt"}


def test_the_page_has_the_rules_of_the_program_and_no_others() -> None:
    assert len(PROGRAM_RULES) == 59
    assert set(RULES) == KNOWN


@pytest.mark.parametrize("rule", sorted(KNOWN))
def test_a_rule_has_a_test_that_names_it(rule: str) -> None:
    tests = names(RULES[rule][4])
    assert any(names_rule(test, rule) for test in tests), tests


def names_rule(test: str, rule: str) -> bool:
    """Whether a test says the rule: in its name, its docstring, its parameters or its module's."""
    file, _, function = test.partition("::")
    said = said_by(ROOT / file).get(function, "")
    slug = rule.lower().replace("-", "_")
    return bool(re.search(rf"{rule}\b", said) or re.search(rf"{slug}(?!\d)", function))


@cache
def said_by(path: Path) -> dict[str, str]:
    """What the tests of a file say of themselves."""
    tree = ast.parse(path.read_text())
    module = ast.get_docstring(tree) or ""
    return {
        node.name: " ".join(
            [module, ast.get_docstring(node) or "", *map(ast.unparse, node.decorator_list)]
        )
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }


def test_the_product_speaks_of_known_rules_only() -> None:
    unknown = {
        f"{path.relative_to(ROOT)}: {rule}"
        for path in spoken("apps", "templates", "docs", "launcher", "remsportal")
        for rule in RULE_ID.findall(path.read_text())
        if rule not in KNOWN
    }
    assert unknown == set()


def test_every_rule_is_named_where_it_is_enforced() -> None:
    code = {
        rule for path in spoken("apps") if path.suffix == ".py"
        for rule in RULE_ID.findall(path.read_text())
    }  # fmt: skip
    assert code == KNOWN


def spoken(*folders: str) -> Iterator[Path]:
    """The files of these folders that people wrote or read."""
    for folder in folders:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in SPEAKING and "node_modules" not in path.parts:
                yield path
