"""docs/rules.md against the code, both ways."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from apps.rules.policy import POLICY_DIRECTORY, load_editions
from apps.rules.reasons import REASONS_OF
from apps.rules.requirements import REQUIREMENTS, Requirement

ROOT = Path(__file__).parents[2]
PROGRAM_OF_TESTS = Path(__file__).parent / "data" / "second_program" / "policies"
PAGE = (ROOT / "docs" / "rules.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


RULES = {row[0]: row for row in table("Rules")}
REASONS = table("Reasons")


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def functions_of(path: Path) -> frozenset[str]:
    tree = ast.parse(path.read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def file_of(module: str) -> Path:
    place = ROOT / module.replace(".", "/")
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def test_every_rule_stands_once() -> None:
    rules = [row[0] for row in table("Rules")]
    assert len(rules) == len(set(rules))
    assert all(re.fullmatch(r"L-[A-Z]+-\d+", rule) for rule in rules)


@pytest.mark.parametrize("rule", RULES)
def test_the_functions_and_tests_of_a_rule_exist(rule: str) -> None:
    _, _, source, functions, tests = RULES[rule]
    assert re.match(r"label|REMS|guide|seed|choice", source)
    assert names(functions)
    assert names(tests)
    for dotted in names(functions):
        module, _, function = dotted.rpartition(".")
        assert function in functions_of(file_of(module)), dotted
    for test in names(tests):
        file, _, function = test.partition("::")
        assert function.startswith("test_")
        assert function in functions_of(ROOT / file), test


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda requirement: requirement.rule)
def test_every_requirement_is_on_the_page_with_its_function_and_source(
    requirement: Requirement,
) -> None:
    _, _, source, functions, _ = RULES[requirement.rule]
    check = requirement.check
    shipped = load_editions(POLICY_DIRECTORY).values()
    assert f"{check.__module__}.{check.__name__}" in names(functions)
    policies = (*shipped, *load_editions(PROGRAM_OF_TESTS).values())
    first = next(edition for edition, *_ in policies if requirement.rule in edition.rules)
    assert source == first.rules[requirement.rule].source
    assert (check.__doc__ or "").startswith(f"{requirement.rule}: ")


def test_the_page_and_the_code_know_the_same_reasons() -> None:
    on_page = {(code, rule, sentence, who) for code, rule, sentence, who in REASONS}
    in_code = {
        (code, rule, reason.message, reason.who or "–")
        for rule, reasons in REASONS_OF.items()
        for code, reason in reasons.items()
    }
    assert on_page == in_code
    assert len(REASONS) == len(in_code)


def test_every_reason_is_given_by_its_rules_function_and_no_two_rules_share_one() -> None:
    codes = [code for reasons in REASONS_OF.values() for code in reasons]
    assert len(codes) == len(set(codes))
    assert set(REASONS_OF) == {requirement.rule for requirement in REQUIREMENTS}
    folder = ROOT / "apps" / "rules" / "requirements"
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    assert set(codes) == set(re.findall(r'"([A-Z][A-Z_]{5,})"', source))
