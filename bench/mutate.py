"""Mutation testing of the rules: changes apps/rules bit by bit and asks tests/rules to notice.

Works on a copy in .rems/mutate, with the tool (mutmut makes the changes, mutants.py tries them) in
an environment of its own there; texts and policy files are left alone. Prints every change that no
test noticed and that survivors.toml does not explain, and how much was noticed of each module.
"""

import argparse
import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".rems" / "mutate"
COPY, TOOL = FOLDER / "copy", FOLDER / "tool"
MUTMUT = "mutmut==3.8.1"
WANTED_PERCENT = 95
TEXTS = {"reasons", "policies", "documents", "documents.py", "texts.py"}
# These read the rest of the product; the copy has none of it.
NOT_HERE = ("test_evaluate_command.py", "test_rules_page.py")
NEEDS_MANAGE = (
    "tests/rules/test_second_program.py::test_evaluate_decides_under_the_policies_of_a_folder"
)
PROPERTIES = "--ignore=tests/rules/test_properties.py"
SECONDS, EVER = 1.0, 1e9
"""A test that takes longer is left out where a shorter one reaches the function."""
PYTEST = (
    "-p", "mutants", "-p", "no:django", "-p", "no:cacheprovider", "--import-mode=importlib",
    "--assert=plain", "--tb=no", "-q", "-s", "--deselect", NEEDS_MANAGE,
)  # fmt: skip


def main(argv: list[str]) -> int:
    """0 when enough was noticed, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m bench mutate")
    parser.add_argument(
        "modules", nargs="*", help="such as terms or requirements/pregnancy; none: all but texts"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--properties", action="store_true", help="with the generated cases: some times slower"
    )
    parser.add_argument(
        "--tests",
        nargs="+",
        help="such as validation or messages: no other tests; for a quick look",
    )
    asked = parser.parse_args(argv)
    python = _tool()
    _copy()
    found = _found(python, asked)
    return _report(found)


def _modules() -> list[str]:
    rules = ROOT / "apps" / "rules"
    found = (path.relative_to(rules) for path in sorted(rules.rglob("*.py")))
    return [str(path.with_suffix("")) for path in found if path.parts[0] not in TEXTS]


def _tool() -> Path:
    """The Python that has mutmut and, behind it, this environment's packages."""
    python = TOOL / "bin" / "python"
    if not python.exists():
        venv.create(TOOL, with_pip=True)
        install = [str(python), "-m", "pip", "install", "--quiet", MUTMUT]
        subprocess.run(install, check=True)  # noqa: S603 - our own command
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        link = TOOL / "lib" / version / "site-packages" / "product.pth"
        link.write_text(sysconfig.get_path("purelib") + "\n")
    return python


def _copy() -> None:
    shutil.rmtree(COPY, ignore_errors=True)
    without = shutil.ignore_patterns("__pycache__", *NOT_HERE)
    shutil.copytree(ROOT / "apps" / "rules", COPY / "apps" / "rules", ignore=without)
    shutil.copytree(ROOT / "tests" / "rules", COPY / "tests" / "rules", ignore=without)
    (COPY / "apps" / "__init__.py").touch()
    shutil.copy(ROOT / "bench" / "mutants.py", COPY)
    (COPY / "pyproject.toml").write_text(
        '[tool.mutmut]\nsource_paths = ["apps/rules"]\n'
        '[tool.pytest.ini_options]\npythonpath = ["."]\n'
    )


def _found(python: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """What mutants.py found of each module."""
    wanted = {
        "modules": [module.removesuffix(".py") for module in asked.modules or _modules()],
        "processes": asked.processes,
        "seconds": EVER if asked.properties else SECONDS,
    }
    (COPY / "asked.json").write_text(json.dumps(wanted))
    tests = [f"tests/rules/test_{name}.py" for name in asked.tests or ()] or ["tests/rules"]
    left_out = () if asked.properties else (PROPERTIES,)
    command = [str(python), "-m", "pytest", *PYTEST, *tests, *left_out]
    subprocess.run(command, cwd=COPY, check=True)  # noqa: S603 - our own command
    found: dict[str, Any] = json.loads((COPY / "found.json").read_text())
    return found


def _report(found: Mapping[str, Any]) -> int:
    known = tomllib.loads((ROOT / "bench" / "survivors.toml").read_text())["survivors"]
    reasons = {
        (each["function"], change): each["reason"] for each in known for change in each["changes"]
    }
    unexplained = 0
    for module, said in found.items():
        for each in said["survivors"]:
            function, change = f"{module}:{each['function']}", _change(each["diff"])
            if (function, change) not in reasons:
                unexplained += 1
                print(f"\n{function}, reached by {each['reached']} tests", *each["diff"], sep="\n")
    print(f"\n{'module':32}{'mutants':>8}{'killed':>8}{'survived':>9}{'percent':>9}")
    total = survived = 0
    for module, said in found.items():
        if said["mutants"]:
            _print_row(module, said["mutants"], len(said["survivors"]))
        total, survived = total + said["mutants"], survived + len(said["survivors"])
    percent = _print_row("total", total, survived)
    print(f"not explained in bench/survivors.toml: {unexplained}")
    return 0 if percent >= WANTED_PERCENT else 1


def _change(diff: list[str]) -> str:
    """The text of a change by which survivors.toml knows it."""
    return " ".join(f"{line[0]} {line[1:].strip()}" for line in diff if line[0] in "+-")


def _print_row(name: str, mutants: int, survived: int) -> float:
    percent = 100 * (mutants - survived) / mutants if mutants else 100.0
    print(f"{name:32}{mutants:8}{mutants - survived:8}{survived:9}{percent:9.1f}")
    return percent
