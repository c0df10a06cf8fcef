"""The validation package: its documents name tests that there are; its results are not polite."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from bench import validation
from bench.validation import CONTROLS, RULES, THREATS, Requirement, requirements
from tests.repository.rule_ids import PROGRAM_RULES

EVERY = [each for name in validation.DOCUMENTS for each in requirements(name)]
RULE = "L-AUT-6"


@pytest.mark.parametrize("requirement", EVERY, ids=lambda each: each.id)
def test_a_requirement_names_tests_that_there_are(requirement: Requirement) -> None:
    for test in requirement.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (validation.ROOT / file).read_text(), test


def test_each_document_is_read_whole() -> None:
    found = Counter(each.document for each in EVERY)
    assert {each.id for each in EVERY if each.document == RULES} >= PROGRAM_RULES
    for name in (CONTROLS, THREATS):
        lines = (validation.ROOT / name).read_text().splitlines()
        assert found[name] == sum(line.startswith(("| 11.", "| 164.", "| T-")) for line in lines)
    assert max(Counter(each.id for each in EVERY).values()) == 1


def test_only_a_procedure_of_the_operators_goes_without_a_test() -> None:
    for each in EVERY:
        assert each.tests or "the operator’s" in each.where.replace("'", "’"), each.id


def test_a_package_tells_what_passed_failed_and_did_not_run(tmp_path: Path) -> None:
    (rule,) = [each for each in EVERY if each.id == RULE]
    failing = rule.tests[0]
    passing = {test for each in EVERY for test in each.tests} - {failing}
    left_out = next(each.tests[0] for each in EVERY if each.id == "T-15")
    cases = "".join(_case(test) for test in sorted(passing - {left_out}))
    cases += _case(failing, "[one]") + _case(failing, "[two]", "<failure/>")
    (tmp_path / validation.RESULTS).write_text(f"<testsuites>{cases}</testsuites>")

    assert validation.main([str(tmp_path)]) == 1

    with (tmp_path / validation.TRACE).open(newline="") as lines:
        said = {(row["id"], row["test"]): row["result"] for row in csv.DictReader(lines)}
    assert said[RULE, failing] == "failed"
    assert said["T-15", left_out] == "not run"
    assert said["11.10(j)", ""] == "the operator's procedure"
    assert Counter(said.values())["passed"] > 100
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert set(manifest["sha256"]) == {path.name for path in tmp_path.iterdir()} - {"manifest.json"}
    parts = json.loads((tmp_path / validation.PARTS).read_text())
    assert {"django", "celery"} <= {each["name"].lower() for each in parts["components"]}


def test_a_skipped_test_proves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "results.xml"
    path.write_text(f"<t>{_case('tests/a.py::b', '', '<skipped/>')}</t>")
    assert validation.results_of(path) == {"tests/a.py::b": "failed"}


def test_without_results_there_is_no_package(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert validation.main([str(tmp_path)]) == 2
    assert "run ./rems validation" in capsys.readouterr().err


def _case(test: str, parameters: str = "", inside: str = "") -> str:
    file, _, name = test.partition("::")
    module = file.removesuffix(".py").replace("/", ".")
    return f'<testcase classname="{module}" name="{name}{parameters}">{inside}</testcase>'
